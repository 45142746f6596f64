"""One kernel that this Jupyter server has not started, as Jupyter's manager of it.

Knows what of a manager's work is somebody else's here: the editor that started it ends and restarts it. Refuses to end
it, whoever asks: Jupyter when it stops or culls, a front end, a host.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_server.services.kernels.kernelmanager import ServerKernelManager
from jupyter_server.utils import check_pid

from mcp_notebook_server.places import kernels_directory

if TYPE_CHECKING:
    from pathlib import Path

    from mcp_notebook_server.external.contact import Introduction
    from mcp_notebook_server.external.files import ConnectionFile

__all__ = ["ExternalKernel"]

_NEVER_SECONDS = 10**9
_CONNECT_SECONDS = 2.0


class ExternalKernel(ServerKernelManager):
    """A kernel of an editor.

    Args:
        file: how it is reached.
        options: of Jupyter's manager, such as `parent`.

    Attributes:
        file: as given.
        opened: path of the notebook that it runs for, as its editor says; None if that does not say so.
        pid: of its process; None if it does not say.
    """

    def __init__(self, file: ConnectionFile, **options: Any) -> None:
        super().__init__(kernel_name=file.name, kernel_id=file.kernel_id, **options)
        self.load_connection_info(dict(file.info))  # pyright: ignore[reportArgumentType]  a TypedDict of what the file has
        self.file = file
        self.opened: str | None = None
        self.pid: int | None = None
        self.last_activity = datetime.now(UTC)
        self.ready.set_result(None)  # pyright: ignore[reportUnknownMemberType]  a future of nothing in particular
        self._spec = KernelSpec(display_name=file.name, language="", metadata={"cull_idle_timeout": _NEVER_SECONDS})

    def introduce(self, said: Introduction) -> None:
        """Take down what the kernel has said of itself."""
        self.pid = said.pid
        self.execution_state = "idle" if said.idle else "busy"
        self._spec.language = said.language

    @property
    def external_name(self) -> str:
        """By which people and hosts tell it from others."""
        return self.opened or self.file.path.name

    @property
    def own_directory(self) -> Path:
        """Where it puts what it publishes (CONTRACT, "Where things live")."""
        return kernels_directory(self.file.path.parent) / self.file.path.stem.removeprefix("kernel-")

    @property
    def kernel_spec(self) -> KernelSpec:
        """What is known of its kind: editors start kernels that no kernelspec describes."""
        return self._spec

    @property
    def owns_kernel(self) -> bool:
        """Whether Jupyter may end it."""
        return False

    async def is_alive(self) -> bool:
        """Whether its process runs; of a kernel that does not say which that is, whether it can be connected to."""
        if self.pid is not None:
            return bool(check_pid(self.pid))
        return self.transport != "tcp" or await _listens(self.ip, self.control_port)

    async def interrupt_kernel(self, *_: object, **__: object) -> None:
        """Ask it to interrupt what it runs: a signal is for its parent to send."""
        self._connect_control_socket()
        self.session.send(self._control_socket, self.session.msg("interrupt_request", content={}))

    async def shutdown_kernel(self, *_: object, **__: object) -> None:
        """Let go of it; it lives on."""
        self._close_control_socket()

    async def restart_kernel(self, *_: object, **__: object) -> None:
        """Do nothing of the kind.

        Raises:
            RuntimeError: always.
        """
        raise RuntimeError("This kernel was started elsewhere, for example by an editor. Restart it there.")


async def _listens(address: str, port: int) -> bool:
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(_CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(address, port)
            writer.close()
            return True
    return False
