"""Whether a kernel lives, and whether it is the process that it was; and that Jupyter does not go on about a dead one.

Knows how Jupyter shows that: by the kernel's process, never by the end of a connection, since a forked child may hold
that open. Refuses to know what is awaited of the kernel.
"""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.gateway.managers import GatewayKernelManager

__all__ = [
    "LIVENESS_SECONDS",
    "Watch",
    "is_alive",
    "is_behind_gateway",
    "is_busy",
    "keep_state_true",
    "process_of",
    "take_as_starting",
]

LIVENESS_SECONDS = 0.25
"""How often a kernel's process is looked at while an answer is awaited."""


class Watch:
    """Looks at a kernel's process while an answer is awaited, and ends the wait when it is gone.

    Most answers come before the first look, so they cost no task and no look.

    Args:
        kernel: Jupyter's manager of it.
        patience: what is awaited under; it ends at once when the kernel has died.
    """

    def __init__(self, kernel: Any, patience: asyncio.Timeout) -> None:
        self._kernel = kernel
        self._process = process_of(kernel)
        self._patience = patience
        self._task: asyncio.Task[None] | None = None
        self.died = False

    async def __aenter__(self) -> None:
        self._first_look = asyncio.get_running_loop().call_later(LIVENESS_SECONDS, self._begin)

    async def __aexit__(self, *_: object) -> None:
        self._first_look.cancel()
        if self._task is not None:
            self._task.cancel()

    def _begin(self) -> None:
        self._task = asyncio.ensure_future(self._look())

    async def _look(self) -> None:
        while await is_alive(self._kernel) and process_of(self._kernel) == self._process:  # noqa: ASYNC110 - another process
            await asyncio.sleep(LIVENESS_SECONDS)
        self.died = True
        self._patience.reschedule(0)


def process_of(kernel: Any) -> object:
    """Return what tells one process of a kernel from the next after a restart."""
    provisioner = getattr(kernel, "provisioner", None)
    return (getattr(provisioner, "pid", None), id(provisioner))


def is_behind_gateway(kernel: Any) -> bool:
    """Whether the kernel runs behind a gateway, where neither its process nor its sockets are seen."""
    return isinstance(kernel, GatewayKernelManager)


def is_busy(kernel: Any) -> bool:
    """Whether the kernel was last heard to run a cell."""
    return getattr(kernel, "execution_state", None) == "busy"


def keep_state_true(kernel_manager: Any, kernel_id: str) -> None:
    """Let a kernel that dies in the middle of a cell not count as busy for ever: see `take_as_starting`."""
    kernel = kernel_manager.get_kernel(kernel_id)
    kernel.add_restart_callback(lambda: take_as_starting(kernel), "restart")


def take_as_starting(kernel: Any) -> None:
    """Have Jupyter forget what it heard of a kernel's process before this one.

    It goes on saying that, and may miss the first word of the new one, since its connections are just being made again:
    seen with jupyter_server 2.21 in one death of four, and once after a restart.
    """
    if not is_behind_gateway(kernel):  # whose state is the gateway's word
        kernel.execution_state = "starting"


async def is_alive(kernel: Any) -> bool:
    """Whether the kernel's process runs."""
    return bool(await ensure_async(kernel.is_alive()))
