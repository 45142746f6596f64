from __future__ import annotations

from typing import Any

from mcp_notebook.differences import compare

DISCOVER = {"direction": "sent", "message": {"jsonrpc": "2.0", "method": "server/discover"}, "number": 1}


def call(tool: str, **arguments: Any) -> dict[str, Any]:
    params = {"name": tool, "arguments": arguments, "_meta": {"progressToken": id(arguments)}}
    return {"direction": "sent", "message": {"id": id(params), "method": "tools/call", "params": params}, "number": 9}


def answer(value: Any) -> dict[str, Any]:
    return {"direction": "received", "message": {"id": 1, "result": {"structuredContent": value}}, "under": 9}


def test_logs_that_differ_in_what_is_counted_alone_do_not_differ() -> None:
    assert compare([DISCOVER, call("saw", wood="oak")], [DISCOVER, call("saw", wood="oak")], ["a", "b"]) == []


def test_a_message_that_differs_is_named_and_only_its_members_that_differ_are_shown() -> None:
    one = [DISCOVER, call("saw", wood="oak", cuts=[1, 2]), answer({"length": 1, "text": "x" * 500})]
    other = [DISCOVER, call("saw", wood="ash", cuts=[1, 3]), answer({"length": 2, "text": "x" * 500})]
    assert compare(one, other, ["a", "b"]) == [
        "--- a",
        "+++ b",
        "  → tools/call",
        '-   params.arguments.wood: "oak"',
        '+   params.arguments.wood: "ash"',
        "-   params.arguments.cuts[1]: 2",
        "+   params.arguments.cuts[1]: 3",
        "  ← result",
        "-   result.structuredContent.length: 1",
        "+   result.structuredContent.length: 2",
    ]


def test_a_message_that_only_one_log_has_is_one_short_line() -> None:
    one = [DISCOVER, call("saw", wood="oak" * 500), answer(None)]
    added = compare([DISCOVER], one, ["a", "b"])[2:]
    assert [line[:12] for line in added] == ["+ → tools/ca", "+ ← result: "]
    assert max(map(len, added)) < 180
    assert compare(one, [DISCOVER], ["a", "b"])[3] == "- ← result: result.structuredContent: null"


def test_what_is_no_message_is_compared_as_it_is() -> None:
    one: dict[str, Any] = {"direction": "received", "message": "rubbish"}
    assert compare([one], [], ["a", "b"])[2:] == ['- ← no JSON-RPC message: "rubbish"']
