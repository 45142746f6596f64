"""Progress, and the state of a task, on their way from the loop thread to where they are shown.

Knows that a server may tell more than can be taken. Refuses to know what progress looks like.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable

__all__ = ["OnProgress", "OnTask", "TaskState", "deliver_to", "post_to"]

OnProgress = Callable[[float, float | None, str | None], object]
"""Called with the progress, the total (None if unknown) and a message (None if there is none)."""


@dataclass(frozen=True)
class TaskState:
    """How a task stands that a server has made of a call.

    Attributes:
        tool: that was called.
        status: "working", "input_required", "completed", "failed" or "cancelled".
        message: the server's words; None if there are none.
    """

    tool: str
    status: str
    message: str | None = None


OnTask = Callable[[TaskState], object]
"""Called each time that the server says how a task stands."""

_MAX_WAITING = 1000


def deliver_to(
    post: Callable[[Callable[[], object]], object], on_progress: OnProgress
) -> Callable[..., Awaitable[None]]:
    """Make the coroutine function that the SDK awaits on the loop thread; `post` has the notification taken elsewhere.

    Where a server tells more than can be taken, the oldest are left out.
    """
    waiting: deque[tuple[float, float | None, str | None]] = deque(maxlen=_MAX_WAITING)
    posted = threading.Event()

    def take() -> None:
        posted.clear()  # first: whatever is added from now on posts again
        while waiting:
            on_progress(*waiting.popleft())

    async def deliver(progress: float, total: float | None, message: str | None) -> None:
        waiting.append((progress, total, message))
        if not posted.is_set():
            posted.set()
            post(take)

    return deliver


def post_to(post: Callable[[Callable[[], object]], object], on_task: OnTask) -> OnTask:
    """Make the function that is called on the loop thread; `post` has the state of the task taken elsewhere."""

    def hand_on(state: TaskState) -> None:
        post(partial(on_task, state))

    return hand_on
