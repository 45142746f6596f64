"""Where this process talks to a person: a kernel's front end, a terminal, or nowhere."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["find_kernel", "has_console"]


def find_kernel() -> Any:
    """Find the kernel that this process is; None in a terminal, a script or a test."""
    ipython: Any = sys.modules.get("IPython")
    return getattr(ipython.get_ipython(), "kernel", None) if ipython else None


def has_console() -> bool:
    """Whether somebody can type here."""
    return sys.stdin is not None and sys.stdin.isatty()  # pyright: ignore[reportUnnecessaryComparison]  None without one
