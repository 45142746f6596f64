"""Asks the person at this notebook for one value.

Knows when somebody is there who can answer. What is typed is neither shown nor kept in the notebook. Belongs on the
thread that runs the cell.
"""

from __future__ import annotations

import getpass
import sys
from typing import Any

__all__ = ["ask_secret"]


def ask_secret(prompt: str) -> str | None:
    """Ask for a value; None where nobody can be asked (nbconvert, papermill, a script).

    Args:
        prompt: one line.
    """
    if not _somebody_is_there():
        return None
    try:
        return getpass.getpass(prompt)
    except (EOFError, NotImplementedError):  # the front end of this kernel takes no questions
        return None


def _somebody_is_there() -> bool:
    ipython: Any = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None or (sys.stdin is not None and sys.stdin.isatty())  # pyright: ignore[reportUnnecessaryComparison]  None without a console
