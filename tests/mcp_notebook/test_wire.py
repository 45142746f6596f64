"""The wire log of real sessions, over each transport and in each era, and what it keeps and hides."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from mcp.server import MCPServer
from mcp_types import JSONRPCNotification, JSONRPCRequest

from mcp_notebook.config import HTTPServer, InProcessServer, StdioServer
from mcp_notebook.errors import CallTimedOut, ConnectFailed
from mcp_notebook.host import get_host
from mcp_notebook.transcript import to_lines, to_raw, to_records, to_table
from mcp_notebook.wire import MAX_BYTES, MAX_MESSAGE_BYTES, MAX_MESSAGES, WireLog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mcp_notebook.messages import Message
    from mcp_notebook.session import Session


def counted(session: Session) -> list[Message]:
    """The messages without the HTTP that carries none."""
    return [message for message in session.log.messages if message.kind != "http"]


def count(session: Session, directory: Path) -> None:
    """Make a call that reports progress three times."""
    for step in "123":
        (directory / f"go{step}").touch()
    session.call("count", on_progress=lambda *_: None)


def test_every_message_is_there_both_ways_and_under_its_request(workshop: Session, directory: Path) -> None:
    workshop.list_tools()
    before = len(counted(workshop))
    workshop.call("add", a=1, b=2)
    count(workshop, directory)
    first, second = before + 1, before + 3
    assert [(one.number, one.direction, one.kind, one.method, one.under) for one in counted(workshop)[before:]] == [
        (first, "sent", "request", "tools/call", None),
        (first + 1, "received", "result", "tools/call", first),
        (second, "sent", "request", "tools/call", None),
        (second + 1, "received", "notification", "notifications/progress", second),
        (second + 2, "received", "notification", "notifications/progress", second),
        (second + 3, "received", "notification", "notifications/progress", second),
        (second + 4, "received", "result", "tools/call", second),
    ]
    assert [one.number for one in counted(workshop)] == list(range(1, second + 5))


def test_the_handshake_is_there_in_each_era(workshop: Session) -> None:
    methods = [message.method for message in counted(workshop)]
    if workshop.era == "legacy":
        assert methods == ["initialize", "initialize", "notifications/initialized"]
    else:
        assert methods == ["server/discover", "server/discover"]


def test_a_message_is_logged_as_it_is_on_the_wire(workshop: Session) -> None:
    workshop.call("add", a=1, b=2)
    sent, received = counted(workshop)[-2:]
    assert sent.body["jsonrpc"] == "2.0"
    assert sent.body["params"]["name"] == "add"
    assert sent.body["params"]["arguments"] == {"a": 1, "b": 2}
    assert received.body["id"] == sent.body["id"] == sent.id
    assert received.body["result"]["structuredContent"] == {"result": 3}
    assert sent.size == len(json.dumps(sent.body, separators=(",", ":")))
    assert ("_meta" in sent.body["params"]) == (workshop.era == "modern")


def test_the_table_says_it_in_few_words(workshop: Session, directory: Path) -> None:
    workshop.list_tools()
    before = len(workshop.log.messages)
    workshop.call("add", a=1, b=2)
    count(workshop, directory)
    rows = [list(row)[1:4] for row in to_table(workshop.log.messages).rows[before:]]
    numbers = [message.number for message in workshop.log.messages[before:]]
    assert rows == [
        ["→", "tools/call add", "a: 1, b: 2"],
        ["←", f"↳ result of #{numbers[0]}", "structuredContent: {result: 3}"],
        ["→", "tools/call count", ""],
        *(
            ["←", "↳ notifications/progress", f'message: "step {step}", progress: {step}, progressToken: 4, total: 3']
            for step in (1, 2, 3)
        ),
        ["←", f"↳ result of #{numbers[2]}", 'structuredContent: {result: "counted"}'],
    ]


def test_the_log_is_the_same_in_every_run(workshop: Session, connect: Callable[..., Session], directory: Path) -> None:
    def run(session: Session) -> tuple[str, list[str], list[str]]:
        session.call("add", a=1, b=2)
        count(session, directory)
        session.close()
        records = to_records(session.log.messages)
        return repr(session.log), to_raw(session.log.messages), to_lines(records)

    assert run(workshop) == run(connect("workshop", workshop.definition))


def test_calls_that_interleave_are_shown_one_after_the_other(connect: Callable[..., Session]) -> None:
    server = MCPServer("kitchen")
    turns = {name: asyncio.Event() for name in "ab"}

    @server.tool()
    async def cook(dish: str) -> str:
        """Cook; b is ready first."""
        if dish == "a":
            await turns["b"].wait()
        turns[dish].set()
        return dish

    session = connect("kitchen", InProcessServer(server))
    session.list_tools()
    before = len(session.log)

    async def both() -> None:
        await asyncio.gather(session.acall("cook", dish="a"), session.acall("cook", dish="b"))

    asyncio.run(both())
    rows = [row[2] for row in to_table(session.log.messages).rows[before:]]
    first = before + 1
    assert rows == ["tools/call cook", f"↳ result of #{first}", "tools/call cook", f"↳ result of #{first + 1}"]


def test_http_is_there_with_status_and_headers(workshop_url: str, connect: Callable[..., Session], era: Any) -> None:
    session = connect("workshop", HTTPServer(workshop_url, era=era))
    session.call("add", a=1)
    with pytest.raises(CallTimedOut):
        session.call("wait", timeout=0.3)
    session.close()
    add = next(one for one in counted(session) if one.kind == "request" and one.method == "tools/call")
    assert add.http is not None
    assert (add.http.method, add.http.path, add.http.status) == ("POST", "/mcp", 200)
    assert add.http.response_headers["content-type"] in {"text/event-stream", "application/json"}
    without_message = [one.http.method for one in session.log.messages if one.kind == "http" and one.http]
    cancel = [row[-1] for row in to_table(session.log.messages).rows if "cancelled" in row[2]]
    if era == "legacy":
        assert add.http.request_headers["mcp-session-id"] == "session 1"
        assert without_message == ["GET", "DELETE"]
        assert cancel == ["202 json"]
    else:
        assert add.http.request_headers["mcp-method"] == "tools/call"
        assert without_message == []
        assert cancel == ["stream closed", "stream closed"]  # of the call, and of what tells of changes


def test_secrets_are_nowhere_in_a_log(
    workshop_url: str, connect: Callable[..., Session], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKSHOP_KEY", "open-sesame")
    headers = {"Authorization": "Bearer ${WORKSHOP_KEY}", "X-Key": "literal-key", "Cookie": "crumb=1"}
    session = connect("workshop", HTTPServer(f"{workshop_url}?key=hidden", headers, era="legacy"))
    session.call("saw", boards=[], label="it is open-sesame, and literal-key")
    session.log.save(tmp_path / "log.jsonl")
    messages = session.log.messages
    shown = "\n".join(
        [
            repr(session.log),
            *session.log._repr_mimebundle_().values(),
            *to_raw(messages),
            session.log.DataFrame().to_csv(),
            (tmp_path / "log.jsonl").read_text(),
            repr(messages),
        ]
    )
    for secret in ("open-sesame", "literal-key", "crumb=1", "hidden"):
        assert secret not in shown
    assert '"authorization": "***"' in shown
    assert "it is ***, and ***" in shown


def test_what_a_variable_of_the_process_stood_for_is_hidden(
    workshop_command: list[str], connect: Callable[..., Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKSHOP_KEY", "open-sesame")
    definition = StdioServer(workshop_command[0], tuple(workshop_command[1:]), {"KEY": "${WORKSHOP_KEY}"})
    session = connect("workshop", definition)
    session.call("saw", boards=[], label="open-sesame")
    assert "open-sesame" not in "".join(to_raw(session.log.messages))


def test_the_log_of_a_connection_that_did_not_come_about_stays(
    connect: Callable[..., Session], workshop_url: str
) -> None:
    with pytest.raises(ConnectFailed):
        connect("wrong", HTTPServer(workshop_url.replace("/mcp", "/elsewhere"), era="legacy"))
    (message,) = get_host().logs["wrong"].messages[:1]
    assert message.method == "initialize"
    assert message.http is not None
    assert message.http.status == 404


def test_the_log_of_a_closed_connection_stays(workshop: Session) -> None:
    get_host().disconnect("workshop")
    assert get_host().logs["workshop"] is workshop.log
    assert len(workshop.log) > 0


def test_the_frame_has_no_clock_unless_asked(workshop: Session) -> None:
    workshop.call("add", a=1)
    frame = workshop.log.DataFrame()
    assert list(frame.columns) == [
        "server", "number", "direction", "kind", "method", "id", "under", "size", "status", "body",
    ]  # fmt: skip
    assert len(frame) == len(workshop.log)
    assert list(workshop.log.DataFrame(time=True).columns)[-1] == "time"


def notification(text: str) -> JSONRPCNotification:
    return JSONRPCNotification(jsonrpc="2.0", method="notifications/message", params={"level": "info", "data": text})


def test_the_last_messages_are_kept_and_the_rest_is_counted() -> None:
    log = WireLog("x")
    for _ in range(MAX_MESSAGES + 5):
        log.add("received", notification("drip"))
    assert len(log) == MAX_MESSAGES
    assert log.dropped == 5
    assert log.messages[0].number == 6
    assert (
        to_table(log.messages, dropped=log.dropped).rows[0][2] == "9,905 earlier messages, 5 of them not kept: see --df"
    )


def test_what_is_kept_is_bounded_in_bytes() -> None:
    log = WireLog("x")
    for _ in range(20):
        log.add("received", notification("x" * 2**20))
    assert sum(message.size for message in log.messages) <= MAX_BYTES
    assert log.dropped == 5


def test_of_a_huge_message_only_the_size_is_kept() -> None:
    log = WireLog("x")
    log.add("received", notification("x" * MAX_MESSAGE_BYTES))
    (message,) = log.messages
    assert message.body is None
    assert message.size > MAX_MESSAGE_BYTES
    assert to_table(log.messages).rows == [[1, "←", "notifications/message", f"{message.size:,} bytes"]]


def test_what_a_server_asks_stands_under_the_call_that_made_it_ask() -> None:
    log = WireLog("x")
    log.add("sent", JSONRPCRequest(jsonrpc="2.0", id=1, method="tools/call", params={"name": "ask"}))
    asked = {"message": "Who?", "requestedSchema": {"type": "object", "properties": {}}}
    log.add("received", JSONRPCRequest(jsonrpc="2.0", id=1, method="elicitation/create", params=asked))
    log.add("sent", notification("x"))
    assert [(message.number, message.under) for message in log.messages] == [(1, None), (2, 1), (3, None)]


def test_what_looks_like_a_credential_is_masked_in_arguments_and_results() -> None:
    log = WireLog("x")
    arguments = {"api_key": "0815-abc", "city": "Seoul", "page_token": "abcdefgh"}
    params = {"name": "ask", "arguments": arguments}
    log.add("sent", JSONRPCRequest(jsonrpc="2.0", id=1, method="tools/call", params=params))
    log.add("received", notification("Done.\nDB_PASSWORD=hunter2-hunter2\nsee https://me:hunter2@x.org"))
    sent, received = log.messages
    assert sent.body["params"]["arguments"] == {"api_key": "***", "city": "Seoul", "page_token": "abcdefgh"}
    assert received.body["params"]["data"] == "Done.\nDB_PASSWORD=***\nsee https://***@x.org"
