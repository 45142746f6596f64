"""Completion: what an argument of a prompt, or a part of a resource's address, may be.

Knows which argument means what. Refuses to know how kernels and variables are read. A kernel that does not answer
completes to nothing: nobody wants an error while typing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_types import CompleteRequestParams, Completion, PromptReference

from mcp_notebook_server.addresses import DATAFRAME, FORMATS, VARIABLE
from mcp_notebook_server.errors import ServerError, UnknownPrompt, UnknownResource
from mcp_notebook_server.prompts import PROMPTS
from mcp_notebook_server.resources import TEMPLATES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp_notebook_server.binding import Binding
    from mcp_notebook_server.tools.tool import Context

__all__ = ["complete"]

_MOST_VALUES = 100
"""As the specification says (server/utilities/completion)."""

_SECONDS = 1.0


async def complete(context: Context, binding: Binding, params: CompleteRequestParams) -> Completion:
    """Return what may stand in place of what was typed.

    Args:
        context: of the host.
        binding: what its address stands for.
        params: what is completed, and the arguments that are there already.

    Raises:
        UnknownPrompt: if it is an argument of a prompt that there is not.
        UnknownResource: if it is a part of an address that is none of our templates.
    """
    reference, typed = params.ref, params.argument.value
    known = {**((params.context.arguments if params.context else None) or {}), **binding.values}
    kind = ""
    if isinstance(reference, PromptReference):
        if reference.name not in [prompt.name for prompt in PROMPTS]:
            raise UnknownPrompt(reference.name, [prompt.name for prompt in PROMPTS])
    else:
        templates = {binding.narrow_template(each.uri_template): each.uri_template for each in TEMPLATES}
        if reference.uri not in templates:
            raise UnknownResource(reference.uri, list(templates))
        kind = templates[reference.uri]
    try:
        values, total = await _find_values(context, params.argument.name, typed, known, kind)
    except ServerError:
        values, total = [], 0
    return Completion(values=values[:_MOST_VALUES], total=total, has_more=total > _MOST_VALUES)


async def _find_values(
    context: Context, argument: str, typed: str, known: Mapping[str, str], template: str
) -> tuple[list[str], int]:
    """Return values of an argument, and how many there are in all."""
    if argument in ("kernel", "notebook"):
        running = await context.kernels.list(context.token)
        paths = [each.notebook for each in running if each.notebook]
        names = [*(each.external for each in running if each.external), *(each.id for each in running)]
        return _beginning(typed, [*paths, *names] if argument == "kernel" else paths)
    if argument in ("format", "cell"):
        return _beginning(typed, list(FORMATS) if argument == "format" else await _list_cells(context, known))
    if argument == "name" and "kernel" in known:
        if template == str(VARIABLE):
            return await _find_variables(context, known["kernel"], typed)
        return await _find_frames(context, known["kernel"], typed, in_memory=template == str(DATAFRAME))
    if argument == "columns" and {"kernel", "name"} <= known.keys():
        return await _find_columns(context, known, typed)
    return [], 0


async def _list_cells(context: Context, known: Mapping[str, str]) -> list[str]:
    if "notebook" not in known:
        return []
    return [cell["id"] for cell in await context.read_notebook(known["notebook"], context)]


def _beginning(typed: str, values: list[str]) -> tuple[list[str], int]:
    found = [value for value in values if value.startswith(typed)]
    return found, len(found)


async def _find_variables(context: Context, kernel: str, typed: str) -> tuple[list[str], int]:
    kernel_id = await context.kernels.get_id(kernel, context.token)
    pattern = "".join(f"[{character}]" if character in "*?[" else character for character in typed) + "*"
    wanted = {"pattern": pattern, "limit": _MOST_VALUES}
    listed = await context.agents.ask(kernel_id, "list_variables", wanted, timeout=_SECONDS)
    return [each["name"] for each in listed["variables"]], listed["total"]


async def _find_frames(context: Context, kernel: str, typed: str, *, in_memory: bool) -> tuple[list[str], int]:
    kernel_id = await context.kernels.get_id(kernel, context.token)
    wanted = {"prefix": typed, "limit": _MOST_VALUES, "in_memory": in_memory}
    listed = await context.agents.ask(kernel_id, "list_dataframes", wanted, timeout=_SECONDS)
    return listed["names"], listed["total"]


async def _find_columns(context: Context, known: Mapping[str, str], typed: str) -> tuple[list[str], int]:
    """Complete the last of the names that commas separate."""
    kernel_id = await context.kernels.get_id(known["kernel"], context.token)
    before, comma, last = typed.rpartition(",")
    wanted = {"columns_of": known["name"], "prefix": last, "limit": _MOST_VALUES}
    listed = await context.agents.ask(kernel_id, "list_dataframes", wanted, timeout=_SECONDS)
    return [before + comma + name for name in listed["names"]], listed["total"]
