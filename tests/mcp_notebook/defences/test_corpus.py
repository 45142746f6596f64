"""The rules, measured: poisoned definitions that we wrote, and honest ones of published servers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mcp_notebook.defences.checking import check_definitions
from mcp_notebook.defences.definition import read_definition, read_instructions

CORPUS = Path(__file__).parent / "corpus"
POISONED = json.loads((CORPUS / "poisoned.json").read_text(encoding="utf-8"))
HONEST = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(CORPUS.glob("honest/*.json"))}
MOST_FALSE_ALARMS = 0.02


def _rules_that_find(one: dict[str, Any]) -> set[str]:
    definition = read_definition(one["kind"], one["definition"])
    return {finding.rule for finding in check_definitions("evil", [definition], one.get("others"))}


@pytest.mark.parametrize("one", POISONED, ids=lambda one: one["id"])
def test_what_a_rule_claims_is_found_and_what_none_claims_is_said(one: dict[str, Any]) -> None:
    if one["claims"]:
        assert set(one["claims"]) <= _rules_that_find(one)
    else:
        assert one["missed"]
        assert not _rules_that_find(one), "a rule finds it now: claim it"


@pytest.mark.parametrize("half", ["written on", "held-out"])
def test_at_most_two_of_a_hundred_honest_definitions_are_flagged(half: str) -> None:
    checked = 0
    flagged: set[str] = set()
    for server, listed in HONEST.items():
        if listed["half"] == half:
            definitions = [read_definition(one["kind"], _without_kind(one)) for one in listed["definitions"]]
            definitions += read_instructions(listed["instructions"])
            checked += len(definitions)
            flagged |= {finding.subject for finding in check_definitions(server, definitions)}
    assert checked >= 150
    assert len(flagged) / checked <= MOST_FALSE_ALARMS, sorted(flagged)


def _without_kind(one: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name != "kind"}


def test_the_corpus_is_large_enough_to_measure_with() -> None:
    assert sum(bool(one["claims"]) for one in POISONED) >= 60
    assert sum(len(listed["definitions"]) for listed in HONEST.values()) >= 200
    assert all(listed["source"] and listed["version"] and listed["licence"] for listed in HONEST.values())
