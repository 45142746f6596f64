"""How a change of a definition looks: line by line, with what nobody sees made visible.

Knows lines. Refuses to know whether a change is good.
"""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING

from mcp_notebook.display import one_line
from mcp_notebook.unseen import reveal_unseen

if TYPE_CHECKING:
    from mcp_notebook.defences.approved import Change
    from mcp_notebook.defences.definition import Definition

__all__ = ["describe_change", "write_diff"]

_MAX_LINE = 400
_MAX_LINES = 200


def describe_change(server: str, change: Change) -> str:
    """Say a change in one line: `weather.get_forecast has changed since it was approved`."""
    what = {
        "changed": "has changed since it was approved",
        "added": "was added since the server was approved",
        "removed": "was approved, and is gone",
    }
    definition = change.definition
    kind = "" if definition.kind == "tool" else f" ({definition.kind})"
    return f"{one_line(f'{server}.{definition.name}', 200)}{kind} {what[change.kind]}"


def write_diff(change: Change) -> list[str]:
    """Write how a definition differs from what was approved, in lines that begin with `-`, `+` or a space."""
    before, after = _lines(change.before), _lines(change.after)
    lines = list(difflib.unified_diff(before, after, n=1, lineterm=""))[2:]
    shown = [line for line in lines if not line.startswith("@@")]
    more = len(shown) - _MAX_LINES
    return shown if more <= 0 else [*shown[:_MAX_LINES], f"… {more:,} more lines"]


def _lines(definition: Definition | None) -> list[str]:
    if definition is None:
        return []
    written = json.dumps(definition.content, indent=1, sort_keys=True, ensure_ascii=False)
    # A description's own lines are lines here, too: else a change in a long one could not be seen.
    return [_bound(part) for line in written.splitlines() for part in line.split("\\n")]


def _bound(line: str) -> str:
    shown = reveal_unseen(line)
    return shown if len(shown) <= _MAX_LINE else f"{shown[:_MAX_LINE]}… {len(shown) - _MAX_LINE:,} more characters"
