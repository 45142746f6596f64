"""What the way through Jupyter adds to a call of a published tool, beside the same call on the kernel's own socket.

Both are the same raw HTTP requests of the modern era, in turns, to the same server in the same kernel: what differs is
Jupyter's door, its relay, and the record of the call.
"""

from __future__ import annotations

import http.client
import json
import socket
import time
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.figure import Figure
from support.cells import start_cell
from support.publisher import MODERN, publisher_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from support.jupyter import JupyterServer
    from support.publisher import Publisher

ROUNDS = 400
WARM = 40
MOST_TIMES = 2.5

ECHO = "def echo(text: str) -> str:\n    return text\n%mcp publish echo"


def measure_publishing(server: JupyterServer, _: str) -> Iterator[Figure]:
    token = server.host_token("bench-published", "--published", "echo")
    with publisher_on(server) as publisher:
        publisher.run(ECHO)
        yield _measure(publisher, token, "a published tool, its kernel idle")
        start_cell(publisher.client, "import time; time.sleep(3600)")  # ends with its kernel
        yield _measure(publisher, token, "a published tool, its kernel's shell asleep")


def _measure(publisher: Publisher, token: str, name: str) -> Figure:
    through, direct = _through_jupyter(publisher, token), _on_the_socket(publisher)
    for _ in range(WARM):
        through()
        direct()
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for times, call in zip(took, (through, direct), strict=True):
            start = time.perf_counter()
            call()
            times.append((time.perf_counter() - start) * 1000)
    value, floor = map(median, took)
    return Figure(name, value, "ms", floor, f"<= {MOST_TIMES:g} x", met=value <= MOST_TIMES * floor)


class _SocketConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)


def _on_the_socket(publisher: Publisher) -> Callable[[], object]:
    file = publisher.server.runtime_directory / "mcp-notebook" / publisher.kernel_id / "published" / "echo.json"
    said = json.loads(file.read_text())
    return _caller(_SocketConnection(said["socket"]), "/", {"X-MCP-Notebook-Secret": said["secret"]})


def _through_jupyter(publisher: Publisher, token: str) -> Callable[[], object]:
    host, _, path = publisher.url("echo").removeprefix("http://").partition("/")
    return _caller(http.client.HTTPConnection(host), f"/{path}", {"Authorization": f"Bearer {token}"})


def _caller(connection: http.client.HTTPConnection, path: str, more: Mapping[str, str]) -> Callable[[], object]:
    about = {"protocolVersion": MODERN, "clientCapabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
    meta = {f"io.modelcontextprotocol/{name}": value for name, value in about.items()}
    params = {"name": "echo", "arguments": {"text": "hello"}, "_meta": meta}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream", **more}
    headers |= {"MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/call", "Mcp-Name": "echo"}

    def call() -> None:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != http.client.OK:
            raise RuntimeError(f"{answer.status}: {text[:300]!r}")

    return call
