"""Whole frames on their way out of the kernel: Arrow in small copies, for the worker that queries or writes them.

Knows how a frame is found anew for each copy and seen to be the same; refuses to know SQL and files. Each copy is a
complete Arrow stream of some rows, as many as fit into a slice of the agent's, so nothing of the person's is held while
the agent rests, and the cell beside it keeps its speed.

Only frames in memory are copied. What is lazy or distributed would have to be computed for that.
"""

from __future__ import annotations

import importlib.machinery
import os
import sys
import time
import weakref
from typing import TYPE_CHECKING, Any

from .export_arrow import find_arrow_export, find_polars_export
from .export_pandas import find_pandas_export
from .frames import find_frame
from .objects import class_of, type_name
from .paths import parse_path
from .refusals import Changed, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from .guest import Slice
    from .variables import Variables

__all__ = ["can_export", "export_dataframe", "find_worker", "list_dataframes"]

_MOST_BYTES = 256 << 20
_FIRST_CELLS = 4000
_WIDE = 16
"""Columns copied at once, where each costs something before its first row."""

_MOST_ROWS = 1 << 15
_BATCH_CELLS = 200_000
_HURRIED_CELLS = 100_000
_COPY_SECONDS = 0.0007
_NAMES_SHOWN = 20
_MOST_THREADS = 4


class _Seal:
    """Tells whether a frame is the one it was made for; holds nothing.

    Attributes:
        columns: the names of its columns.
    """

    def __init__(self, export: Any) -> None:
        self._marks = [weakref.ref(each) for each in export.marks()]
        self.columns = export.columns
        self._rows = export.rows

    def check(self, export: Any) -> None:
        """Raise Changed if it is another one, or has other rows or columns."""
        marks = export.marks()
        same = len(marks) == len(self._marks) and all(seen() is each for seen, each in zip(self._marks, marks))  # noqa: B905  Python 3.9 has no strict
        if not same or export.rows != self._rows or not export.is_named(self.columns):
            raise Changed


def export_dataframe(  # noqa: PLR0913, PLR0917  what can be asked for
    variables: Variables,
    work: Slice,
    name: str,
    columns: Any = None,
    mentioned: Any = None,
    offset: int = 0,
    limit: Any = None,
    hurry: bool = False,
) -> Generator[bytes, None, dict[str, Any]]:
    """Yield a frame as Arrow streams of some rows each, and return what was sent: `rows` and `columns`, of how many.

    Args:
        variables: where it is.
        work: paused between the copies.
        name: of the variable, or a path into one.
        columns: names, all of which must be there; None for all.
        mentioned: names in lower case, which may be columns; the others are left out. None for all.
        offset: the first row.
        limit: rows; None for all.
        hurry: copy a frame that is not large in one go: it is changed faster than it is copied otherwise.

    Raises:
        Refused: it cannot be copied, is too large, or was changed on the way.
    """
    find = _finder(variables, name)
    try:
        first = find()
        seal = _Seal(first)
        chosen = _choose(seal.columns, columns, mentioned)
        _check_size(name, first, len(chosen) / max(len(seal.columns), 1), offset, limit)
        answer = {"columns": [seal.columns[each] for each in chosen], "known": seal.columns, "total": first.rows}
        rows = range(min(offset, first.rows), first.rows if limit is None else min(offset + limit, first.rows))
        if hurry and len(rows) * len(chosen) <= _HURRIED_CELLS:
            pieces, encode = [first.copy(chosen, rows)], class_of(first).encode
            del first
            yield from encode(answer["columns"], pieces, work.pause)
        else:
            del first
            yield from _copies(find, seal, chosen, rows, work)
        return {**answer, "rows": len(rows)}
    except (Changed, IndexError, KeyError, RuntimeError):
        raise Refused("changing", f"`{name}` was changed by the running cell while it was read. Try again.") from None


def _copies(
    find: Callable[[], Any], seal: _Seal, columns: list[int], rows: range, work: Slice
) -> Generator[bytes, None, None]:
    position, sent, height = rows.start, 0, _Height(_FIRST_CELLS // max(min(len(columns), _WIDE), 1))
    pieces: list[Any] = []
    gathered = 0
    while position < rows.stop or not sent:
        part = range(position, min(position + height.rows, rows.stop))
        piece, encode = _copy_rows(find, seal, columns, part, height, work)
        pieces.append(piece)
        position = part.stop
        gathered += len(part) * len(columns)
        if gathered >= _BATCH_CELLS or position >= rows.stop:
            names = [seal.columns[column] for column in columns]
            for block in encode(names, pieces, work.pause):
                sent += len(block)
                if sent > _MOST_BYTES:
                    raise Refused("too_large", _too_large(sent))
                yield block
            pieces, gathered = [], 0


def _copy_rows(  # noqa: PLR0913, PLR0917  one piece of `_copies`
    find: Callable[[], Any], seal: _Seal, columns: list[int], rows: range, height: _Height, work: Slice
) -> tuple[Any, Any]:
    """Return a copy of some rows, some columns at a time, and what encodes such copies."""
    copied = encode = None
    place = pieces = 0
    started, rested = time.perf_counter(), 0.0
    while copied is None or place < len(columns):
        export = find()
        encode, end = class_of(export).encode, place + (_WIDE if export.by_column else len(columns))
        part = export.copy(columns[place:end], rows)
        seal.check(export)  # afterwards: then what was copied is what it was made for
        del export
        copied = part if copied is None else copied + part
        place, pieces = end, pieces + 1
        resting = time.perf_counter()
        work.pause()
        rested += time.perf_counter() - resting
    height.adjust((time.perf_counter() - started - rested) / pieces)
    return copied, encode


class _Height:
    """How many rows to copy at once, so that it takes about as long as it may.

    Each copy costs something for each column before the first row: what the quickest one took is no reason for less.

    Args:
        rows: for the first copy.
    """

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self._least = 1.0

    def adjust(self, seconds: float) -> None:
        """Learn from how long a copy took."""
        self._least = min(self._least, max(seconds, 1e-6))
        factor = max(_COPY_SECONDS, 2 * self._least) / max(seconds, 1e-6)
        self.rows = max(1, min(int(self.rows * min(max(factor, 0.25), 2.0)), _MOST_ROWS))


def _finder(variables: Variables, name: str) -> Callable[[], Any]:
    path = parse_path(name)
    pyarrow = _get_pyarrow()

    def find() -> Any:
        value = variables.get(path)
        export = _find_export(value, pyarrow)
        if export is None:
            raise _refuse(variables, name, value)
        return export

    return find


def _find_export(value: Any, pyarrow: Any) -> Any:
    return find_pandas_export(value, pyarrow) or find_arrow_export(value, pyarrow) or find_polars_export(value)


def can_export(value: Any) -> bool:
    """Whether the value is a frame in memory, of a library whose frames are copied."""
    return _find_export(value, None) is not None


def _is_frame(value: Any) -> bool:
    return find_frame(value) is not None


def _refuse(variables: Variables, name: str, value: Any) -> Refused:
    if find_frame(value) is not None:
        return Refused(
            "not_in_memory",
            f"`{name}` is a {type_name(class_of(value))}, which would have to be computed first. Only frames in memory "
            "are queried: pandas, Polars (eager) and PyArrow. Use read_dataframe for this one.",
        )
    kind = type_name(class_of(value))
    return Refused("not_a_dataframe", f"`{name}` is a {kind}, not a dataframe. {_name_frames(variables)}")


def _name_frames(variables: Variables) -> str:
    names = [name for name in variables.names() if find_frame(variables.find(name)) is not None]
    return f"Dataframes here: {', '.join(names[:_NAMES_SHOWN])}." if names else "There is no dataframe here."


def _choose(names: list[str], columns: Any, mentioned: Any) -> list[int]:
    if columns is not None:
        unknown = [name for name in columns if name not in names]
        if unknown:
            known = ", ".join(names[:_NAMES_SHOWN])
            raise Refused("unknown_column", f"There is no column `{unknown[0]}`. Columns: {known}.")
        return [names.index(name) for name in columns]
    if mentioned is None:
        return list(range(len(names)))
    wanted = set(mentioned)
    return [place for place, name in enumerate(names) if name.lower() in wanted] or [0][: len(names)]


def _check_size(name: str, export: Any, share: float, offset: int, limit: Any) -> None:
    """Refuse at once what is seen to be too large; `size` counts no text, so the copies are counted, too."""
    left = max(export.rows - offset, 0)
    part = share * min(left, left if limit is None else limit) / max(export.rows, 1)
    size = (export.size or 0) * part
    if size > _MOST_BYTES:
        raise Refused("too_large", f"`{name}`: {_too_large(int(size))}")


def _too_large(size: int) -> str:
    return f"{size >> 20} MB would have to be copied; {_MOST_BYTES >> 20} MB are allowed. Name fewer columns or rows."


def _get_pyarrow() -> Any:
    """Return pyarrow, which pandas imports wherever it is installed."""
    pyarrow = sys.modules.get("pyarrow")
    if pyarrow is None and "pandas" not in sys.modules:  # a Polars frame: Polars writes Arrow by itself
        return None
    if pyarrow is None:
        raise Refused("not_installed", f"That needs pyarrow in the kernel: {_how_to_install(['pyarrow'])}")
    return pyarrow


def find_worker(variables: Variables, _: Slice, needs: Any) -> dict[str, Any]:
    """Return which Python runs this kernel, where it keeps the libraries a worker needs, and how many threads are free.

    Args:
        variables: of the kernel.
        needs: their import names.

    Raises:
        Refused: kind "not_installed", saying what to install.
    """
    found = {name: importlib.machinery.PathFinder.find_spec(name, sys.path) for name in needs}
    missing = [name for name, spec in found.items() if spec is None]
    if missing:
        raise Refused("not_installed", f"That needs {' and '.join(missing)} in the kernel: {_how_to_install(missing)}")
    places = {os.path.dirname(os.path.dirname(spec.origin)) for spec in found.values() if spec and spec.origin}  # noqa: PTH120  quicker to import
    threads = 1 if variables.running() is not None else max(1, min(_MOST_THREADS, (os.cpu_count() or 1) - 1))
    return {"executable": sys.executable, "places": sorted(places), "threads": threads}


def _how_to_install(names: list[str]) -> str:
    return f"run `%pip install {' '.join(names)}` there, and restart it if it still says so."


def list_dataframes(  # noqa: PLR0913  what can be asked for
    variables: Variables,
    work: Slice,
    prefix: str = "",
    limit: int = 1000,
    *,
    in_memory: bool = False,
    columns_of: str = "",
) -> dict[str, Any]:
    """Return the names of the frames that may be seen, or the columns of one in memory.

    Args:
        variables: where they are.
        work: paused between them.
        prefix: what the names begin with.
        limit: at most this many.
        in_memory: leave out what would have to be computed.
        columns_of: name of the frame whose columns are meant; "" for frames.
    """
    if columns_of:
        export = _find_export(variables.get(parse_path(columns_of)), None)
        columns = [] if export is None else [each for each in export.columns if each.startswith(prefix)]
        return {"names": columns[:limit], "total": len(columns)}
    found: list[str] = []
    for name in variables.names():
        if name.startswith(prefix) and (can_export if in_memory else _is_frame)(variables.find(name)):
            found.append(name)
        work.pause()
    return {"names": found[:limit], "total": len(found)}
