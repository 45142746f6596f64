"""Rules in a file, readable by its owner only.

    {"version": 1, "rules": [{"kind": "elicitation", "decision": "decline", "server": "weather", "tool": null,
      "address": "python weather.py", "since": "2026-11-22T20:00:00+00:00"}]}

Knows this format, and that several kernels change the file. Refuses to know what a rule means.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from mcp_notebook.approval.rules import KINDS, Rule, is_decision
from mcp_notebook.private_file import rewrite

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

__all__ = ["RulesReader", "read_rules", "write_rules"]

_VERSION = 1
_TEXTS = ("server", "tool", "address")


def read_rules(file: Path) -> list[Rule]:
    """Read the rules of a file; none if there is no file.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not of this format; the sentence names the file.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    try:
        return _to_rules(json.loads(text))
    except ValueError as error:
        raise ValueError(f"{file} cannot be read: {error}. Mend it, or delete it.") from None


class RulesReader:
    """Reads a file again only when it has changed: it is looked at for every question. From any thread."""

    def __init__(self) -> None:
        self._read: tuple[object, list[Rule]] = None, []

    def read(self, file: Path) -> Sequence[Rule]:
        """Read the rules of a file; see `read_rules`."""
        try:
            found = file.stat()
        except FileNotFoundError:
            return ()
        state = file, found.st_ino, found.st_mtime_ns, found.st_size  # each change makes a new file
        known, rules = self._read
        if known != state:
            rules = read_rules(file)
            self._read = state, rules
        return rules


def _to_rules(read: Any) -> list[Rule]:
    content = cast("dict[str, Any]", read) if isinstance(read, dict) else {}
    rules = content.get("rules")
    if content.get("version") != _VERSION or not isinstance(rules, list):
        raise ValueError(f"it is no file of rules of version {_VERSION}")
    return [_to_rule(one) for one in cast("list[Any]", rules)]


def _to_rule(read: Any) -> Rule:
    entry = cast("dict[str, Any]", read) if isinstance(read, dict) else {}
    kind, decision = entry.get("kind"), entry.get("decision")
    texts = {name: entry.get(name) for name in _TEXTS}
    if kind not in KINDS or not isinstance(decision, str) or not is_decision(decision):
        raise ValueError(f"{json.dumps(read)[:200]} is no rule")
    if not all(text is None or isinstance(text, str) for text in texts.values()):
        raise ValueError(f"{json.dumps(read)[:200]} is no rule")
    return Rule(kind, decision, lasting="always", since=str(entry.get("since", "")), **texts)


def write_rules(file: Path, change: Callable[[Sequence[Rule]], list[Rule]]) -> None:
    """Change the rules of a file, one kernel at a time; it is whole at every moment.

    Args:
        file: made if it is not there, with its directory.
        change: gets the rules that are in it, and gives those that are to be.

    Raises:
        OSError, ValueError: see `read_rules`.
    """
    rewrite(file, lambda: {"version": _VERSION, "rules": [_to_entry(rule) for rule in change(read_rules(file))]})


def _to_entry(rule: Rule) -> dict[str, Any]:
    names = ("kind", "decision", *_TEXTS, "since")
    return {name: getattr(rule, name) for name in names}
