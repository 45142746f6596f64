"""Answers from a recording, for tests and tutorials: `%mcp policy elicitation=replay:answers.json`.

    [{"action": "accept", "content": {"city": "Seoul"}},
     {"server": "shop", "tool": "buy", "message": "Really?", "action": "decline"}]

Each answer is given once, to the first question that it fits: `kind`, `server` and `tool` as they are, `message` a part
of the question's. Without these it fits every question. What `content` leaves out is as the form came, as if a person
had not touched it; `null` leaves a field empty.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from mcp_notebook.approval.question import Answer

if TYPE_CHECKING:
    from pathlib import Path

    from mcp_notebook.approval.question import Question

__all__ = ["Recording"]

_ACTIONS = ("accept", "decline", "cancel")
_NAMES = frozenset({"kind", "server", "tool", "message", "action", "content"})


class Recording:
    """Answers in their order.

    Args:
        entries: as in the file; those that were given are taken out.
    """

    def __init__(self, entries: list[dict[str, Any]]) -> None:
        self._entries = entries

    @classmethod
    def read(cls, file: Path) -> Recording:
        """Read a recording.

        Raises:
            OSError: there is no such file.
            ValueError: it is not of the format above; the sentence names the file.
        """
        read: Any = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(read, list) or not all(_is_entry(one) for one in cast("list[Any]", read)):
            raise ValueError(f"{file} is no recording: it wants a list of objects with an action and its content")
        return cls(cast("list[dict[str, Any]]", read))

    def find(self, question: Question) -> Answer | None:
        """Give the next answer that fits a question, once; None if there is none."""
        for entry in self._entries:
            if _fits(entry, question):
                self._entries.remove(entry)
                return Answer(entry["action"], "", _fill_in(question, entry.get("content") or {}))
        return None


def _fill_in(question: Question, content: dict[str, Any]) -> dict[str, Any]:
    defaults = {field.name: field.default for field in question.fields}
    return {name: value for name, value in {**defaults, **content}.items() if value is not None}


def _is_entry(entry: Any) -> bool:
    if not isinstance(entry, dict):
        return False
    read = cast("dict[str, Any]", entry)
    return read.get("action") in _ACTIONS and read.keys() <= _NAMES and isinstance(read.get("content", {}), dict)


def _fits(entry: dict[str, Any], question: Question) -> bool:
    known = {"kind": question.kind, "server": question.asker.server, "tool": question.asker.tool}
    return all(entry.get(name, value) == value for name, value in known.items()) and (
        entry.get("message", "") in question.message
    )
