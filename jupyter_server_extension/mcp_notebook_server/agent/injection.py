"""How the agent's source gets into a kernel: one silent request, by a client with a session of its own.

Knows Jupyter's messaging and what Jupyter counts as activity. Refuses to know what the source does.

The session is our own because two clients with one session lose each other's replies. What the kernel says about our
request on iopub is kept from Jupyter's own bookkeeping, so that it neither delays culling nor, sent over a subshell
beside a running cell, makes the kernel look idle.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from mcp_notebook_server.kernel_client import open_client

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from jupyter_client.asynchronous.client import AsyncKernelClient

__all__ = ["NoSubshell", "Rejected", "execute_beside_cell", "execute_silently", "keep_from_bookkeeping"]

_SESSION_PREFIX = "mcp-notebook-agent-"
_SUBSHELLS = "kernel subshells"
_CONTROL_SECONDS = 5.0


class NoSubshell(Exception):
    """The kernel is busy and has no subshells."""


class Rejected(Exception):
    """The kernel could not run the source.

    Attributes:
        reason: a clause.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def keep_from_bookkeeping(kernel: Any) -> bool:
    """Keep what the kernel says about our requests from Jupyter's watch on its activity.

    Args:
        kernel: Jupyter's kernel manager for one kernel.

    Returns:
        Whether that is so now; False if Jupyter watches in a way not known here, or not yet.
    """
    stream = getattr(kernel, "_activity_stream", None)
    callback: Any = getattr(stream, "_recv_callback", None)
    if stream is None or callback is None:
        return False
    if getattr(callback, "mcp_notebook", False):
        return True
    ours = _SESSION_PREFIX.encode()

    def record_activity(parts: list[bytes]) -> None:
        # topic, <IDS|MSG>, signature, header, parent header, ...; the parent's session is ours if we asked.
        if not any(ours in part for part in parts[4:5]):
            callback(parts)

    record_activity.mcp_notebook = True  # type: ignore[attr-defined]  a mark for the next call
    stream.on_recv(record_activity)
    return True


async def execute_silently(kernel: Any, code: str) -> None:
    """Run code in the main shell, after whatever runs there now.

    Raises:
        Rejected: the kernel answered that it failed.
    """
    with open_client(kernel, _SESSION_PREFIX) as client:
        await _execute(client, code, None)


async def execute_beside_cell(kernel: Any, code: str, *, allowed: bool) -> None:
    """Run code in a subshell, beside the cell that runs in the main shell.

    Args:
        kernel: Jupyter's kernel manager for one kernel.
        code: Python.
        allowed: whether it would go unnoticed, as `keep_from_bookkeeping` says.

    Raises:
        NoSubshell: the kernel has none, or it is not to be used, or the kernel lets nothing run.
        Rejected: the kernel answered that it failed.
    """
    if not allowed:
        raise NoSubshell
    with open_client(kernel, _SESSION_PREFIX) as client:
        try:
            info = await _ask_control(client, "kernel_info_request", {})
            if _SUBSHELLS not in info.get("supported_features", ()):
                raise NoSubshell
            subshell = (await _ask_control(client, "create_subshell_request", {}))["subshell_id"]
        except TimeoutError:
            raise NoSubshell from None
        try:
            await _execute(client, code, subshell)
        finally:
            await _ask_control(client, "delete_subshell_request", {"subshell_id": subshell})


async def _execute(client: AsyncKernelClient, code: str, subshell: str | None) -> None:
    content: dict[str, Any] = {
        "code": code,
        "silent": True,
        "store_history": False,
        "user_expressions": {},
        "allow_stdin": False,
        "stop_on_error": False,
    }
    while True:
        request: dict[str, Any] = client.session.msg("execute_request", content)
        if subshell is not None:
            request["header"]["subshell_id"] = subshell
        client.shell_channel.send(request)
        reply = await _reply_to(request, client.get_shell_msg)
        if reply["status"] == "ok":
            return
        if reply["status"] != "aborted":  # that is when a cell before it has failed; send it again
            raise Rejected(f"it answered the agent's source with {reply.get('ename', reply['status'])}")


async def _ask_control(client: AsyncKernelClient, kind: str, content: dict[str, Any]) -> dict[str, Any]:
    request: dict[str, Any] = client.session.msg(kind, content)
    client.control_channel.send(request)
    async with asyncio.timeout(_CONTROL_SECONDS):
        return await _reply_to(request, client.get_control_msg)


async def _reply_to(request: dict[str, Any], receive: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    while True:
        reply = await receive()
        if reply["parent_header"].get("msg_id") == request["header"]["msg_id"]:
            return reply["content"]
