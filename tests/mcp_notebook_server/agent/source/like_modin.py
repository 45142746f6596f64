"""Frames of Modin, by an engine that computes in this process. Run by `test_modin_frames`, beside an older pandas."""

from __future__ import annotations

import os

os.environ["MODIN_ENGINE"] = "python"

from typing import Any

import modin.config
import modin.pandas
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_notebook_server.agent.source.refusals import Refused

from .others import bounded, check_frame, draw_table
from .shells import ask, describe, read

modin_pandas: Any = modin.pandas


def as_modin(table: pa.Table) -> Any:
    return modin_pandas.DataFrame(table.to_pandas(types_mapper=pd.ArrowDtype))


@bounded(20)
@given(st.data())
def test_what_is_read_is_what_is_there(data: Any) -> None:
    """Lists come out as NumPy's arrays, shown as such; choices of texts are Python objects in pandas before 3."""
    table = draw_table(data, without=["list", "choice"])
    check_frame(as_modin(table), table, data)


def test_nothing_is_said_in_the_person_s_cell(recwarn: pytest.WarningsRecorder) -> None:
    frame = as_modin(pa.table({"n": [3, 1, None], "word": ["x", None, "y"]}))
    recwarn.clear()
    assert read(frame, where=[{"column": "n", "op": ">", "value": 1}], sort=[{"column": "word"}])["rows"] == [[3, "x"]]
    assert describe(frame)["rows"] == 3
    assert not [str(each.message) for each in recwarn]


def test_many_parts_are_one_frame() -> None:
    frame = modin_pandas.concat([modin_pandas.DataFrame({"n": range(at, at + 100)}) for at in range(0, 1000, 100)])
    assert read(frame, sort=[{"column": "n", "descending": True}], columns=["n"], limit=2)["rows"] == [[999], [998]]
    assert describe(frame)["rows"] == 1000


def test_frame_of_a_cluster_is_described_by_its_columns_until_it_is_paid_for(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = as_modin(pa.table({"n": [1, 2]}))
    monkeypatch.setattr(modin.config.Engine, "get", classmethod(lambda _: "Ray"))
    with pytest.raises(Refused, match="Ray"):
        read(frame)
    described = ask({"frame": frame}, "describe_dataframe", name="frame")
    assert "Ray" in described["not_computed"]
    assert [each["name"] for each in described["columns"]] == ["n"]
