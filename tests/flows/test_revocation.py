"""What a host token had open ends with it: streams, sessions, calls in flight. What other tokens have stays."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from mcp import MCPError

from support.echo import make_echo_server
from support.mcp import MODES, connect
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.jupyter import JupyterServer

AT_ONCE = 1.0
"""Seconds after `mcp-notebook token revoke` has returned."""

CLIENT = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "listener", "version": "0"}}
INITIALIZE = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": CLIENT}


@pytest.fixture(scope="module")
def server() -> Iterator[JupyterServer]:
    with make_echo_server() as server:
        yield server


class Stream:
    """A host's open stream, read in a thread of its own."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.session = response.headers.get("mcp-session-id", "")
        self.first = threading.Event()
        self.ended = 0.0
        self._response = response
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            for _ in self._response.iter_raw():
                self.first.set()
        except httpx.TransportError:  # it was cut
            pass
        self.ended = time.monotonic()

    def wait(self) -> float:
        """Return when it ended."""
        self._thread.join(10)
        assert not self._thread.is_alive(), "the stream is still open"
        return self.ended

    @property
    def is_open(self) -> bool:
        return self._thread.is_alive()


def headers(token: str, **more: str) -> dict[str, str]:
    accept = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
    return accept | {"Authorization": f"Bearer {token}"} | {name.replace("_", "-"): more[name] for name in more}


def open_session(server: JupyterServer, token: str) -> str:
    return httpx.post(server.mcp_url, headers=headers(token), json=INITIALIZE).headers["mcp-session-id"]


def meta() -> dict[str, Any]:
    """What every request of the modern era says of its host."""
    prefix = "io.modelcontextprotocol/"
    facts = {"protocolVersion": "2026-07-28", "clientCapabilities": {}, "clientInfo": CLIENT["clientInfo"]}
    return {prefix + name: fact for name, fact in facts.items()}


@contextmanager
def calling(server: JupyterServer, token: str, mode: str, tool: str) -> Iterator[Stream]:
    """The answer to a call of a tool at /echo that tells its progress, in either era."""
    params: dict[str, Any] = {"name": tool, "arguments": {}, "_meta": {"progressToken": "p"}}
    if mode == "legacy":
        url = f"{server.url}/echo"
        session = httpx.post(url, headers=headers(token), json=INITIALIZE).headers["mcp-session-id"]
        more = {"Mcp_Session_Id": session}
    else:
        more = {"MCP_Protocol_Version": "2026-07-28", "Mcp_Method": "tools/call", "Mcp_Name": tool}
        params["_meta"] |= meta()
    body = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}
    with httpx.stream("POST", f"{server.url}/echo", headers=headers(token, **more), json=body, timeout=30) as answer:
        yield Stream(answer)


def ends_of_hold(server: JupyterServer) -> int:
    return server.log_file.read_text().count("hold has ended")


@contextmanager
def listening(server: JupyterServer, token: str, mode: str) -> Iterator[Stream]:
    """A stream on which a host hears what the server has to say, in either era."""
    timeout = httpx.Timeout(10, read=30)
    if mode == "legacy":
        request: tuple[Any, ...] = ("GET", server.mcp_url)
        options: dict[str, Any] = {"headers": headers(token, Mcp_Session_Id=open_session(server, token))}
    else:
        request = ("POST", server.mcp_url)
        modern = headers(token, MCP_Protocol_Version="2026-07-28", Mcp_Method="subscriptions/listen")
        params = {"notifications": {"toolsListChanged": True}, "_meta": meta()}
        body = {"jsonrpc": "2.0", "id": "l1", "method": "subscriptions/listen", "params": params}
        options = {"headers": modern, "json": body}
    with httpx.stream(*request, **options, timeout=timeout) as response:
        stream = Stream(response)
        assert stream.status == 200, response.read()
        yield stream


def revoke(server: JupyterServer, name: str) -> float:
    """Revoke a token and return when that was done."""
    assert server.run_cli("token", "revoke", name).returncode == 0
    return time.monotonic()


def expire(server: JupyterServer, name: str) -> float:
    """Let a token's time be over, as if it had been made long ago, and return when."""
    file = server.data_directory / "mcp-notebook" / "tokens.json"
    kept = json.loads(file.read_text())
    for entry in kept["tokens"]:
        if entry["name"] == name:
            entry["created"] = (datetime.now(UTC) - timedelta(days=2)).isoformat()
            entry["expires"] = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    fresh = file.with_name("fresh")
    fresh.write_text(json.dumps(kept))
    fresh.replace(file)
    return time.monotonic()


ENDS: dict[str, Callable[[JupyterServer, str], float]] = {"revoked": revoke, "expired": expire}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("mode", MODES)
def test_listening_stream_ends_at_once_with_its_token_and_no_other_does(
    server: JupyterServer, mode: str, end: str
) -> None:
    name = f"{mode}-{end}"
    mine, others = server.host_token(name), server.host_token(f"{name}-other")
    with listening(server, mine, mode) as stream, listening(server, others, mode) as other:
        done = ENDS[end](server, name)
        assert stream.wait() - done < AT_ONCE
        assert other.is_open


@pytest.mark.parametrize("mode", MODES)
def test_call_in_flight_ends_at_once_with_its_token(server: JupyterServer, mode: str) -> None:
    name = f"caller-{mode}"
    ended = ends_of_hold(server)
    with calling(server, server.host_token(name), mode, "hold") as call:
        assert call.first.wait(10)
        assert ends_of_hold(server) == ended
        done = revoke(server, name)
        assert call.wait() - done < AT_ONCE
        left = done + AT_ONCE - time.monotonic()
        wait_until(lambda: ends_of_hold(server) == ended + 1, "the tool to be cancelled", seconds=left)


@pytest.mark.parametrize("mode", MODES)
def test_host_whose_token_is_revoked_is_told_so_when_it_calls_again(server: JupyterServer, mode: str) -> None:
    name = f"again-{mode}"
    with connect(f"{server.url}/echo", server.host_token(name), mode=mode) as host:
        host.call("echo", text="before")
        revoke(server, name)
        with pytest.raises(MCPError, match="not known; perhaps it was revoked"):
            host.call("echo", text="after")


def test_legacy_session_is_over_even_if_the_token_comes_back(server: JupyterServer) -> None:
    token = server.host_token("back", "--expires", "30d")
    with listening(server, token, "legacy") as stream:
        session = stream.session

        def ping() -> httpx.Response:
            message = {"jsonrpc": "2.0", "id": 2, "method": "ping"}
            return httpx.post(server.mcp_url, headers=headers(token, Mcp_Session_Id=session), json=message)

        assert ping().status_code == 200
        expire(server, "back")
        assert ping().status_code == 403
        stream.wait()
    assert server.run_cli("token", "renew", "back").returncode == 0
    assert ping().status_code == 404
    assert "Session not found" in ping().text


def written(file: Path) -> tuple[int, ...]:
    """What writing a file changes; reading it changes only when it was last read, which is of no account."""
    found = file.stat()
    return found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size


def test_last_use_is_shown_and_never_rewrites_the_tokens(server: JupyterServer) -> None:
    token = server.host_token("used")
    file = server.data_directory / "mcp-notebook" / "tokens.json"
    before = written(file)
    assert "never used" in line_of(server, "used")
    for _ in range(3):
        open_session(server, token)
    assert f"last used {datetime.now(UTC):%Y-%m-%d}" in line_of(server, "used")
    assert written(file) == before
    use = list((file.parent / "last-use").iterdir())
    revoke(server, "used")
    assert len(list((file.parent / "last-use").iterdir())) == len(use) - 1


def line_of(server: JupyterServer, name: str) -> str:
    lines = server.run_cli("token", "list").stdout.splitlines()
    return next(line for line in lines if line.startswith(f"{name}:"))
