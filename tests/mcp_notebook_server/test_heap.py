"""When objects are frozen, and when what has ended is collected; in this very process, which is thawed again."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from mcp_notebook_server.heap import Heap

if TYPE_CHECKING:
    from collections.abc import Iterator


class Ring:
    """Garbage that only a collection finds."""

    def __init__(self) -> None:
        self.ring = self


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    gc.collect()
    yield
    gc.unfreeze()


def test_what_is_there_at_the_start_is_looked_at_no_more() -> None:
    Heap(lambda: True).start()
    assert len(gc.get_objects()) < gc.get_freeze_count()


def test_sessions_that_come_are_frozen_by_the_fifty() -> None:
    heap = Heap(lambda: True)
    heap.start()
    for held, frozen in ((49, False), (50, True), (60, False), (20, False), (70, True)):
        ring = Ring()
        heap.follow(held)
        assert (id(ring) not in {id(each) for each in gc.get_objects()}) is frozen, held


def test_what_has_ended_is_collected_when_much_has_and_nobody_would_notice() -> None:
    calm = False
    heap = Heap(lambda: calm)
    heap.follow(1000)
    ring = Ring()
    heap.follow(2000)
    gone = weakref.ref(ring)
    del ring
    assert heap.follow(1900) is False
    assert heap.follow(1700) is True
    assert gone() is not None
    calm = True
    assert heap.follow(1700) is False
    assert gone() is None


def test_very_much_is_collected_in_any_case() -> None:
    heap = Heap(lambda: False)
    ring = Ring()
    heap.follow(3000)
    gone = weakref.ref(ring)
    del ring
    assert heap.follow(1001) is True
    assert gone() is not None
    assert heap.follow(1000) is False
    assert gone() is None
