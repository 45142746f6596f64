"""Where in a URI template somebody is typing.

Knows `{name}` and `{+name}`, which nearly all templates use; what follows any other expression is not looked at. The
SDK's `UriTemplate` matches whole URIs and expands; this is for those that are not finished.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Hole", "find_hole"]

_EXPRESSION = re.compile(r"\{\+?(\w+)\}")


class Hole(NamedTuple):
    """Where the typed text ends.

    Attributes:
        name: the variable that is typed; None if it is text of the template itself.
        value: what of it has been typed.
        before: the text before the value; with no name, the template's text up to its next variable.
        context: the variables before it.
    """

    name: str | None
    value: str
    before: str
    context: dict[str, str]


def find_hole(template: str, typed: str) -> Hole | None:
    """Find where in a template a typed text ends; None if it does not fit.

    Args:
        template: such as `notes://{year}/{title}`.
        typed: the beginning of a URI, such as `notes://20`.
    """
    *parts, last = _EXPRESSION.split(template)
    parts.append(last.partition("{")[0])
    at, context = 0, dict[str, str]()
    for literal, name, following in zip(parts[::2], [*parts[1::2], None], [*parts[2::2], ""], strict=True):
        if not typed.startswith(literal, at):
            whole = typed[:at] + literal
            return Hole(None, "", whole, context) if whole.startswith(typed) else None
        at += len(literal)
        if name is None:
            return None
        end = typed.find(following[:1], at) if following else -1
        if end < 0:
            return Hole(name, typed[at:], typed[:at], context)
        context[name] = typed[at:end]
        at = end
    return None
