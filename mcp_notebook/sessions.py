"""The sessions of a notebook, by name: which can be used, and which of them has a tool, a prompt or a resource.

Knows names. Refuses to know how a session comes about and ends (`host`).
"""

from __future__ import annotations

from operator import attrgetter, methodcaller
from typing import TYPE_CHECKING, Protocol, TypeVar

from mcp_notebook.errors import (
    AmbiguousPrompt,
    AmbiguousResource,
    AmbiguousTool,
    HostError,
    UnknownPrompt,
    UnknownResource,
    UnknownServer,
    UnknownTool,
)
from mcp_notebook.errors.base import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mcp_types import Prompt, Tool

    from mcp_notebook.session import Session

__all__ = ["Sessions"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class _Listed(Protocol[T_co]):
    """What a server lists of one kind."""

    @property
    def names(self) -> Sequence[str]: ...
    def find(self, name: str) -> T_co | None: ...


class Sessions:
    """The sessions of a notebook."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}

    @property
    def sessions(self) -> Mapping[str, Session]:
        """All sessions by name, in the order in which they were first connected; lost ones too."""
        return self._sessions

    def get(self, name: str) -> Session:
        """Give a session by its name.

        Raises:
            UnknownServer: there is none.
        """
        if name not in self._sessions:
            raise UnknownServer(name, [one.name for one in self.open_sessions], self.gone)
        return self._sessions[name]

    @property
    def open_sessions(self) -> list[Session]:
        """The sessions that can be used."""
        return [session for session in self._sessions.values() if session.state == "open"]

    @property
    def gone(self) -> dict[str, str]:
        """The states of the sessions that cannot be used, by name: a person should hear why something is missing."""
        return {name: session.state for name, session in self._sessions.items() if session.state != "open"}

    def get_owner(self, tool: str) -> tuple[Session, Tool]:
        """Give the one session that has a tool, and the tool.

        Args:
            tool: `tool`, or `server.tool` where several servers have it.

        Raises:
            UnknownTool: none has it, asked again just now.
            AmbiguousTool: several have it.
        """
        listed, ask = attrgetter("tools"), methodcaller("list_tools")
        return self._get_owner(tool, listed, ask, UnknownTool, AmbiguousTool)

    def get_prompt_owner(self, prompt: str) -> tuple[Session, Prompt]:
        """Give the one session that has a prompt, and the prompt, as `get_owner` does for tools.

        Raises:
            UnknownPrompt: none has it, asked again just now.
            AmbiguousPrompt: several have it.
        """
        listed, ask = attrgetter("prompts"), methodcaller("list_prompts")
        return self._get_owner(prompt, listed, ask, UnknownPrompt, AmbiguousPrompt)

    def _get_owner(
        self,
        name: str,
        listed: Callable[[Session], _Listed[T]],
        ask: Callable[[Session], _Listed[T]],
        unknown: Callable[[str, Sequence[str], str | None, Mapping[str, str]], HostError],
        ambiguous: Callable[[str, Sequence[str]], HostError],
    ) -> tuple[Session, T]:
        owners = _find_owners(name, self.open_sessions, listed)
        if not owners:
            # The one that `server.name` names must be there: else it says why not.
            asked = [one for one in self._sessions.values() if one.state == "open" or name.startswith(f"{one.name}.")]
            owners = _find_owners(name, asked, ask)
        if not owners:
            raise self._why_unowned(name, listed, unknown)
        if len(owners) > 1:
            raise ambiguous(name, [session.name for session, _ in owners])
        return owners[0]

    def _why_unowned(
        self,
        name: str,
        listed: Callable[[Session], _Listed[T]],
        unknown: Callable[[str, Sequence[str], str | None, Mapping[str, str]], HostError],
    ) -> HostError:
        """Say why nothing has a name: `server.name` is first of all about that server."""
        server, dot, rest = name.partition(".")
        if dot and server in self._sessions:
            return unknown(rest, listed(self._sessions[server]).names, server, {})
        known = [f"{one.name}.{known}" for one in self.open_sessions for known in listed(one).names]
        if dot and not did_you_mean(name, known):
            return UnknownServer(server, [one.name for one in self.open_sessions], self.gone)
        return unknown(name, known, None, self.gone)

    def get_reader(self, uri: str) -> Session:
        """Give the one session that has a resource, or a template of it; the only open session may have any.

        Raises:
            UnknownResource: none has it, or nothing is connected.
            AmbiguousResource: several have it.
            CallFailed: none has it of those that say what they have, and one cannot say so.
        """
        sessions = self.open_sessions
        if len(sessions) == 1:
            return sessions[0]
        owners = [one for one in sessions if _has_resource(one, uri)]
        if not owners:
            known = [name for one in sessions for name in (*one.resources.names, *one.templates.names)]
            raise UnknownResource(uri, dict.fromkeys(known), None, self.gone)
        if len(owners) > 1:
            raise AmbiguousResource(uri, [session.name for session in owners])
        return owners[0]


def _find_owners(
    name: str, sessions: Iterable[Session], listed: Callable[[Session], _Listed[T]]
) -> list[tuple[Session, T]]:
    """Find who has a name; a session that cannot say what it has is in the way only where the name begins with its."""
    owners: list[tuple[Session, T]] = []
    for session in sessions:
        rest = name.removeprefix(f"{session.name}.")
        try:
            items = listed(session)
            found = items.find(name) or (items.find(rest) if rest != name else None)
        except HostError:
            if rest != name:
                raise
            continue
        if found is not None:
            owners.append((session, found))
    return owners


def _has_resource(session: Session, uri: str) -> bool:
    """Say whether a session has a resource, or a template of it; one that cannot say what it has is not in the way."""
    try:
        return bool(session.resources.find(uri) or session.templates.find_match(uri))
    except HostError:
        return False
