"""The gate of this notebook, made at the first question.

Knows how its parts belong together; one of each per event loop. Belongs on the loop thread.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from mcp_notebook.approval.gate import Gate
from mcp_notebook.approval.inbox import get_inbox
from mcp_notebook.approval.policy import get_policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_notebook.approval.asking import CellView
    from mcp_notebook.approval.question import Question

__all__ = ["get_gate"]

_gate: tuple[asyncio.AbstractEventLoop, Gate] | None = None


def get_gate() -> Gate:
    """Give the gate of the running loop."""
    global _gate  # noqa: PLW0603  the one of this process
    loop = asyncio.get_running_loop()
    if _gate is None or _gate[0] is not loop:
        _gate = loop, Gate(get_policy(), _new_view, get_inbox())
    return _gate[1]


def _new_view(question: Question, on_said: Callable[[Any], object]) -> CellView:
    from mcp_notebook.approval.widget import new_view  # noqa: PLC0415  the widget library costs a third of a second

    return new_view(question, on_said)
