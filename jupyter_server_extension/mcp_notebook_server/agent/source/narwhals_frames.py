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
    from collections.abc import Callable

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
        self.sort = engine.sort
        self.size = engine.size
        self.refusal = _refuse(engine, paid=paid)
        self.expressions = Expressions(read_schema(engine), orders_choices=engine.orders_choices)

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
    counts, ends = _find_figures(reader)
    answer["rows"] = counts[0]
    wanted = min(sample or _SAMPLE_ROWS, max(_SAMPLE_CELLS // max(len(schema), 1), 100))
    rows = reader.ask(lambda frame: frame.head(wanted), wanted) if columns else []
    if columns and len(rows) < answer["rows"]:
        answer |= {"sampled": True, "sample": len(rows)}
    for position, said in enumerate(columns):
        cells = [row[position] for row in rows]
        said.update({"nulls": counts[position + 1]} | _describe_cells(said["name"], cells, ends.get(said["name"], ())))
        reader.pause()
    return answer


def _find_figures(reader: EngineReader) -> tuple[list[int], dict[str, Any]]:
    """Return how many rows, and nulls of each column, there are; and least and greatest where they can be had."""
    expressions = reader.expressions
    counts = expressions.counts()
    ranked = [name for name in expressions.schema if expressions.ranked(name)]
    try:
        figures = reader.ask(lambda frame: frame.select(*counts, *expressions.ends(ranked)), 1)[0]
        found = _pair(ranked, figures[len(counts) :])
    except Refused as refusal:
        if refusal.kind != "not_supported":
            raise
        # Dask cannot order all that it keeps: what it can is known by the type.
        figures = reader.ask(lambda frame: frame.select(*counts), 1)[0]
        found: dict[str, Any] = {}
        for dtype in {str(expressions.schema[name]) for name in ranked}:
            found |= _find_ends(reader, [name for name in ranked if str(expressions.schema[name]) == dtype])
    return [int(each or 0) for each in figures[: len(counts)]], found


def _find_ends(reader: EngineReader, names: list[str]) -> dict[str, Any]:
    ends = reader.expressions.ends(names)
    try:
        return _pair(names, reader.ask(lambda frame: frame.select(*ends), 1)[0])
    except Refused as refusal:
        if refusal.kind != "not_supported":
            raise
        return {}


def _pair(names: list[str], ends: Any) -> dict[str, Any]:
    return {name: ends[2 * at : 2 * at + 2] for at, name in enumerate(names)}


def _describe_cells(name: str, sample: list[Any], ends: Any) -> dict[str, Any]:
    secret = names_credential(name)
    cells = to_cells(list(ends), secret=secret)
    said = {key: cell for key, cell in zip(("min", "max"), cells) if cell is not None}  # noqa: B905  Python 3.9 has no strict
    counted = count_cells(to_cells(sample, secret=secret), secret=secret)
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
        rows = chosen(frame)
        if keys:
            rows, names = expressions.add_keys(rows, keys)
            rows = reader.sort(rows, names, [bool(key.get("descending")) for key in keys], offset + limit)
        return rows.select(*dict.fromkeys(shown))

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
