"""The kernels of editors on this machine, kept among Jupyter's own for as long as they live.

Knows when to look for them, and how Jupyter's manager of all kernels takes one in and lets it go. Of several Jupyter
servers only the first has a kernel: there is one agent in it. Refuses to know what hosts do with them. Belongs to the
Jupyter server's event loop.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from mcp_notebook_server.external.contact import ask_who, find_opened, wait_until_free
from mcp_notebook_server.external.files import find_connection_files
from mcp_notebook_server.external.kernel import ExternalKernel
from mcp_notebook_server.places import kernels_directory, make_private_directory

if TYPE_CHECKING:
    import logging
    from collections.abc import Awaitable, Callable, Sequence

    from mcp_notebook_server.external.files import ConnectionFile

__all__ = ["ExternalKernels"]

_LOOK_SECONDS = 2.0
_SILENT_SECONDS = 30.0
"""For which at most a file is passed over whose kernel is not there: an old one was left behind by a kernel that was
killed, but behind a young one a kernel may be starting."""

_ASKED = 5
"""Times that a kernel is asked which notebook it is for: its editor says so when it is connected."""


class ExternalKernels:
    """All that are found.

    Args:
        kernel_manager: Jupyter's manager of all kernels.
        directories: where connection files may be.
        came: told the id of a kernel that has come; it may take a while, and never raises.
        gone: told the id of one that has died.
        tell: is told when more is known of one.
    """

    def __init__(
        self,
        kernel_manager: Any,
        directories: Sequence[Path],
        came: Callable[[str], Awaitable[None]],
        gone: Callable[[str], None],
        tell: Callable[[], None],
    ) -> None:
        self._kernel_manager = kernel_manager
        self._directories = directories
        self._came = came
        self._gone = gone
        self._tell = tell
        self._log: logging.Logger = kernel_manager.log
        self._kernels: dict[str, ExternalKernel] = {}
        self._locks: dict[str, FileLock] = {}
        self._welcomes: dict[str, asyncio.Task[None]] = {}
        self._silent: dict[tuple[Path, int], float] = {}
        self._watching: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look for them, again and again until `stop`."""
        self._watching = asyncio.ensure_future(self._watch())

    async def stop(self) -> None:
        """Look no more, and let go of all; they live on."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        for kernel_id in list(self._kernels):
            self._let_go(kernel_id)

    async def look(self) -> None:
        """Take in those that have come, and let go of those that have died."""
        for kernel_id, kernel in list(self._kernels.items()):
            if kernel_id not in self._kernel_manager or not await kernel.is_alive():
                self._let_go(kernel_id)
        files = await asyncio.to_thread(lambda: list(find_connection_files(self._directories)))
        await asyncio.gather(*(self._try(file) for file in files if file.kernel_id not in self._kernel_manager))

    async def _watch(self) -> None:
        while True:
            try:
                await self.look()
            except Exception:  # noqa: BLE001 - the next look may find what this one could not read
                self._log.exception("Kernels that were started elsewhere could not be looked for.")
            await asyncio.sleep(_LOOK_SECONDS)

    async def _try(self, file: ConnectionFile) -> None:
        now, known = asyncio.get_running_loop().time(), (file.path, file.info["control_port"])
        if self._silent.get(known, now) > now or not self._lock(file):
            return
        lives = False
        try:
            kernel = ExternalKernel(
                file, parent=self._kernel_manager, log=self._log, context=self._kernel_manager.context
            )
            lives = await kernel.is_alive()
            said = await ask_who(kernel) if lives else None
            if said is not None:
                kernel.introduce(said)
                await self._take_in(kernel)
        except Exception as error:  # noqa: BLE001 - anybody may have written the file, and answer there
            self._log.debug("%s leads to no kernel: %s", file.path, error)
        if file.kernel_id not in self._kernels:
            self._unlock(file.kernel_id)
            if not lives:  # else it may only be slow
                self._silent[known] = now + min(file.age, _SILENT_SECONDS)

    async def _take_in(self, kernel: ExternalKernel) -> None:
        kernel_id = kernel.file.kernel_id
        was_busy = kernel.execution_state == "busy"
        self._kernel_manager._kernels[kernel_id] = kernel  # noqa: SLF001 - Jupyter has no other way in for one that runs
        await self._kernel_manager._finish_kernel_start(kernel_id)  # noqa: SLF001 - what it does for its own: hears what they do
        self._kernels[kernel_id] = kernel
        self._log.info("The kernel %s was started elsewhere (%s); hosts reach it, too.", kernel_id, kernel.file.path)
        self._welcomes[kernel_id] = asyncio.ensure_future(self._welcome(kernel, was_busy=was_busy))

    async def _welcome(self, kernel: ExternalKernel, *, was_busy: bool) -> None:
        first = [self._came(kernel.file.kernel_id), self._find_opened(kernel)]
        first += [_note_when_free(kernel)] if was_busy else []
        await asyncio.gather(*first, return_exceptions=True)

    async def _find_opened(self, kernel: ExternalKernel) -> None:
        """Find out which notebook a kernel is for, as soon as its editor has said so."""
        for _ in range(_ASKED if kernel.kernel_spec.language == "python" else 0):
            kernel.opened = await find_opened(kernel)
            if kernel.opened is not None:
                self._tell()
                break
            await asyncio.sleep(_LOOK_SECONDS)

    def _let_go(self, kernel_id: str) -> None:
        kernel = self._kernels.pop(kernel_id)
        self._welcomes.pop(kernel_id).cancel()
        kernel.execution_state = "dead"  # for those who follow it
        if kernel_id in self._kernel_manager:
            self._kernel_manager.stop_watching_activity(kernel_id)
            self._kernel_manager.remove_kernel(kernel_id)
        self._unlock(kernel_id)
        self._gone(kernel_id)

    def _lock(self, file: ConnectionFile) -> bool:
        """Have a kernel for this Jupyter server alone; False if another one has it."""
        lock = FileLock(make_private_directory(kernels_directory(file.path.parent)) / f"{file.kernel_id}.lock")
        try:
            lock.acquire(timeout=0)
        except (Timeout, OSError):
            return False
        self._locks[file.kernel_id] = lock
        return True

    def _unlock(self, kernel_id: str) -> None:
        lock = self._locks.pop(kernel_id)
        lock.release()
        Path(lock.lock_file).unlink(missing_ok=True)


async def _note_when_free(kernel: ExternalKernel) -> None:
    """Say that a kernel is idle, if Jupyter began to listen to it too late to hear that."""
    heard = asyncio.Event()

    def hear(*_: object) -> None:
        heard.set()

    kernel.observe(hear, "execution_state")
    await wait_until_free(kernel)
    kernel.unobserve(hear, "execution_state")
    if not heard.is_set():
        kernel.execution_state = "idle"
