"""The tools of the connected servers, as one model chooses among them; which of them it does not get, and why.

Knows that a definition is text that a model reads: one that has changed since the person approved it, or that a rule of
`defences` finds something in, is shown to the person before any model reads it. Belongs on the loop thread.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mcp_notebook.approval.question import Asker, Question, shown_text
from mcp_notebook.chat.naming import offered_name
from mcp_notebook.defences.address import find_address
from mcp_notebook.defences.approved import Change, get_approved
from mcp_notebook.defences.changes import describe_change, write_diff
from mcp_notebook.defences.checking import check_definitions
from mcp_notebook.defences.definition import read_definition
from mcp_notebook.errors import HostError, TaskRequired

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from mcp_types import Tool

    from mcp_notebook.approval.question import Answer
    from mcp_notebook.defences.definition import Definition
    from mcp_notebook.defences.finding import Finding
    from mcp_notebook.session import Session

    Ask = Callable[[Question], Awaitable[Answer]]

__all__ = ["Offered", "Toolbox", "collect"]

_MAX_CHARACTERS = 20_000  # of what was found, in one question

_ONLY_SAID = frozenset({"shadows-tool"})
"""Rules that hold no tool back here, where no two names can clash."""

_let_through: set[str] = set()
"""Fingerprints of the definitions in which something was found and that the person let through, in this kernel."""


@dataclass(frozen=True)
class Offered:
    """One tool that a model may choose.

    Attributes:
        session: whose it is.
        tool: its definition, as the server sent it.
    """

    session: Session
    tool: Tool

    @property
    def name(self) -> str:
        """What the model calls it."""
        return offered_name(self.session.name, self.tool.name)

    @property
    def source(self) -> str:
        """What a person calls it: `weather.get_forecast`."""
        return f"{self.session.name}.{self.tool.name}"

    def to_model(self) -> Tool:
        """Give the definition as the model gets it."""
        return self.tool.model_copy(update={"name": self.name})


@dataclass
class Toolbox:
    """What a model may choose from.

    Attributes:
        offered: the tools, by what the model calls them.
        left_out: those that it does not get, as `server.tool`, or whole servers; each with the reason.
        notes: what else a person should know of them, a sentence each.
    """

    offered: dict[str, Offered] = field(default_factory=dict[str, Offered])
    left_out: dict[str, str] = field(default_factory=dict[str, str])
    notes: list[str] = field(default_factory=list[str])

    @property
    def names(self) -> dict[str, list[str]]:
        """The tools' own names, by server."""
        names: dict[str, list[str]] = {}
        for one in self.offered.values():
            names.setdefault(one.session.name, []).append(one.tool.name)
        return names


async def collect(sessions: Iterable[Session], ask: Ask) -> Toolbox:
    """Collect the tools of some servers.

    Args:
        sessions: which.
        ask: gets the answer of the person, or of a rule, where something about a server is not as it should be.
    """
    box = Toolbox()
    tools: dict[str, Sequence[Tool]] = {}
    found = {session.name: session for session in sessions}
    for name, session in found.items():
        try:
            tools[name] = await session.list_here("tools")
        except HostError as error:
            box.left_out[name] = str(error)
    names = {server: [tool.name for tool in listed] for server, listed in tools.items()}
    for server, listed in tools.items():
        doubt = await asyncio.to_thread(_examine, found[server], listed, names, box.notes)
        reason = "" if doubt is None else await _settle(doubt, ask)
        for tool in listed:
            offered = Offered(found[server], tool)
            if reason and doubt is not None and tool.name in doubt.definitions:
                box.left_out[offered.source] = reason
            elif tool.execution is not None and tool.execution.task_support == "required":
                box.left_out[offered.source] = str(TaskRequired(server, tool.name))
            else:
                box.offered[offered.name] = offered
    return box


@dataclass(frozen=True)
class _Doubt:
    """What is not as it should be about a server's tools.

    Attributes:
        address: what the server is known by; None for an object of the notebook.
        definitions: of the tools in doubt, by name.
        changes: since they were approved.
        findings: of the rules.
        problem: why nothing could be compared, as a sentence; "" if it could.
    """

    session: Session
    address: str | None
    definitions: Mapping[str, Definition]
    changes: Sequence[Change]
    findings: Sequence[Finding]
    problem: str

    @property
    def reason(self) -> str:
        if self.problem:
            return "what was approved before cannot be read"
        return "they are not as you approved them" if self.changes else "something is odd about what they say"


def _examine(
    session: Session, tools: Sequence[Tool], names: Mapping[str, Sequence[str]], notes: list[str]
) -> _Doubt | None:
    """Look at a server's tools; None if nothing is in doubt. Not on the loop thread: it reads files.

    Args:
        session: the server's.
        tools: what it lists.
        names: of all servers' tools.
        notes: gets what is only to be said.
    """
    definitions = {tool.name: read_definition("tool", tool) for tool in tools}
    unread = {name: one for name, one in definitions.items() if one.fingerprint not in _let_through}
    found = check_definitions(session.name, list(definitions.values()), names)
    notes += [f"{one}; the model knows each by its server, too" for one in found if one.rule in _ONLY_SAID]
    findings = [
        one for one in found if one.rule not in _ONLY_SAID and one.subject.removeprefix(f"{session.name}.") in unread
    ]
    doubtful = {one.subject.removeprefix(f"{session.name}.") for one in findings}
    address, problem, changes = find_address(session.definition), "", list[Change]()
    try:
        compared = [] if address is None else get_approved().compare(address, list(definitions.values()))
        changes = [one for one in compared if one.kind != "removed"]
        doubtful |= {one.definition.name for one in changes}
    except (OSError, ValueError) as error:
        problem = f"What was approved before cannot be read, so nothing can be compared: {error}"
        doubtful |= set(unread)
    if not doubtful:
        return None
    in_doubt = {name: one for name, one in definitions.items() if name in doubtful}
    return _Doubt(session, address, in_doubt, changes, findings, problem)


async def _settle(doubt: _Doubt, ask: Ask) -> str:
    """Ask the person; gives why the tools in doubt are left out, "" if they are not."""
    answer = await ask(_question(doubt))
    if answer.action != "accept":
        return f"{doubt.reason}, and they were not let through: {answer.how}"
    if doubt.address is not None and not doubt.problem:
        await asyncio.to_thread(get_approved().approve, doubt.address, list(doubt.definitions.values()))
    _let_through.update(one.fingerprint for one in doubt.definitions.values())
    return ""


def _question(doubt: _Doubt) -> Question:
    session = doubt.session
    changes = ["\n".join([describe_change(session.name, one), *write_diff(one)]) for one in doubt.changes]
    shown = [doubt.problem, *changes, *map(str, doubt.findings)]
    return Question(
        kind="call",
        asker=Asker(session.name, None, session.definition.shown),
        title=f"May a model read what tools of {session.name} say? {doubt.reason.capitalize()}",
        message=shown_text("\n\n".join(filter(None, shown)), _MAX_CHARACTERS),
        notes=[f"This is about {', '.join(sorted(doubt.definitions))}; the other tools are not held back."],
        warnings=["A model may do what it reads. Decline if you do not know why this is so: then they are left out."],
        accept_label="Give them to the model",
        may_last=(),
        asks_anyway=True,
    )
