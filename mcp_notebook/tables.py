"""Which JSON values are tables.

Knows the shapes in which servers send rows. Refuses to force anything else into one.
"""

from __future__ import annotations

from typing import Any, cast

from mcp_notebook.display import Table

__all__ = ["find_row", "find_table", "find_tables"]


def find_table(value: Any) -> Table | None:
    """Find the table in a JSON value; None if it is none.

    A table is a list of objects; an object with `columns` and `rows`; or an object of which exactly one member is such
    a table, as in `{"result": [...]}`.

    Args:
        value: what a server sent.
    """
    if isinstance(value, list):
        return _from_records(cast("list[Any]", value))
    if not isinstance(value, dict):
        return None
    members = cast("dict[str, Any]", value)
    table = _from_columns_and_rows(members.get("columns"), members.get("rows"))
    if table is not None:
        return table
    tables = find_tables(members)
    return next(iter(tables.values())) if len(tables) == 1 else None


def find_tables(value: Any) -> dict[str, Table]:
    """Find the members of an object that are lists of objects, by name; empty where there are none.

    Args:
        value: what a server sent.
    """
    members = cast("dict[Any, Any]", value).items() if isinstance(value, dict) else ()
    return {str(name): table for name, one in members if isinstance(one, list) and (table := find_table(one))}


def _from_records(records: list[Any]) -> Table | None:
    if not records or not all(isinstance(record, dict) for record in records):
        return None
    columns = list(dict.fromkeys(name for record in records for name in record))
    return Table(columns, [[record.get(name) for name in columns] for record in records])


def _from_columns_and_rows(columns: Any, rows: Any) -> Table | None:
    if not isinstance(columns, list) or not isinstance(rows, list):
        return None
    names = [str(one) for one in cast("list[Any]", columns)]
    whole = all(isinstance(row, list) and len(cast("list[Any]", row)) == len(names) for row in cast("list[Any]", rows))
    return Table(names, cast("list[list[Any]]", rows)) if whole else None


def find_row(value: Any) -> Table | None:
    """Find the one row that a flat object is: `{"city": "Seoul", "degrees": 3}`; None if it is none.

    Args:
        value: what a server sent; `{"result": 3}`, as the SDK sends what is no object, is no row.
    """
    if not isinstance(value, dict):
        return None
    members = cast("dict[str, Any]", value)
    flat = not any(isinstance(one, list | dict) for one in members.values())
    return Table(list(members), [list(members.values())]) if members and flat and set(members) != {"result"} else None
