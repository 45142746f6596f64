"""Those who try the door with another's session, events, name or origin; and what is on record of them afterwards."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import httpx
import jsonschema
import pytest
import yaml

from mcp_notebook_server.access.refusals import REFUSAL_SCHEMA
from mcp_notebook_server.audit import EVENT_SCHEMA
from support.crowd import INITIALIZE, make_tokens
from support.jupyter import JupyterServer

if TYPE_CHECKING:
    from collections.abc import Iterator

FLOOD = 200


class Bed:
    """A Jupyter server and two hosts' tokens."""

    def __init__(self, server: JupyterServer) -> None:
        self.server = server
        self.mine, self.theirs = make_tokens(server, 2)
        self.http = httpx.Client(timeout=30)

    def ask(self, token: str, method: str = "POST", message: dict[str, Any] | None = None, **headers: str) -> Any:
        own = {"Accept": "application/json, text/event-stream", "Authorization": f"Bearer {token}"}
        own |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.request(method, self.server.mcp_url, headers=own, json=message)

    def open_session(self, token: str) -> str:
        message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": INITIALIZE}
        return self.ask(token, message=message).headers["mcp-session-id"]

    def ping(self, token: str, session: str) -> httpx.Response:
        return self.ask(token, message={"jsonrpc": "2.0", "id": 2, "method": "ping"}, Mcp_Session_Id=session)


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    with JupyterServer() as server:
        bed = Bed(server)
        with bed.http:
            yield bed


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
def test_a_session_is_of_no_use_to_another_token_in_any_way(bed: Bed, method: str) -> None:
    session = bed.open_session(bed.mine)
    message = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"} if method == "POST" else None
    taken = bed.ask(bed.theirs, method, message, Mcp_Session_Id=session)
    assert (taken.status_code, "Session not found" in taken.text) == (404, True)
    assert bed.ping(bed.mine, session).status_code == 200


def test_events_of_a_session_come_again_in_no_other_of_whatever_token(bed: Bed) -> None:
    session = bed.open_session(bed.mine)
    listing = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
    versioned = {"Mcp_Session_Id": session, "MCP_Protocol_Version": "2025-11-25"}
    answer = bed.ask(bed.mine, message=listing, **versioned)
    first = re.search(r"^id: (\S+)", answer.text, re.MULTILINE)
    assert first
    resumed = {**versioned, "Last_Event_ID": first[1]}
    assert "execute_code" in read_beginning(bed, bed.mine, **resumed)
    for token in (bed.mine, bed.theirs):
        other = {**resumed, "Mcp_Session_Id": bed.open_session(token)}
        assert "execute_code" not in read_beginning(bed, token, **other)
    assert bed.ask(bed.theirs, "GET", **resumed).status_code == 404


def read_beginning(bed: Bed, token: str, **headers: str) -> str:
    """What a stream that is resumed says at once; nothing, if it says nothing within a second."""
    own = {"Accept": "text/event-stream", "Authorization": f"Bearer {token}"}
    own |= {name.replace("_", "-"): value for name, value in headers.items()}
    said = ""
    try:
        with httpx.stream("GET", bed.server.mcp_url, headers=own, timeout=httpx.Timeout(10, read=1)) as stream:
            for text in stream.iter_text():
                said += text
    except httpx.ReadTimeout:
        pass
    return said


@pytest.mark.parametrize("number", ["²", "9" * 5000, "-1", "x"])
def test_an_event_id_that_is_none_is_no_error_of_the_server(bed: Bed, number: str) -> None:
    session = bed.open_session(bed.mine)
    listed = bed.ask(bed.mine, message={"jsonrpc": "2.0", "id": 2, "method": "ping"}, Mcp_Session_Id=session)
    first = re.search(r"^id: ([^.\s]+)\.", listed.text, re.MULTILINE)
    assert first
    own = {"Accept": "text/event-stream", "Authorization": f"Bearer {bed.mine}", "Mcp-Session-Id": session}
    own["Last-Event-ID"] = f"{first[1]}.{number}"
    raw = [(name.encode(), value.encode()) for name, value in own.items()]
    with httpx.stream("GET", bed.server.mcp_url, headers=raw, timeout=10) as stream:
        assert stream.status_code < 500


FORGED: list[list[tuple[str, str]]] = [
    [("Origin", "null")],
    [("Origin", "https://evil.example")],
    [("Origin", "http://[")],
    [("Origin", "")],
    [("Origin", "file://")],
    [("Origin", "{own}"), ("Origin", "https://evil.example")],
    [("Origin", "https://evil.example"), ("X-Forwarded-Host", "evil.example")],
    [("Host", "evil.example")],
    [("Host", "evil.example"), ("Origin", "http://evil.example")],
    [("Host", "evil.example"), ("X-Forwarded-Host", "127.0.0.1"), ("X-Real-IP", "127.0.0.1")],
    [("Host", "127.0.0.1.evil.example")],
    [("Host", "localhost@evil.example")],
    [("Host", "[")],
    [("Host", "")],
]


@pytest.mark.parametrize("forged", FORGED, ids=str)
def test_forged_names_and_origins_are_refused_with_a_good_token(bed: Bed, forged: list[tuple[str, str]]) -> None:
    headers = [(name, value.replace("{own}", bed.server.url)) for name, value in forged]
    headers.append(("Authorization", f"Bearer {bed.mine}"))
    answer = httpx.post(bed.server.mcp_url, headers=headers, json={})
    assert answer.status_code in (400, 403), answer.text
    assert "set-cookie" not in answer.headers


def test_a_preflight_of_another_origin_gets_no_permission(bed: Bed) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for path in ("/mcp", "/mcp-notebook/api/approvals", "/mcp-notebook/"):
        answer = httpx.options(bed.server.url + path, headers=asked)
        assert "access-control-allow-origin" not in answer.headers


def test_afterwards_each_reason_is_one_line_on_record_and_each_line_is_as_published(bed: Bed) -> None:
    """The last one: it stops the Jupyter server, which tells at once what it has counted."""
    with httpx.Client() as nobody:
        for _ in range(FLOOD):
            assert nobody.post(bed.server.mcp_url, json={}).status_code == 403
    metrics = httpx.get(f"{bed.server.url}/metrics", headers={"Authorization": f"token {bed.server.token}"}).text
    assert re.search(r'refusals_total\{reason="no token",status="403"\} 200\.0', metrics)
    bed.server.stop()
    file = bed.server.data_directory / "mcp-notebook" / "audit.jsonl"
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    call, refusal = (yaml.safe_load(schema.read_text()) for schema in (EVENT_SCHEMA, REFUSAL_SCHEMA))
    for line in lines:
        jsonschema.validate(line, refusal if "refused" in line else call)
    counts = {(line["refused"], line.get("token")): line["count"] for line in lines if "refused" in line}
    assert counts["no token", None] >= FLOOD
    assert counts["session", "crowd-1"] >= 3
    assert {"origin", "host"} <= {reason for reason, _ in counts}
    assert len([line for line in lines if line.get("refused") == "no token"]) <= 3  # one a minute
