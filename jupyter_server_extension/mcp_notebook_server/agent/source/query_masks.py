"""Hides credentials in Arrow tables, before any SQL sees them.

What was never there no alias can show, and no condition can ask for. Knows Arrow's types; refuses to know what a
credential looks like (`credentials`).

As in `read_dataframe`: under the name of a credential all text is hidden, elsewhere what has the form of one.
"""

from __future__ import annotations

from typing import Any

from .cells import to_cell
from .credentials import HIDDEN, hide_credentials, names_credential
from .objects import class_of

__all__ = ["mask_table"]


def mask_table(pyarrow: Any, table: Any) -> Any:
    """Return the table with its credentials hidden."""
    columns = [
        pyarrow.chunked_array([_mask(pyarrow, chunk, names_credential(name)) for chunk in column.chunks])
        if column.num_chunks
        else column
        for name, column in zip(table.schema.names, table.columns)  # noqa: B905  Python 3.9 has no strict
    ]
    return pyarrow.table(columns, names=table.schema.names)


def _mask(pyarrow: Any, array: Any, secret: bool) -> Any:
    types, kind = pyarrow.types, array.type
    if types.is_dictionary(kind):
        return _mask(pyarrow, array.dictionary_decode(), secret)
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return _mask_text(pyarrow, array, secret)
    if types.is_struct(kind):
        fields = [(kind.field(place).name, child) for place, child in enumerate(array.flatten())]
        children = [_mask(pyarrow, child, secret or names_credential(name)) for name, child in fields]
        return pyarrow.StructArray.from_arrays(children, [name for name, _ in fields], mask=array.is_null())
    if types.is_float16(kind):
        return array.cast(pyarrow.float32())  # DuckDB has no smaller one
    if types.is_nested(kind) or types.is_binary(kind) or types.is_large_binary(kind):
        return _mask_nested(pyarrow, array, secret)
    return array


def _mask_text(pyarrow: Any, array: Any, secret: bool) -> Any:
    if not secret:
        values = array.to_pylist()
        text = "\n".join(value for value in values if value is not None)
        if hide_credentials(text) == text:  # the usual case, at the cost of one search
            return array
        return pyarrow.array([None if value is None else hide_credentials(value) for value in values], array.type)
    return _hide(pyarrow, array)


def _mask_nested(pyarrow: Any, array: Any, secret: bool) -> Any:
    """Mask lists of numbers not at all, bytes by their name, and other things inside things as texts of them."""
    types, kind = pyarrow.types, array.type
    if secret:
        return _hide(pyarrow, array)
    if not types.is_nested(kind):
        return array
    if types.is_list(kind) or types.is_large_list(kind):
        inner = kind.value_type
        if types.is_primitive(inner):
            return array
        if array.offset == 0 and (types.is_string(inner) or types.is_large_string(inner) or types.is_struct(inner)):
            values = _mask(pyarrow, array.values, secret)
            lists: Any = class_of(array)
            return lists.from_arrays(array.offsets, values, mask=array.is_null())
    return pyarrow.array([to_cell(value) for value in array.to_pylist()], pyarrow.string())


def _hide(pyarrow: Any, array: Any) -> Any:
    missing = array.is_null().to_pylist()
    return pyarrow.array([None if each else HIDDEN for each in missing], pyarrow.string())
