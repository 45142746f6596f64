"""What is on record of a call of a published server, when its host hangs up."""

from __future__ import annotations

from typing import Any

import pytest
from mcp_types import CallToolResult, JSONRPCResponse, ProgressNotification, ProgressNotificationParams, TextContent

from mcp_notebook_server.published.records import Passing


def write(message: Any) -> bytes:
    """An event, as the SDK writes it."""
    return (
        b"event: message\r\ndata: " + message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\r\n\r\n"
    )


def find_outcome(number: int | str, *events: bytes) -> str:
    passing = Passing("shop", "customer", {"id": number, "method": "tools/call", "params": {"name": "add"}})
    passing.note({"type": "http.response.start", "status": 200})
    for event in events:
        passing.note({"type": "http.response.body", "body": event, "more_body": True})
    passing.end(None)
    return passing.make_record()["outcome"]


PROGRESS = write(
    ProgressNotification(params=ProgressNotificationParams(progress_token=7, progress=1, message='"id":7,"result":'))
)


@pytest.mark.parametrize("number", [7, "seven", "sieben\u00fc"])
def test_a_call_whose_host_hangs_up_on_its_answer_went_well(number: int | str) -> None:
    result = CallToolResult(content=[TextContent(text="3")]).model_dump(by_alias=True, mode="json")
    assert find_outcome(number, PROGRESS, write(JSONRPCResponse(jsonrpc="2.0", id=number, result=result))) == "ok"


def test_a_call_whose_host_hangs_up_before_its_answer_was_cancelled() -> None:
    other = write(JSONRPCResponse(jsonrpc="2.0", id=77, result={}))
    assert find_outcome(7, PROGRESS, other) == "cancelled"
