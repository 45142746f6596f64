"""Where IPython asks for completions of `%mcp` lines: at Tab in a terminal, by `complete_request` in a kernel.

Knows IPython's matchers. Refuses to think (`completion`), and to import anything before somebody completes such a line.
"""

from __future__ import annotations

from typing import Any, cast

from IPython.core import completer

__all__ = ["MATCHER_NAME", "new_matcher"]

MATCHER_NAME = "mcp_notebook.matcher"


class _All(list[Any]):
    """All that is to be offered, even if that is nothing.

    IPython asks the other matchers after an empty list. Jedi then takes the line for Python: seconds beside pandas, and
    names that are wrong here.
    """

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        return max(1, super().__len__())


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
            "completions": _All(completer.SimpleCompletion(one.text, type=one.kind) for one in found.suggestions),
            "matched_fragment": found.fragment,
            "ordered": True,
            "suppress": True,
            "do_not_suppress": {"IPCompleter.file_matcher"} if found.files else set(),
        }

    return cast("Any", completer).context_matcher(identifier=MATCHER_NAME, priority=200)(match)
