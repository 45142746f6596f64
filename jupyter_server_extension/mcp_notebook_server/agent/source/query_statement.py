"""What one SQL statement names, by DuckDB's own parser: tables, columns, functions. Decides what it may name.

One statement that selects, from frames of the kernel by their plain names, with functions that compute. It runs in a
process where there is nothing else to be had, too: no file, no environment, no setting, no variable.
"""

from __future__ import annotations

import json
from typing import Any, cast

from .refusals import Refused

__all__ = ["Statement", "parse_statement"]

_TABLE_FUNCTIONS = frozenset(["range", "generate_series", "unnest", "repeat", "json_each", "json_tree"])
_FORBIDDEN = frozenset(
    [
        "getenv",
        "getvariable",
        "current_setting",
        "set_config",
        "write_log",
        "nextval",
        "currval",
        "json_serialize_plan",
        "pg_conf_load_time",
        "current_query",
        "query",
        "query_table",
    ]
)
_FORBIDDEN_BEGINNINGS = ("pragma_", "duckdb_", "read_", "parquet_", "sniff_", "glob", "which_secret")
_LONGEST = 20_000
_SHOWN = ("DESCRIBE", "SUMMARY")


class Statement:
    """What a statement names.

    Attributes:
        tables: names of what it selects from, as it writes them.
        own_tables: names it gives to its own subqueries, in lower case.
        names: all names in it that may be columns, in lower case.
        whole: whether it wants all columns.
    """

    def __init__(self) -> None:
        self.tables: list[str] = []
        self.own_tables: set[str] = set()
        self.names: set[str] = set()
        self.whole = False
        self._table_names: set[str] = set()

    def add(self, node: dict[str, Any]) -> None:
        """Take in one node of the parse tree.

        Raises:
            Refused: it names what no statement may.
        """
        kind = node.get("type")
        if kind == "BASE_TABLE":
            self._add_table(node)
        elif kind == "TABLE_FUNCTION":
            _check_table_function(str(node["function"].get("function_name", "")).lower())
        elif kind == "SHOW_REF" and (node.get("query") is None or node.get("show_type") not in _SHOWN):
            raise Refused("bad_sql", "Ask list_variables which dataframes there are; SHOW is not answered here.")
        elif node.get("class") == "FUNCTION":
            _check_function(node)
        names: list[Any] = [*node.get("column_names", ()), *node.get("using_columns", ())]
        self.names.update(str(name).lower() for name in names)
        if kind in ("STAR", "SHOW_REF", "PIVOT") or node.get("class") == "STAR" or node.get("ref_type") == "NATURAL":
            self.whole = True
        if "from_table" in node or kind == "SUBQUERY":
            self._table_names.add(str(node.get("alias", "")).lower())
        if "cte_map" in node:
            self.own_tables.update(str(each["key"]).lower() for each in node["cte_map"]["map"])

    def _add_table(self, node: dict[str, Any]) -> None:
        path = node.get("qualified_name", {}).get("path", [])
        if node.get("schema_name") or node.get("catalog_name") or len(path) > 1:
            name = ".".join(map(str, path)) or str(node["table_name"])
            raise Refused("bad_sql", f"`{name}`: dataframes are named by their variable alone, without a schema.")
        self.tables.append(node["table_name"])
        self._table_names.update((str(node.get("alias", "")).lower(), str(node["table_name"]).lower()))

    def finish(self) -> None:
        """See whether a whole row is meant somewhere, as in `select frame from frame`."""
        self.whole = self.whole or bool(self.names & (self._table_names - {""}))


def parse_statement(connection: Any, sql: str) -> Statement:
    """Return what a statement names.

    Args:
        connection: a DuckDB connection.
        sql: the host's.

    Raises:
        Refused: kind "bad_sql": it is not one statement that selects, or names what none may.
    """
    if len(sql) > _LONGEST:
        raise Refused("bad_sql", f"The statement has {len(sql)} characters; {_LONGEST} are allowed.")
    parsed = json.loads(connection.execute("select json_serialize_sql(?::varchar)", [sql]).fetchall()[0][0])
    if parsed.get("error"):
        raise Refused("bad_sql", _word_error(str(parsed.get("error_message", ""))))
    if len(parsed["statements"]) != 1:
        raise Refused("bad_sql", f"That is {len(parsed['statements'])} statements; one is answered at a time.")
    statement = Statement()
    _walk(parsed["statements"], statement)
    statement.finish()
    return statement


def _walk(tree: Any, statement: Statement) -> None:
    """Go through the tree without recursion: a host decides how deep it is."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            statement.add(cast("dict[str, Any]", node))
            waiting.extend(cast("dict[str, Any]", node).values())
        elif isinstance(node, list):
            waiting.extend(cast("list[Any]", node))


def _word_error(message: str) -> str:
    if "Only SELECT" in message:
        return "Only a statement that selects is answered: SELECT, FROM, WITH, VALUES, DESCRIBE or SUMMARIZE."
    return f"DuckDB: {message}"


def _check_table_function(name: str) -> None:
    if name not in _TABLE_FUNCTIONS:
        allowed = ", ".join(sorted(_TABLE_FUNCTIONS))
        raise Refused("bad_sql", f"`{name}` cannot be selected from here: only dataframes, and {allowed}.")


def _check_function(node: dict[str, Any]) -> None:
    name = str(node.get("function_name", "")).lower()
    if name in _FORBIDDEN or name.startswith(_FORBIDDEN_BEGINNINGS):
        raise Refused(
            "bad_sql", f"`{name}` is not available here: a query computes on dataframes and reads nothing else."
        )
