"""Looking at objects without running any code of theirs.

Knows how Python keeps types, instance dictionaries and slots. Refuses to call anything a class of the person defines:
no `__repr__`, `__len__`, `__class__`, `__getattr__`, property or descriptor, neither of a class nor of its metaclass.
`isinstance` is not used on foreign objects, since it looks at their `__class__`, and no dictionary has foreign classes
as keys, since a metaclass may define `__hash__`.
"""

from __future__ import annotations

import sys
import types
from collections import deque
from itertools import islice
from typing import Any

from .refusals import Changed

__all__ = [
    "MISSING",
    "by_id",
    "class_of",
    "comes_from",
    "count_items",
    "derives_from",
    "find_base",
    "find_in_classes",
    "first_items",
    "get_instance_dictionary",
    "get_slots",
    "is_class",
    "is_defined_in",
    "is_made_at_run_time",
    "library_class",
    "library_member",
    "library_of",
    "type_name",
]

MISSING: Any = object()
"""What a search gives that found nothing."""

_type_module = type.__dict__["__module__"]
_type_name = type.__dict__["__name__"]
_type_qualname = type.__dict__["__qualname__"]
_type_mro = type.__dict__["__mro__"]
_type_dict = type.__dict__["__dict__"]
_type_flags = type.__dict__["__flags__"]
_HEAP_TYPE = 1 << 9
"""The flag of classes that are made at run time."""

_CLASS = 1 << 31
"""The flag of `type` and all that derive from it (Py_TPFLAGS_TYPE_SUBCLASS): Python itself looks at nothing else."""

_dict: Any = dict
class_of: Any = type
"""Gives the true class of a value, whatever its `__class__` says."""

_BASES: tuple[Any, ...] = (dict, list, tuple, set, frozenset, deque, str, bytes, bytearray, int, float)
"""Built-in types whose own methods read an instance of a subclass, too, without asking the subclass."""

_base_names: dict[int, str] = {}


def type_name(cls: Any) -> str:
    """Return the class's name with its module, as short as its library has it; without it for the person's own."""
    if id(cls) in _base_names:
        return _base_names[id(cls)]
    module = _type_module.__get__(cls)
    name = _type_qualname.__get__(cls)
    if type(module) is not str or module in ("builtins", "__main__"):
        return name
    library = module.partition(".")[0]
    return f"{library if cls is library_member(library, name) else module}.{name}"


def library_of(cls: Any) -> str:
    """Return the name of the library in which the class says to be defined; "" if it says nothing of the kind."""
    module = _type_module.__get__(cls)
    return module.partition(".")[0] if type(module) is str else ""


def comes_from(cls: Any, library: str) -> bool:
    """Whether the class is defined in the library `library` or below it."""
    return library_of(cls) == library


def library_class(value: Any, library: str) -> str:
    """Return the name under which an imported library exports the exact class of `value`; "" if it does not."""
    cls = class_of(value)
    name = _type_name.__get__(cls)
    return name if cls is library_member(library, name) else ""


def is_defined_in(cls: Any, library: str) -> bool:
    """Whether this very class is what an imported module of the library calls so: its methods are known, then."""
    module = _type_module.__get__(cls)
    if type(module) is not str or module.partition(".")[0] != library:
        return False
    return library_member(module, _type_name.__get__(cls)) is cls


def find_base(cls: Any) -> Any:
    """Return the built-in type that the class is or derives from; None if it is none we can read."""
    if id(cls) in _base_names:  # they are never gone, so no other class has these ids
        return cls
    for each in _type_mro.__get__(cls):
        if id(each) in _base_names:
            return each
    return None


def library_member(module: str, name: str) -> Any:
    """Return what an imported library calls `name`, importing nothing; None if it is not there (yet)."""
    found = sys.modules.get(module)
    if type(found) is not types.ModuleType:  # a lazy module would be imported by looking into it
        return None
    return found.__dict__.get(name)


def by_id(*classes: Any) -> dict[int, Any]:
    """Return classes by their ids, which no others get as long as they are held: found so, none is asked anything."""
    return {id(each): each for each in classes}


_base_names.update((id(each), type_name(each)) for each in _BASES)


def count_items(base: Any, value: Any) -> int:
    """Return how many items `value` has; `base` as `find_base` gives it, sized."""
    return base.__len__(value)


def first_items(base: Any, value: Any, count: int) -> list[Any]:
    """Return the first items of a container, or the first (key, value) pairs of a dictionary, all at one moment.

    Args:
        base: dict, list, tuple, set, frozenset or deque, as `find_base` gives it.
        value: the container.
        count: at most this many.

    Raises:
        Changed: when the container has changed in between.
    """
    before = count_items(base, value)
    items: list[Any] = list(islice(_dict.items(value) if base is dict else base.__iter__(value), count))
    if count_items(base, value) != before or len(items) != min(count, before):
        raise Changed
    return items


def derives_from(cls: Any, base: Any) -> bool:
    """Whether a class is another one, or derives from it: `issubclass(cls, base)`, asking nobody."""
    return id(base) in map(id, _type_mro.__get__(cls))


def is_class(value: Any) -> bool:
    """Whether `value` is a class: `isinstance(value, type)`, asking nobody."""
    return bool(_type_flags.__get__(class_of(value)) & _CLASS)


def is_made_at_run_time(cls: Any) -> bool:
    """Whether a class is made by a `class` statement or the like, and is not one of those that a library has in C."""
    return bool(_type_flags.__get__(cls) & _HEAP_TYPE)


def get_instance_dictionary(value: Any) -> Any:
    """Return the instance's dictionary; None if it has none or its class hides it behind something of its own."""
    for each_class in _type_mro.__get__(class_of(value)):
        found = _type_dict.__get__(each_class).get("__dict__", MISSING)
        if found is MISSING:
            continue
        is_own = type(found) is types.GetSetDescriptorType or type(found) is types.MemberDescriptorType
        if not is_own or found.__objclass__ is not each_class:
            return None
        own: Any = found.__get__(value)
        return own if class_of(own) is dict else None
    return None


def get_slots(cls: Any) -> dict[str, Any]:
    """Return the slots that classes written in Python declare, by name; not those of functions, frames and the like."""
    slots: dict[str, Any] = {}
    for each_class in _type_mro.__get__(cls):
        kept = _type_dict.__get__(each_class)
        if "__slots__" not in kept or not is_made_at_run_time(each_class):
            continue
        for name, member in list(kept.items()):
            if type(member) is types.MemberDescriptorType and type(name) is str and not name.startswith("__"):
                slots.setdefault(name, member)
    return slots


def find_in_classes(cls: Any, name: str) -> Any:
    """Return what a class or one it derives from keeps under a name; MISSING if none does."""
    # Not inspect.getattr_static: it compares classes with `in`, and a metaclass may define `__eq__`.
    for each_class in _type_mro.__get__(cls):
        found = _type_dict.__get__(each_class).get(name, MISSING)
        if found is not MISSING:
            return found
    return MISSING
