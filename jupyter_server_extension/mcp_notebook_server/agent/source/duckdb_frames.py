"""DuckDB's relations, asked over a connection of their own to the same database.

The person's connection is never used: since DuckDB 2 a call on a connection that is busy fails, on either side, so a
read would make the person's cell fail (measured: 24,581 of 24,591 queries beside a reader). Not even the relation's
`columns` is asked for, since that looks at the connection. What only the person's connection sees cannot be read:
temporary tables, registered objects, and Python variables that a query reads.
"""

from __future__ import annotations

import re
from typing import Any

from .engines import Deadline, Engine, tell_apart
from .objects import library_member
from .refusals import Refused

__all__ = ["DuckFrame", "open_relation"]

_REMOTE = re.compile(r"\b(s3|gcs|gs|r2|az|azure|abfss?|hf|https?)://", re.IGNORECASE)
_ELSEWHERE = "SELECT count(*) FROM duckdb_databases() WHERE NOT internal AND type NOT IN ('duckdb', 'sqlite')"
_FUNCTIONS = (
    "SELECT DISTINCT function_name, parameter_types::VARCHAR FROM duckdb_functions() WHERE extension_name IS NULL"
)

_own_functions: set[tuple[str, str]] = set()
"""Names and types of the functions that DuckDB has by itself; filled at first use. A name may get other types, too."""


def open_relation(value: Any) -> DuckFrame:
    """Return one look at a relation.

    Raises:
        Refused: it cannot be asked over another connection.
    """
    if not hasattr(value, "_sources"):
        raise Refused("not_installed", "Relations can be read from DuckDB 2 on. Read a dataframe made from it instead.")
    if value._sources():  # noqa: SLF001  the only way to see them
        raise Refused("not_computed", "This relation reads Python objects. Read those, or use query_dataframe on them.")
    return DuckFrame(value._con, value.sql_query(), value._params)  # noqa: SLF001  as above


class DuckFrame(Engine):
    """One look at a query.

    Args:
        connection: the person's; only another one is made from it.
        sql: the query.
        parameters: its values.
    """

    library = "DuckDB"

    def __init__(self, connection: Any, sql: str, parameters: Any = None) -> None:
        self._own = connection.cursor()
        added = set(self._own.execute(_FUNCTIONS).fetchall()) - _functions_of_duckdb()
        self.runs_code = "This database has Python functions." if added else ""
        away = self._own.execute(_ELSEWHERE).fetchall()[0][0] > 0 or _REMOTE.search(sql) is not None
        self.costly = "This relation reads over the network." if away else ""
        self._parameters = parameters
        try:
            relation = self._ask(sql)
        except library_member("duckdb", "CatalogException"):
            raise Refused(
                "not_computed",
                "This relation reads something that only its own connection sees, such as a temporary table or a "
                "registered object. Make it a table, or use execute_code.",
            ) from None
        self.native = tell_apart(relation, relation.columns, lambda names: self._rename(sql, names))

    def _ask(self, sql: str) -> Any:
        return self._own.sql(sql, params=self._parameters) if self._parameters else self._own.sql(sql)

    def _rename(self, sql: str, names: list[str]) -> Any:
        quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
        return self._ask(f"SELECT * FROM ({sql}) AS frame({quoted})")  # noqa: S608  the person's query, and quoted names

    def fetch(self, query: Any, offset: int, limit: int, seconds: float) -> list[Any]:
        """Return rows, as tuples; computed by DuckDB's own threads, without Python's lock."""
        try:
            with Deadline(seconds, self._own.interrupt):
                return query.limit(limit, offset).fetchall()
        except library_member("duckdb", "InterruptException"):
            raise self.refuse_slow(seconds) from None


def _functions_of_duckdb() -> set[tuple[str, str]]:
    if not _own_functions:
        fresh = library_member("duckdb", "connect")()
        _own_functions.update(fresh.execute(_FUNCTIONS).fetchall())
        fresh.close()
    return _own_functions
