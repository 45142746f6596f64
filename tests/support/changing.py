"""Cells that change a variable over and over, and what every answer about it must say all the same."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from support.mcp import text_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mcp_types import CallToolResult

__all__ = ["CHANGES", "Change", "cell_of", "cell_until", "is_answer"]


@dataclass(frozen=True)
class Change:
    """One kind of change.

    Attributes:
        prepare: lines that make the variable `value`.
        operation: lines that change it, run over and over, with a number `i` that counts.
        holds: whether an answer about `value` says what must always be so.
        tool: what is asked about `value`.
        arguments: of the tool, without the kernel.
    """

    prepare: str
    operation: str
    holds: Callable[[dict[str, Any]], bool]
    tool: str = "inspect_variable"
    arguments: dict[str, Any] = field(default_factory=lambda: {"path": "value"})


def is_answer(change: Change, result: CallToolResult) -> bool:
    """Whether a read was answered, and not refused because the variable is not there or changes at this moment.

    Raises:
        AssertionError: the answer, or the refusal, is wrong.
    """
    text = text_of(result)
    if result.is_error:
        assert "no variable `value`" in text or "changes too fast" in text, text
        return "no variable `value`" in text  # it is true: the cell deletes it
    assert result.structured_content is not None
    assert change.holds(result.structured_content), result.structured_content
    return True


def _numbers(answer: dict[str, Any]) -> list[float]:
    return [float(each) for each in re.findall(r"-?\d+(?:\.\d+)?", answer["text"].partition("): ")[2])]


def _all_say_the_length(answer: dict[str, Any]) -> bool:
    return answer["size"] == 8 * answer["shape"][0] and set(_numbers(answer)) == {answer["shape"][0]}


def _shared_or_own(answer: dict[str, Any]) -> bool:
    return answer["shape"] == [5] and set(_numbers(answer)) <= {5.0}


def _pairs_agree(answer: dict[str, Any]) -> bool:
    found = re.search(r"'a': (\d+), 'b': (\d+)", answer["text"])
    return found is not None and found[1] == found[2]


CHANGES: dict[str, Change] = {
    "an array that is resized": Change(
        "value = numpy.full(10, 7.0)",
        "value.resize(10 + i % 50)",
        lambda answer: answer["size"] == 8 * answer["shape"][0] and set(_numbers(answer)) <= {7.0, 0.0},
    ),
    "an array that is replaced": Change(
        "value = numpy.full(10, 10.0)",
        "value = numpy.full(10 + i % 50, 10.0 + i % 50)",
        _all_say_the_length,
    ),
    "an array in a list that is resized": Change(
        "value = [numpy.full(10, 7.0), 1]",
        "value[0].resize(10 + i % 50)",
        lambda answer: answer["shape"] == [2] and answer["text"].endswith(", 1]"),
    ),
    "an array over shared memory that is closed": Change(
        "from multiprocessing.shared_memory import SharedMemory; value = numpy.full(5, 5.0)",
        "memory = SharedMemory(create=True, size=4096)\n"
        "value = numpy.ndarray((5,), buffer=memory.buf); value[:] = 5.0\n"
        "memory.close(); memory.unlink()\n"
        "value = numpy.full(5, 5.0)",
        _shared_or_own,
    ),
    "a list that grows and is cleared": Change(
        "value = []",
        "value.extend((i, i, i))\nif i % 100 == 0: value.clear()\nif i % 10 == 0: value.sort()",
        lambda answer: answer["shape"][0] % 3 == 0,
    ),
    "a dictionary that gets and loses keys": Change(
        "value = dict(a=0, b=0)",
        "value.update(a=i, b=i); value[f'k{i % 50}'] = i; value.pop(f'k{(i + 25) % 50}', None)",
        _pairs_agree,
    ),
    "a variable that is deleted and made again": Change(
        "value = [1, 1]",
        "del value; value = [i, i]; value = (i, i)",
        lambda answer: answer["shape"] == [2] and len(set(re.findall(r"\d+", answer["text"]))) == 1,
    ),
}


def cell_of(change: Change, seconds: float) -> str:
    """A cell that makes the change for some seconds and prints how often a second it could."""
    return _loop(change, f"time.perf_counter() - began < {seconds}") + f"print(i / {seconds})\n"


def cell_until(change: Change, end: Path) -> str:
    """A cell that makes the change until there is a file `end`."""
    return _loop(change, f"i % 50 or not os.path.exists({str(end)!r})")


def _loop(change: Change, condition: str) -> str:
    operation = "\n    ".join(change.operation.splitlines())
    return f"""
import numpy, os, time
{change.prepare}
i, began = 0, time.perf_counter()
while {condition}:
    i += 1
    {operation}
"""
