"""The outputs of a cell, as they stand in a notebook, in the form in which those of a run are shown.

Knows nbformat's outputs. Refuses to know how they are shown (`runs`).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from mcp_notebook_server.addresses import CELL_OUTPUT
from mcp_notebook_server.execution import GrowingText, Output, drop_colours

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["find_cell_error", "find_traceback", "read_outputs"]

_ENDS = 250_000


def read_outputs(notebook: str, cell: Mapping[str, Any]) -> tuple[list[Output], Callable[[Output], str]]:
    """Return what a cell has shown, and what gives the address of each; errors are not among them.

    Args:
        notebook: path.
        cell: in nbformat, with an id.
    """
    outputs = [
        _read_output(number, output)
        for number, output in enumerate(cell.get("outputs", ()))
        if output.get("output_type") != "error"
    ]
    return outputs, partial(_address, notebook, cell["id"])


def find_cell_error(cell: Mapping[str, Any]) -> str | None:
    """Return the error that a cell ended in, in a line; None if it ended in none."""
    error = next((each for each in cell.get("outputs", ()) if each.get("output_type") == "error"), None)
    return None if error is None else drop_colours(f"{error.get('ename')}: {error.get('evalue')}")


def find_traceback(cell: Mapping[str, Any]) -> str:
    """Return the traceback of the error that a cell ended in; empty if it ended in none."""
    error = next((each for each in cell.get("outputs", ()) if each.get("output_type") == "error"), None)
    return "" if error is None else drop_colours("\n".join(map(str, error.get("traceback", ()))))


def _address(notebook: str, cell: str, output: Output) -> str:
    return CELL_OUTPUT.expand({"notebook": notebook, "cell": cell, "n": str(output.number)})


def _read_output(number: int, output: Mapping[str, Any]) -> Output:
    if output.get("output_type") == "stream":
        stream = GrowingText(_ENDS)
        text = output.get("text", "")
        stream.add(text if isinstance(text, str) else "".join(text))
        return Output(number, "stream", number, stream=stream)
    kind = "result" if output.get("output_type") == "execute_result" else "display"
    return Output(number, kind, number, data=output.get("data", {}))
