"""The first words with a kernel that somebody else has started: whether it lives, who it is, and what it is for.

Knows Jupyter's messages on the control channel, which no cell keeps waiting, and where VS Code leaves the path of its
notebook. Refuses to run anything of the person's.
"""

from __future__ import annotations

import ast
import asyncio
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcp_notebook_server.execution.zeromq import connect_here
from mcp_notebook_server.kernel_client import open_client

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from jupyter_client.asynchronous.client import AsyncKernelClient

__all__ = ["Introduction", "ask_who", "find_opened", "wait_until_free"]

_SESSION_PREFIX = "mcp-notebook-contact-"
_PATIENCE_SECONDS = 2.0
_IDLE_SECONDS = 0.3
"""After which a kernel that has not answered in its main shell is taken to run a cell."""

_OPENED = "(lambda path: path[:500] if type(path) is str else '')(globals().get('__vsc_ipynb_file__'))"
"""Where VS Code, and editors made of it, say which notebook it is (version 2026.6 of its Jupyter extension)."""


@dataclass(frozen=True)
class Introduction:
    """What a kernel says of itself.

    Attributes:
        language: that it runs, such as `python`.
        pid: of its process; None if it does not say, or runs on another machine.
        idle: whether it runs nothing just now.
    """

    language: str
    pid: int | None
    idle: bool


async def ask_who(kernel: Any) -> Introduction | None:
    """Ask a kernel who it is; None if it does not answer, as when it is long dead.

    Args:
        kernel: Jupyter's manager of it.
    """
    with open_client(kernel, _SESSION_PREFIX) as client:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                info = await _ask(client.session, client.control_channel, client.get_control_msg, "kernel_info_request")
        except TimeoutError:
            return None
        language = str(info.get("language_info", {}).get("name", "")).lower()
        pid = await _find_process(client) if language == "python" else None
        return Introduction(language, pid, await _answers_in_shell(client, _IDLE_SECONDS))


async def wait_until_free(kernel: Any) -> None:
    """Wait until a kernel has come to the end of what it runs, and of what waits there already."""
    with open_client(kernel, _SESSION_PREFIX) as client:
        await _answers_in_shell(client, None)


async def find_opened(kernel: Any) -> str | None:
    """Return the path of the notebook that an editor has open in a kernel of Python's; None if it does not say.

    Nothing is run for it, so that no hook of IPython's has its turn; a kernel that works is not kept waiting for.
    """
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS), connect_here(kernel) as connection:
            if not await connection.is_free_within(0):
                return None
            value = await connection.evaluate("", _OPENED)
    except TimeoutError:
        return None
    path: str = ast.literal_eval(value["data"]["text/plain"]) if value.get("status") == "ok" else ""
    return path if path and path.isprintable() else None


async def _find_process(client: AsyncKernelClient) -> int | None:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            said = await _ask(client.session, client.control_channel, client.get_control_msg, "usage_request")
    except TimeoutError:
        return None
    return said.get("pid") if said.get("hostname") == socket.gethostname() else None


async def _answers_in_shell(client: AsyncKernelClient, seconds: float | None) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await _ask(client.session, client.shell_channel, client.get_shell_msg, "kernel_info_request")
    except TimeoutError:
        return False
    return True


async def _ask(
    session: Any, channel: Any, receive: Callable[[], Awaitable[dict[str, Any]]], kind: str
) -> dict[str, Any]:
    request: dict[str, Any] = session.msg(kind)
    channel.send(request)
    while True:
        reply = await receive()
        if reply["parent_header"].get("msg_id") == request["header"]["msg_id"]:
            return reply["content"]
