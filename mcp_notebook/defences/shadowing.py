"""Names of other servers' tools: names that pass for them, and texts that speak of them.

Knows names. Refuses to know which of two was meant to have one: both may be honest, a person decides.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from mcp_notebook.defences.finding import Finding, excerpt
from mcp_notebook.defences.looks import fold, fold_name, has_mixed_letters

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mcp_notebook.defences.definition import Text

__all__ = ["find_mentions", "find_shadowing"]

_PLAIN_WORD = re.compile(r"[a-zA-Z][a-z]*")
_SHORTEST_SERVER = 3  # a shorter name is part of many words


def find_shadowing(server: str, names: Sequence[str], others: Mapping[str, Sequence[str]]) -> list[Finding]:
    """Find the names of a server's tools that a person, or a model, could take for another's.

    Args:
        server: the connection's name.
        names: of its tools.
        others: the names of the other connections' tools, by connection.
    """
    return [*_among_own(server, names), *(one for name in names for one in _among_others(server, name, others))]


def _among_own(server: str, names: Sequence[str]) -> Iterator[Finding]:
    for name, count in Counter(names).items():
        if count > 1:
            yield Finding("same-name-twice", f"is there {count} times", f"{server}.{name}")
    looks = Counter(fold_name(name) for name in dict.fromkeys(names))
    for name in dict.fromkeys(names):
        if has_mixed_letters(name):
            shown = "has letters of another alphabet that look like Latin ones"
            yield Finding("mixed-letters", shown, f"{server}.{name}", "name", _spell(name))
        elif looks[fold_name(name)] > 1:
            alike = next(one for one in names if one != name and fold_name(one) == fold_name(name))
            yield Finding("looks-like", f"looks like {server}.{alike}", f"{server}.{name}", "name")


def _among_others(server: str, name: str, others: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    subject = f"{server}.{name}"
    for other, theirs in others.items():
        if other == server:
            continue
        if name in theirs:
            yield Finding("shadows-tool", f"has the name of a tool of {other}", subject)
        elif fold_name(name) in map(fold_name, theirs):
            alike = next(one for one in theirs if fold_name(one) == fold_name(name))
            yield Finding("looks-like", f"looks like {other}.{alike}", subject, "name", excerpt(name, 0, len(name)))
        elif _begins_with_server(name, other):
            yield Finding("shadows-server", f"begins with the name of another server, {other}", subject, "name")
    if any(fold_name(server) == fold_name(other) for other in others if other != server):
        alike = next(other for other in others if other != server and fold_name(server) == fold_name(other))
        yield Finding("looks-like", f"is of a server whose name looks like {alike}", subject)


def _begins_with_server(name: str, server: str) -> bool:
    """Whether a tool is called `github_create_issue`, or `github.create_issue`, where github is another server."""
    rest = name[len(server) :]
    return (
        len(server) >= _SHORTEST_SERVER
        and fold_name(name[: len(server)]) == fold_name(server)
        and rest[:1] in set("._-/:") - {""}
    )


def _spell(name: str) -> str:
    """Name the letters that are none of the Latin alphabet: `read_file`, e is U+0435."""
    others = [f"U+{ord(letter):04X}" for letter in name if not letter.isascii()]
    return f"{name}, with {', '.join(others)}"


def find_mentions(subject: str, text: Text, others: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """Find the names of other servers' tools in a text: those that are no plain words, or stand in quotes.

    Args:
        subject: what the text is of.
        text: the text.
        others: the names of tools that it has no business with, by connection.
    """
    if text.is_name:
        return
    looks = fold(text.text)
    for other, names in others.items():
        for name in names:
            if name.lower() not in looks.text:
                continue
            quoted = r"[`'\"]{}[`'\"]" if _PLAIN_WORD.fullmatch(name) else r"(?<![\w-]){}(?![\w-])"
            found = re.search(quoted.format(re.escape(name.lower())), looks.text)
            if found:
                words = excerpt(text.text, looks.place(found.start()), looks.place(found.end()))
                yield Finding(
                    "names-other-tools",
                    f"speaks of {other}.{name}, which is another server's",
                    subject,
                    text.where,
                    words,
                )
