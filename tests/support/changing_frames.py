"""Cells that change a dataframe over and over, and what every answer about it must say all the same.

In each row `b` is twice `a`, and `s` is `a` as text; the cell never changes a row's `a`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from mcp_notebook_server.agent.source.query_feed import Feed
from mcp_notebook_server.agent.source.refusals import Refused
from support.changing import Change

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.jupyter import JupyterServer

__all__ = ["EXPORTED", "FRAME_CHANGES", "is_exported", "open_feed"]

_PREPARE = """
import pandas, warnings
warnings.simplefilter("error")
warnings.filterwarnings("ignore", "The inplace keyword")  # on its way out of pandas, not yet out of cells
def make(rows):
    a = numpy.arange(rows)
    kinds = pandas.Categorical.from_codes(a % 3, ["x", "y", "z"])
    return pandas.DataFrame({{"a": a, "b": 2 * a, "s": a.astype(str), "c": 0.0, "kind": kinds}})
value = make({rows})
"""

_OPERATION = """
step = i % 9
if step == 0: value["more"] = float(i)
elif step == 1: value.sort_values("a", ascending=i % 2 == 0, inplace=True)
elif step == 2: value.drop(columns="more", errors="ignore", inplace=True)
elif step == 3: value.reset_index(drop=True, inplace=True)
elif step == 4: value = pandas.concat([value, value.iloc[:5]])
elif step == 5:
    assert not any(block.refs.has_reference() for block in value._mgr.blocks), "somebody holds a view"
    value.iloc[i % len(value), value.columns.get_loc("c")] = float(i)
elif step == 6: value = make({rows})
elif step == 7: value.set_index("kind", inplace=True)
else: value.reset_index(inplace=True)
"""

_ROWS = {"a short frame": 200, "a frame": 5_000}


def _rows_hold(columns: list[str], rows: list[list[Any]]) -> bool:
    a, b, s = (columns.index(name) for name in ("a", "b", "s"))
    kind = columns.index("kind") if "kind" in columns else None  # on its way to the index it is nowhere for a moment
    return all(
        row[b] == 2 * row[a] and row[s] == str(row[a]) and (kind is None or row[kind] == "xyz"[row[a] % 3])
        for row in rows
    )


def _page_holds(answer: dict[str, Any]) -> bool:
    return len(answer["rows"]) > 0 and _rows_hold(answer["columns"], answer["rows"])


def _sorted_page_holds(answer: dict[str, Any]) -> bool:
    a = [row[answer["columns"].index("a")] for row in answer["rows"]]
    return a == sorted(a, reverse=True) and min(a) >= _LEAST and _page_holds(answer)


def _description_holds(answer: dict[str, Any]) -> bool:
    said = {each["name"]: each for each in answer["columns"]}
    nothing_missing = all(each["nulls"] == 0 for each in answer["columns"])
    return nothing_missing and all(said["b"][end] == 2 * said["a"][end] for end in ("min", "max"))


_LEAST = 50

_READS: dict[str, tuple[str, dict[str, Any], Callable[[dict[str, Any]], bool]]] = {
    "paged": ("read_dataframe", {"offset": 10}, _page_holds),
    "searched and sorted": (
        "read_dataframe",
        {
            "where": [{"column": "a", "op": ">=", "value": _LEAST}],
            "sort": [{"column": "a", "descending": True}],
        },
        _sorted_page_holds,
    ),
    "described": ("describe_dataframe", {}, _description_holds),
}

FRAME_CHANGES: dict[str, Change] = {
    f"{frame}, {read}": Change(
        _PREPARE.format(rows=rows), _OPERATION.format(rows=rows), holds, tool, {"name": "value", **arguments}
    )
    for frame, rows in _ROWS.items()
    for read, (tool, arguments, holds) in _READS.items()
}

EXPORTED = Change(
    _PREPARE.format(rows=_ROWS["a frame"]),
    _OPERATION.format(rows=_ROWS["a frame"]),
    lambda table: _rows_hold(table["columns"], table["rows"]),
    "export_dataframe",
)
"""What a query does first: it reads the whole frame."""


def open_feed(server: JupyterServer, kernel_id: str) -> Feed:
    """Connect to the agent that is in a kernel, as the process does in which a query runs."""
    [told] = server.runtime_directory.glob(f"*/{kernel_id}/agent.json")
    return Feed(json.loads(told.read_text()), 10, pa)


def is_exported(feed: Feed) -> bool:
    """Whether all of `value` came, and not the answer that it changes at this moment.

    Raises:
        Refused: for any other reason.
        AssertionError: a row is none that the cell made.
    """
    try:
        table, _ = feed.read("value")
    except Refused as refusal:
        if refusal.kind != "changing":
            raise
        return False
    columns = table.to_pydict()
    assert _rows_hold([*columns], list(map(list, zip(*columns.values(), strict=True)))), table
    return True
