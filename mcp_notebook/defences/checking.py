"""The checks of what servers say and send, each by the rules of RULES.md.

Knows which rules are asked about what. Refuses to know a rule (`rules`), to keep anything (`approved`) and to decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_notebook.defences.definition import Text
from mcp_notebook.defences.finding import Finding, excerpt
from mcp_notebook.defences.looks import split_name
from mcp_notebook.defences.rules import RULES
from mcp_notebook.defences.shadowing import find_mentions, find_shadowing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mcp_notebook.defences.definition import Definition

_MAX_CHARACTERS = 200_000
"""Of one result that are looked at: a second's work."""

_CHANGING = frozenset(
    [
        "add",
        "append",
        "cancel",
        "clear",
        "commit",
        "create",
        "delete",
        "deploy",
        "drop",
        "edit",
        "erase",
        "execute",
        "insert",
        "kill",
        "modify",
        "move",
        "overwrite",
        "patch",
        "pay",
        "post",
        "publish",
        "purge",
        "push",
        "put",
        "remove",
        "rename",
        "replace",
        "reset",
        "send",
        "set",
        "shutdown",
        "stop",
        "transfer",
        "truncate",
        "update",
        "upload",
        "write",
    ]
)

__all__ = ["check_definition", "check_definitions", "check_text"]


def check_definitions(
    server: str, definitions: Sequence[Definition], others: Mapping[str, Sequence[str]] | None = None
) -> list[Finding]:
    """Check all that a server lists.

    Args:
        server: the connection's name.
        definitions: its tools, resources, templates, prompts and instructions.
        others: the names of the other connections' tools, by connection.
    """
    others = {name: tools for name, tools in (others or {}).items() if name != server}
    names = [one.name for one in definitions if one.kind == "tool"]
    strangers = {other: [tool for tool in tools if tool not in names] for other, tools in others.items()}
    found = [finding for one in definitions for finding in check_definition(server, one, strangers)]
    return [*found, *find_shadowing(server, names, others)]


def check_definition(
    server: str, definition: Definition, others: Mapping[str, Sequence[str]] | None = None
) -> list[Finding]:
    """Check one definition by itself; see `check_definitions`."""
    subject = _subject(server, definition)
    found = [one for text in definition.texts for one in _check(subject, text, others or {})]
    return _once_each([*found, *_check_annotations(subject, definition)])


def _check_annotations(subject: str, definition: Definition) -> Iterator[Finding]:
    """Find a tool that says of itself that it only reads, and is called after what it changes."""
    annotations = definition.content.get("annotations")
    if definition.kind == "tool" and annotations and annotations.get("readOnlyHint") is True:
        first, _, _ = split_name(definition.name).partition(" ")
        if first in _CHANGING:
            yield Finding("claims-to-read-only", f"says that it only reads, and is called “{first} …”", subject)


def check_text(source: str, text: str, others: Mapping[str, Sequence[str]] | None = None) -> list[Finding]:
    """Check a text that a model is to get: a tool's result, a resource, a prompt's message.

    Args:
        source: where it is from: `server.tool`.
        text: the text.
        others: the names of tools that it has no business with, by connection.
    """
    return _once_each(_check(source, Text("result", text[:_MAX_CHARACTERS]), others or {}))


def _check(subject: str, text: Text, others: Mapping[str, Sequence[str]]) -> list[Finding]:
    by_rules = [
        Finding(rule.id, rule.problem, subject, text.where, excerpt(text.text, start, end))
        for rule in RULES
        for start, end in rule.find(text)
    ]
    return [*by_rules, *find_mentions(subject, text, others)]


def _once_each(found: Sequence[Finding]) -> list[Finding]:
    """Keep the first finding of each rule at each place: the person looks there anyway."""
    return list({(one.rule, one.problem, one.subject, one.where): one for one in reversed(found)}.values())[::-1]


def _subject(server: str, definition: Definition) -> str:
    if definition.kind == "instructions":
        return f"{server} (instructions)"
    return f"{server}.{definition.name}" if definition.kind in {"tool", "prompt"} else f"{server} {definition.name}"
