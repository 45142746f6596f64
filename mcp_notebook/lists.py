"""What one server lists: its tools, resources, templates and prompts.

Knows when a list must be asked for: where there is none yet, and where the server said that it changed. Refuses to know
how a server is asked (`connection`), and what is done with what it lists (`session`).
"""

from __future__ import annotations

import asyncio
import queue
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from mcp_notebook.errors import Disconnected
from mcp_notebook.prompts import Prompts
from mcp_notebook.resources import Resources, Templates
from mcp_notebook.tools import Tools

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from mcp_types import Tool

    from mcp_notebook.connection import Connection
    from mcp_notebook.loop import Inbox, Loop
    from mcp_notebook.offers import Kind
    from mcp_notebook.signatures import Call

__all__ = ["Lists"]

T = TypeVar("T")

_CATALOGS: dict[Kind, Callable[[Sequence[Any]], Any]] = {
    "tools": tuple,  # `Tools` stays the same while its definitions change
    "resources": Resources,
    "templates": Templates,
    "prompts": Prompts,
}


class Lists:
    """The lists of one server, and the way to it.

    Args:
        name: the connection's.
        loop: owns the connection.
        connection: to the server.
        call: calls a tool.

    Attributes:
        name: what this notebook calls the connection.
        tools: the server's tools.
    """

    def __init__(self, name: str, loop: Loop, connection: Connection, call: Call) -> None:
        self.name = name
        self._loop = loop
        self._connection = connection
        self._listed: dict[Kind, Any] = {}
        # No property: Jedi, which completes session.tools.<Tab>, looks at attributes and does not run properties.
        self.tools = Tools(name, call, current=self._current_tools, known=self._known_tools)

    def _current_tools(self) -> tuple[Tool, ...]:
        return self._current("tools")

    def _known_tools(self) -> tuple[Tool, ...]:
        return self._listed.get("tools", ())

    def list_tools(self) -> Tools:
        """Ask the server for its tools now.

        Raises:
            CallFailed: it did not answer.
        """
        self._list("tools")
        return self.tools

    async def alist_tools(self) -> Tools:
        """Ask for the tools as `list_tools` does, from a coroutine."""
        await self._alist("tools")
        return self.tools

    @property
    def resources(self) -> Resources:
        """The server's resources, asked for as `tools` are."""
        return self._current("resources")

    def list_resources(self) -> Resources:
        """Ask the server for its resources now, as `list_tools` does for tools."""
        return self._list("resources")

    async def alist_resources(self) -> Resources:
        """Ask for the resources as `list_resources` does, from a coroutine."""
        return await self._alist("resources")

    @property
    def templates(self) -> Templates:
        """The server's resource templates, asked for as `tools` are."""
        return self._current("templates")

    def list_templates(self) -> Templates:
        """Ask the server for its resource templates now, as `list_tools` does for tools."""
        return self._list("templates")

    async def alist_templates(self) -> Templates:
        """Ask for the templates as `list_templates` does, from a coroutine."""
        return await self._alist("templates")

    @property
    def prompts(self) -> Prompts:
        """The server's prompts, asked for as `tools` are."""
        return self._current("prompts")

    def list_prompts(self) -> Prompts:
        """Ask the server for its prompts now, as `list_tools` does for tools."""
        return self._list("prompts")

    async def alist_prompts(self) -> Prompts:
        """Ask for the prompts as `list_prompts` does, from a coroutine."""
        return await self._alist("prompts")

    @property
    def connection(self) -> Connection:
        """The connection, for what runs on the loop thread itself."""
        return self._connection

    async def list_here(self, kind: Kind, *, anew: bool = False) -> Sequence[Any]:
        """Give a list as `tools` and the others do, for what runs on the loop thread itself.

        Args:
            kind: of list.
            anew: ask the server even if it has not said that the list changed.

        Raises:
            CallFailed: it did not answer.
        """
        if anew or self._must_ask(kind):
            self._listed[kind] = _CATALOGS[kind](await self._connection.list_all(kind))
        return self._listed[kind]

    def _must_ask(self, kind: Kind) -> bool:
        return kind not in self._listed or kind in self._connection.changed

    def _current(self, kind: Kind) -> Any:
        return self._list(kind) if self._must_ask(kind) else self._listed[kind]

    async def _acurrent(self, kind: Kind) -> Any:
        return await self._alist(kind) if self._must_ask(kind) else self._listed[kind]

    def _list(self, kind: Kind) -> Any:
        self._listed[kind] = _CATALOGS[kind](self._run(self._connection.list_all, kind))
        return self._listed[kind]

    async def _alist(self, kind: Kind) -> Any:
        self._listed[kind] = _CATALOGS[kind](await self._arun(self._connection.list_all, kind))
        return self._listed[kind]

    def _check_usable(self) -> None:
        if not self._loop.is_usable:
            raise Disconnected(self.name, "it belongs to the process that this one was forked from")
        if self._connection.failure is not None and not self._connection.may_return:
            raise self._connection.failure

    def _run(
        self,
        function: Callable[..., Coroutine[Any, Any, T]],
        *args: object,
        inbox: Inbox | None = None,
        tool: str | None = None,
    ) -> T:
        self._check_usable()
        inbox = queue.SimpleQueue() if inbox is None else inbox
        with self._connection.callers.add(inbox.put, tool, blocks=True):
            return self._loop.run(function, *args, inbox=inbox)

    async def _arun(self, function: Callable[..., Coroutine[Any, Any, T]], *args: object, tool: str | None = None) -> T:
        self._check_usable()
        post = partial(asyncio.get_running_loop().call_soon_threadsafe, context=copy_context())  # the cell's outputs
        with self._connection.callers.add(post, tool, blocks=False):
            return await asyncio.wrap_future(self._loop.submit(function, *args))
