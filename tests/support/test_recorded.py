"""What is recorded is held against the schemas: what is wrong, and sent or accepted, is noticed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from support.recorded import Recording

if TYPE_CHECKING:
    from pathlib import Path

VERSION = "io.modelcontextprotocol/protocolVersion"
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"nom": "add", "_meta": {VERSION: "2026-07-28"}}}
ERROR = {"jsonrpc": "2.0", "id": 1, "error": {"code": -32602, "message": "There is no name."}}
ANSWER = {"jsonrpc": "2.0", "id": 1, "result": {"content": [], "resultType": "complete"}}


def problems_of(directory: Path, *lines: dict[str, Any]) -> list[str]:
    (directory / "1.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return [f"{way} {text}" for way, text in Recording(directory).check_new()]


def test_what_a_host_sends_is_noticed(tmp_path: Path) -> None:
    found = problems_of(tmp_path, {"connection": "1", "direction": "sent", "text": json.dumps(CALL)})
    assert any("'name' is a required property" in each or '"name" is a required property' in each for each in found)


def test_what_a_server_refuses_may_be_wrong_and_what_it_accepts_may_not(tmp_path: Path) -> None:
    asked = {"exchange": "1", "session": None, "body": json.dumps(CALL), "status": 200}
    assert problems_of(tmp_path, asked, {"exchange": "1", "chunk": json.dumps(ERROR), "streams": False}) == []
    found = problems_of(tmp_path, asked, {"exchange": "1", "chunk": json.dumps(ANSWER), "streams": False})
    assert [each for each in found if each.startswith("received") and "accepted" in each]


def test_an_event_that_comes_in_pieces_is_one_message(tmp_path: Path) -> None:
    wrong = json.dumps({"jsonrpc": "2.0", "method": "notifications/progress", "params": {}})
    pieces = [f"event: message\r\ndata: {wrong[:20]}", f"{wrong[20:]}\r\n\r\n"]
    lines = [{"exchange": "1", "chunk": piece, "streams": True} for piece in pieces]
    found = problems_of(tmp_path, {"exchange": "1", "session": None, "body": "", "status": 200}, *lines)
    assert any("progressToken" in each for each in found)
