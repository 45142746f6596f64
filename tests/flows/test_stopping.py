"""A Jupyter server that stops while hosts are connected: who comes is told so, and what was begun ends with it."""

from __future__ import annotations

import json
import os
import signal
from contextlib import ExitStack, closing
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from support.crowd import INITIALIZE, META
from support.jupyter import JupyterServer
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

PATHS = ("/mcp", "/mcp/kernels/abc", "/mcp/notebooks/a.ipynb", "/mcp/published/shop")
MODERN = {"MCP-Protocol-Version": "2026-07-28"}
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": META}}
LIST_HEADERS = {**MODERN, "Mcp-Method": "tools/list"}


class Bed:
    """A Jupyter server with one kernel, and hosts that are connected to it."""

    def __init__(self, server: JupyterServer, stack: ExitStack) -> None:
        self.server = server
        self.token = server.host_token("host", "--execute", "--published", "shop")
        self.kernel = server.start_kernel()
        with server.client(self.kernel):
            pass
        words = {each: each.cmdline() for each in psutil.Process(server.pid).children()}
        [self.process] = [each for each in words if any(self.kernel in word for word in words[each])]
        self._stack = stack

    def connect(self) -> HTTPConnection:
        connection = HTTPConnection("127.0.0.1", int(self.server.url.rpartition(":")[2]), timeout=60)
        connection.connect()
        return self._stack.enter_context(closing(connection))

    def send(self, connection: HTTPConnection, message: object, path: str = "/mcp", **headers: str) -> bytes:
        """Send all of a request but the last byte of its body, which is returned."""
        body = json.dumps(message).encode()
        known = {"Authorization": f"Bearer {self.token}", "Accept": "application/json, text/event-stream"}
        connection.putrequest("POST", path)
        for name, value in {**known, "Content-Type": "application/json", **headers}.items():
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body[:-1])
        return body[-1:]

    def ask(self, connection: HTTPConnection, message: object, path: str = "/mcp", **headers: str) -> HTTPResponse:
        connection.send(self.send(connection, message, path, **headers))
        return connection.getresponse()

    def list_tools(self, connection: HTTPConnection, path: str = "/mcp") -> tuple[int, str | None, str]:
        """Return the status, `Retry-After`, and what was said."""
        response = self.ask(connection, LIST, path, **LIST_HEADERS)
        return response.status, response.getheader("Retry-After"), response.read().decode()

    def begin_call(self, **headers: str) -> HTTPConnection:
        """Call for code that does not end, and do not wait for the answer."""
        connection = self.connect()
        arguments = {"kernel": self.kernel, "code": "import time; time.sleep(60)", "when_busy": "queue"}
        params = {"name": "execute_code", "arguments": arguments, "_meta": META}
        connection.send(
            self.send(connection, {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params}, **headers)
        )
        return connection

    def open_session(self) -> dict[str, str]:
        """Open a session of the legacy era and return the headers of what is asked in it."""
        response = self.ask(self.connect(), {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": INITIALIZE})
        session = {"Mcp-Session-Id": response.headers["Mcp-Session-Id"], "MCP-Protocol-Version": "2025-11-25"}
        self.ask(self.connect(), {"jsonrpc": "2.0", "method": "notifications/initialized"}, **session)
        return session


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    with JupyterServer("--KernelManager.shutdown_wait_time=60") as server, ExitStack() as stack:
        yield Bed(server, stack)


def hear_the_end(call: HTTPConnection) -> str:
    """Return what a call is answered with until its connection ends."""
    try:
        return call.getresponse().read().decode()
    except (HTTPException, ConnectionError):
        return ""


def test_whoever_comes_while_it_stops_is_told_and_what_was_begun_ends_in_a_sentence_or_is_cut_off(bed: Bed) -> None:
    calls = {"modern": bed.begin_call(**MODERN, **{"Mcp-Method": "tools/call", "Mcp-Name": "execute_code"})}
    calls["legacy"] = bed.begin_call(**bed.open_session())
    half, probe = bed.connect(), bed.connect()
    rest = bed.send(half, LIST, **LIST_HEADERS)
    connections = {path: bed.connect() for path in PATHS}
    wait_until(lambda: bed.server.kernel_state(bed.kernel) == "busy", "the code to begin")

    bed.process.suspend()  # Jupyter waits for it some seconds
    os.kill(bed.server.pid, signal.SIGTERM)
    wait_until(lambda: bed.list_tools(probe)[0] == 503, "the Jupyter server to say that it stops")

    answers: dict[str, Any] = {path: bed.list_tools(connections[path], path) for path in PATHS}
    half.send(rest)
    response = half.getresponse()
    answers["half sent"] = (response.status, response.getheader("Retry-After"), response.read().decode())
    for status, retry_after, text in answers.values():
        assert (status, retry_after) == (503, "5")
        assert json.loads(text)["error"]["message"] == (
            "This Jupyter server is stopping, and has not begun what was asked. Ask again in a few seconds."
        )

    bed.process.kill()
    bed.server.end()
    assert bed.server._process
    assert bed.server._process.returncode == 0
    for call in calls.values():
        heard = hear_the_end(call)
        assert '"result"' not in heard or f"{bed.kernel} died or was restarted" in heard
    log = bed.server.log_file.read_text()
    assert " 500 " not in log
    assert "Uncaught exception" not in log
