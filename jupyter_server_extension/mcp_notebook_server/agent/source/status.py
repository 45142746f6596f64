"""What the kernel is doing: which cell runs, and since when.

Knows where ipykernel keeps the request it executes, on its 6 and 7 lines: in the frame of `execute_request`, on the
main thread's stack while the cell computes, in a waiting task while it awaits.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
import threading
from typing import Any

__all__ = ["find_request", "find_running"]

_DEEPEST = 20_000


def find_running(kernel: Any) -> dict[str, Any] | None:
    """Return {"since", "cell"?} of the request of a person (or front end) being executed; None if there is none.

    Args:
        kernel: ipykernel's; None where there is none.
    """
    request = find_request(kernel)
    if request is None or request.get("silent") is True:
        return None
    parent = request["parent"]
    started = request.get("metadata", {}).get("started") or parent["header"].get("date")
    running: dict[str, Any] = {"since": _iso(started)}
    cell = parent.get("metadata", {}).get("cellId")
    if type(cell) is str:
        running["cell"] = cell
    return running


def find_request(kernel: Any) -> dict[str, Any] | None:
    """Return the variables of ipykernel's `execute_request` for the cell on the main thread; None if there is none."""
    frame = sys._current_frames().get(threading.main_thread().ident or 0)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  as in guest
    found = _find_in_stack(frame)
    del frame  # it holds what the cell's functions hold
    return found or _find_in_tasks(getattr(getattr(kernel, "io_loop", None), "asyncio_loop", None))


def _find_in_stack(frame: Any) -> dict[str, Any] | None:
    for _ in range(_DEEPEST):
        if frame is None:
            return None
        if _executes(frame):
            return dict(frame.f_locals)
        frame = frame.f_back
    return None


def _find_in_tasks(loop: Any) -> dict[str, Any] | None:
    if loop is None:
        return None
    for task in asyncio.all_tasks(loop):
        waiting: Any = task.get_coro()
        while waiting is not None:
            frame = getattr(waiting, "cr_frame", None)
            if frame is not None and _executes(frame):
                return dict(frame.f_locals)
            waiting = getattr(waiting, "cr_await", None)
    return None


def _executes(frame: Any) -> bool:
    code = frame.f_code  # and no look at the variables of a frame that may be the person's
    if code.co_name != "execute_request" or not code.co_filename.endswith("kernelbase.py"):
        return False
    return type(frame.f_locals.get("parent")) is dict


def _iso(time: Any) -> str:
    if type(time) is dt.datetime:
        return time.astimezone(dt.timezone.utc).isoformat()  # noqa: UP017  Python 3.9 has no datetime.UTC
    return str(time)
