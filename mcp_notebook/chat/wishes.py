"""A model's wish to call a tool, as a question to the person.

Knows what a person needs to decide: the arguments in full, what the server claims of the tool, where the wish comes
from, whether a secret would leave. Refuses to decide: the gate and its policy do.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mcp_notebook.approval.question import Asker, Question, shown_text
from mcp_notebook.defences.leaks import get_seen_secrets
from mcp_notebook.display import one_line
from mcp_notebook.tools import describe_hints
from mcp_notebook.unseen import find_unseen, reveal_unseen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp_types import Tool

    from mcp_notebook.chat.origin import Origin
    from mcp_notebook.chat.toolbox import Offered

__all__ = ["call_question"]

_MAX_ARGUMENTS = 20_000  # characters: a person cannot judge more
_MAX_DESCRIPTION = 300


def call_question(offered: Offered, arguments: Mapping[str, Any], origin: Origin) -> Question:
    """Ask whether a model may call a tool.

    An answer that lasts becomes a rule for this tool of this server. No rule lets a call through that something is odd
    about; a rule that says no holds.

    Args:
        offered: the tool.
        arguments: as they would be sent.
        origin: what the model had read.
    """
    written = json.dumps(arguments, indent=1, ensure_ascii=False)
    session = offered.session
    warnings = [*_about_arguments(offered, arguments, written), *origin.warnings]
    return Question(
        kind="call",
        asker=Asker(session.name, offered.tool.name, session.definition.shown),
        title=f"A model wants to call {one_line(offered.source, 200)}",
        message=shown_text(reveal_unseen(written), _MAX_ARGUMENTS),
        notes=[*_claims(offered.tool), *origin.notes],
        warnings=warnings,
        accept_label="Call it",
        may_last=("decline",) if warnings else ("accept", "decline"),
        asks_anyway=bool(warnings),
    )


def _about_arguments(offered: Offered, arguments: Mapping[str, Any], written: str) -> list[str]:
    leaks = get_seen_secrets().find_leaks(offered.session.name, arguments)
    said = [str(leak.to_finding(offered.source)) for leak in leaks]
    if find_unseen(written):
        said.append("There are characters in the arguments that nobody sees; they are written out here.")
    if len(written) > _MAX_ARGUMENTS:
        said.append(f"Only the first {_MAX_ARGUMENTS:,} characters of the arguments are shown.")
    return said


def _claims(tool: Tool) -> list[str]:
    """Say what the server says, as its word and no fact."""
    text = one_line(reveal_unseen(tool.description or tool.title or ""), _MAX_DESCRIPTION)
    said = [f"The server says of it: “{text}”"] if text else ["The server does not say what it does."]
    hints = describe_hints(tool)
    return [*said, f"The server claims, and nobody has checked: {hints}."] if hints else said
