"""What the audit keeps of arguments: names and sizes, never a value."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcp_notebook_server.short_form import shorten_arguments
from mcp_notebook_server.tools import TOOLS

SECRET = "hunter2-der-Geheime"  # noqa: S105 - a test's


def test_names_and_numbers_that_say_how_much_are_kept() -> None:
    arguments = {"kernel": "k1", "name": "frame", "columns": ["city", "rain"], "offset": 20, "limit": None}
    assert shorten_arguments(arguments) == arguments


PRINTS = hashlib.sha256(b"print(1)").hexdigest()[:16]


@pytest.mark.parametrize("name", ["code", "sql", "source", "old", "new"])
def test_code_is_its_length_and_the_beginning_of_its_hash(name: str) -> None:
    assert shorten_arguments({name: "print(1)"}) == {name: {"length": 8, "sha256": PRINTS}}


def test_conditions_lose_what_they_compare_with() -> None:
    where = [{"column": "name", "op": "=", "value": SECRET}, {"column": "age", "op": ">", "value": 42}]
    assert shorten_arguments({"where": where, "sort": [{"column": "age", "descending": True}]}) == {
        "where": [
            {"column": "name", "op": "=", "value": {"kind": "string", "length": len(SECRET)}},
            {"column": "age", "op": ">", "value": {"kind": "number"}},
        ],
        "sort": [{"column": "age", "descending": True}],
    }


@pytest.mark.parametrize(
    ("value", "described"),
    [
        (SECRET, {"kind": "string", "length": len(SECRET)}),
        ([SECRET], {"kind": "array", "length": 1}),
        ({SECRET: SECRET}, {"kind": "object", "length": 1}),
        (1234, {"kind": "number"}),
        (True, {"kind": "boolean"}),
        (None, {"kind": "null"}),
    ],
)
def test_argument_that_is_not_known_is_described(value: Any, described: object) -> None:
    assert shorten_arguments({"goal": value}) == {"goal": described}


def test_name_that_a_host_made_up_is_not_kept() -> None:
    described = {"kind": "number"}
    assert shorten_arguments({"limit": 1, SECRET: 2}) == {"limit": 1, "unknown 2": described}
    assert shorten_arguments({"where": [{SECRET: 2}]}) == {"where": [{"unknown 1": described}]}


def test_known_argument_of_the_wrong_kind_is_described() -> None:
    assert shorten_arguments({"kernel": {"secret": SECRET}, "path": [[SECRET]]}) == {
        "kernel": {"kind": "object", "length": 1},
        "path": [{"kind": "array", "length": 1}],
    }


def test_every_argument_of_every_tool_is_kept_hashed_or_taken_apart_but_for_what_is_searched() -> None:
    for tool in TOOLS:
        for name in tool.arguments.model_fields:
            short = shorten_arguments({name: "x"})[name]
            assert name in ("where", "sort", "text") or short == "x" or "sha256" in short, f"{tool.name}: {name}"


JSON = st.recursive(
    st.sampled_from([SECRET, f"a {SECRET}", 7, None, True]),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.just(SECRET) | st.text(max_size=9), inner, max_size=5)
    ),
    max_leaves=10,
)


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from(["code", "where", "value", "goal", SECRET]) | st.text(min_size=15), JSON))
def test_no_value_gets_through_and_the_result_is_small(arguments: dict[str, Any]) -> None:
    text = json.dumps(shorten_arguments(arguments))
    assert SECRET not in text
    assert len(text) < 20_000


def test_deep_nesting_is_not_followed() -> None:
    deep: Any = SECRET
    for _ in range(5000):
        deep = [{"where": deep}]
    assert shorten_arguments({"where": deep}) == {"where": [{"where": {"kind": "array", "length": 1}}]}


def test_a_host_that_sends_much_is_cut_short() -> None:
    short = shorten_arguments({f"argument {i}": "x" for i in range(1000)} | {"name": "x" * 10_000})
    assert short["..."] == 981
    assert shorten_arguments({"name": "x" * 10_000})["name"] == "x" * 197 + "..."
    assert shorten_arguments({"columns": ["c"] * 1000})["columns"][-1] == {"more": 980}
