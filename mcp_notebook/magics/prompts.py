"""Commands about prompts: `%mcp prompts`, `%mcp prompt`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_notebook.errors import UsageError
from mcp_notebook.magics.command import Command, Invocation, Options
from mcp_notebook.magics.listing import list_offers
from mcp_notebook.magics.owning import get_named
from mcp_notebook.prompts import PromptResult, Prompts, read_prompt_arguments

if TYPE_CHECKING:
    from mcp_notebook.display import Table

__all__ = ["PROMPT", "PROMPTS"]

_PROMPTS_USAGE = "%mcp prompts [SERVER] [-s TEXT]"
_PROMPT_USAGE = "%mcp prompt [SERVER.]PROMPT a=1 b=$name"


def _prompts(invocation: Invocation) -> Table | None:
    return list_offers(invocation, _PROMPTS_USAGE, Prompts, lambda session: session.list_prompts())


def _prompt(invocation: Invocation) -> PromptResult:
    options = Options(_PROMPT_USAGE)
    options.add_argument("words", nargs="*")
    words = options.parse_intermixed_args(invocation.words).words
    session, prompt = get_named(words, "prompt", invocation.host.get_prompt_owner, invocation.host, _PROMPT_USAGE)
    try:
        given = read_prompt_arguments(words[1:], prompt, invocation.variables)
    except ValueError as error:
        raise UsageError(str(error), _PROMPT_USAGE) from None
    return session.prompt(prompt.name, given)


PROMPTS = Command(
    "prompts",
    _PROMPTS_USAGE,
    "say which prompts there are; -s chooses by words",
    _prompts,
    example="%mcp prompts -s review",
)
PROMPT = Command(
    "prompt",
    _PROMPT_USAGE,
    "get a prompt: its messages are shown, and nothing is sent to a model",
    _prompt,
    example="p = %mcp prompt review language=Python",
)
