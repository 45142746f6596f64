"""Frames of libraries that compute for themselves: asked through narwhals, which says the same thing to each of them.

Conditions, order and figures are pushed down; only the rows of a page come back. A library's own file says how a frame
of it is recognised, what must not be computed, and how rows come out. narwhals is imported when the first such frame is
read: that takes 150 to 350 ms in which the running cell gets the lock every 5 ms, for no import can be cut in pieces.

The one place that refuses what may cost money is `_refuse`; a grant comes in as `paid`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .cells import to_cell, to_cells
from .credentials import names_credential
from .describing import count_cells
from .expressions import Expressions
from .refusals import Refused
from .tables import name_rows, take_fitting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .engines import Engine
    from .guest import Slice

__all__ = ["EngineReader", "describe_engine", "read_engine", "read_schema"]

_SAMPLE_ROWS = 2000
_SAMPLE_CELLS = 20_000
_PAGE_ROWS = 1000
_SECONDS = 8.0
"""How long an engine may compute; the host waits ten."""


class EngineReader:
    """Asks one frame, query by query. A plan is kept in between; a frame in memory is found anew for each query.

    Args:
        find: gives the frame as it is now; refuses if there is none.
        work: paused between queries.
        paid: whether computing may cost money.
    """

    def __init__(self, find: Callable[[], Engine], work: Slice, *, paid: bool) -> None:
        engine = find()
        self._find = (lambda: engine) if engine.lazy else find
        self.pause = work.pause
        self.lazy = engine.lazy
        self.rows = engine.rows
        self.size = engine.size
        self.refusal = _refuse(engine, paid=paid)
        self.expressions = Expressions(read_schema(engine), nan_is_null=engine.nan_is_null)

    def ask(self, build: Callable[[Any], Any], limit: int, offset: int = 0) -> list[Any]:
        """Return rows of a query, as tuples of Python values.

        Args:
            build: makes the query of narwhals' frame.
            limit: how many rows.
            offset: of the first one.
        """
        engine = self._find()
        try:
            query = build(_narwhals().from_native(engine.native)).to_native()
            return engine.fetch(query, offset, limit, _SECONDS)
        except Refused:
            raise
        except Exception as error:  # noqa: BLE001  each library has its own, and their texts could be the person's data
            raise Refused("not_supported", f"{engine.library} cannot do that: {type(error).__name__}.") from None
        finally:
            del engine
            self.pause()


def describe_engine(reader: EngineReader, sample: Any) -> dict[str, Any]:
    """Return `describe_dataframe`'s answer; without figures where computing is refused.

    Args:
        reader: of the frame.
        sample: rows to look at for different and most frequent cells; None for as many as are quick.
    """
    schema = reader.expressions.schema
    columns: list[dict[str, Any]] = [{"name": name, "dtype": str(dtype)} for name, dtype in schema.items()]
    answer: dict[str, Any] = {"columns": columns, "lazy": reader.lazy, "sampled": False}
    answer |= {key: value for key, value in (("rows", reader.rows), ("size", reader.size)) if value is not None}
    if reader.refusal:
        return answer | {"not_computed": reader.refusal}
    figures = iter(reader.ask(lambda frame: frame.select(*reader.expressions.figures()), 1)[0])
    answer["rows"] = int(next(figures))
    wanted = min(sample or _SAMPLE_ROWS, max(_SAMPLE_CELLS // max(len(schema), 1), 100))
    rows = reader.ask(lambda frame: frame.head(wanted), wanted) if columns else []
    if columns and len(rows) < answer["rows"]:
        answer |= {"sampled": True, "sample": len(rows)}
    for position, said in enumerate(columns):
        said.update(_describe_column(reader, said["name"], [row[position] for row in rows], figures))
        reader.pause()
    return answer


def _describe_column(reader: EngineReader, name: str, cells: list[Any], figures: Iterator[Any]) -> dict[str, Any]:
    secret = names_credential(name)
    said: dict[str, Any] = {"nulls": int(next(figures) or 0)}
    if reader.expressions.ranked(name):
        for end in ("min", "max"):
            cell = to_cell(next(figures), secret=secret)
            said |= {} if cell is None else {end: cell}
    counted = count_cells(to_cells(cells, secret=secret), secret=secret)
    return said | {key: counted[key] for key in ("unique", "top") if key in counted}


def read_engine(  # noqa: PLR0913, PLR0917  the contract's arguments
    reader: EngineReader,
    columns: Any = None,
    where: Any = None,
    sort: Any = None,
    offset: int = 0,
    limit: int = 20,
) -> dict[str, Any]:
    """Return `read_dataframe`'s answer."""
    if reader.refusal:
        raise Refused("not_computed", reader.refusal)
    expressions = reader.expressions
    wanted: list[str] = list(expressions.schema) if columns is None else columns
    shown = [expressions.find(name) for name in wanted]
    given: list[dict[str, Any]] = where or []
    conditions = [expressions.condition(each) for each in given]
    keys: list[dict[str, Any]] = sort or []

    def chosen(frame: Any) -> Any:
        return frame.filter(*conditions) if conditions else frame

    def page(frame: Any) -> Any:
        rows = expressions.sort(chosen(frame), keys, stable=not reader.lazy) if keys else chosen(frame)
        # What is sorted by comes along, last: Dask looks for it in the rows that are left.
        return rows.select(*dict.fromkeys([*shown, *(expressions.find(key["column"]) for key in keys)]))

    rows = reader.ask(page, min(limit, _PAGE_ROWS), offset) if shown else []
    cells = take_fitting(_to_rows(reader, shown, rows), reader.pause)
    total = None if conditions else reader.rows
    if total is None:
        length = _narwhals().len()
        total = int(reader.ask(lambda frame: chosen(frame).select(length), 1)[0][0])
    return name_rows(shown, cells, offset, total)


def _to_rows(reader: EngineReader, shown: list[str], rows: list[Any]) -> list[list[Any]]:
    """Return rows of cells; a column that is wanted twice has come once."""
    come = list(dict.fromkeys(shown))
    places = [(come.index(name), names_credential(name)) for name in shown]
    cells: list[list[Any]] = []
    for row in rows:
        cells.append([to_cell(row[place], secret=secret) for place, secret in places])
        reader.pause()
    return cells


def _narwhals() -> Any:
    try:
        return importlib.import_module("narwhals")
    except ImportError:
        raise Refused(
            "not_installed",
            "Only pandas can be read without narwhals. Ask the person to install it in the kernel's environment: "
            "%pip install narwhals.",
        ) from None


def read_schema(engine: Engine) -> dict[str, Any]:
    """Return narwhals' types of the columns by name, computing nothing."""
    schema = dict(_narwhals().from_native(engine.native).collect_schema())
    return schema | {name: _narwhals().Object() for name in engine.objects}


def _refuse(engine: Engine, *, paid: bool) -> str:
    """Return why the frame is not computed; "" if it may be."""
    if engine.runs_code:
        return f"{engine.runs_code} Reading never runs the person's code: use execute_code."
    if engine.costly and not paid:
        return f"{engine.costly} It is computed only with the person's permission: use execute_code."
    return ""
