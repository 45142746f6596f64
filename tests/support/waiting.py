"""Waiting for something outside this process that cannot be awaited, such as a file or another process's state."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def wait_until(find: Callable[[], T], what: str, *, seconds: float = 30) -> T:
    """Ask `find` again and again until its answer is true, and return that answer.

    Args:
        find: looks at the outside condition; must be quick.
        what: finishes the sentence "waited in vain for ...".
        seconds: when to give up.

    Raises:
        TimeoutError: the condition did not come true in time.
    """
    deadline = time.monotonic() + seconds
    while not (answer := find()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:g} s in vain for {what}")
        time.sleep(0.02)
    return answer
