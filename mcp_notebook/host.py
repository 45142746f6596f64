"""The sessions of this notebook, as they are opened, take another's place, and are closed.

Knows that a name has one session, and the log of its last connection. Refuses to know words (`magics`), wires
(`session`) and which session has what (`sessions`).
"""

from __future__ import annotations

import atexit
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from mcp_notebook.config import HTTPServer, InProcessServer, StdioServer, is_server_object, read_definition
from mcp_notebook.config_files import choose_entries, read_config
from mcp_notebook.errors import HostError, NotAllConnected
from mcp_notebook.loop import find_loop
from mcp_notebook.news import tell_news
from mcp_notebook.opening import aopen_session, open_session, open_sessions
from mcp_notebook.session import Session
from mcp_notebook.sessions import Sessions
from mcp_notebook.wire import WireLog

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mcp.server import MCPServer, Server

    from mcp_notebook.config import Era, ServerDefinition
    from mcp_notebook.opening import OnSlow

    ServerObject = MCPServer[Any] | Server[Any]

__all__ = ["Host", "aconnect", "close_host", "connect", "connect_config", "get_host"]

_MAX_CLOSED_LOGS = 20


class Host(Sessions):
    """The sessions of this notebook, and what opens and closes them."""

    def __init__(self) -> None:
        super().__init__()
        self._logs: dict[str, WireLog] = {}

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

    def connect(self, name: str, definition: ServerDefinition, on_slow: OnSlow | None = None) -> Session:
        """Connect under a name; a session that has it is closed first, so that a cell can be run again.

        Args:
            name: what to call the connection.
            definition: what to connect to.
            on_slow: called while it takes long; None if nobody is to be told.

        Raises:
            ConnectFailed: it did not come about.
            DefinitionError: the definition names a variable that is not there; nothing was closed then.
        """
        before = self._sessions.get(name)
        return self._replace(before, open_session(name, definition, self._make_room, on_slow))

    def _make_room(self, name: str) -> WireLog:
        if name in self._sessions:
            self._sessions.pop(name).close()
        return self._new_log(name)

    def _replace(self, before: Session | None, session: Session) -> Session:
        if before is not None:
            before.retire()
        self._sessions[session.name] = session
        tell_news()
        return session

    def connect_all(
        self, definitions: Mapping[str, ServerDefinition], on_slow: OnSlow | None = None
    ) -> dict[str, Session]:
        """Connect to several servers at once, each as `connect` does.

        Args:
            definitions: by name.
            on_slow: see `connect`.

        Raises:
            HostError: the only one could not be connected to.
            NotAllConnected: some of several could not; the others are.
        """
        before = dict(self._sessions)
        outcomes = open_sessions(definitions, self._make_room, on_slow)
        sessions = {name: outcome for name, outcome in outcomes.items() if isinstance(outcome, Session)}
        for name, session in sessions.items():
            self._replace(before.get(name), session)
        failures = {name: outcome for name, outcome in outcomes.items() if isinstance(outcome, HostError)}
        if failures and len(outcomes) == 1:
            raise next(iter(failures.values()))
        if failures:
            raise NotAllConnected(failures, list(sessions))
        return sessions

    def restart(self, name: str, on_slow: OnSlow | None = None) -> Session:
        """Close a session, if it is not lost already, and connect anew to the same server.

        Args:
            name: of the session.
            on_slow: see `connect`.

        Raises:
            UnknownServer: there is none.
            ConnectFailed: it did not come about.
            DefinitionError: the definition names a variable that is not there.
        """
        before = self.get(name)
        try:
            return self.connect(name, before.definition, on_slow)
        except BaseException:
            self._sessions.setdefault(name, before)  # closed, but not forgotten: it can be tried again
            tell_news()
            raise

    async def aconnect(self, name: str, definition: ServerDefinition) -> Session:
        """Connect as `connect` does, from a coroutine."""
        before = self._sessions.get(name)
        return self._replace(before, await aopen_session(name, definition, self._amake_room))

    async def _amake_room(self, name: str) -> WireLog:
        if name in self._sessions:
            await self._sessions.pop(name).aclose()
        return self._new_log(name)

    def disconnect(self, name: str) -> None:
        """Close a session and forget it.

        Raises:
            UnknownServer: there is none.
        """
        self.get(name).forget()
        del self._sessions[name]
        tell_news()

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
        DefinitionError: a value names a variable that the environment does not have.
    """
    return _host.connect(name, _definition(server, headers, env, era))


def connect_config(path: str | Path | None = None, /, *names: str) -> dict[str, Session]:
    """Connect to servers of a configuration file, such as `mcp.json`.

    Args:
        path: the file; a project's folder, in which the usual files are looked for; None for the current project and
            then your own settings.
        *names: which servers of it; none for all that are not disabled there.

    Returns:
        The sessions by name.

    Raises:
        ConfigNotFound: there is no file.
        ConfigInvalid: the file cannot be used.
        NotInConfig: the file has no server of such a name.
        NotAllConnected: some of several servers could not be connected to; the others are.
        HostError: the only one could not be connected to.
    """
    entries, where = read_config(None if path is None else Path(path).expanduser())
    chosen = choose_entries(entries, names, where)
    return _host.connect_all({entry.name: entry.get_definition() for entry in chosen})


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
