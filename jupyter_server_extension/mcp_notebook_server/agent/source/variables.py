"""The person's variables: which a host may see, and what is said of each.

Knows IPython's namespace. Left out: names that begin with an underscore, `In` and `Out`, what IPython put there itself,
modules, the environment of the process, and the names that the person hides.

`%mcp hide 'secret_*'` (package mcp_notebook, in the same process) keeps its glob patterns in the attribute
`mcp_notebook_hidden` of IPython's shell, a list of text that is replaced and never changed. It is looked at in every
read, so it does not matter which of the two came first.
"""

from __future__ import annotations

import difflib
import fnmatch
import re
import sys
from functools import lru_cache
from itertools import islice, repeat
from typing import TYPE_CHECKING, Any

from .arrays import ArrayLook, classes_in, take_look_in
from .callables import find_callable_text
from .credentials import hide_credentials, names_credential
from .flat import is_number
from .images import find_image
from .known import Known, find_known
from .names import Names
from .objects import MISSING, by_id, class_of, comes_from, count_items, find_base, is_class, type_name
from .pandas_frames import render_pandas, summarize_pandas
from .parts import first_parts, get_fields
from .places import mapped
from .refusals import Refused
from .rendering import PREVIEW, clean, preview, render
from .status import find_running
from .withheld import is_withheld, is_withheld_class, resembles_environment, withheld_ids, withhold_shell

if TYPE_CHECKING:
    from collections.abc import Callable

    from .paths import Path

    Listing = tuple[list[str], int, int, int]
    """Names, from where to where in them, how many of these are shown."""

__all__ = ["HIDING", "Variables", "inspect_value", "summarize"]

HIDING = "mcp_notebook_hidden"

_dict: Any = dict
_IPYTHON = ("In", "Out")
_NAMES_SHOWN = 20
_PARTS_SHOWN = 20
_LAST_KEYS = 64
_CONTAINERS = (dict, list, tuple, set, frozenset)
_SIZED = by_id(*_CONTAINERS, str, bytes, bytearray)


class Variables:
    """The namespace of one shell.

    Args:
        shell: IPython's.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._names = Names(self)
        self.listings: dict[tuple[str, str], tuple[float, Listing]] = {}
        """What `listing` keeps of each listing, and when it was made."""
        withhold_shell(shell)

    def running(self) -> dict[str, Any] | None:
        """Return which cell runs, and since when; None if none does."""
        return find_running(getattr(self._shell, "kernel", None))

    def keys(self) -> list[Any]:
        """Return all keys of the namespace, in its order."""
        return list(_dict.keys(self._shell.user_ns))  # not items: nothing of the person's is held

    def last_keys(self) -> tuple[int, list[Any]]:
        """Return how many keys the namespace has, and the last of them."""
        namespace = self._shell.user_ns
        return _dict.__len__(namespace), list(islice(_dict.__reversed__(namespace), _LAST_KEYS))

    def shows(self) -> Callable[[Any], bool]:
        """Return the test for a key: whether it is a name that may be seen, as far as a name tells."""
        hides = _hides(self.hidden_patterns())

        def test(name: Any) -> bool:
            return type(name) is str and name[:1] != "_" and name not in _IPYTHON and (hides is None or not hides(name))

        return test

    def hidden_patterns(self) -> tuple[str, ...]:
        """Return the patterns of names that the person hides."""
        said = _dict.get(self._shell.__dict__, HIDING, ())
        return tuple(each for each in said if type(each) is str) if type(said) in (list, tuple) else ()

    def names(self) -> list[str]:
        """Return the names that may be seen, as far as a name tells, in order of the alphabet."""
        return sorted(filter(self.shows(), self.keys()))

    def find_names(self, pause: Callable[[], None]) -> tuple[list[str], set[str]]:
        """Return the same as `names`, for many names and in pieces, and those among them that hold what is left out."""
        return self._names.find(pause)

    def find_classes(self, names: list[str]) -> list[Any]:
        """Return the classes of the values under some names, holding no value."""
        return classes_in(self._shell.user_ns, names)

    def find(self, name: str) -> Any:
        """Return the value of a variable that may be seen; MISSING if there is none, or no longer."""
        value = _dict.get(self._shell.user_ns, name, MISSING) if self.shows()(name) else MISSING
        return MISSING if value is MISSING or self._is_left_out(name, value) else value

    def look(self, name: str, withheld: set[int] | None = None) -> Any:
        """Return the same as `find`, but of an array a look at it; `withheld` as of `withheld_ids`, None: anew."""
        return self.look_at_shown(name, withheld) if self.shows()(name) else MISSING

    def look_at_shown(self, name: str, withheld: set[int] | None = None) -> Any:
        """Return the same as `look`, of a name that has passed the test that `shows` gives; `withheld` as there."""
        namespace = self._shell.user_ns
        value = take_look_in(namespace, name, *classes_in(namespace, [name]))
        return MISSING if value is MISSING or self._is_left_out(name, value, withheld) else value

    def find_left_out(self, names: list[str]) -> list[str]:
        """Return those among some names under which something is kept that is not shown, or nothing any more."""
        namespace, own = self._shell.user_ns, self._shell.user_ns_hidden
        ids = list(mapped(id, mapped(_dict.get, repeat(namespace), names, repeat(MISSING))))
        withheld = withheld_ids() | {id(MISSING)}
        facts = zip(names, self.find_classes(names), ids)  # noqa: B905  Python 3.9 has no strict
        return [
            name
            for name, cls, identity in facts
            if identity in withheld or is_withheld_class(cls) or identity == id(_dict.get(own, name, withheld))
        ]

    def _is_left_out(self, name: str, value: Any, withheld: set[int] | None = None) -> bool:
        return value is _dict.get(self._shell.user_ns_hidden, name, MISSING) or is_withheld(value, withheld)

    def get(self, path: Path) -> Any:
        """Return what is at a path, for reading that needs the object itself.

        Raises:
            Refused: kind "unknown_variable" or "bad_path".
        """
        return self._follow(path, self.find if not path.steps else self.look)

    def get_look(self, path: Path, withheld: set[int]) -> Any:
        """Return what is at a path; of an array, a look at it. `withheld` as of `withheld_ids`.

        Raises:
            Refused: kind "unknown_variable" or "bad_path".
        """
        return self._follow(path, lambda name: self.look(name, withheld))

    def _follow(self, path: Path, find: Callable[[str], Any]) -> Any:
        value = find(path.name)
        if value is MISSING:
            raise Refused("unknown_variable", self._say_what_exists(path.name))
        return path.follow(value)

    def _say_what_exists(self, name: str) -> str:
        names = [each for each in self.names() if self.find(each) is not MISSING]
        near = difflib.get_close_matches(name, names, 3) or names[:_NAMES_SHOWN]
        more = "" if len(near) == len(names) else f" ({len(names)} in all: call list_variables)"
        exists = f"There are: {', '.join(near)}{more}." if names else "There are none yet."
        return f"There is no variable `{name}`. {exists}"


@lru_cache(maxsize=4)
def _hides(patterns: tuple[str, ...]) -> Callable[[str], Any] | None:
    return re.compile("|".join(map(fnmatch.translate, patterns))).match if patterns else None


def summarize(value: Any, name: str, withheld: set[int] | None = None) -> dict[str, Any]:
    """Return type, shape, size and preview of a value, touching no element of an array or a frame.

    Args:
        value: of the person's, or a look at an array.
        name: what it is kept under.
        withheld: as of `withheld_ids`, for one who asks of many values; None to find them anew.
    """
    said, known = _outline(value)
    said["preview"] = preview(value, name, withheld) if known is None else clean(hide_credentials(known.text))[:PREVIEW]
    return said


def _outline(value: Any) -> tuple[dict[str, Any], Known | None]:
    """Return type, shape and size of a value, and what is known of it if it belongs to a library."""
    cls = class_of(value)
    if cls is ArrayLook:
        return {"type": type_name(value.cls), "shape": list(value.shape), "size": value.size}, find_known(value)
    said: dict[str, Any] = {"type": type_name(cls)}
    base = find_base(cls)
    known = None if base is not None or is_class(value) else _find_known(value)
    if known is not None:
        if known.shape is not None:
            said["shape"] = known.shape
        if known.size is not None:
            said["size"] = known.size
    elif id(base) in _SIZED:
        said["shape"] = [count_items(base, value)]
        if cls is base:
            said["size"] = sys.getsizeof(value)
    return said, known


def _find_known(value: Any) -> Known | None:
    if not comes_from(class_of(value), "pandas"):
        return find_known(value)
    summary = summarize_pandas(value)
    return None if summary is None else Known(summary[2], summary[0], summary[1])


def inspect_value(value: Any, path: Path, characters: int, withheld: set[int]) -> dict[str, Any]:
    """Return all that is said of one value, except its path.

    Args:
        value: of the person's, or a look at an array.
        path: where it was found.
        characters: of the text.
        withheld: as of `withheld_ids`.
    """
    name = next((each for each in path.names if names_credential(each)), path.last_name)
    said = _outline(value)[0]
    cls = class_of(value)
    base = find_base(cls)
    frame = render_pandas(value) if comes_from(cls, "pandas") else ""
    text = "" if base is not None else find_callable_text(value, full=True) or frame
    said["text"], said["truncated"], told = render(text or value, characters, "" if text else name, withheld)
    few = said["truncated"] and base in _CONTAINERS and count_items(base, value) <= _PARTS_SHOWN
    if base is dict or few:  # of others, the text says all that is known
        said["items"] = _items(base, value, name, withheld)
    elif base is None and cls is not ArrayLook and not frame and (fields := _fields(value, told, name, withheld)):
        said["fields"] = fields
    if not names_credential(name) and (image := find_image(value)):
        said["image"] = image
    return said


def _items(base: Any, value: Any, name: str, withheld: set[int]) -> list[dict[str, Any]]:
    items = first_parts(base, value, _PARTS_SHOWN)
    pairs = items if base is dict else enumerate(items)
    secret = "secret" if base is dict and resembles_environment(value) else name
    return [{"key": preview(key, "", withheld), **_part(each, key, secret, withheld)} for key, each in pairs]


def _fields(value: Any, told: set[str], name: str, withheld: set[int]) -> list[dict[str, Any]]:
    return [
        {"name": clean(key)[:PREVIEW], **_part(each, key, name, withheld)}
        for key, each in get_fields(value, _PARTS_SHOWN, told).items()
    ]


def _part(value: Any, key: Any, name: str, withheld: set[int]) -> dict[str, Any]:
    cls = class_of(value)
    if is_number(value):
        return {"type": cls.__name__, "preview": repr(value)}
    inner = key if type(key) is str and names_credential(key) else name
    return {"type": type_name(value.cls if cls is ArrayLook else cls), "preview": preview(value, inner, withheld)}
