from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import json
import math
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import BaseModel

from mcp_notebook.values import to_json


class Wood(enum.Enum):
    OAK = "oak"


class Board(BaseModel):
    made: dt.date


@dataclasses.dataclass
class Cut:
    at: Decimal


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": (1, 2.5, None, True)}, {"a": [1, 2.5, None, True]}),
        ({1: {"x"}}, {"1": ["x"]}),
        (np.int64(3), 3),
        (np.float64(2.5), 2.5),
        (np.bool_(True), True),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        (pd.Timestamp("2026-11-22T10:00:00Z"), "2026-11-22T10:00:00+00:00"),
        (pd.NaT, None),
        (dt.date(2026, 11, 22), "2026-11-22"),
        (dt.timedelta(minutes=1), 60.0),
        (Path("/tmp/x"), "/tmp/x"),  # noqa: S108  only a text
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Wood.OAK, "oak"),
        (Board(made=dt.date(2026, 1, 2)), {"made": "2026-01-02"}),
        (Cut(Decimal("1.5")), {"at": 1.5}),
        (pd.Series([1.0, float("nan")]), [1.0, None]),
    ],
)
def test_what_people_have_becomes_json(value: Any, expected: Any) -> None:
    assert to_json(value) == expected
    json.dumps(to_json(value), allow_nan=False)


def test_a_data_frame_becomes_records_without_missing_values() -> None:
    frame = pd.DataFrame({"n": [1, None], "when": pd.to_datetime(["2026-11-22", None]), "s": ["a", None]})
    assert to_json(frame) == [
        {"n": 1.0, "when": "2026-11-22T00:00:00", "s": "a"},
        {"n": None, "when": None, "s": None},
    ]


@pytest.mark.parametrize("value", [object(), b"bytes", print, {"a": object()}])
def test_what_has_no_evident_form_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="no evident JSON form"):
        to_json(value)


@pytest.mark.parametrize(
    "value", [math.nan, [1.0, math.inf], {"a": -math.inf}, Decimal("NaN"), np.array([1.0, np.nan])]
)
def test_a_number_that_json_has_no_word_for_is_no_null(value: Any) -> None:
    with pytest.raises(TypeError, match=r"it has -?(nan|inf), for which JSON has no word; replace it"):
        to_json(value)
