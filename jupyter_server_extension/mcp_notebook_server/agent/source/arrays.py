"""numpy arrays and scalars. Knows when an array's elements may be touched; refuses to make views of them.

Elements are read one by one with `item`, or copied with `take`, and only where the array, or the array it is a view of,
owns its memory: an array over a closed shared memory block crashes the kernel when an element is touched.
"""

from __future__ import annotations

from typing import Any

from .objects import class_of, library_member

__all__ = ["dtype_name", "elements_readable", "find_array_base", "is_array", "read_element", "summarize_array"]

_CHAIN = 16
_ROW_BYTES = 1 << 20
_NAME_CHARACTERS = 80

_dtype_names: dict[int, str] = {}


def is_array(value: Any) -> bool:
    """Whether the value is a plain numpy array; subclasses (matrix, memmap, masked) are not."""
    return type(value) is library_member("numpy", "ndarray")


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
    if name is None or dtype.kind not in "biufc" or not dtype.isnative:
        name = _dtype_names[dtype.num] = str(dtype)
    return name


def summarize_array(array: Any) -> tuple[list[int], int, str]:
    """Return shape, bytes and the name of the element type, touching no element."""
    return list(array.shape), array.nbytes, dtype_name(array.dtype)


def read_element(array: Any, key: Any) -> Any:
    """Return an element as a Python value, or a copy of a row.

    Args:
        array: a plain array whose elements are readable.
        key: an int, or a tuple of one int for each axis.

    Raises:
        IndexError: out of range.
        TypeError: not such a key, or the row is too large.
    """
    if type(key) is int and array.ndim > 1:
        if array.nbytes // max(array.shape[0], 1) > _ROW_BYTES:
            raise TypeError
        return array.take(key, axis=0)
    keys: Any = key if class_of(key) is tuple else (key,)
    if all(class_of(each) is int for each in keys):
        return array.item(key)
    raise TypeError
