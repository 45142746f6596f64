"""The words of a server's command, as `%mcp connect NAME -- COMMAND ARGS...` has them.

Knows what people expect of a command line: `~` is home, `$HOME/x` is of the environment; and of a notebook: `$folder`
is the variable of that name. What stands in quotes stays as it is. Refuses to know what else a shell would do.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcp_notebook.words import is_literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["read_command"]

_OBJECT = re.compile(r"\$(?P<name>[A-Za-z_]\w*)(?P<more>.*)", re.DOTALL)
_BRACES = re.compile(r"\{(?P<name>[A-Za-z_]\w*)\}")


def read_command(words: Sequence[str], namespace: Mapping[str, Any]) -> list[str]:
    """Read the words of a command.

    Args:
        words: as they were split.
        namespace: the notebook's variables.

    Returns:
        The command's words; a variable of the environment is one still, `${HOME}`, and is read when the server starts.

    Raises:
        ValueError: a word names nothing, or something that is no text, number or path.
    """
    return [_read_word(word, namespace) for word in words]


def _read_word(word: str, namespace: Mapping[str, Any]) -> str:
    if is_literal(word):
        return word
    if word == "~" or word.startswith("~/"):
        return os.path.expanduser(word)  # noqa: PTH111  a Path would lose a slash at the end
    braces = _BRACES.fullmatch(word)
    if braces is not None and braces["name"] in namespace:
        raise ValueError(f"Nothing is filled in for {word}: write ${braces['name']}, or '{word}' for the text itself")
    found = _OBJECT.fullmatch(word)
    if found is None:
        return word
    name, more = found["name"], found["more"]
    if not more and name in namespace:
        return _read_variable(name, namespace[name])
    if name in os.environ and not more[:1].isalnum():
        return f"${{{name}}}{more}"
    if name in namespace:
        raise ValueError(f"{word} is no name of a variable: run value = {word[1:]} in another cell and write $value")
    problem = f"Neither this notebook nor the environment has {name!r}, so {word} stands for nothing"
    raise ValueError(f"{problem}; for the text itself write '{word}'")


def _read_variable(name: str, value: Any) -> str:
    if isinstance(value, str | int | float | Path):
        return str(value)
    raise ValueError(f"${name} is of type {type(value).__name__}, and a command takes texts, numbers and paths")
