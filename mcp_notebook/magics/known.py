"""What there is to complete from: commands, connections and what their servers offer, the notebook's variables.

Knows how long Tab may take. Refuses to choose (`completion`).
"""

from __future__ import annotations

import inspect
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcp_notebook.completion import complete, complete_body
from mcp_notebook.config import is_server_object
from mcp_notebook.config_files import read_config
from mcp_notebook.errors import HostError
from mcp_notebook.host import get_host
from mcp_notebook.magics.commands import COMMANDS
from mcp_notebook.magics.config_files import is_path
from mcp_notebook.offers import Completion, Known

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mcp_notebook.host import Host
    from mcp_notebook.offers import Kind, Question

__all__ = ["find_completion"]

_SECONDS = 0.6
"""For all that one Tab asks of servers; JupyterLab itself waits for one second."""


def find_completion(shell: Any, cell: str, line: int, column: int) -> Completion | None:
    """Find what Tab offers in a cell; None if the cursor is at nothing of ours.

    Args:
        shell: the notebook's IPython, which is not typed.
        cell: its whole text.
        line: the cursor's, from 0.
        column: the cursor's, from 0.
    """
    lines = cell.split("\n")
    offers = _Offers(get_host(), time.monotonic() + _SECONDS)
    usages = {name: command.usage for name, command in COMMANDS.items()}
    variables = _variables(shell)
    known = Known(
        usages,
        servers=list(get_host().sessions),
        objects=sorted(name for name, value in variables.items() if not callable(value)),
        server_objects=sorted(name for name, value in variables.items() if is_server_object(value)),
        find_list=offers.find_list,
        ask=offers.ask,
        find_configured=_find_configured,
    )
    unfolded = _unfold(lines, line, column)
    found = complete(unfolded, len(unfolded), known)
    if found is None and line > 0:
        found = complete_body(lines[0], "\n".join([*lines[1:line], lines[line][:column]]), known)
    return found


def _unfold(lines: Sequence[str], line: int, column: int) -> str:
    """Give the text up to the cursor, with the lines before that end in a backslash, as IPython joins them."""
    text = lines[line][:column]
    while line > 0 and lines[line - 1].rstrip().endswith("\\"):
        line -= 1
        text = f"{lines[line].rstrip()[:-1]} {text}"
    return text


def _variables(shell: Any) -> dict[str, Any]:
    """Give a person's variables; what IPython has put into the notebook is none."""
    hidden: Mapping[str, Any] = shell.user_ns_hidden
    namespace: dict[str, Any] = shell.user_ns.copy()  # other threads may add to it
    return {
        name: value
        for name, value in namespace.items()
        if name not in hidden and not name.startswith("_") and not inspect.ismodule(value)
    }


def _find_configured(words: Sequence[str]) -> list[str]:
    file = next((Path(word).expanduser() for word in words if is_path(word)), None)
    try:
        entries, _ = read_config(file)
    except (HostError, OSError):
        return []
    return [entry.name for entry in entries]


class _Offers:
    """What the open sessions' servers offer.

    Args:
        host: the notebook's sessions.
        deadline: when Tab must be answered, by `time.monotonic()`.
    """

    def __init__(self, host: Host, deadline: float) -> None:
        self._host = host
        self._deadline = deadline

    def _seconds_left(self) -> float:
        return max(0.0, self._deadline - time.monotonic())

    def find_list(self, kind: Kind) -> dict[str, Sequence[Any]]:
        found: dict[str, Sequence[Any]] = {}
        for name, session in self._host.sessions.items():
            found[name] = session.find_offers(kind, self._seconds_left())
        return found

    def ask(self, question: Question) -> Sequence[str]:
        session = self._host.sessions.get(question.server)
        if session is None:
            return ()
        return session.find_values(question, self._seconds_left())
