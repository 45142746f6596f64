"""The tool about kernels themselves: which are running.

Knows how kernels are shown to a host. Refuses to know how Jupyter keeps them (`kernels`).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Literal, NotRequired

from mcp_types import ToolAnnotations
from typing_extensions import TypedDict

from mcp_notebook_server.errors import ServerError
from mcp_notebook_server.markdown import render_table
from mcp_notebook_server.tools.tool import Answer, Arguments, Context, Tool

if TYPE_CHECKING:
    from mcp_notebook_server.kernels import RunningKernel

__all__ = ["LIST_KERNELS", "describe_kernel", "find_running"]

_STATUS_TIMEOUT = 0.5
"""Seconds to wait for a busy kernel to say what it runs; the list comes without it otherwise."""


class Running(TypedDict):
    """What a busy kernel runs."""

    cell: NotRequired[str]
    since: str


class Kernel(TypedDict):
    """One running kernel."""

    id: str
    name: str
    language: str
    notebook: NotRequired[str]
    external: NotRequired[str]
    state: Literal["starting", "idle", "busy", "dead"]
    last_activity: str
    running: NotRequired[Running]
    readable: Literal["yes", "when_idle", "no"]


class KernelList(TypedDict):
    """All of them."""

    kernels: list[Kernel]


class NoArguments(Arguments):
    """Nothing to say."""


async def _list_kernels(context: Context, _: NoArguments) -> Answer:
    running = await context.kernels.list(context.token)
    kernels = await asyncio.gather(*(describe_kernel(context, kernel) for kernel in running))
    if not kernels:
        return Answer("No kernel is running. Open a notebook in Jupyter first.", {"kernels": []})
    rows = [(each["id"], each["language"], _name(each), each["state"], each["readable"]) for each in kernels]
    return Answer(render_table(("id", "language", "notebook", "state", "readable"), rows), {"kernels": kernels})


def _name(shown: dict[str, Any]) -> str | None:
    return shown.get("notebook") or shown.get("external")


async def describe_kernel(context: Context, kernel: RunningKernel) -> dict[str, Any]:
    """Return what a host is told of one kernel."""
    shown: dict[str, Any] = {
        "id": kernel.id,
        "name": kernel.name,
        "language": kernel.language,
        "state": kernel.state,
        "last_activity": kernel.last_activity.isoformat(),
        "readable": context.agents.readable(kernel.id),
    }
    if kernel.notebook is not None:
        shown["notebook"] = kernel.notebook
    if kernel.external is not None:
        shown["external"] = kernel.external
    if kernel.state == "busy" and shown["readable"] == "yes":
        running = await find_running(context, kernel.id)
        if running is not None:
            shown["running"] = running
    return shown


async def find_running(context: Context, kernel_id: str) -> Running | None:
    """Return what a busy kernel runs; None if it does not say so at once, or runs nothing any more."""
    try:
        return (await context.agents.ask(kernel_id, "status", {}, timeout=_STATUS_TIMEOUT))["running"]
    except ServerError:
        return None


LIST_KERNELS = Tool(
    name="list_kernels",
    title="List kernels",
    description=(
        "The running Jupyter kernels: id, language, notebook, and whether one is busy with a cell. Start here: the "
        "other tools want a kernel, by its id, the beginning of the id, or the notebook's path."
    ),
    scope="read",
    arguments=NoArguments,
    result=KernelList,
    run=_list_kernels,
    annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False),
)
