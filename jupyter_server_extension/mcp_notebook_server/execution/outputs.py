"""What a run showed, bounded while it comes.

Knows what Jupyter's output messages mean: streams, displays that are updated or cleared, results, errors. Refuses to
know how outputs are shown to a host (`tools`).

Every change gives an output a new mark, so that a host that has read up to one mark is given what came or changed after
it, and nothing twice: a stream that was read is closed, and goes on as a new output.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from mcp_notebook_server.execution.texts import GrowingText, drop_colours

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Output", "Outputs"]

_ENDS = 250_000
"""Characters that are kept of the beginning of a stream, and as many of its end."""

_MOST_OUTPUTS = 200
_MOST_CHARACTERS = 8_000_000
_FIRST = 20
"""Outputs that stay when there are too many: these, and the last ones."""

_TRACEBACK = 20_000


@dataclass
class Output:
    """One thing that a run showed.

    Attributes:
        number: it keeps this, whatever becomes of the others.
        type: as in Jupyter.
        mark: of its last change.
        stream: what was printed, for a stream.
        data: what was displayed, by MIME type.
        display_id: under which it can be updated.
        left_out: bytes of a display that was too large to be looked at.
    """

    number: int
    type: Literal["stream", "display", "result"]
    mark: int
    stream: GrowingText | None = None
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])
    display_id: str | None = None
    left_out: int = 0
    closed: bool = False

    @property
    def size(self) -> int:
        """About how many characters it keeps."""
        if self.stream is not None:
            return self.stream.size
        return sum(len(each) if isinstance(each, str) else 1000 for each in self.data.values())


class Outputs:
    """All that one run showed.

    Attributes:
        error: name, message and traceback of the exception that ended the run; None if there was none.
        dropped: how many outputs were not kept.
        printed: characters that were printed so far.
        next_mark: what a host has read that reads now.
    """

    def __init__(self) -> None:
        self._outputs: list[Output] = []
        self._count = 0
        self._clear_first = False
        self.error: dict[str, str] | None = None
        self.dropped = 0
        self.printed = 0
        self.next_mark = 0

    def take(self, kind: str, content: Mapping[str, Any]) -> None:
        """Take one message; one that shows nothing is passed over."""
        if kind == "clear_output":
            self._clear_first = bool(content.get("wait"))
            if not self._clear_first:
                self._outputs.clear()
            return
        if self._clear_first and kind in ("stream", "display_data", "execute_result", "error"):
            self._outputs.clear()
            self._clear_first = False
        if kind == "stream":
            self._print(content)
        elif kind in ("display_data", "execute_result"):
            self._display("result" if kind == "execute_result" else "display", content)
        elif kind == "update_display_data":
            self._update(content)
        elif kind == "error":
            traceback = drop_colours("\n".join(content.get("traceback", ())))
            names = {
                "name": str(content.get("ename", "Error")),
                "message": drop_colours(str(content.get("evalue", ""))),
            }
            self.error = {**names, "traceback": traceback[-_TRACEBACK:]}

    def read(self, since: int) -> list[Output]:
        """Return what came or changed after a mark; what is printed from now on is another output."""
        for output in self._outputs:
            output.closed = True
        return [output for output in self._outputs if output.mark >= since]

    def find(self, number: int) -> Output | None:
        """Return the output of that number; None if it is not kept, or there never was one."""
        return next((output for output in self._outputs if output.number == number), None)

    def read_end(self, characters: int) -> str:
        """Return the last that was printed, up to as many characters; nothing if something else was shown last."""
        last = self._outputs[-1] if self._outputs else None
        return last.stream.read_end(characters) if last is not None and last.stream is not None else ""

    def _print(self, content: Mapping[str, Any]) -> None:
        last = self._outputs[-1] if self._outputs else None
        stream = last.stream if last is not None and not last.closed else None
        if last is None or stream is None:
            last = self._add("stream")
            last.stream = stream = GrowingText(_ENDS)
            self._bound()
        before = stream.total
        stream.add(content["text"])
        if left_out := content.get("left_out"):
            stream.leave_out(left_out)
            stream.add(content["end"])
        self.printed += stream.total - before
        last.mark = self._next()

    def _display(self, kind: Literal["display", "result"], content: Mapping[str, Any]) -> None:
        output = self._add(kind)
        output.data = content.get("data", {})
        output.display_id = content.get("transient", {}).get("display_id")
        output.left_out = content.get("left_out", 0)
        self._bound()

    def _update(self, content: Mapping[str, Any]) -> None:
        display_id = content.get("transient", {}).get("display_id")
        for output in self._outputs:
            if display_id is not None and output.display_id == display_id:
                output.data = content.get("data", {})
                output.mark = self._next()
        self._bound()

    def _add(self, kind: Literal["stream", "display", "result"]) -> Output:
        output = Output(self._count, kind, self._next())
        self._count += 1
        self._outputs.append(output)
        return output

    def _next(self) -> int:
        self.next_mark += 1
        return self.next_mark - 1

    def _bound(self) -> None:
        """Drop outputs of the middle until those that are left are few and small enough."""
        kept = self._outputs
        size = sum(output.size for output in kept)
        while len(kept) > 1 and (len(kept) > _MOST_OUTPUTS or size > _MOST_CHARACTERS):
            size -= kept.pop(min(_FIRST, len(kept) - 2)).size
            self.dropped += 1
