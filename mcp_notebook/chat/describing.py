"""A variable of the notebook as a model gets it: what it is, and how it begins; never all of it.

Knows frames of every library, by narwhals, arrays and whatever has a JSON form. What looks like a secret is replaced.
On the thread that runs the cells: these are the person's own objects.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mcp_notebook.credentials import HIDDEN, hide_in_text, names_credential
from mcp_notebook.display import one_line
from mcp_notebook.values import to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["describe_variable"]

_ROWS = 5
_MAX_COLUMNS = 100
_MAX_CELL = 200  # characters
_MAX_CHARACTERS = 4000


def describe_variable(name: str, value: Any) -> tuple[str, str]:
    """Describe a variable.

    Returns:
        One line for the person, such as `$sales (1,000 rows, 3 columns)`, and the text that a model gets.
    """
    described = _describe_frame(value) or _describe_value(value)
    if names_credential(name):
        described = (described[0], HIDDEN)
    return f"${name} ({described[0]})", hide_in_text(described[1])


def _describe_frame(value: Any) -> tuple[str, str] | None:
    """Describe a data frame or a series by its schema and its head; None if it is none."""
    import narwhals as nw  # noqa: PLC0415  not before somebody attaches something

    found: Any = nw.from_native(value, pass_through=True, allow_series=True)
    if isinstance(found, nw.LazyFrame):
        return "a lazy frame, not collected", _schema(found.collect_schema().items())
    if isinstance(found, nw.Series):
        found = found.to_frame()
    if not isinstance(found, nw.DataFrame):
        return None
    rows, columns = found.shape
    names = found.columns[:_MAX_COLUMNS]
    table = _table(names, found.select(names).head(_ROWS).rows())
    more = f"\n… {columns - _MAX_COLUMNS:,} more columns" if columns > _MAX_COLUMNS else ""
    schema = _schema(list(found.schema.items())[:_MAX_COLUMNS])
    size = f"{rows:,} row{'' if rows == 1 else 's'}, {columns:,} column{'' if columns == 1 else 's'}"
    return size, f"A table of {size}. Its columns:\n{schema}{more}\n\nIts first rows:\n{table}"


def _schema(columns: Iterable[tuple[str, Any]]) -> str:
    return "\n".join(f"- {one_line(str(name), _MAX_CELL)}: {kind}" for name, kind in columns)


def _table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join("| " + " | ".join(one_line(str(cell), _MAX_CELL) for cell in line) + " |" for line in lines)


def _describe_value(value: Any) -> tuple[str, str]:
    kind = type(value).__name__
    shape: Any = getattr(value, "shape", None)
    if shape is not None and hasattr(value, "dtype"):
        return f"{kind} {tuple(shape)}", f"A {kind} of shape {tuple(shape)} and type {value.dtype}:\n{_cut(str(value))}"
    try:
        text = json.dumps(to_json(value), ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return kind, f"A {kind}:\n{_cut(repr(value))}"
    size = f" of {len(value):,}" if hasattr(value, "__len__") else ""
    return f"{kind}{size}", f"A {kind}{size}:\n{_cut(text)}"


def _cut(text: str) -> str:
    more = len(text) - _MAX_CHARACTERS
    return text if more <= 0 else f"{text[:_MAX_CHARACTERS]}\n… {more:,} more characters"
