"""What no host is shown, wherever it is found: by identity and class, in variables and inside other values.

Modules, the environment of the process, the notebook's own namespace and history under another name (`g = globals()`,
`h = In`), and IPython's shell, through which all of that can be reached. Refuses to know names: `variables` does.
"""

from __future__ import annotations

import os
import sys
import types
from itertools import repeat
from typing import Any

from .arrays import ArrayLook
from .objects import class_of, first_items
from .places import mapped

__all__ = ["is_withheld", "is_withheld_class", "resembles_environment", "withheld_ids", "withhold_shell"]

_dict: Any = dict
_HISTORIES = ("In", "Out", "_ih", "_oh", "_dh")
_shell: list[Any] = []
"""The one of this kernel, once there is an agent for it."""

_NEVER = frozenset(map(id, (str, int, float, bool, type(None), bytes, tuple, set, frozenset, ArrayLook)))
"""Classes of which nothing is withheld."""

_MANY = 4
_MOST = 1000
_TELLTALE = frozenset(["PATH", "HOME", "USER", "PWD", "SHELL", "LANG", "PYTHONPATH", "USERPROFILE", "SYSTEMROOT"])
_ENOUGH = 2
"""Of the names above; a dictionary with so many of them, and text only, is an environment."""


def withhold_shell(shell: Any) -> None:
    """Show no host this shell of IPython's, its namespace or its history."""
    _shell[:] = [shell]


def withheld_ids() -> set[int]:
    """Return the ids of all that is withheld, but for modules and the environment, which their classes tell."""
    ids = {id(sys.modules), id(sys.modules["__main__"].__dict__), id(getattr(os.environ, "_data", None))}
    for shell in _shell:
        names = shell.user_ns
        ids.update(mapped(id, mapped(_dict.get, repeat(names), _HISTORIES)))
        ids.update((id(shell), id(getattr(shell, "kernel", None)), id(names), id(shell.user_ns_hidden)))
    ids.discard(id(None))
    return ids


def is_withheld_class(cls: Any) -> bool:
    """Whether all values of this class are withheld."""
    return cls is types.ModuleType or cls is type(os.environ)


def is_withheld(value: Any, withheld: set[int] | None = None) -> bool:
    """Whether no host is shown this value.

    Args:
        value: of the person's.
        withheld: as of `withheld_ids`, for one who asks of many values; None to find them anew.
    """
    cls = class_of(value)
    if id(cls) in _NEVER:
        return False
    if cls is not dict and cls is not list and is_withheld_class(cls):
        return True
    return id(value) in (withheld_ids() if withheld is None else withheld)


def resembles_environment(value: Any) -> bool:
    """Whether a dictionary is a copy of a process's environment, whose values may all be secret."""
    count = _dict.__len__(value)
    if not _MANY <= count <= _MOST:
        return False
    found = 0
    for key, each in first_items(dict, value, count):
        if class_of(key) is not str or class_of(each) is not str:
            return False
        found += key.upper() in _TELLTALE
    return found >= _ENOUGH
