"""The sessions of this notebook, by name, and which of them owns a tool.

Knows names. Refuses to know words (`magics`) and wires (`session`).
"""

from __future__ import annotations

import atexit
from typing import TYPE_CHECKING, Any, cast

from mcp_notebook.config import HTTPServer, InProcessServer, StdioServer, is_server_object, read_definition
from mcp_notebook.errors import AmbiguousTool, UnknownServer, UnknownTool
from mcp_notebook.loop import find_loop
from mcp_notebook.session import Session, aopen_session, open_session
from mcp_notebook.wire import WireLog

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mcp.server import MCPServer, Server
    from mcp_types import Tool

    from mcp_notebook.config import Era, ServerDefinition

    ServerObject = MCPServer[Any] | Server[Any]

__all__ = ["Host", "aconnect", "close_host", "connect", "get_host"]

_MAX_CLOSED_LOGS = 20


class Host:
    """The sessions of this notebook."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}
        self._logs: dict[str, WireLog] = {}

    @property
    def sessions(self) -> Mapping[str, Session]:
        """All sessions by name, in the order in which they were first connected; lost ones too."""
        return self._sessions

    @property
    def logs(self) -> Mapping[str, WireLog]:
        """The wire log of each name's last connection, also of those that did not come about or are closed."""
        return self._logs

    def _new_log(self, name: str) -> WireLog:
        self._logs.pop(name, None)
        closed = [old for old in self._logs if old not in self._sessions]
        for old in closed[: max(0, len(closed) - _MAX_CLOSED_LOGS)]:
            del self._logs[old]
        self._logs[name] = WireLog(name)
        return self._logs[name]

    def get(self, name: str) -> Session:
        """Give a session by its name.

        Raises:
            UnknownServer: there is none.
        """
        if name not in self._sessions:
            raise UnknownServer(name, self._sessions)
        return self._sessions[name]

    def connect(self, name: str, definition: ServerDefinition) -> Session:
        """Connect under a name; a session that has it is closed first, so that a cell can be run again.

        Raises:
            ConnectFailed: it did not come about.
            VariableUnset: the definition names a variable that is not there.
        """
        if name in self._sessions:
            self._sessions.pop(name).close()
        session = open_session(name, definition, self._new_log(name))
        self._sessions[name] = session
        return session

    async def aconnect(self, name: str, definition: ServerDefinition) -> Session:
        """Connect as `connect` does, from a coroutine."""
        if name in self._sessions:
            await self._sessions.pop(name).aclose()
        session = await aopen_session(name, definition, self._new_log(name))
        self._sessions[name] = session
        return session

    def disconnect(self, name: str) -> None:
        """Close a session and forget it.

        Raises:
            UnknownServer: there is none.
        """
        self.get(name).close()
        del self._sessions[name]

    def find_owners(self, tool: str) -> list[tuple[Session, Tool]]:
        """Find every open session's tool of this name: `tool`, or `server.tool`."""
        owners: list[tuple[Session, Tool]] = []
        for name, session in self._sessions.items():
            if session.state != "open":
                continue
            rest = tool.removeprefix(f"{name}.")
            found = session.tools.find(tool) or (session.tools.find(rest) if rest != tool else None)
            if found is not None:
                owners.append((session, found))
        return owners

    def get_owner(self, tool: str) -> tuple[Session, Tool]:
        """Give the one session that has a tool, and the tool.

        Args:
            tool: `tool`, or `server.tool` where several servers have it.

        Raises:
            UnknownTool: none has it, asked again just now.
            AmbiguousTool: several have it.
        """
        owners = self.find_owners(tool)
        if not owners:
            self._ask_again(tool)
            owners = self.find_owners(tool)
        if not owners:
            names = [f"{session.name}.{name}" for session in self._sessions.values() for name in session.tools.names]
            raise UnknownTool(tool, names)
        if len(owners) > 1:
            raise AmbiguousTool(tool, [session.name for session, _ in owners])
        return owners[0]

    def _ask_again(self, tool: str) -> None:
        """Ask the servers for their tools anew; the one that `server.tool` names must be there."""
        for name, session in self._sessions.items():
            if session.state == "open" or tool.startswith(f"{name}."):
                session.list_tools()

    def close(self) -> None:
        """Close all sessions."""
        while self._sessions:
            _, session = self._sessions.popitem()
            session.close()


_host = Host()


def get_host() -> Host:
    """Give the sessions of this notebook."""
    return _host


def close_host() -> None:
    """Close all sessions and end the loop thread: the one place that stops what this package starts."""
    _host.close()
    loop = find_loop()
    if loop is not None:
        loop.stop()


# A kernel that is killed instead takes its servers along too: they see the end of their input.
atexit.register(close_host)


def connect(
    name: str,
    server: str | Sequence[str] | ServerDefinition | ServerObject,
    /,
    *,
    headers: Mapping[str, str] | None = None,
    env: Mapping[str, str] | None = None,
    era: Era = "auto",
) -> Session:
    """Connect this notebook to an MCP server.

    Args:
        name: what to call the connection; one that has the name is closed first.
        server: a URL, a command as one line or as a list of words, a server object of the SDK, or a definition.
        headers: for a URL; values may hold `${VAR}`.
        env: variables for a command's process; values may hold `${VAR}`.
        era: which protocol to speak; "auto" asks the server.

    Raises:
        ConnectFailed: it did not come about.
        ValueError: the server cannot be read.
        VariableUnset: a value names a variable that the environment does not have.
    """
    return _host.connect(name, _definition(server, headers, env, era))


async def aconnect(
    name: str,
    server: str | Sequence[str] | ServerDefinition | ServerObject,
    /,
    *,
    headers: Mapping[str, str] | None = None,
    env: Mapping[str, str] | None = None,
    era: Era = "auto",
) -> Session:
    """Connect as `connect` does, from a coroutine."""
    return await _host.aconnect(name, _definition(server, headers, env, era))


def _definition(
    server: str | Sequence[str] | ServerDefinition | ServerObject,
    headers: Mapping[str, str] | None,
    env: Mapping[str, str] | None,
    era: Era,
) -> ServerDefinition:
    if isinstance(server, StdioServer | HTTPServer | InProcessServer):
        return server
    if is_server_object(server):
        return InProcessServer(server, era)
    return read_definition(cast("str | Sequence[str]", server), headers=headers, env=env, era=era)
