"""numpy arrays. Knows when an array's elements may be touched; refuses to make views of them, and to hold one.

Elements are read one by one with `item`, which neither copies the array nor lets another thread run, and only where the
array, or the array it is a view of, owns its memory: an array over a closed shared memory block crashes the kernel when
an element is touched. Whether it does is asked in the same call that reads: the name may mean another array by then.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import repeat
from operator import attrgetter, itemgetter
from typing import Any

from .objects import MISSING, class_of, derives_from, library_member, type_name
from .places import Place, mapped
from .refusals import Changed

__all__ = [
    "ArrayLook",
    "classes_in",
    "dtype_name",
    "elements_readable",
    "find_array_base",
    "find_array_class",
    "is_array",
    "look_at_array",
    "take_look",
    "take_look_in",
]

_CHAIN = 4
_NAME_CHARACTERS = 80
_NO_ARRAYS = frozenset(map(id, (int, str, float, list, dict, tuple, bool, type(None))))
"""Ids of classes that are never gone."""

_NUMBERS = "biufc"
_READABLE = "biufcSUO?"

_dtype_names: dict[int, str] = {}
_owns = attrgetter("owndata")
_dict: Any = dict
_filter: Any = filter
_zip: Any = zip


def is_array(value: Any) -> bool:
    """Whether the value is a plain numpy array; subclasses (matrix, memmap, masked) are not."""
    return type(value) is library_member("numpy", "ndarray")


def find_array_class(cls: Any) -> Any:
    """Return numpy's array class if `cls` is that or derives from it; else None."""
    array = library_member("numpy", "ndarray")
    if array is None or cls is array:
        return array
    return array if derives_from(cls, array) else None


def find_array_base(array: Any) -> Any:
    """Return the array at the end of the chain of views; None if that is something else or too far."""
    cls = class_of(array)
    for _ in range(_CHAIN):
        if array.flags.owndata:
            return array
        array = array.base
        if type(array) is not cls:
            return None
    return None


def elements_readable(array: Any) -> bool:
    """Whether touching elements is safe."""
    return find_array_base(array) is not None


def dtype_name(dtype: Any) -> str:
    """Return the name of an element type, bounded; numpy takes long to write even its own ones."""
    if getattr(dtype, "isbuiltin", 0) != 1:
        return str(dtype)[:_NAME_CHARACTERS]
    name = _dtype_names.get(dtype.num)
    if name is None or dtype.kind not in _NUMBERS or not dtype.isnative:
        name = _dtype_names[dtype.num] = str(dtype)
    return name


def classes_in(dictionary: Any, keys: list[Any]) -> list[Any]:
    """Return the classes of what a dictionary keeps under some texts, holding no value; of MISSING where nothing is."""
    return list(mapped(class_of, mapped(_dict.get, repeat(dictionary), keys, repeat(MISSING))))


def take_look_in(dictionary: Any, key: str, cls: Any) -> Any:
    """Return what a dictionary keeps under a text, as `take_look` does; MISSING if nothing.

    Args:
        dictionary: of the person's.
        key: where in it.
        cls: the value's class, as `classes_in` gave it.

    Raises:
        Changed: another value came there in between.
    """
    if id(cls) not in _NO_ARRAYS:
        return take_look(Place(_dict.get, dictionary, key, MISSING), cls)
    value = _dict.get(dictionary, key, MISSING)
    if class_of(value) is not cls:
        raise Changed
    return value


def take_look(place: Place, cls: Any = None) -> Any:
    """Return the value that is kept at a place; if that is an array, a look at it instead.

    Args:
        place: where it is.
        cls: its class, for one who knows it.

    Raises:
        Changed: another value came there in between.
    """
    if cls is None:
        cls = place.find_class()
    if id(cls) not in _NO_ARRAYS and find_array_class(cls) is not None:
        return ArrayLook(place, cls)
    value = place.take_out()
    if class_of(value) is not cls and value is not MISSING:
        raise Changed
    return value


@lru_cache(maxsize=2)
def _getters(array_class: Any) -> dict[str, Any]:
    """Return what gets a fact out of an array, by the fact's name."""
    own = array_class.__dict__
    return {name: own[name].__get__ for name in ("shape", "nbytes", "dtype", "flags", "base")}


def look_at_array(array: Any) -> ArrayLook:
    """Return a look at an array that somebody holds."""
    return ArrayLook(Place(itemgetter(0), (array,)), class_of(array))


class ArrayLook:
    """An array, or a part of one, as it was at one moment.

    Attributes:
        cls: its class, a subclass of numpy's maybe.
        shape: of the array or the part.
        size: bytes.
        dtype: numpy's.
    """

    __slots__ = ("_array", "_depth", "_place", "_start", "_whole", "cls", "dtype", "shape", "size")

    def __init__(self, place: Place, cls: Any) -> None:
        self._place = place
        self._array = find_array_class(cls)
        self.cls = cls
        get, values = _getters(self._array), place.values
        facts = (mapped(get["shape"], values(1)), mapped(get["nbytes"], values(1)), mapped(get["dtype"], values(1)))
        owns = mapped(_owns, mapped(get["flags"], values(1)))
        try:
            ((self.shape, self.size, self.dtype, owned),) = _zip(*facts, owns)
        except TypeError:  # it is no array any more
            raise Changed from None
        self._whole = self.shape
        self._start = 0
        self._depth: Any = 0 if owned else None

    @property
    def kind(self) -> str:
        """What it is, in a few words."""
        plain = "array" if self.cls is self._array else type_name(self.cls)
        return f"{dtype_name(self.dtype)} {plain}"

    @property
    def count(self) -> int:
        """How many elements it has."""
        return math.prod(self.shape)

    @property
    def readable(self) -> bool:
        """Whether elements are read at all: not of records, nor of subclasses that mean something else by them."""
        plain = self.cls is self._array or self.cls is library_member("numpy", "matrix")
        return plain and self.dtype.kind in _READABLE and self._owner_depth() is not None

    def _owner_depth(self) -> Any:
        """Return how many steps from view to base lead to the owner of the memory; None if none does."""
        if self._depth is None:
            for depth in range(1, _CHAIN):
                kind = next(mapped(class_of, self._bases(1, depth)))
                if find_array_class(kind) is None:
                    break
                if next(mapped(_owns, mapped(_getters(self._array)["flags"], self._bases(1, depth)))):
                    self._depth = depth
                    break
        return self._depth

    def _bases(self, times: int, depth: int) -> Any:
        bases = self._place.values(times)
        for _ in range(depth):
            bases = mapped(_getters(self._array)["base"], bases)
        return bases

    def part(self, key: Any) -> Any:
        """Return the part, or the element, that `array[key]` is.

        Args:
            key: an int, or a tuple of ints.

        Raises:
            IndexError: out of range.
            TypeError: not such a key.
        """
        keys: tuple[Any, ...] = key if class_of(key) is tuple else (key,)
        if any(class_of(each) is not int for each in keys) or len(keys) > len(self.shape):
            raise TypeError
        start = 0
        for each, length in zip(keys, self.shape):  # noqa: B905  the rest of the shape is the part's
            if not -length <= each < length:
                raise IndexError
            start = start * length + each % length
        rest = self.shape[len(keys) :]
        part = self._copy()
        part._start = self._start + start * math.prod(rest)  # noqa: SLF001  of this class
        part.shape = rest
        part.size = math.prod(rest) * self.dtype.itemsize
        return part if rest else part.elements(1)[0]

    def _copy(self) -> ArrayLook:
        copy = ArrayLook.__new__(ArrayLook)
        for name in ArrayLook.__slots__:
            setattr(copy, name, getattr(self, name))
        return copy

    def elements(self, count: int) -> list[Any]:
        """Return the first elements, in order, as Python values.

        Raises:
            Changed: the array is another one by now, or its memory is not its own any more.
        """
        count = min(count, self.count)
        depth = self._owner_depth()
        if depth is None or not count:
            return []
        get = _getters(self._array)
        same = mapped(self._whole.__eq__, mapped(get["shape"], self._place.values(count)))
        owned = mapped(_owns, mapped(get["flags"], self._bases(count, depth)))
        positions = range(self._start, self._start + count)
        items = mapped(self._array.item, self._place.values(count), positions)
        try:
            # A check that fails ends its filter and with it the zip, before the element beside it is touched.
            read = list(_zip(_filter(None, same), _filter(None, owned), items))
        except TypeError:
            raise Changed from None
        if len(read) < count:
            raise Changed
        return [item for _, _, item in read]
