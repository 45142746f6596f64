"""Every JSON message that a notebook shows is one of its protocol version, by the official schemas."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from support.tutorials import TUTORIALS, outputs_of

if TYPE_CHECKING:
    from collections.abc import Iterator

LEGACY, MODERN = "2025-11-25", "2026-07-28"
_VERSION = "io.modelcontextprotocol/protocolVersion"
_SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId"

# Of the tutorials, these are about what is on the wire.
ABOUT_MESSAGES = ("02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14")


@cache
def schema_of(version: str) -> dict[str, Any]:
    return json.loads((Path(__file__).parent / "schemas" / f"{version}.json").read_text(encoding="utf-8"))


@cache
def definition_of(version: str, method: str) -> str | None:
    """The name of the request or notification with a method; None where the protocol has no such method."""
    for name, definition in schema_of(version)["$defs"].items():
        if definition.get("properties", {}).get("method", {}).get("const") == method:
            return name
    return None


def problems(version: str, definition: str, value: Any) -> list[str]:
    schema = {"$ref": f"#/$defs/{definition}", "$defs": schema_of(version)["$defs"]}
    return [f"{definition}: {one.json_path}: {one.message}" for one in Draft202012Validator(schema).iter_errors(value)]


def messages_in(text: str) -> Iterator[dict[str, Any]]:
    """Find the JSON-RPC messages in a text; what is inside of one, or is other JSON, is none of its own."""
    decoder = json.JSONDecoder()
    at = text.find("{")
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except ValueError:
            value, end = None, at + 1
        if isinstance(value, dict) and "jsonrpc" in value:
            yield value
        at = text.find("{", end)


class Conversation:
    """Follows the messages of one output, to know whose an answer is."""

    def __init__(self) -> None:
        self._asked: dict[str | int, tuple[str, str]] = {}
        self._version = LEGACY

    def check(self, message: dict[str, Any]) -> list[str]:
        if "method" in message:
            return self._check_asking(message)
        version, method = self._asked.get(message.get("id"), (self._version_of_answer(message), ""))
        if "error" in message:
            return problems(version, "JSONRPCErrorResponse", message)
        found = problems(version, "JSONRPCResultResponse", message)
        kind = self._kind_of_result(version, method, message["result"])
        return found + (problems(version, kind, message["result"]) if kind else [])

    def _check_asking(self, message: dict[str, Any]) -> list[str]:
        meta = message.get("params", {}).get("_meta", {})
        if _VERSION in meta or _SUBSCRIPTION in meta or message["method"].startswith("server/"):
            self._version = MODERN
        elif "id" in message:
            self._version = LEGACY
        kind = "JSONRPCRequest" if "id" in message else "JSONRPCNotification"
        if "id" in message:
            self._asked[message["id"]] = (self._version, message["method"])
        definition = definition_of(self._version, message["method"])
        if definition == "ClientNotification":  # it is one of one
            definition = "CancelledNotification"
        return problems(self._version, kind, message) + (
            problems(self._version, definition, message) if definition else []
        )

    @staticmethod
    def _version_of_answer(message: dict[str, Any]) -> str:
        """Where the request is not shown beside it: modern results say that they are complete, or not."""
        return MODERN if "resultType" in message.get("result", {}) else LEGACY

    @staticmethod
    def _kind_of_result(version: str, method: str, result: dict[str, Any]) -> str | None:
        if result.get("resultType") == "input_required":
            return "InputRequiredResult"
        request = definition_of(version, method)
        kind = request and request.removesuffix("Request") + "Result"
        return kind if kind in schema_of(version)["$defs"] else None


@pytest.mark.parametrize("notebook", TUTORIALS, ids=lambda one: one.stem)
def test_every_message_shown_is_of_its_protocol_version(notebook: Path) -> None:
    shown = 0
    for text in outputs_of(notebook):
        conversation = Conversation()
        for message in messages_in(text):
            shown += 1
            assert conversation.check(message) == [], message
    assert shown or not notebook.name.startswith(ABOUT_MESSAGES)


def test_what_is_no_message_of_the_protocol_is_noticed() -> None:
    request = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"nom": "add", "_meta": {_VERSION: MODERN}}}
    assert Conversation().check(request)
    answer = {"jsonrpc": "2.0", "id": 1, "result": {"resultType": "complete", "contents": []}}
    conversation = Conversation()
    conversation.check(request)
    assert any("content" in problem for problem in conversation.check(answer))
