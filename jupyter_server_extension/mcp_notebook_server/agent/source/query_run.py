"""One SQL statement over tables, in a DuckDB that is closed to everything else. Knows limits of rows, time and memory.

A new database in memory for each statement: nothing of one is there for the next.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
from typing import TYPE_CHECKING, Any

from .cells import to_cells
from .credentials import names_credential
from .query_masks import mask_table
from .query_statement import parse_statement
from .refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Database", "to_answer"]

_MEMORY = "512MB"
_CHARACTERS = 600_000
_NAMES_SHOWN = 20
_CLOSED: dict[str, Any] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "temp_directory": "",
    "memory_limit": _MEMORY,
}
_CLOSED_SINCE_1_1: dict[str, Any] = {
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "python_scan_all_frames": "false",
}


class Database:
    """A closed database in memory.

    Args:
        duckdb: the library.
        pyarrow: the library.
        threads: how many may compute.
        seconds: for the statement.
    """

    def __init__(self, duckdb: Any, pyarrow: Any, threads: int, seconds: float) -> None:
        self._duckdb = duckdb
        self._pyarrow = pyarrow
        self._seconds = seconds
        self._connection: Any = _connect(duckdb, {**_CLOSED, "threads": threads})
        self._connection.execute("set TimeZone = 'UTC'")
        self._views = {
            name.lower() for (name,) in self._connection.execute("select view_name from duckdb_views()").fetchall()
        }
        self._connection.execute("set lock_configuration = true")

    def select(self, sql: str, limit: int, read: Callable[[str, Any], tuple[Any, list[str]]]) -> Any:
        """Run a statement and return what it selects, as a table with the credentials hidden.

        Args:
            sql: the host's.
            limit: rows at most.
            read: gives the frame of a name, with the columns mentioned, as a table, and all its columns' names.

        Raises:
            Refused: it may not be run, fails, or does not end in time.
        """
        wanted = self._register(sql, read)
        watch = threading.Timer(self._seconds, self._connection.interrupt)
        watch.daemon = True
        watch.start()
        try:
            return self._fetch(sql, limit)
        except self._duckdb.InterruptException:
            raise Refused("too_slow", f"The query did not end within {self._seconds:g} s. Narrow it.") from None
        except (self._duckdb.OutOfMemoryException, MemoryError):
            raise Refused("too_large", f"The query needs more than its {_MEMORY} of memory. Narrow it.") from None
        except self._duckdb.Error as error:
            raise Refused("bad_sql", f"DuckDB: {_first_line(error)}{_name_tables(wanted)}") from None
        finally:
            watch.cancel()

    def _register(self, sql: str, read: Callable[[str, Any], tuple[Any, list[str]]]) -> dict[str, list[str]]:
        statement = parse_statement(self._connection, sql)
        mentioned = None if statement.whole else sorted(statement.names)
        tables: dict[str, list[str]] = {}
        for name in dict.fromkeys(statement.tables):
            own = name.lower() in statement.own_tables
            if own and name.lower() in self._views:
                raise Refused("bad_sql", f"`{name}` is a name of DuckDB's own. Call the subquery something else.")
            if name.lower() in map(str.lower, tables):
                raise Refused("bad_sql", f"SQL does not tell `{name}` from a name that differs in case only.")
            try:
                table, tables[name] = read(name, mentioned)
            except Refused as refused:
                if not own or refused.kind not in ("unknown_variable", "not_a_dataframe", "bad_path"):
                    raise
            else:
                self._connection.register(name, table)
        return tables

    def _fetch(self, sql: str, limit: int) -> Any:
        relation = self._connection.sql(sql).limit(limit)
        columns = list(relation.columns)
        table = relation.to_arrow_table() if hasattr(relation, "to_arrow_table") else relation.arrow()
        return mask_table(self._pyarrow, table.rename_columns(columns))


def _connect(duckdb: Any, settings: dict[str, Any]) -> Any:
    """Open a database; an older DuckDB has not all of the settings, and not all of what they shut."""
    try:
        return duckdb.connect(":memory:", config={**settings, **_CLOSED_SINCE_1_1})
    except duckdb.Error:
        return duckdb.connect(":memory:", config=settings)


def to_answer(pyarrow: Any, table: Any, limit: int) -> dict[str, Any]:
    """Return `columns`, `rows` and `truncated`, as `query_dataframe` answers.

    Args:
        pyarrow: the library.
        table: what was selected, with one row more than `limit` if there are more.
        limit: rows to give back.
    """
    cells = [
        _to_cells(pyarrow, column, secret=names_credential(name))
        for name, column in zip(table.schema.names, table.columns)  # noqa: B905  Python 3.9 has no strict
    ]
    rows = [list(row) for row in zip(*cells)]  # noqa: B905  as above
    fitting = _fit(rows[:limit])
    return {"columns": table.schema.names, "rows": rows[:fitting], "truncated": len(rows) > fitting}


def _fit(rows: list[list[Any]]) -> int:
    """Return how many rows one answer may carry; at least one."""
    left = _CHARACTERS
    for place, row in enumerate(rows):
        left -= len(json.dumps(row))
        if left < 0:
            return max(place, 1)
    return len(rows)


def _to_cells(pyarrow: Any, column: Any, *, secret: bool) -> list[Any]:
    """Return JSON values, as `read_dataframe` writes them."""
    types, kind = pyarrow.types, column.type
    if types.is_timestamp(kind):
        zone = "" if kind.tz is None else "+00:00"
        naive = column.cast(pyarrow.timestamp("us", kind.tz), safe=False).cast(pyarrow.timestamp("us"))
        return [None if each is None else each.isoformat() + zone for each in naive.to_pylist()]
    if types.is_duration(kind):
        column = column.cast(pyarrow.duration("us"), safe=False)
    try:
        values = column.to_pylist()
    except ValueError:  # finer than what the standard library has a type for
        values = [None if each is None else str(each) for each in column.cast(pyarrow.string()).to_pylist()]
    if types.is_interval(kind):
        values = [None if each is None else _write_interval(each) for each in values]
    if types.is_decimal(kind) and kind.scale == 0:  # sums of whole numbers
        values = [None if each is None else int(each) for each in values]
    return to_cells(values, secret=secret)


def _write_interval(interval: Any) -> str:
    rest = str(dt.timedelta(days=interval.days, microseconds=interval.nanoseconds // 1000))
    return f"{interval.months} months, {rest}" if interval.months else rest


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", maxsplit=1)[0][:500]


def _name_tables(tables: dict[str, list[str]]) -> str:
    said = [f"{name} ({', '.join(columns[:_NAMES_SHOWN])})" for name, columns in tables.items()]
    return f" Named here: {'; '.join(said)}." if said else ""
