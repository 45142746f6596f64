"""What is told of refused knocks: one line for each reason and token, however many there were."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, get_args

import jsonschema
import yaml

from mcp_notebook_server.access.door import Reason, Refusal
from mcp_notebook_server.access.refusals import REFUSAL_SCHEMA, Refusals

if TYPE_CHECKING:
    import pytest

SCHEMA = yaml.safe_load(REFUSAL_SCHEMA.read_text())


def refused(reason: Reason, token: str | None = None, said: str | None = None, status: int = 403) -> Refusal:
    return Refusal(status, reason, "a sentence", token=token, said=said)


def told_of(*refusals: Refusal) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []

    async def story() -> None:
        done = asyncio.Event()

        def take(facts: dict[str, Any]) -> None:
            told.append(facts)
            done.set()

        counted = Refusals(take, seconds=0.01)
        for refusal in refusals:
            counted.note(refusal)
        await done.wait()

    asyncio.run(story())
    for line in told:
        jsonschema.validate(line, SCHEMA)
    return told


def test_a_flood_is_one_line() -> None:
    [line] = told_of(*[refused("origin", said=f"https://{n}.example" + "x" * 5000) for n in range(10_000)])
    assert (line["refused"], line["status"], line["count"]) == ("origin", 403, 10_000)
    assert line["said"].startswith("https://0.example")
    assert len(line["said"]) == 200


def test_reasons_and_tokens_are_told_apart() -> None:
    lines = told_of(
        refused("expired token", "a"),
        refused("expired token", "b"),
        refused("calls", "a", status=429),
        refused("no token"),
        refused("no token"),
    )
    assert [(line["refused"], line.get("token"), line["count"]) for line in lines] == [
        ("expired token", "a", 1),
        ("expired token", "b", 1),
        ("calls", "a", 1),
        ("no token", None, 2),
    ]


def test_so_many_tokens_are_told_apart_and_no_more() -> None:
    assert len(told_of(*[refused("expired token", str(n)) for n in range(1000)])) == 200


def test_a_place_that_fails_keeps_no_other_from_it(caplog: pytest.LogCaptureFixture) -> None:
    told: list[dict[str, Any]] = []

    def fail(_: object) -> None:
        raise OSError("the disk is full")

    async def story() -> None:
        refusals = Refusals(fail, told.append)
        refusals.note(refused("host"))
        refusals.flush()
        refusals.flush()

    asyncio.run(story())
    assert len(told) == 1
    assert "could not be put on record" in caplog.text


def test_the_events_schema_knows_each_reason() -> None:
    assert set(SCHEMA["properties"]["refused"]["enum"]) == set(get_args(Reason))
