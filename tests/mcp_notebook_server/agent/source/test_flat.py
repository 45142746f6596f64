"""Simple values inside others are written in one go, and nothing else is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .shells import ask

if TYPE_CHECKING:
    from collections.abc import Callable

ATOMS = st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats() | st.sampled_from(["", "a", "é'\n", '"'])
SMALL = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.sampled_from(["id", "word", "x y"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def text_of(value: Any) -> str:
    return ask({"value": value}, "inspect_variable", path="value")["text"]


@given(st.lists(SMALL, min_size=1, max_size=3))
def test_small_values_read_as_repr_has_them(value: list[Any]) -> None:
    assert text_of(value) == repr(value)


def test_many_rows_are_cut_between_two_of_them() -> None:
    rows = [{"id": i, "tags": ("a", None)} for i in range(1000)]
    text = text_of(rows)
    assert text.startswith(repr(rows[:10])[:-1])
    assert text.endswith("}, ...]")


def test_what_lies_too_deep_is_not_counted_out() -> None:
    value: Any = [{"n": 1}] * 1000
    for _ in range(5):
        value = [value]
    assert text_of(value) == "[[[[[[{...}, {...}, {...}, {...}, {...}, {...}, {...}, {...}, ...]]]]]]"


class Loud:
    def __repr__(self) -> str:
        raise AssertionError

    __str__ = __repr__


SECRETS: dict[str, Callable[[], Any]] = {
    "under the name of a credential": lambda: [{"password": "hunter2 "}],
    "in the form of one": lambda: [{"x": "sk-hunter2-hunter2-hunter2"}],
    "deeper": lambda: [[{"api_key": "hunter2"}, 1]],
    "environment": lambda: [{**dict.fromkeys(["PATH", "HOME", "A", "B"], "hunter2")}],
    "copied environment": lambda: [{"n": {**dict.fromkeys(["PATH", "HOME", "A", "B"], "hunter2")}}],
}


@pytest.mark.parametrize("kind", SECRETS)
def test_what_is_to_be_hidden_is_hidden_inside(kind: str) -> None:
    assert "hunter2" not in text_of(SECRETS[kind]())


def test_history_is_not_shown_inside() -> None:
    history = ["", "print('hunter2')"]
    answer = ask({"In": history, "value": [[history, 1], 2]}, "inspect_variable", path="value")
    assert "hunter2" not in answer["text"]
    assert os.environ["PATH"] not in text_of([[os.environ, 1]])


@pytest.mark.parametrize("value", [[Loud(), 1], [{"a": Loud()}], [(1, Loud())], [{1: [Loud()]}]], ids=type)
def test_objects_inside_are_not_asked(value: list[Any]) -> None:
    assert "Loud>" in text_of(value)
