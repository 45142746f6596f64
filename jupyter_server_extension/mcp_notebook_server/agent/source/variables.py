"""The person's variables: which a host may see, and what is said of each.

Knows IPython's namespace. Left out: names that begin with an underscore, `In` and `Out`, what IPython put there itself,
modules, and the environment of the process.
"""

from __future__ import annotations

import difflib
import os
import sys
import types
from typing import TYPE_CHECKING, Any

from .arrays import is_array, summarize_array
from .credentials import names_credential
from .objects import MISSING, class_of, count_items, find_base, first_items, get_fields, type_name
from .pandas_frames import render_pandas, summarize_pandas
from .refusals import Refused
from .rendering import PREVIEW, clean, preview, render, render_text
from .status import find_running

if TYPE_CHECKING:
    from .paths import Path

__all__ = ["Variables", "inspect_value", "summarize"]

_dict: Any = dict
_IPYTHON = ("In", "Out")
_NAMES_SHOWN = 20
_PARTS_SHOWN = 50
_SIZED = (dict, list, tuple, set, frozenset, str, bytes, bytearray)


class Variables:
    """The namespace of one shell.

    Args:
        shell: IPython's.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell

    def running(self) -> dict[str, Any] | None:
        """Return which cell runs, and since when; None if none does."""
        return find_running(getattr(self._shell, "kernel", None))

    def names(self) -> list[str]:
        """Return the names that may be seen, as far as a name tells, in order of the alphabet."""
        names: list[Any] = list(_dict.keys(self._shell.user_ns))  # not items: nothing of the person's is held
        return sorted(name for name in names if type(name) is str and not name.startswith("_") and name not in _IPYTHON)

    def find(self, name: str) -> Any:
        """Return the value of a variable that may be seen; MISSING if there is none, or no longer."""
        if name.startswith("_") or name in _IPYTHON:
            return MISSING
        value = _dict.get(self._shell.user_ns, name, MISSING)
        if value is MISSING or value is _dict.get(self._shell.user_ns_hidden, name, MISSING):
            return MISSING
        return MISSING if _is_withheld(value) else value

    def get(self, path: Path) -> Any:
        """Return what is at a path.

        Raises:
            Refused: kind "unknown_variable" or "bad_path".
        """
        value = self.find(path.name)
        if value is MISSING:
            names = [name for name in self.names() if self.find(name) is not MISSING]
            near = difflib.get_close_matches(path.name, names, 3) or names[:_NAMES_SHOWN]
            more = "" if len(near) == len(names) else f" ({len(names)} in all: call list_variables)"
            exists = f"There are: {', '.join(near)}{more}." if names else "There are none yet."
            raise Refused("unknown_variable", f"There is no variable `{path.name}`. {exists}")
        found = path.follow(value)
        if _is_withheld(found):
            raise Refused("bad_path", "Modules and the environment of the process are not shown.")
        return found


def _is_withheld(value: Any) -> bool:
    cls = class_of(value)
    return cls is types.ModuleType or cls is type(os.environ)


def summarize(value: Any, name: str) -> dict[str, Any]:
    """Return type, shape, size and preview of a value, touching no element of an array or a frame."""
    said: dict[str, Any] = {"type": type_name(type(value))}
    library = (summarize_array(value) if is_array(value) else None) or summarize_pandas(value)
    if library is not None:
        said["shape"], size, text = library
        if size is not None:
            said["size"] = size
        said["preview"] = f"{text} array" if is_array(value) else text
        return said
    base = find_base(type(value))
    if base in _SIZED:
        said["shape"] = [count_items(base, value)]
        if class_of(value) is base:
            said["size"] = sys.getsizeof(value)
    said["preview"] = preview(value, name)
    return said


def inspect_value(value: Any, path: Path, characters: int) -> dict[str, Any]:
    """Return all that is said of one value, except its path."""
    name = next((each for each in path.names if names_credential(each)), path.last_name)
    said = summarize(value, name)
    said.pop("preview")
    library = render_pandas(value)
    said["text"], said["truncated"] = render_text(library, characters) if library else render(value, characters, name)
    base = find_base(type(value))
    if base in (dict, list, tuple, set, frozenset):
        said["items"] = _items(base, value, name)
    elif base is None and not is_array(value) and summarize_pandas(value) is None:
        fields = _fields(value, name)
        if fields:
            said["fields"] = fields
    return said


def _items(base: Any, value: Any, name: str) -> list[dict[str, Any]]:
    items = first_items(base, value, _PARTS_SHOWN)
    pairs = items if base is dict else list(enumerate(items))
    return [{"key": preview(key), **_part(each, key, name)} for key, each in pairs]


def _fields(value: Any, name: str) -> list[dict[str, Any]]:
    fields = list(get_fields(value).items())[:_PARTS_SHOWN]
    return [{"name": clean(key)[:PREVIEW], **_part(each, key, name)} for key, each in fields]


def _part(value: Any, key: Any, name: str) -> dict[str, Any]:
    inner = key if type(key) is str and names_credential(key) else name
    return {"type": type_name(type(value)), "preview": preview(value, inner)}
