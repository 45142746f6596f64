"""Where IPython asks for completions of `%mcp` lines: at Tab in a terminal, by `complete_request` in a kernel.

Knows IPython's matchers. Refuses to think (`completion`), and to import anything before somebody completes such a line.
"""

from __future__ import annotations

from typing import Any, cast

from IPython.core import completer

__all__ = ["MATCHER_NAME", "new_matcher"]

MATCHER_NAME = "mcp_notebook.matcher"


def new_matcher(shell: Any) -> Any:
    """Make the matcher for a shell's `Completer.custom_matchers` (IPython's, which is not typed)."""

    def match(context: Any) -> dict[str, Any]:
        if "%mcp" not in context.full_text:
            return {"completions": []}
        from mcp_notebook.magics.known import find_completion  # noqa: PLC0415  the door is light

        found = find_completion(shell, context.full_text, context.cursor_line, context.cursor_position)
        if found is None:
            return {"completions": []}
        return {
            "completions": [completer.SimpleCompletion(one.text, type=one.kind) for one in found.suggestions],
            "matched_fragment": found.fragment,
            "ordered": True,
            "suppress": True,
        }

    return cast("Any", completer).context_matcher(identifier=MATCHER_NAME, priority=200)(match)
