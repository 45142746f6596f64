"""What the agent can be asked: a table of operations, one for each tool, with the contract's arguments and results.

To add one: a function of `(variables, work, **arguments)` in the module of its noun, and a line in the table here.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from .dataframes import describe_dataframe, read_dataframe
from .exports import export_dataframe, find_worker, list_dataframes
from .inspection import inspect_variable
from .interruption import interrupt
from .listing import list_variables
from .refusals import Refused
from .variables import Variables

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from .guest import Slice

__all__ = ["VERSION", "Operations"]

VERSION = 1


def _status(variables: Variables, _: Slice) -> dict[str, Any]:
    python = sys.version.split()[0]
    return {"running": variables.running(), "version": VERSION, "pid": os.getpid(), "python": python}


_OPERATIONS: dict[str, Callable[..., dict[str, Any] | Generator[bytes, None, dict[str, Any]]]] = {
    "status": _status,
    "list_variables": list_variables,
    "inspect_variable": inspect_variable,
    "describe_dataframe": describe_dataframe,
    "read_dataframe": read_dataframe,
    "list_dataframes": list_dataframes,
    "export_dataframe": export_dataframe,
    "find_worker": find_worker,
    "interrupt": interrupt,
}


class Operations:
    """The operations on one kernel, by name.

    Args:
        shell: IPython's.
    """

    def __init__(self, shell: Any) -> None:
        self._variables = Variables(shell)

    def run(
        self, op: str, arguments: dict[str, Any], work: Slice
    ) -> dict[str, Any] | Generator[bytes, None, dict[str, Any]]:
        """Do one operation; what is large comes as blocks of bytes before its result.

        Raises:
            Refused: it cannot be done; the sentence says what can.
        """
        operation = _OPERATIONS.get(op)
        if operation is None:
            raise Refused("bad_argument", f"The agent knows no {op!r}, only {', '.join(_OPERATIONS)}.")
        return operation(self._variables, work, **arguments)
