"""Starting, interrupting, restarting and ending kernels, as the person's front end does it.

Knows Jupyter's managers of kernels, sessions and contents. Refuses to know who may do that (`access`).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from jupyter_core.utils import ensure_async
from tornado.web import HTTPError

from mcp_notebook_server.errors import KernelDied, KernelNotOwned, ServerError, UnknownNotebook
from mcp_notebook_server.liveness import take_as_starting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["KernelLifecycle", "KernelOutOfBounds", "Kernelspec", "NotebookHasKernel", "UnknownKernelspec"]

_SETTLE_SECONDS = 5.0


@dataclass(eq=False)
class UnknownKernelspec(ServerError):
    """There is no such kind of kernel.

    Attributes:
        name: what the host asked for.
        known: the names there are.
    """

    name: str
    known: Sequence[str]

    def __str__(self) -> str:
        return f"There is no kernelspec {self.name!r}. There are: {', '.join(self.known)}."


@dataclass(eq=False)
class NotebookHasKernel(ServerError):
    """A kernel is wanted for a notebook that has one.

    Attributes:
        notebook: its path.
        kernel_id: the one it has.
    """

    notebook: str
    kernel_id: str

    def __str__(self) -> str:
        return (
            f"The notebook {self.notebook!r} has the kernel {self.kernel_id}. Use that one, or have it restarted with "
            "restart_kernel."
        )


@dataclass(eq=False)
class KernelOutOfBounds(ServerError):
    """A token that is bound to some kernels or notebooks would start a kernel for something else.

    Attributes:
        token: its name.
        notebooks: paths of those for which it may.
    """

    token: str
    notebooks: Sequence[str]

    def __str__(self) -> str:
        where = f"only for {', '.join(self.notebooks)}: give `notebook`" if self.notebooks else "for nothing"
        return f"The host token {self.token!r} is bound, and may start a kernel {where}."


@dataclass(frozen=True)
class Kernelspec:
    """A kind of kernel that can be started."""

    name: str
    display_name: str
    language: str


class KernelLifecycle:
    """What a host may have done to kernels.

    Args:
        kernel_manager: Jupyter's manager of all kernels.
        session_manager: Jupyter's; a session is what shows a front end that a notebook has a kernel.
        contents_manager: Jupyter's.
    """

    def __init__(self, kernel_manager: Any, session_manager: Any, contents_manager: Any) -> None:
        self._kernel_manager = kernel_manager
        self._session_manager = session_manager
        self._contents_manager = contents_manager

    async def list_kernelspecs(self) -> list[Kernelspec]:
        """Return what can be started."""
        found = await ensure_async(self._kernel_manager.kernel_spec_manager.get_all_specs())
        specs = cast("Mapping[str, Any]", found)
        return [
            Kernelspec(name, each["spec"]["display_name"], each["spec"]["language"])
            for name, each in sorted(specs.items())
        ]

    async def start(self, name: str | None, notebook: str | None) -> str:
        """Start a kernel and return its id.

        Args:
            name: of its kernelspec; None for the notebook's own, or Jupyter's default.
            notebook: path of the notebook that it is for; None for none.

        Raises:
            UnknownKernelspec: there is none of that name.
            UnknownNotebook: there is no such notebook.
            NotebookHasKernel: it has a kernel.
        """
        if notebook is not None:
            name = name or await self._find_own_kernelspec(notebook)
        known = [spec.name for spec in await self.list_kernelspecs()]
        chosen = name or str(self._kernel_manager.default_kernel_name)
        if chosen not in known:
            raise UnknownKernelspec(chosen, known)
        if notebook is None:
            return await ensure_async(self._kernel_manager.start_kernel(kernel_name=chosen))
        session = await ensure_async(
            self._session_manager.create_session(
                path=notebook, name=notebook.rpartition("/")[2], type="notebook", kernel_name=chosen
            )
        )
        return session["kernel"]["id"]

    async def interrupt(self, kernel_id: str) -> str:
        """Interrupt whatever a kernel runs; return the state it is in then."""
        self._check(kernel_id)
        await ensure_async(self._kernel_manager.interrupt_kernel(kernel_id))
        return self._state_of(kernel_id)

    async def restart(self, kernel_id: str) -> str:
        """Restart a kernel, which forgets all variables; return the state it is in then.

        Raises:
            KernelNotOwned: as `check_owned`.
        """
        self.check_owned(kernel_id, "restart")
        await ensure_async(self._kernel_manager.restart_kernel(kernel_id))
        take_as_starting(self._kernel_manager.get_kernel(kernel_id))
        await self._wait_until_idle(kernel_id)
        return self._state_of(kernel_id)

    async def _wait_until_idle(self, kernel_id: str) -> None:
        """Wait until Jupyter has heard that a kernel is done with what it was asked at its start.

        Else the next call of the host would find it busy.
        """
        kernel, settled = self._kernel_manager.get_kernel(kernel_id), asyncio.Event()

        def hear(*_: object) -> None:
            if self._state_of(kernel_id) in ("idle", "dead"):
                settled.set()

        kernel.observe(hear, "execution_state")
        try:
            hear()
            await asyncio.wait_for(settled.wait(), _SETTLE_SECONDS)
        except TimeoutError:
            pass  # its next caller is told that it is busy
        finally:
            kernel.unobserve(hear, "execution_state")

    async def shut_down(self, kernel_id: str) -> str:
        """End a kernel, and its session if it has one; return "dead".

        Raises:
            KernelNotOwned: as `check_owned`.
        """
        self.check_owned(kernel_id, "end")
        sessions = cast("Sequence[Mapping[str, Any]]", await ensure_async(self._session_manager.list_sessions()))
        its = [each["id"] for each in sessions if each["kernel"] is not None and each["kernel"]["id"] == kernel_id]
        if its:
            await ensure_async(self._session_manager.delete_session(its[0]))
        if kernel_id in self._kernel_manager:
            await ensure_async(self._kernel_manager.shutdown_kernel(kernel_id))
        return "dead"

    async def _find_own_kernelspec(self, notebook: str) -> str | None:
        """Return the kernelspec that a notebook is saved with.

        Raises:
            UnknownNotebook: there is no such notebook.
            NotebookHasKernel: it has a kernel.
        """
        try:
            model = cast("Mapping[str, Any]", await ensure_async(self._contents_manager.get(notebook, type="notebook")))
        except HTTPError:
            raise UnknownNotebook(notebook) from None
        sessions = cast("Sequence[Mapping[str, Any]]", await ensure_async(self._session_manager.list_sessions()))
        for session in sessions:
            if session["path"] == notebook and session["kernel"] is not None:
                raise NotebookHasKernel(notebook, session["kernel"]["id"])
        return model["content"].get("metadata", {}).get("kernelspec", {}).get("name")

    def check_owned(self, kernel_id: str, verb: str) -> None:
        """Check that a kernel is Jupyter's to restart or end.

        Raises:
            KernelNotOwned: somebody else has started it.
        """
        self._check(kernel_id)
        name = getattr(self._kernel_manager.get_kernel(kernel_id), "external_name", None)
        if name is not None:
            raise KernelNotOwned(kernel_id, name, verb)

    def _check(self, kernel_id: str) -> None:
        if kernel_id not in self._kernel_manager:
            raise KernelDied(kernel_id)

    def _state_of(self, kernel_id: str) -> str:
        return (
            self._kernel_manager.get_kernel(kernel_id).execution_state if kernel_id in self._kernel_manager else "dead"
        )
