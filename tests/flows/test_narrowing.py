"""What narrows a host token beyond its scopes: limits, and Jupyter's own Authorizer."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest

from support.jupyter import JupyterServer
from support.mcp import connect, text_of
from support.paths import CHECKOUT
from support.person import Person
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

CALLS, CONCURRENT, SESSIONS, BYTES = 12, 2, 3, 20_000
LIMITS = {
    "calls": f"{CALLS}/day",
    "bytes": f"{BYTES}/day",
    "concurrent_calls": str(CONCURRENT),
    "sessions": str(SESSIONS),
}
CLIENT = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "greedy", "version": "0"}}
INITIALIZE = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": CLIENT}


@pytest.fixture(scope="module")
def server() -> Iterator[JupyterServer]:
    limits = [f"--MCPNotebookApp.limits={name}={value}" for name, value in LIMITS.items()]
    authorizer = "--ServerApp.authorizer_class=support.authorizers.CarefulAuthorizer"
    with JupyterServer(authorizer, *limits, environment={"PYTHONPATH": str(CHECKOUT / "tests")}) as server:
        yield server


def headers(token: str, **more: str) -> dict[str, str]:
    accept = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
    return accept | {"Authorization": f"Bearer {token}"} | {name.replace("_", "-"): more[name] for name in more}


def post(server: JupyterServer, token: str, message: dict[str, Any] = INITIALIZE, **more: str) -> httpx.Response:
    return httpx.post(server.mcp_url, headers=headers(token, **more), json=message, timeout=30)


def check_limited(answer: httpx.Response, *words: str) -> None:
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    message = answer.json()["error"]["message"]
    assert all(word in message for word in (*words, "MCPNotebookApp.limits")), message
    assert "set-cookie" not in answer.headers


def test_token_that_calls_too_often_must_wait_and_others_need_not(server: JupyterServer) -> None:
    token, other = server.host_token("often"), server.host_token("seldom")
    session = post(server, token).headers["mcp-session-id"]
    ping = {"jsonrpc": "2.0", "id": 2, "method": "ping"}
    for _ in range(CALLS - 1):
        assert post(server, token, ping, Mcp_Session_Id=session).status_code == 200
    answer = post(server, token, ping, Mcp_Session_Id=session)
    check_limited(answer, "'often' has used its calls", f"{CALLS} per 1 day")
    assert int(answer.headers["retry-after"]) <= 24 * 3600
    assert post(server, other).status_code == 200


def test_refused_knocks_cost_a_token_nothing(server: JupyterServer) -> None:
    token = server.host_token("framed")
    for _ in range(CALLS + 1):
        assert post(server, token, Origin="https://evil.example").status_code == 403
    assert post(server, token).status_code == 200


def test_token_that_moves_too_many_bytes_must_wait(server: JupyterServer) -> None:
    token = server.host_token("heavy")
    message = {"jsonrpc": "2.0", "id": 1, "method": "ping", "params": {"padding": "x" * BYTES}}
    session = post(server, token).headers["mcp-session-id"]
    assert post(server, token, message, Mcp_Session_Id=session).status_code == 200
    check_limited(post(server, token, Mcp_Session_Id=session), "'heavy' has used its bytes")


def test_answers_count_as_bytes_too(server: JupyterServer) -> None:
    token = server.host_token("reader")
    session = post(server, token).headers["mcp-session-id"]
    tools = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
    taken = 0
    while taken < BYTES:
        taken += len(post(server, token, tools, Mcp_Session_Id=session).content)
    check_limited(post(server, token, tools, Mcp_Session_Id=session), "'reader' has used its bytes")


def test_token_with_too_many_sessions_gets_another_when_one_ends(server: JupyterServer) -> None:
    token = server.host_token("hoarder")
    sessions = [post(server, token).headers["mcp-session-id"] for _ in range(SESSIONS)]
    check_limited(post(server, token), f"'hoarder' may have {SESSIONS} open sessions, and has {SESSIONS}")
    ended = httpx.delete(server.mcp_url, headers=headers(token, Mcp_Session_Id=sessions[0]))
    assert ended.status_code == 200
    assert post(server, token).status_code == 200


def test_refused_initialize_opens_no_session(server: JupyterServer) -> None:
    token = server.host_token("confused")
    for _ in range(SESSIONS):
        assert post(server, token, {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}).status_code == 400
    assert post(server, token).status_code == 200


def test_too_many_calls_at_the_same_time_are_refused_until_one_ends(server: JupyterServer) -> None:
    """A body that never comes holds a call open, too: nobody keeps Jupyter busy by dawdling."""
    token = server.host_token("crowd")
    with dawdle(server, token, CONCURRENT):
        refused = wait_until(lambda: find_refusal(post(server, token)), "the dawdlers to be counted", seconds=5)
        check_limited(refused, f"'crowd' may have {CONCURRENT} calls at the same time")
        assert refused.headers["retry-after"] == "1"
    wait_until(lambda: post(server, token).status_code == 200, "the dawdlers to be forgotten", seconds=5)


def test_sessions_that_are_only_being_opened_count_for_the_limit_too(server: JupyterServer) -> None:
    token = server.host_token("patient")
    for _ in range(SESSIONS - 1):
        assert post(server, token).status_code == 200
    with dawdle(server, token, 1):  # its session would be the last one
        refused = wait_until(lambda: find_refusal(begin(server, token)), "the dawdler to be counted", seconds=5)
        check_limited(refused, f"'patient' may have {SESSIONS} open sessions, and has {SESSIONS}")
    wait_until(lambda: post(server, token).status_code == 200, "the dawdler to be forgotten", seconds=5)


def begin(server: JupyterServer, token: str) -> httpx.Response:
    """Open a session, if that is possible, and end it."""
    opened = post(server, token)
    if opened.status_code == 200:
        httpx.delete(server.mcp_url, headers=headers(token, Mcp_Session_Id=opened.headers["mcp-session-id"]))
    return opened


@contextlib.contextmanager
def dawdle(server: JupyterServer, token: str, count: int) -> Iterator[None]:
    """So many callers who say that they will open a session, and then say nothing more."""
    address = (urlsplit(server.url).hostname, urlsplit(server.url).port)
    dawdlers = [socket.create_connection(address) for _ in range(count)]
    lines = [f"POST {urlsplit(server.mcp_url).path} HTTP/1.1", f"Host: {address[0]}:{address[1]}", "Content-Length: 9"]
    lines += [f"{name}: {value}" for name, value in headers(token).items()]
    for dawdler in dawdlers:
        dawdler.sendall("\r\n".join([*lines, "", ""]).encode())
    try:
        yield
    finally:
        for dawdler in dawdlers:
            dawdler.close()


def test_calls_whose_host_hangs_up_count_until_they_are_answered() -> None:
    """The SDK answers a legacy call to its end: a host that hung up may come back for it."""
    with JupyterServer(f"--MCPNotebookApp.limits=concurrent_calls={CONCURRENT}") as server:
        token, kernel = server.host_token("hasty"), server.start_kernel()
        session = {"Mcp_Session_Id": post(server, token).headers["mcp-session-id"]}
        params = {"name": "execute_code", "arguments": {"kernel": kernel, "code": "1 + 1"}}  # nobody says yes to it
        for number in range(CONCURRENT):
            call = {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}
            with httpx.stream(
                "POST", server.mcp_url, headers=headers(token, **session), json=call, timeout=30
            ) as begun:
                assert begun.status_code == 200
        refused = post(server, token, {"jsonrpc": "2.0", "id": 9, "method": "ping"}, **session)
        check_limited(refused, f"'hasty' may have {CONCURRENT} calls at the same time")


def find_refusal(answer: httpx.Response) -> httpx.Response | None:
    return answer if answer.status_code == 429 else None


def test_authorizer_may_keep_a_token_out(server: JupyterServer) -> None:
    answer = post(server, server.host_token("stranger", "--write", "--execute"))
    assert answer.status_code == 403
    assert "authorizer does not let the host token 'stranger' read here" in answer.json()["error"]["message"]


def test_authorizer_that_cannot_say_keeps_a_token_out(server: JupyterServer) -> None:
    answer = post(server, server.host_token("riddle"))
    assert answer.status_code == 403
    assert "authorizer does not let the host token 'riddle' read here" in answer.json()["error"]["message"]
    assert "cannot judge the user mcp-notebook:riddle" in server.log_file.read_text()


def test_authorizer_leaves_the_rest_to_the_token(server: JupyterServer) -> None:
    with connect(server.mcp_url, server.host_token("guest", "--execute")) as host:
        assert host.read("list_kernels") == {"kernels": []}


def test_scope_that_the_authorizer_forbids_cannot_even_be_asked_for(server: JupyterServer) -> None:
    for flags in (["--execute"], ["--read"]):
        with connect(server.mcp_url, server.host_token(f"runner{flags[0]}", *flags)) as host:
            answer = host.call("execute_code", kernel="any", code="1")
            assert answer.is_error
            assert "authorizer does not let you have it. No grant changes that" in text_of(answer)


def test_authorizer_may_let_people_look_at_the_page_and_not_act(server: JupyterServer) -> None:
    with Person(server) as person:
        assert person.approvals() == []
        with person.watch() as heard:
            assert next(heard)["hosts"] is not None
        token = server.host_token("unharmed")
        for answer in (
            person.answer("0" * 32, "once"),
            person.let_ask("0" * 32),
            person.revoke("0" * 32),
            person.make_token("wanted"),
            person.revoke_token("unharmed"),
        ):
            assert (answer.status_code, "authorized" in answer.text) == (403, True)
        assert post(server, token).status_code == 200


def test_limit_that_is_not_understood_is_said_and_the_defaults_hold() -> None:
    with JupyterServer("--MCPNotebookApp.limits=speed=9") as jupyter:
        assert "MCPNotebookApp.limits: speed: there is no such limit" in jupyter.log_file.read_text()
        assert post(jupyter, jupyter.host_token()).status_code == 200
