"""What the agent can be asked: one function for each tool of the contract, with the same arguments and results."""

from __future__ import annotations

import fnmatch
import os
import sys
from typing import TYPE_CHECKING, Any

from .frames import FrameReader, find_frame
from .objects import MISSING, class_of, type_name
from .paths import parse_path
from .refusals import Refused, read_steadily
from .rendering import clean
from .status import find_running
from .tables import describe_table, read_table
from .variables import Variables, inspect_value, summarize

if TYPE_CHECKING:
    from .frames import Frame
    from .guest import Slice

__all__ = ["Operations"]

VERSION = 1
_MOST_CHARACTERS = 20_000
_NAME_CHARACTERS = 200
_NAMES_SHOWN = 20


class Operations:
    """The operations on one kernel, by name.

    Args:
        shell: IPython's.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._variables = Variables(shell)
        self._by_name = {
            "status": self._status,
            "list_variables": self._list_variables,
            "inspect_variable": self._inspect_variable,
            "describe_dataframe": self._describe_dataframe,
            "read_dataframe": self._read_dataframe,
        }

    def run(self, op: str, arguments: dict[str, Any], work: Slice) -> dict[str, Any]:
        """Do one operation.

        Raises:
            Refused: it cannot be done; the sentence says what can.
        """
        operation = self._by_name.get(op)
        if operation is None:
            raise Refused("bad_argument", f"The agent knows no {op!r}, only {', '.join(self._by_name)}.")
        return operation(work, **arguments)

    def _status(self, _: Slice) -> dict[str, Any]:
        running = find_running(getattr(self._shell, "kernel", None))
        return {"running": running, "version": VERSION, "pid": os.getpid(), "python": sys.version.split()[0]}

    def _list_variables(
        self,
        work: Slice,
        pattern: str = "*",
        type: str = "",  # noqa: A002  the contract's word
        cursor: str = "",
        limit: int = 200,
    ) -> dict[str, Any]:
        names = fnmatch.filter(read_steadily("The namespace", self._variables.names), pattern)
        shown: list[dict[str, Any]] = []
        total = 0
        more = False
        last = cursor
        for name in names:
            wanted = name > cursor and len(shown) < limit
            said = read_steadily(f"`{name}`", self._summarize, name, type, wanted)
            work.pause()
            if said is None:
                continue
            total += 1
            if wanted:
                shown.append({"name": clean(name)[:_NAME_CHARACTERS], **said})
                last = name
            else:
                more = more or name > cursor
        answer: dict[str, Any] = {"variables": shown, "total": total}
        if more:
            answer["next_cursor"] = last
        answer["read_while_running"] = self._cell_runs()
        return answer

    def _summarize(self, name: str, wanted_type: str, wanted: bool) -> dict[str, Any] | None:
        """Return what the list says of a variable, {} if that is not wanted, None if it is not to be listed."""
        value = self._variables.find(name)
        if value is MISSING or (wanted_type and not _fits(type_name(class_of(value)), wanted_type)):
            return None
        return summarize(value, name) if wanted else {}

    def _inspect_variable(self, _: Slice, path: str, max_chars: int = 4000) -> dict[str, Any]:
        parsed = parse_path(path)

        def read() -> dict[str, Any]:
            return inspect_value(self._variables.get(parsed), parsed, min(max_chars, _MOST_CHARACTERS))

        return {"path": path, **read_steadily(f"`{path}`", read)}

    def _describe_dataframe(self, work: Slice, name: str, sample: Any = None) -> dict[str, Any]:
        return read_steadily(f"`{name}`", lambda: describe_table(self._reader(name, work), sample))

    def _read_dataframe(self, work: Slice, name: str, **page: Any) -> dict[str, Any]:
        return read_steadily(f"`{name}`", lambda: read_table(self._reader(name, work), **page))

    def _reader(self, name: str, work: Slice) -> FrameReader:
        path = parse_path(name)

        def find() -> Frame:
            value = self._variables.get(path)
            frame = find_frame(value)
            if frame is None:
                kind = type_name(class_of(value))
                raise Refused("not_a_dataframe", f"`{name}` is a {kind}, not a dataframe. {self._name_frames()}")
            return frame

        return FrameReader(find, work)

    def _name_frames(self) -> str:
        frames = [name for name in self._variables.names() if find_frame(self._variables.find(name)) is not None]
        return f"Dataframes here: {', '.join(frames[:_NAMES_SHOWN])}." if frames else "There is no dataframe here."

    def _cell_runs(self) -> bool:
        return find_running(getattr(self._shell, "kernel", None)) is not None


def _fits(name: str, wanted: str) -> bool:
    return fnmatch.fnmatchcase(name, wanted) or fnmatch.fnmatchcase(name.rpartition(".")[2], wanted)
