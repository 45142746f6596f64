"""What a value keeps: the items of containers, the fields of instances, each looked at where it is kept."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from .arrays import classes_in, take_look, take_look_in
from .objects import (
    MISSING,
    by_id,
    class_of,
    count_items,
    find_in_classes,
    first_items,
    get_instance_dictionary,
    get_slots,
    is_class,
    library_member,
)
from .places import Place, mapped
from .refusals import Changed, Refused

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = ["find_attribute", "find_field", "first_parts", "get_fields", "get_named_fields", "is_simple_key"]

_dict: Any = dict
_SIMPLE_KEYS = by_id(str, int, float, bool, bytes, type(None))


def is_simple_key(key: Any) -> bool:
    """Whether Python compares a dictionary's key without any code of the person's."""
    cls = class_of(key)
    return id(cls) in _SIMPLE_KEYS


def first_parts(base: Any, value: Any, count: int) -> list[Any]:
    """Return the first items, or (key, value) pairs of a dictionary, all at one moment where no array is among them.

    Args:
        base: dict, list, tuple, set, frozenset or deque, as `find_base` gives it.
        value: the container.
        count: at most this many.

    Raises:
        Changed: when the container has changed in between.
    """
    array = library_member("numpy", "ndarray")
    if array is None or base in (set, frozenset) or not _has(array, base, value, count):
        return first_items(base, value, count)
    before = count_items(base, value)
    if base is dict:
        keys: list[Any] = list(islice(_dict.keys(value), count))
        if not all(map(is_simple_key, keys)):  # the dictionary would ask such a key
            return first_items(base, value, count)
        parts = [(key, take_look(Place(_dict.get, value, key, MISSING))) for key in keys]
        complete = all(part is not MISSING for _, part in parts)
    else:
        parts = [take_look(Place(base.__getitem__, value, index)) for index in range(min(count, before))]
        complete = True
    if count_items(base, value) != before or not complete:
        raise Changed
    return parts


def _has(cls: Any, base: Any, value: Any, count: int) -> bool:
    values = _dict.values(value) if base is dict else base.__iter__(value)
    return id(cls) in mapped(id, mapped(class_of, islice(values, count)))


def find_field(value: Any, name: str) -> Any:
    """Return what the instance itself keeps under a name, in its dictionary or a slot; MISSING if it does not."""
    found = [] if is_class(value) else get_named_fields(value, [name])  # what a class keeps is code, not data
    return found[0][1] if found else MISSING


def get_fields(value: Any, count: int, but: Collection[str] = ()) -> dict[str, Any]:
    """Return the first fields of an instance, without some; for its data, not for what begins with two underscores."""
    if is_class(value):
        return {}
    own = get_instance_dictionary(value)
    in_own = _own_names(own)
    names = [name for name in {**in_own, **get_slots(class_of(value))} if name[:2] != "__" and name not in but]
    return dict(islice(_find_fields(value, own, names, in_own), count))


def get_named_fields(value: Any, names: list[str]) -> list[tuple[str, Any]]:
    """Return those among some fields that an instance has, with their values."""
    own = get_instance_dictionary(value)
    return list(_find_fields(value, own, names, _own_names(own)))


def _own_names(own: Any) -> dict[str, None]:
    names: list[Any] = [] if own is None else list(_dict.keys(own))
    return {name: None for name in names if type(name) is str}


def _find_fields(value: Any, own: Any, names: list[str], in_own: dict[str, None]) -> Iterator[tuple[str, Any]]:
    """Give the fields that there are, from the instance's dictionary, or else from its slots."""
    here = [name for name in names if name in in_own]  # of others, the dictionary could ask a key of the person's
    classes = dict(zip(here, classes_in(own, here)))  # noqa: B905  Python 3.9 has no strict
    slots = {} if len(here) == len(names) else get_slots(class_of(value))
    for name in names:
        if name in in_own:
            found = take_look_in(own, name, classes[name])
        else:
            found = _find(Place(slots[name].__get__, value)) if name in slots else MISSING
        if found is not MISSING:
            yield name, found


def _find(place: Place) -> Any:
    try:
        return take_look(place)
    except AttributeError:  # a slot that was never set
        return MISSING


def find_attribute(value: Any, name: str) -> Any:
    """Return an attribute that is plain data: of the instance, of a slot, or of the class; MISSING if there is none.

    Raises:
        Refused: kind "bad_path", if code would have to run to get it.
    """
    found = find_field(value, name)
    if found is not MISSING:
        return found
    found = find_in_classes(value if is_class(value) else class_of(value), name)
    if found is not MISSING and find_in_classes(class_of(found), "__get__") is not MISSING:
        raise Refused("bad_path", f"`{name}` is computed by code, which reading never runs. Use execute_code for it.")
    return found
