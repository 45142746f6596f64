"""Tables of every format, as frames of both libraries."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pandas as pd
import polars as pl
import pytest
from mcp_types import CallToolResult
from polars.testing import assert_frame_equal

from mcp_notebook.errors import NotTabular, TableUnreadable
from mcp_notebook.results import Result

if TYPE_CHECKING:
    from mcp_notebook.session import Session

TABLES = [
    *("table://csv", "table://orders.csv", "table://tsv", "table://passed-on.csv"),
    *("table://records", "table://columns", "table://lines"),
    *("table://parquet", "table://orders.parquet?version=2", "table://stream", "table://orders.feather"),
]


@pytest.mark.parametrize("uri", TABLES)
def test_a_table_of_any_format_becomes_a_frame(archive: Session, uri: str) -> None:
    result = archive.read(uri)
    frame = result.DataFrame()
    assert frame.to_dict("list")["id"] == [1, 2, 3]
    assert frame["wood"].isna().tolist() == [False, True, False]
    assert isinstance(frame, pd.DataFrame)
    assert_frame_equal(result.polars(), pl.DataFrame({"id": [1, 2, 3], "wood": ["oak", None, "elm"]}))


def test_a_table_that_a_tool_embeds_becomes_a_frame(archive: Session) -> None:
    exported = archive.call("export")
    assert exported.DataFrame().shape == (3, 2)
    assert "<application/vnd.apache.parquet, " in repr(exported)
    assert repr(exported).endswith(" bytes; .DataFrame() reads it>")


def test_values_of_many_types_in_one_column_become_a_polars_frame() -> None:
    mixed = Result(CallToolResult(content=[], structured_content={"rows": [{"a": 1}, {"a": 2.5}, {"a": None}]}))
    assert mixed.polars()["a"].to_list() == [1.0, 2.5, None]


@pytest.mark.parametrize(
    ("uri", "sentence"),
    [
        ("text://plain", "This result is no table: it has text/plain. See .text, .structured and .content."),
        ("text://json", "This result is no table: it has structure. See .text, .structured and .content."),
        ("text://html.csv", "This result is no table: it has text/html. See .text, .structured and .content."),
        (
            "several://tables",
            (
                "This result is no table: it has 2 tables, each of which can be read by its URI. See .text, "
                ".structured and .content."
            ),
        ),
    ],
)
def test_what_is_no_table_says_what_it_is(archive: Session, uri: str, sentence: str) -> None:
    for to_frame in (archive.read(uri).DataFrame, archive.read(uri).polars):
        with pytest.raises(NotTabular) as wrong:
            to_frame()
        assert str(wrong.value) == sentence


@pytest.mark.parametrize(("uri", "kind"), [("broken://parquet", "Parquet"), ("broken://csv", "CSV")])
def test_a_table_that_is_broken_is_said(archive: Session, uri: str, kind: str) -> None:
    for to_frame in (archive.read(uri).DataFrame, archive.read(uri).polars):
        with pytest.raises(TableUnreadable) as wrong:
            to_frame()
        assert str(wrong.value).startswith(f"This result cannot be read as {kind}: ")
        assert str(wrong.value).endswith(". See .text and .content.")


WITHOUT_PACKAGES = """
import sys
sys.modules["polars"] = sys.modules["pyarrow"] = None  # as if they were not installed

from mcp_notebook.documents import Document
from mcp_notebook.errors import PackageMissing
from mcp_notebook.frames import to_pandas, to_polars

csv = Document("text/csv", "", "a,b\\n1,2\\n", None)
print(to_pandas(csv).shape)
for read, document in (
    (to_polars, csv),
    (to_pandas, Document("application/vnd.apache.parquet", "", None, "")),
    (to_pandas, Document("application/vnd.apache.arrow.stream", "", None, "")),
):
    try:
        read(document)
    except PackageMissing as missing:
        print(missing)
"""


def test_a_missing_package_is_named_and_the_rest_works() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_PACKAGES], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "(1, 2)",
        ".polars() needs the package polars, which is not installed: %pip install polars",
        "Reading Parquet needs the package pyarrow, which is not installed: %pip install pyarrow",
        "Reading Arrow needs the package pyarrow, which is not installed: %pip install pyarrow",
    ]
