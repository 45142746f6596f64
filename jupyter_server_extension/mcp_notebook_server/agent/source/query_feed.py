"""A worker's line to the agent: frames come in as Arrow tables. Knows the agent's protocol; refuses to know SQL.

The worker is a process of its own with the kernel's Python. What a host's SQL does there, it cannot do to the kernel.
"""

from __future__ import annotations

import contextlib
import json
import socket
from typing import Any

from .query_masks import mask_table
from .refusals import Refused

__all__ = ["Feed"]

_HURRIED_TRIES = 3


class Feed:
    """Frames of one kernel.

    Args:
        address: "socket" (a path) or "port", and "secret".
        seconds: for each answer.
        pyarrow: the library.
    """

    def __init__(self, address: dict[str, Any], seconds: float, pyarrow: Any) -> None:
        self._pyarrow = pyarrow
        self._seconds = seconds
        if address.get("socket"):
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(seconds)
            connection.connect(address["socket"])
        else:
            connection = socket.create_connection(("127.0.0.1", address["port"]), timeout=seconds)
        self._file = connection.makefile("rwb")
        connection.close()  # it stays open as long as the file does
        self._write({"secret": address["secret"]})

    def read(self, name: str, **arguments: Any) -> tuple[Any, dict[str, Any]]:
        """Return a frame, credentials hidden, as a table; and what the agent says of it.

        Args:
            name: of the variable, or a path.
            arguments: of the agent's `export_dataframe`.

        Raises:
            Refused: what the agent answered.
        """
        with contextlib.suppress(_Changing):
            return self._read(name, arguments)
        for _ in range(_HURRIED_TRIES - 1):
            with contextlib.suppress(_Changing):
                return self._read(name, {**arguments, "hurry": True})
        return self._read(name, {**arguments, "hurry": True})

    def read_mentioned(self, name: str, mentioned: Any) -> tuple[Any, list[str]]:
        """Return a frame, or those of its columns that are mentioned, and the names of all of its columns."""
        table, said = self.read(name, mentioned=mentioned)
        return table, said["known"]

    def _read(self, name: str, arguments: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        self._write(
            {
                "id": 0,
                "op": "export_dataframe",
                "arguments": {"name": name, **arguments},
                "timeout": self._seconds,
            }
        )
        parts: list[Any] = []
        while True:
            answer = json.loads(self._file.readline())
            if "payload" in answer:
                parts.append(self._pyarrow.ipc.open_stream(self._file.read(answer["payload"])).read_all())
            elif answer["ok"]:
                return mask_table(self._pyarrow, _join(self._pyarrow, parts)), answer["result"]
            elif answer["error"] == "changing":
                raise _Changing(answer["error"], answer["message"])
            else:
                raise Refused(answer["error"], answer["message"])

    def _write(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line).encode() + b"\n")
        self._file.flush()


class _Changing(Refused):
    """The frame was changed while it was read."""


def _join(pyarrow: Any, parts: list[Any]) -> Any:
    """Return one table; a column that is of different types in different rows becomes text."""
    try:
        return pyarrow.concat_tables(parts, promote_options="permissive")
    except (ValueError, TypeError):  # Arrow's own errors are these
        columns = [
            _join_column(pyarrow, [part.column(place) for part in parts]) for place in range(len(parts[0].schema))
        ]
        return pyarrow.table(columns, names=parts[0].schema.names)


def _join_column(pyarrow: Any, columns: list[Any]) -> Any:
    kinds = {column.type for column in columns if not pyarrow.types.is_null(column.type)}
    if len(kinds) > 1 and not all(pyarrow.types.is_integer(kind) or pyarrow.types.is_floating(kind) for kind in kinds):
        columns = [_to_text(pyarrow, column) for column in columns]
    tables = [pyarrow.table([column], names=[""]) for column in columns]
    return pyarrow.concat_tables(tables, promote_options="permissive").column(0)


def _to_text(pyarrow: Any, column: Any) -> Any:
    values = [None if value is None else str(value) for value in column.to_pylist()]
    return pyarrow.chunked_array([pyarrow.array(values, pyarrow.string())])
