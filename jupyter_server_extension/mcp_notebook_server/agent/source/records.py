"""Values that are a type and a few named parts: dataclasses, named tuples, models, errors and the like.

Knows in which order each keeps its parts, and which of them its class says not to show. Refuses to know how they are
written.
"""

from __future__ import annotations

import enum
import functools
import types
from collections import ChainMap
from typing import Any

from .objects import (
    MISSING,
    class_of,
    derives_from,
    find_base,
    find_in_classes,
    is_class,
    library_member,
    type_name,
)
from .parts import find_field, get_fields, get_named_fields

__all__ = ["Record", "find_record", "is_enumerated"]

_dict: Any = dict
_tuple: Any = tuple
_MOST = 50
_error_args: Any = BaseException.__dict__["args"]
_PARTIAL = ("func", "args", "keywords")


class Record:
    """A type's name and parts.

    Attributes:
        title: the name of the type.
        parts: (name or "", value).
        unshown: names of parts that the class does not show itself.
    """

    def __init__(self, title: str, parts: list[tuple[str, Any]], unshown: frozenset[str] = frozenset()) -> None:
        self.title = title
        self.parts = parts
        self.unshown = unshown


def is_enumerated(cls: Any) -> bool:
    """Whether the class is an enumeration: its members may be numbers or text, too."""
    return derives_from(cls, enum.Enum)


def find_record(value: Any) -> Record | None:  # noqa: PLR0911  one for each kind of value
    """Return a value's type and parts; None if it is of no such kind."""
    cls = class_of(value)
    if is_class(value):
        return None
    if find_base(cls) is tuple:
        return _named_tuple(cls, value)
    if is_enumerated(cls):
        return _enumerated(cls, value)
    if cls is types.SimpleNamespace or cls is ChainMap:
        return Record(type_name(cls), list(get_fields(value, _MOST).items()))
    if cls is functools.partial:
        parts = [(name, functools.partial.__dict__[name].__get__(value)) for name in _PARTIAL]
        return Record("functools.partial", [("", part) for _, part in parts])
    if derives_from(cls, BaseException):
        return Record(type_name(cls), [("", part) for part in _error_args.__get__(value)[:_MOST]])
    return _declared(cls, value)


def _enumerated(cls: Any, value: Any) -> Record:
    name, kept = find_field(value, "_name_"), find_field(value, "_value_")
    title = f"{type_name(cls)}.{name}" if find_base(class_of(name)) is str else type_name(cls)
    return Record(title, [] if kept is MISSING else [("", kept)])


def _named_tuple(cls: Any, value: Any) -> Record | None:
    names: Any = find_in_classes(cls, "_fields")
    if class_of(names) is not tuple or any(class_of(name) is not str for name in names):
        return None
    if len(names) != _tuple.__len__(value):
        return None
    return Record(type_name(cls), list(zip(names, _tuple.__iter__(value)))[:_MOST])  # noqa: B905  Python 3.9 has no strict


def _declared(cls: Any, value: Any) -> Record | None:
    """Return a record of a class that declares its fields: a dataclass, a model of pydantic or attrs, an estimator."""
    estimator = library_member("sklearn.base", "BaseEstimator")
    if estimator is not None and derives_from(cls, estimator):
        return _of_fields(cls, value, _parameters(find_in_classes(cls, "__init__")))
    for declaration in ("__dataclass_fields__", "__pydantic_fields__", "__attrs_attrs__"):
        declared = find_in_classes(cls, declaration)
        if class_of(declared) is dict:
            fields = [(name, each) for name, each in list(_dict.items(declared)) if class_of(name) is str]
        elif find_base(class_of(declared)) is tuple:
            fields = [(_field(each, "name"), each) for each in _tuple.__iter__(declared)]
        else:
            continue
        names = [name for name, _ in fields if class_of(name) is str]
        unshown = frozenset(name for name, each in fields if class_of(name) is str and _field(each, "repr") is False)
        return _of_fields(cls, value, names, unshown)
    return None


def _parameters(function: Any) -> list[str]:
    """Return the names that scikit-learn takes to be an estimator's parameters; what was fitted is kept beside them."""
    if class_of(function) is not types.FunctionType:
        return []
    code = function.__code__
    return list(code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount])


def _field(declared: Any, name: str) -> Any:
    if class_of(declared) is library_member("dataclasses", "Field"):
        return getattr(declared, name, MISSING)
    return find_field(declared, name)


def _of_fields(cls: Any, value: Any, names: list[str], unshown: frozenset[str] = frozenset()) -> Record:
    return Record(type_name(cls), get_named_fields(value, names[:_MOST]), unshown)
