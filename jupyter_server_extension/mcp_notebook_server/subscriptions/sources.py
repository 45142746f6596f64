"""What Jupyter says by itself of kernels and notebooks, as topics.

Knows what Jupyter's kernel managers and its events say, and listens only once somebody follows. Refuses to know who
follows what. Nothing is asked again and again: a file that is changed past Jupyter's contents manager is not noticed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from mcp_notebook_server.subscriptions.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from jupyter_events import EventLogger

__all__ = ["Sources"]

_KERNEL_ACTIONS = "https://events.jupyter.org/jupyter_server/kernel_actions/v1"
_CONTENTS = "https://events.jupyter.org/jupyter_server/contents_service/v1"
_COLLABORATION = "https://schema.jupyter.org/jupyter_collaboration/session/v1"
_CHANGING = ("save", "upload", "rename", "delete", "create", "copy")


class Sources:
    """Listens for those who follow; belongs to the Jupyter server's event loop.

    Args:
        kernel_manager: Jupyter's.
        events: Jupyter's.
        tell: is told of each kernel whose state changed.
        change: is told of the path of each file that changed, and of each directory that went away.
        share: is told of the path of each notebook that somebody has begun to share live.
    """

    def __init__(
        self,
        kernel_manager: Any,
        events: EventLogger,
        tell: Callable[[Topic], None],
        change: Callable[[str], None],
        share: Callable[[str], Awaitable[None]],
    ) -> None:
        self._kernel_manager = kernel_manager
        self._events = events
        self._tell = tell
        self._change = change
        self._share = share
        self._heard_kernels: WeakSet[Any] = WeakSet()
        self._listeners: dict[str, Callable[..., Any]] = {}

    def listen_to_kernel(self, kernel_id: str) -> None:
        """Hear of the state of a kernel from now on: what Jupyter hears of it, and its end."""
        self._listen(_KERNEL_ACTIONS, self._hear_action)
        kernel = self._kernel_manager.get_kernel(kernel_id)
        if kernel in self._heard_kernels:
            return
        self._heard_kernels.add(kernel)

        def hear(*_: object) -> None:
            self._tell(Topic(kernel=kernel_id))

        kernel.observe(hear, "execution_state")
        kernel.add_restart_callback(hear, "dead")

    def listen_to_notebooks(self) -> None:
        """Hear of the saving, renaming and deleting of notebooks from now on."""
        self._listen(_CONTENTS, self._hear_contents)
        self._listen(_COLLABORATION, self._hear_collaboration)

    def close(self) -> None:
        """Listen no longer."""
        for schema, listener in self._listeners.items():
            self._events.remove_listener(schema_id=schema, listener=listener)
        self._listeners.clear()

    def _listen(self, schema: str, listener: Callable[..., Any]) -> None:
        # What nobody has registered is not there, such as jupyter-collaboration, and could not be left again.
        if schema not in self._listeners and schema in self._events.schemas:
            self._listeners[schema] = listener
            self._events.add_listener(schema_id=schema, listener=listener)

    async def _hear_action(self, logger: object, schema_id: str, data: Mapping[str, Any]) -> None:  # noqa: ARG002 - jupyter_events calls listeners by these names
        kernel_id = data.get("kernel_id")
        if kernel_id:
            self._tell(Topic(kernel=kernel_id))

    async def _hear_contents(self, logger: object, schema_id: str, data: Mapping[str, Any]) -> None:  # noqa: ARG002 - as above
        if data["action"] in _CHANGING:
            for path in (data["path"], data.get("source_path")):
                if path:
                    self._change(path.strip("/"))

    async def _hear_collaboration(self, logger: object, schema_id: str, data: Mapping[str, Any]) -> None:  # noqa: ARG002 - as above
        if data.get("action") == "initialize":
            await self._share(data["path"].strip("/"))
