"""The lines that do what a click did: `%mcp call ...`, and the same in Python.

Knows how `%mcp` reads words, and writes what it reads back as the same arguments. Refuses to run anything.
"""

from __future__ import annotations

import json
import pprint
import re
from typing import TYPE_CHECKING, Any

from mcp_notebook.display import clean
from mcp_notebook.words import quote_word

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MAX_LINE", "write_magic", "write_python"]

MAX_LINE = 10_000
"""Characters of a line that is offered; a longer one is no line for people."""

_ARGUMENT_NAME = re.compile(r"[^\s=:'\"#$;-][^\s=:'\"$;]*")
_ASIDE = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")


def write_magic(server: str, tool: str, arguments: Mapping[str, Any]) -> str | None:
    """Write a call as a line of `%mcp`, or as a cell where a name does not fit into a line.

    Args:
        server: the connection's name.
        tool: its name.
        arguments: JSON values by name.

    Returns:
        None if it is too long, or if there is something in a name that cannot be seen.
    """
    head = f"call {quote_word(f'{server}.{tool}')}"
    if all(_ARGUMENT_NAME.fullmatch(name) and clean(name) == name for name in arguments):
        words = [f"{name}:={_as_json(value)}" for name, value in arguments.items()]
        written = " ".join([f"%mcp {head}", *words])
    else:
        written = f"%%mcp {head}\n{_as_json(arguments)}"
    fits = len(written) <= MAX_LINE and clean(written) == written and not _ASIDE.search(f"{server}.{tool}")
    return written if fits else None


def write_python(server: str, tool: str, arguments: Mapping[str, Any]) -> str | None:
    """Write a call as Python; None if it is too long."""
    given = f", {pprint.pformat(dict(arguments), width=100, sort_dicts=False)}" if arguments else ""
    written = f"from mcp_notebook.host import get_host\n\nresult = get_host().get({server!r}).call({tool!r}{given})"
    return written if len(written) <= MAX_LINE else None


def _as_json(value: Any) -> str:
    """Write JSON in one line that nothing in it can end, and in which nothing hides."""
    written = json.dumps(value, ensure_ascii=False)
    return written if clean(written) == written and not _ASIDE.search(written) else json.dumps(value)
