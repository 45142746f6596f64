"""Ends the request that the kernel is at, if it is the one that is meant, and nothing else.

Knows that Python's lock is held between the look and the signal: from outside, the signal could come after the request
has ended, and hit the person's next cell.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from typing import TYPE_CHECKING, Any

from .status import find_request

if TYPE_CHECKING:
    from .guest import Slice
    from .variables import Variables

__all__ = ["interrupt"]


def interrupt(_: Variables, __: Slice, request: str) -> dict[str, Any]:
    """Interrupt the main thread, and the processes that it waits for, if it executes the request of that id."""
    found = find_request(sys.modules["IPython"].get_ipython().kernel)
    if found is None or found["parent"]["header"]["msg_id"] != request or _is_between():
        return {"interrupted": False}
    own_group = os.getpgrp() == os.getpid()
    (os.killpg if own_group else os.kill)(os.getpid(), signal.SIGINT)
    return {"interrupted": True}


def _is_between() -> bool:
    """Whether the main thread is at what ipykernel does around the code: interrupted there, it would send no reply."""
    frame: Any = sys._current_frames().get(threading.main_thread().ident or 0)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  as in guest
    names = {each.f_code.co_name for each, _ in traceback.walk_stack(frame)}
    return "execute_request" in names and "run_code" not in names
