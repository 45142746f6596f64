"""What a run shows, gathered as a notebook keeps it.

Knows nbformat's outputs and how Jupyter's messages become them. Refuses to know where they are written (`cell_run`).

A person's own run may fill a notebook with whatever it prints. A host's does not: of what is too much, the beginning is
kept, and the last output says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import nbformat

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CellOutputs"]

_MOST_CHARACTERS = 2_000_000
_MOST_OUTPUTS = 500
_KINDS = ("stream", "display_data", "execute_result", "error")


class CellOutputs:
    """The outputs of one run.

    Attributes:
        execution_count: the kernel's number of the run; None as long as it has not said it.
    """

    def __init__(self) -> None:
        self.execution_count: int | None = None
        self._outputs: list[dict[str, Any]] = []
        self._display_ids: list[str | None] = []
        self._size = 0
        self._left_out = 0
        self._clear_first = False

    def take(self, kind: str, content: Mapping[str, Any]) -> None:
        """Take one message; one that shows nothing is passed over."""
        if kind == "execute_input":
            self.execution_count = content.get("execution_count")
        elif kind == "clear_output":
            self._clear_first = bool(content.get("wait"))
            if not self._clear_first:
                self._clear()
        elif kind == "update_display_data":
            self._update(content)
        elif kind in _KINDS:
            if self._clear_first:
                self._clear()
            self._add(kind, content)

    def read(self) -> list[dict[str, Any]]:
        """Return them, in nbformat."""
        outputs = [dict(output) for output in self._outputs]
        if self._left_out:
            note = f"\n(of the rest, {self._left_out} characters and more, nothing is kept in the notebook)\n"
            outputs.append({"output_type": "stream", "name": "stderr", "text": note})
        return outputs

    def _add(self, kind: str, content: Mapping[str, Any]) -> None:
        if kind == "stream":
            self._print(content)
            return
        size = _measure(content)
        if kind != "error" and not self._has_room(size):
            return
        self._keep(_make_output(kind, content), content)
        self._size += size

    def _print(self, content: Mapping[str, Any]) -> None:
        text = str(content.get("text", ""))
        room = max(0, _MOST_CHARACTERS - self._size)
        self._left_out += len(text) - len(text[:room]) + int(content.get("left_out", 0))
        text = text[:room]
        last = self._outputs[-1] if self._outputs else None
        if last is not None and last["output_type"] == "stream" and last["name"] == content.get("name"):
            last["text"] += text
        elif text and self._has_room(len(text)):
            self._keep({"output_type": "stream", "name": content.get("name", "stdout"), "text": text}, {})
        self._size += len(text)

    def _has_room(self, size: int) -> bool:
        if self._size + size <= _MOST_CHARACTERS and len(self._outputs) < _MOST_OUTPUTS:
            return True
        self._left_out += size
        return False

    def _keep(self, output: dict[str, Any], content: Mapping[str, Any]) -> None:
        self._outputs.append(output)
        self._display_ids.append(content.get("transient", {}).get("display_id"))

    def _update(self, content: Mapping[str, Any]) -> None:
        display_id = content.get("transient", {}).get("display_id")
        for output, each in zip(self._outputs, self._display_ids, strict=True):
            if display_id is not None and each == display_id:
                self._size += _measure(content) - _measure(output)
                if self._size <= _MOST_CHARACTERS:
                    output["data"], output["metadata"] = content.get("data", {}), content.get("metadata", {})

    def _clear(self) -> None:
        self._clear_first = False
        self._outputs.clear()
        self._display_ids.clear()
        self._size = self._left_out = 0


def _make_output(kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    if "left_out" in content:
        text = f"(something of {content['left_out']} bytes, which is too large to be kept in the notebook)"
        return {"output_type": "display_data", "data": {"text/plain": text}, "metadata": {}}
    message: dict[str, Any] = {"header": {"msg_type": kind}, "content": {"metadata": {}, **content}}
    return dict(cast("dict[str, Any]", nbformat.v4.output_from_msg(message)))  # pyright: ignore[reportUnknownMemberType]  untyped


def _measure(content: Mapping[str, Any]) -> int:
    """Return about how many characters a display has."""
    data = content.get("data", {})
    return sum(len(each) if isinstance(each, str) else len(str(each)) for each in data.values())
