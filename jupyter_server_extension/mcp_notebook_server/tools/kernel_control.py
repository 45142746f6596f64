"""The tools that start, interrupt, restart and end kernels.

Knows what a person is asked before that is done. Refuses to know how it is done (`lifecycle`).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

from mcp_types import ToolAnnotations
from pydantic import Field
from typing_extensions import TypedDict

from mcp_notebook_server.access.calls import Proposal
from mcp_notebook_server.lifecycle import KernelOutOfBounds
from mcp_notebook_server.markdown import render_table
from mcp_notebook_server.tools.tool import Answer, Arguments, Context, Tool
from mcp_notebook_server.tools.variables import KernelArgument

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from mcp_notebook_server.binding import Binding
    from mcp_notebook_server.kernels import RunningKernel

__all__ = ["INTERRUPT_KERNEL", "LIST_KERNELSPECS", "RESTART_KERNEL", "SHUTDOWN_KERNEL", "START_KERNEL"]


class Spec(TypedDict):
    """A kind of kernel."""

    name: str
    display_name: str
    language: str


class SpecList(TypedDict):
    """All of them."""

    specs: list[Spec]


class Started(TypedDict):
    """What was started."""

    kernel: str


class Changed(TypedDict):
    """How the kernel is then."""

    state: str


class NoArguments(Arguments):
    """Nothing to say."""


class StartKernel(Arguments):
    """What to start, and for what."""

    name: Annotated[
        str | None, Field(description="Of list_kernelspecs; the notebook's own or the default if left out")
    ] = None
    notebook: Annotated[str | None, Field(description="Path of the notebook that it is for")] = None


class OneKernel(Arguments):
    """Which kernel."""

    kernel: KernelArgument


async def _list_kernelspecs(context: Context, _: NoArguments) -> Answer:
    specs = await context.lifecycle.list_kernelspecs()
    rows = [(spec.name, spec.display_name, spec.language) for spec in specs]
    return Answer(render_table(("name", "display_name", "language"), rows), {"specs": [asdict(spec) for spec in specs]})


async def _start_kernel(context: Context, arguments: StartKernel) -> Answer:
    _check_in_bounds(context, arguments)
    kernel_id = await context.lifecycle.start(arguments.name, arguments.notebook)
    return Answer(
        f"Started kernel {kernel_id}. It is ready in a moment; execute_code waits for it.", {"kernel": kernel_id}
    )


async def _propose_start(context: Context, arguments: StartKernel) -> Proposal:
    _check_in_bounds(context, arguments)
    what = f"a kernel {arguments.name!r}" if arguments.name else "a kernel"
    whom = f" for the notebook {arguments.notebook}" if arguments.notebook else ""
    return Proposal("", arguments.notebook, "action", f"Start {what}{whom}.")


def _check_in_bounds(context: Context, arguments: StartKernel) -> None:
    """Raise if a token that sees some kernels only would start another.

    Raises:
        KernelOutOfBounds: it would.
    """
    token = context.token
    if token.is_bound and arguments.notebook not in token.notebooks:
        raise KernelOutOfBounds(token.name, token.notebooks)


def _is_not_one_kernels(binding: Binding) -> bool:
    return not binding.kernel


def _describes(sentence: str, *, ends: str | None = None) -> Callable[[Context, OneKernel], Awaitable[Proposal]]:
    """Return what tells the person of a tool; `ends` is its verb where it is for those who have started the kernel."""

    async def propose(context: Context, arguments: OneKernel) -> Proposal:
        kernel = await context.kernels.get(arguments.kernel, context.token)
        if ends is not None:  # nobody is asked for what cannot be done
            context.lifecycle.check_owned(kernel.id, ends)
        return Proposal(kernel.id, kernel.notebook, "action", sentence.format(kernel=_name(kernel)))

    return propose


def _name(kernel: RunningKernel) -> str:
    file = kernel.notebook or kernel.external
    return f"the kernel of {file}" if file else f"the kernel {kernel.id} ({kernel.name})"


async def _interrupt_kernel(context: Context, arguments: OneKernel) -> Answer:
    kernel_id = await context.kernels.get_id(arguments.kernel, context.token)
    state = await context.lifecycle.interrupt(kernel_id)
    return Answer("Interrupted. Code that catches that, or is inside one long call, goes on.", {"state": state})


async def _restart_kernel(context: Context, arguments: OneKernel) -> Answer:
    kernel_id = await context.kernels.get_id(arguments.kernel, context.token)
    state = await context.lifecycle.restart(kernel_id)
    return Answer("Restarted: it has no variables any more. Its id is the same.", {"state": state})


async def _shutdown_kernel(context: Context, arguments: OneKernel) -> Answer:
    kernel_id = await context.kernels.get_id(arguments.kernel, context.token)
    return Answer("Shut down.", {"state": await context.lifecycle.shut_down(kernel_id)})


LIST_KERNELSPECS = Tool(
    name="list_kernelspecs",
    title="List kinds of kernels",
    description="The kinds of kernels that start_kernel can start: name, display name, language.",
    scope="read",
    arguments=NoArguments,
    result=SpecList,
    run=_list_kernelspecs,
    annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False),
    fits=_is_not_one_kernels,
)

START_KERNEL = Tool(
    name="start_kernel",
    title="Start a kernel",
    description=(
        "Start a kernel: for a notebook that has none (the person then finds it running there), or for none. It runs "
        "until somebody shuts it down."
    ),
    scope="execute",
    arguments=StartKernel,
    result=Started,
    run=_start_kernel,
    annotations=ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False),
    propose=_propose_start,
    fits=_is_not_one_kernels,
)


def _make_tool(
    name: str,
    title: str,
    description: str,
    run: Callable[[Context, OneKernel], Awaitable[Answer]],
    propose: Callable[[Context, OneKernel], Awaitable[Proposal]],
) -> Tool[OneKernel]:
    """Make a tool that does something to one kernel."""
    return Tool(
        name=name,
        title=title,
        description=description,
        scope="execute",
        arguments=OneKernel,
        result=Changed,
        run=run,
        annotations=ToolAnnotations(read_only_hint=False, destructive_hint=True, open_world_hint=False),
        propose=propose,
    )


INTERRUPT_KERNEL = _make_tool(
    "interrupt_kernel",
    "Interrupt a kernel",
    "Interrupt whatever the kernel runs, also a cell of the person. To end only what execute_code started, call "
    "cancel_execution.",
    _interrupt_kernel,
    _describes("Interrupt {kernel}: whatever runs there ends in the middle, also a cell of yours."),
)

RESTART_KERNEL = _make_tool(
    "restart_kernel",
    "Restart a kernel",
    "Restart the kernel: all its variables are lost, whatever it runs ends. Its id stays.",
    _restart_kernel,
    _describes("Restart {kernel}: all its variables are lost.", ends="restart"),
)

SHUTDOWN_KERNEL = _make_tool(
    "shutdown_kernel",
    "Shut a kernel down",
    "End the kernel for good: all its variables are lost, whatever it runs ends.",
    _shutdown_kernel,
    _describes("Shut down {kernel}: all its variables are lost.", ends="end"),
)
