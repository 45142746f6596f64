"""Prompts hosts offer their person: beginnings of a conversation, filled with what is really there.

Knows words. Refuses to know how kernels, frames and notebooks are read: the tools of that purpose do it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp_types import GetPromptResult, Prompt, PromptArgument, PromptMessage, TextContent

from mcp_notebook_server.errors import MissingPromptArguments, NoErrorShown, ServerError, UnknownPrompt
from mcp_notebook_server.markdown import shorten
from mcp_notebook_server.oddities import find_failed_cell, list_oddities
from mcp_notebook_server.tools.cells import READ_CELL
from mcp_notebook_server.tools.dataframes import DESCRIBE_DATAFRAME, READ_DATAFRAME
from mcp_notebook_server.tools.notebooks import READ_NOTEBOOK
from mcp_notebook_server.tools.variables import LIST_VARIABLES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from mcp_notebook_server.kernels import RunningKernel
    from mcp_notebook_server.tools.tool import Context, Tool

__all__ = ["PROMPTS", "get_prompt"]

_CELLS = 30
_CELL_CHARACTERS = 1500
_NOTEBOOK_CHARACTERS = 12_000
_VARIABLES = 60
_ROWS = 5
_STATUS_SECONDS = 1.0

_ANALYZE = Prompt(
    name="analyze_dataframe",
    title="Analyze a dataframe",
    description="Look at a dataframe of a running kernel: what it holds, what is odd, what to ask of it next.",
    arguments=[
        PromptArgument(name="kernel", description="Kernel id, the beginning of one, or a notebook path", required=True),
        PromptArgument(name="name", description="The variable that holds the dataframe", required=True),
    ],
)

_CONTINUE = Prompt(
    name="continue_analysis",
    title="Continue an analysis",
    description="Take up the work in a notebook: its cells as saved, its kernel's variables, and what runs now.",
    arguments=[
        PromptArgument(name="notebook", description="Path of the notebook", required=True),
        PromptArgument(name="goal", description="What to find out or to make", required=False),
    ],
)

_EXPLAIN = Prompt(
    name="explain_error",
    title="Explain an error",
    description="The latest error in a notebook: its cell, its traceback, the cells above it, the kernel's variables.",
    arguments=[PromptArgument(name="notebook", description="Path of the notebook", required=True)],
)

_REVIEW = Prompt(
    name="review_notebook",
    title="Review a notebook",
    description="Read a notebook as a colleague would: is it right, does it run from top to bottom, is it clear?",
    arguments=[PromptArgument(name="notebook", description="Path of the notebook", required=True)],
)

PROMPTS = [_ANALYZE, _CONTINUE, _EXPLAIN, _REVIEW]


async def get_prompt(context: Context, name: str, arguments: Mapping[str, str]) -> GetPromptResult:
    """Fill in the prompt `name`.

    Raises:
        UnknownPrompt: if there is none of that name.
        MissingPromptArguments: if an argument is missing.
        ServerError: if what it is about cannot be read.
    """
    prompt = next((each for each in PROMPTS if each.name == name), None)
    if prompt is None:
        raise UnknownPrompt(name, [each.name for each in PROMPTS])
    missing = [each.name for each in prompt.arguments or () if each.required and each.name not in arguments]
    if missing:
        raise MissingPromptArguments(name, missing)
    text = await _WRITERS[name](context, arguments)
    return GetPromptResult(
        description=prompt.description, messages=[PromptMessage(role="user", content=TextContent(text=text))]
    )


async def _write_analysis(context: Context, arguments: Mapping[str, str]) -> str:
    kernel, name = arguments["kernel"], arguments["name"]
    described = await DESCRIBE_DATAFRAME.call(context, {"kernel": kernel, "name": name})
    rows = await _say(READ_DATAFRAME, context, kernel=kernel, name=name, limit=_ROWS)
    return (
        f"Analyze the dataframe `{name}` in the Jupyter kernel {kernel!r}. Say what it holds, what is odd about it "
        "(missing values, outliers, wrong types), and three questions it could answer. Check what you conclude with "
        "query_dataframe or read_dataframe.\n\n"
        f"{described.text}\n\nIts first rows:\n{rows}{await _say_running(context, kernel)}"
    )


async def _write_continuation(context: Context, arguments: Mapping[str, str]) -> str:
    notebook = arguments["notebook"].strip("/")
    cells = _show_cells(await context.read_notebook(notebook, context))
    kernel = await _find_kernel(context, notebook)
    goal = arguments.get("goal", "").strip()
    return (
        f"Continue the analysis in the notebook `{notebook}`"
        f"{f'. The goal: {goal}' if goal else ', and propose what to find out next'}. Look at what is there before you "
        "suggest code, use the names that exist, and do not repeat what was done.\n\n"
        f"{await _show_kernel(context, kernel)}\n\nIts cells, as last saved:\n\n{cells}"
    )


async def _write_explanation(context: Context, arguments: Mapping[str, str]) -> str:
    notebook = arguments["notebook"].strip("/")
    cells = await context.read_notebook(notebook, context)
    place = find_failed_cell(cells)
    if place is None:
        raise NoErrorShown(notebook)
    failed = await READ_CELL.call(context, {"notebook": notebook, "cell": cells[place]["id"]})
    kernel = await _find_kernel(context, notebook)
    return (
        f"A cell of the notebook `{notebook}` ended in an error. Say in plain words what went wrong and why, and show "
        "the smallest change that mends it, with the names that exist. Where the cause is a value, look at it with "
        "inspect_variable or describe_dataframe before you conclude. Change nothing unless you are asked to.\n\n"
        f"{failed.text}\n\n{await _show_kernel(context, kernel)}\n\nThe cells above it:\n\n{_show_cells(cells[:place])}"
    )


async def _write_review(context: Context, arguments: Mapping[str, str]) -> str:
    notebook = arguments["notebook"].strip("/")
    oddities = list_oddities(await context.read_notebook(notebook, context))
    shown = await READ_NOTEBOOK.call(context, {"notebook": notebook, "sources": True, "outputs": True})
    kernel = await _find_kernel(context, notebook)
    noted = "\n".join(f"- {each}" for each in oddities) or "- Every cell ran, in the order in which they stand."
    return (
        f"Review the notebook `{notebook}` as a careful colleague would: mistakes in method and code first, then what "
        "keeps it from running from top to bottom, then what is unclear. Name the cell each time, quote little, and "
        "say what you would write instead. Check numbers that you doubt with the tools that read. Change nothing.\n\n"
        f"What stands out:\n{noted}\n\n{shown.text}\n\n{await _show_kernel(context, kernel)}"
    )


async def _find_kernel(context: Context, notebook: str) -> RunningKernel | None:
    return next((each for each in await context.kernels.list(context.token) if each.notebook == notebook), None)


async def _show_kernel(context: Context, kernel: RunningKernel | None) -> str:
    if kernel is None:
        return "No kernel runs for it: nothing of it is in memory."
    variables = await _say(LIST_VARIABLES, context, kernel=kernel.id, limit=_VARIABLES)
    return (
        f"Its kernel is {kernel.id} ({kernel.state}).{await _say_running(context, kernel.id)} Variables:\n{variables}"
    )


async def _say(tool: Tool[Any], context: Context, **arguments: Any) -> str:
    """Return a tool's text; where it cannot, its sentence."""
    try:
        return (await tool.call(context, arguments)).text
    except ServerError as error:
        return str(error)


async def _say_running(context: Context, kernel: str) -> str:
    """Say what the kernel runs at this moment; nothing if it runs nothing, or does not say."""
    try:
        kernel_id = await context.kernels.get_id(kernel, context.token)
        running = (await context.agents.ask(kernel_id, "status", {}, timeout=_STATUS_SECONDS))["running"]
    except ServerError:
        return ""
    return f"\nA cell has been running since {running['since']}: values may change." if running else ""


def _show_cells(cells: Sequence[Mapping[str, Any]]) -> str:
    """Return the last cells, as many as fit, each with the error it ended in."""
    shown: list[str] = []
    left = _NOTEBOOK_CHARACTERS
    for place, cell in reversed(list(enumerate(cells))):
        text = _show_cell(place, cell)
        left -= len(text)
        if left < 0 or len(shown) == _CELLS:
            shown.append(f"({place + 1} earlier cells are left out)")
            break
        shown.append(text)
    return "\n\n".join(reversed(shown)) or "(it has none)"


def _show_cell(place: int, cell: Mapping[str, Any]) -> str:
    source = cell.get("source", "")
    text = shorten(source if isinstance(source, str) else "".join(source), _CELL_CHARACTERS)
    if cell.get("cell_type") != "code":
        return f"[{place}] {text}"
    errors = [each for each in cell.get("outputs", ()) if each.get("output_type") == "error"]
    ended = f"\n-> {errors[-1].get('ename')}: {shorten(str(errors[-1].get('evalue')), 200)}" if errors else ""
    return f"[{place}]\n```\n{text}\n```{ended}"


_WRITERS: dict[str, Callable[[Context, Mapping[str, str]], Awaitable[str]]] = {
    _ANALYZE.name: _write_analysis,
    _CONTINUE.name: _write_continuation,
    _EXPLAIN.name: _write_explanation,
    _REVIEW.name: _write_review,
}
