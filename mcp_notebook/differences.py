"""How two wire logs differ, for a person: which messages only one of them has, and which members of a message differ.

Knows what differs between any two runs and means nothing. Refuses to know where logs come from.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, cast

from mcp_notebook.display import one_line
from mcp_notebook.messages import meta_of, params_of
from mcp_notebook.transcript import ARROWS, dump

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["compare"]

_MAX_CHARACTERS = 160


def compare(one: Sequence[dict[str, Any]], other: Sequence[dict[str, Any]], names: Sequence[str]) -> list[str]:
    """Write how two logs, as records, differ: messages that only one has, and members that differ; empty if none do.

    Counted things are left out, as one more message would change them in all that follow: numbers, ids, tokens.
    """
    ours, theirs = list(map(_comparable, one)), list(map(_comparable, other))
    matcher = difflib.SequenceMatcher(None, list(map(dump, ours)), list(map(dump, theirs)), autojunk=False)
    lines: list[str] = []
    for kind, i, i_end, j, j_end in matcher.get_opcodes():
        if kind != "equal":
            lines += _differences(ours[i:i_end], theirs[j:j_end])
    return [f"--- {names[0]}", f"+++ {names[1]}", *lines] if lines else []


def _comparable(record: dict[str, Any]) -> dict[str, Any]:
    kept = {name: record[name] for name in ("direction", "http") if name in record}
    return kept | {"message": _without_counted(record["message"])}


def _differences(ours: Sequence[dict[str, Any]], theirs: Sequence[dict[str, Any]]) -> list[str]:
    """Write what one log has where the other has something else: pairs of the same kind by what differs in them."""
    headings = list(map(_heading, ours)), list(map(_heading, theirs))
    lines: list[str] = []
    for kind, i, i_end, j, j_end in difflib.SequenceMatcher(None, *headings, autojunk=False).get_opcodes():
        if kind == "equal":
            for at in range(i_end - i):
                lines += [f"  {headings[0][i + at]}", *_changed_members(ours[i + at], theirs[j + at])]
        else:
            lines += [f"- {_in_one_line(record)}" for record in ours[i:i_end]]
            lines += [f"+ {_in_one_line(record)}" for record in theirs[j:j_end]]
    return lines


def _heading(record: dict[str, Any]) -> str:
    """Say what a message is: its direction, and its method, or whether it is an answer."""
    message: Any = record["message"]
    kinds = ("method", "result", "error")
    kind = next((one for one in kinds if isinstance(message, dict) and one in message), "no JSON-RPC message")
    shown = cast("dict[str, Any]", message)["method"] if kind == "method" else kind
    return f"{ARROWS.get(record.get('direction', ''), '?')} {shown}"


def _in_one_line(record: dict[str, Any]) -> str:
    shown = [
        f"{name}: {value}" if name else value
        for name, value in _members(record["message"]).items()
        if name not in {"jsonrpc", "method"} and "_meta" not in name
    ]
    return one_line(": ".join([_heading(record), *([", ".join(shown)] if shown else [])]), _MAX_CHARACTERS)


def _changed_members(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    before, after = (
        _members(one["message"]) | (_members({"http": one["http"]}) if "http" in one else {}) for one in (ours, theirs)
    )
    lines: list[str] = []
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            lines += [f"-   {one_line(f'{name}: {before[name]}', _MAX_CHARACTERS)}"] if name in before else []
            lines += [f"+   {one_line(f'{name}: {after[name]}', _MAX_CHARACTERS)}"] if name in after else []
    return lines


def _members(value: Any, path: str = "") -> dict[str, str]:
    """Give the texts and numbers inside a JSON value, each as JSON, by where it is: `params.arguments.city`."""
    if isinstance(value, dict) and value:
        steps = [(f"{path}.{name}" if path else name, one) for name, one in cast("dict[str, Any]", value).items()]
    elif isinstance(value, list) and value:
        steps = [(f"{path}[{at}]", one) for at, one in enumerate(cast("list[Any]", value))]
    else:
        return {path: dump(value)}
    return {name: one for step, inner in steps for name, one in _members(inner, step).items()}


def _without_counted(message: Any) -> Any:
    if not isinstance(message, dict):
        return message
    message = cast("dict[str, Any]", message)
    kept = {name: value for name, value in message.items() if name != "id"}
    params = {name: value for name, value in params_of(kept).items() if name not in {"progressToken", "requestId"}}
    meta = {name: value for name, value in meta_of(params).items() if name != "progressToken"}
    if "_meta" in params:
        params["_meta"] = meta
    return kept | {"params": params} if params else kept
