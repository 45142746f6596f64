"""Prompts hosts offer their person: beginnings of a conversation, filled with what is really in the kernel.

Knows words. Refuses to know how a dataframe is read: the tool of that purpose does it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_types import GetPromptResult, Prompt, PromptArgument, PromptMessage, TextContent

from mcp_notebook_server.errors import MissingPromptArguments, UnknownPrompt
from mcp_notebook_server.tools.dataframes import DESCRIBE_DATAFRAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp_notebook_server.tools.tool import Context

__all__ = ["PROMPTS", "get_prompt"]

_ANALYZE = Prompt(
    name="analyze_dataframe",
    title="Analyze a dataframe",
    description="Look at a dataframe of a running kernel: what it holds, what is odd, what to ask of it next.",
    arguments=[
        PromptArgument(name="kernel", description="Kernel id, the beginning of one, or a notebook path", required=True),
        PromptArgument(name="name", description="The variable that holds the dataframe", required=True),
    ],
)

PROMPTS = [_ANALYZE]


async def get_prompt(context: Context, name: str, arguments: Mapping[str, str]) -> GetPromptResult:
    """Fill in the prompt `name`.

    Raises:
        UnknownPrompt: if there is none of that name.
        MissingPromptArguments: if an argument is missing.
        ServerError: if the dataframe cannot be read.
    """
    if name != _ANALYZE.name:
        raise UnknownPrompt(name, [prompt.name for prompt in PROMPTS])
    missing = [each.name for each in _ANALYZE.arguments or () if each.name not in arguments]
    if missing:
        raise MissingPromptArguments(name, missing)
    kernel, variable = arguments["kernel"], arguments["name"]
    described = await DESCRIBE_DATAFRAME.call(context, {"kernel": kernel, "name": variable})
    text = (
        f"Analyze the dataframe `{variable}` in the Jupyter kernel {kernel!r}. Say what it holds, what is odd about it "
        "(missing values, outliers, wrong types), and three questions it could answer. Look at rows with "
        f"read_dataframe before you conclude.\n\n{described.text}"
    )
    return GetPromptResult(
        description=_ANALYZE.description, messages=[PromptMessage(role="user", content=TextContent(text=text))]
    )
