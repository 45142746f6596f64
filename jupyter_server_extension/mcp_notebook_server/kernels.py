"""The running kernels: which, in what state, for which notebook, and which of them a host token may see.

Knows Jupyter's kernel and session managers. Refuses to know what is inside a kernel (`agent`) and MCP.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self, cast

from mcp_notebook_server.binding import Binding
from mcp_notebook_server.errors import AmbiguousKernel, BoundKernelGone, UnknownKernel

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from jupyter_server.services.kernels.kernelmanager import MappingKernelManager
    from jupyter_server.services.sessions.sessionmanager import SessionManager

    from mcp_notebook_server.access.tokens import HostToken

__all__ = ["KernelState", "RunningKernel", "RunningKernels", "choose_kernel"]

KernelState = Literal["starting", "idle", "busy", "dead"]

_EVERYTHING = Binding()

_STATES: dict[str, KernelState] = {
    "starting": "starting",
    "restarting": "starting",
    "autorestarting": "starting",
    "idle": "idle",
    "busy": "busy",
}


@dataclass(frozen=True)
class RunningKernel:
    """One kernel as Jupyter knows it.

    Attributes:
        id: Jupyter's id.
        name: of its kernel specification, such as `python3`.
        language: as the kernel specification writes it, such as `python`.
        notebook: path of the notebook it runs for; None for consoles and others.
        state: as last heard.
        last_activity: time of the last activity that counts for culling.
        external: by what one is known that this Jupyter server did not start, such as the file that an editor has open
            in it; None for all others.
    """

    id: str
    name: str
    language: str
    notebook: str | None
    state: KernelState
    last_activity: datetime
    external: str | None = None


class RunningKernels:
    """The kernels of this Jupyter server.

    Args:
        kernel_manager: Jupyter's.
        session_manager: Jupyter's; it knows which notebook a kernel is for.
        binding: which of them there are, as seen from one address.
    """

    def __init__(
        self, kernel_manager: MappingKernelManager, session_manager: SessionManager, binding: Binding = _EVERYTHING
    ) -> None:
        self._kernel_manager = kernel_manager
        self._session_manager = session_manager
        self._binding = binding

    @property
    def binding(self) -> Binding:
        """The address from which they are seen."""
        return self._binding

    def within(self, binding: Binding) -> Self:
        """Return the kernels as seen from one address."""
        return type(self)(self._kernel_manager, self._session_manager, binding)

    async def list(self, token: HostToken) -> list[RunningKernel]:
        """Return the kernels that `token` may see."""
        return [kernel for kernel in await self.list_all() if self._reaches(kernel) and _may_see(token, kernel)]

    async def list_all(self) -> list[RunningKernel]:
        """Return all kernels, for the person."""
        notebooks = await self._notebooks()
        return [self._describe(kernel_id, notebooks.get(kernel_id)) for kernel_id in self._ids()]

    async def get_id(self, kernel: str, token: HostToken) -> str:
        """Return the id of the kernel that a host calls `kernel`.

        Args:
            kernel: an id, an unambiguous beginning of one, or the path of a notebook.
            token: the host's; kernels it may not see do not exist.

        Raises:
            UnknownKernel: if there is none.
            AmbiguousKernel: if there are several.
            BoundKernelGone: if the address stands for one that does not run.
        """
        binding = self._binding
        bound_elsewhere = token.is_bound or (binding.values and kernel != binding.kernel)
        if not bound_elsewhere and kernel in self._kernel_manager:  # the usual case, without asking for sessions
            return kernel
        running = await self.list(token)
        if not running and binding.values:
            raise BoundKernelGone(binding.kernel, binding.notebook)
        return choose_kernel(kernel, running).id

    async def get(self, kernel: str, token: HostToken) -> RunningKernel:
        """Return what is known of the kernel that a host calls `kernel`; arguments and errors as `get_id`."""
        kernel_id = await self.get_id(kernel, token)
        return choose_kernel(kernel_id, await self.list(token))

    def is_running(self, kernel_id: str) -> bool:
        """Whether there is a kernel of that id, for whomever."""
        return kernel_id in self._kernel_manager

    def _reaches(self, kernel: RunningKernel) -> bool:
        return self._binding.includes(kernel.id, kernel.notebook)

    def _ids(self) -> Sequence[str]:
        return list(self._kernel_manager.list_kernel_ids())

    async def _notebooks(self) -> dict[str, str]:
        sessions = cast("Iterable[dict[str, Any]]", await self._session_manager.list_sessions())
        return {
            session["kernel"]["id"]: session["path"]
            for session in sessions
            if session["type"] == "notebook" and session["kernel"] is not None
        }

    def _describe(self, kernel_id: str, notebook: str | None) -> RunningKernel:
        kernel: Any = self._kernel_manager.get_kernel(kernel_id)
        specification = kernel.kernel_spec
        return RunningKernel(
            id=kernel_id,
            name=kernel.kernel_name,
            language=specification.language.lower() if specification is not None else "",
            notebook=notebook,
            state=_STATES.get(kernel.execution_state, "dead"),
            last_activity=kernel.last_activity,
            external=getattr(kernel, "external_name", None),
        )


def choose_kernel(kernel: str, running: Sequence[RunningKernel]) -> RunningKernel:
    """Return the one of `running` that `kernel` means: an id, the beginning of one, or a notebook's path.

    One that this Jupyter server did not start goes by its `external` name, too.

    Raises:
        UnknownKernel: if it means none.
        AmbiguousKernel: if it means several.
    """
    wanted = kernel.strip().strip("/")
    exact = [each for each in running if wanted in (each.id, each.notebook, (each.external or "").strip("/") or None)]
    found = exact or [each for each in running if wanted and each.id.startswith(wanted)]
    if not found:
        raise UnknownKernel(kernel, [_call(each) for each in running])
    if len(found) > 1:
        raise AmbiguousKernel(kernel, [each.id for each in found])
    return found[0]


def _call(kernel: RunningKernel) -> str:
    name = kernel.notebook or kernel.external
    return f"{kernel.id} ({name})" if name else kernel.id


def _may_see(token: HostToken, kernel: RunningKernel) -> bool:
    return not token.is_bound or kernel.id in token.kernels or kernel.notebook in token.notebooks
