"""`mcp-notebook demo`: one kernel reads another's data over MCP, also while it draws, and the person watches.

Knows the story and how it is told. Refuses to know how Jupyter is started (`temporary_jupyter`).
"""

# nbformat has no types:
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import importlib.util
import queue
import shutil
import textwrap
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from mcp_notebook_server.access.profiles import write_credential
from mcp_notebook_server.access.tokens import TokenFile
from mcp_notebook_server.cli.errors import DemoFailed, DemoNeedsPackages
from mcp_notebook_server.cli.interruption import Interruption, hold_signals
from mcp_notebook_server.cli.temporary_jupyter import TemporaryJupyter
from mcp_notebook_server.snippets import make_stdio_snippets

if TYPE_CHECKING:
    from argparse import Namespace

    from jupyter_client.blocking.client import BlockingKernelClient

__all__ = ["run_demo"]

_INTERRUPTED = 130
_TOKEN_VARIABLE = "MCP_NOTEBOOK_TOKEN"  # noqa: S105 - the name of a variable, not a token
_CELL_TIMEOUT = 30
"""Seconds between two messages of a kernel, more than the longest cell of the story takes."""

LOAD = """\
import pandas as pd
penguins = pd.read_csv("penguins.csv")
penguins.shape"""

DRAW = """\
%matplotlib inline
import time
import matplotlib.pyplot as plt
figure, axes = plt.subplots()
for species, group in penguins.groupby("species"):
    print("drawing", species)
    axes.plot(group.bill_length_mm, group.bill_depth_mm, "o", label=species)
    time.sleep(10 / 3)
axes.legend()
print(len(axes.lines), "species drawn")"""

SPECIES_DRAWN = "3 species drawn"


def run_demo(options: Namespace) -> int:
    """Tell the story and return the exit code; nothing is left behind, however it ends.

    Args:
        options: `keep`: afterwards leave JupyterLab running until Control-C.

    Raises:
        DemoNeedsPackages: if something to show is not installed.
        DemoFailed: if a step did not do what it should.
    """
    _check_packages(["matplotlib", *(["jupyterlab"] if options.keep else [])])
    with Interruption():
        try:
            _run(keep=options.keep)
        except KeyboardInterrupt:
            print("\nInterrupted; everything that was started has been stopped.")
            return _INTERRUPTED
        except (
            httpx.HTTPError,
            RuntimeError,
        ) as error:  # of Jupyter's REST interface; of a kernel that never gets ready
            raise DemoFailed("Jupyter", str(error)) from error
    return 0


def _run(*, keep: bool) -> None:
    begun = time.monotonic()
    token = {_TOKEN_VARIABLE: ""}
    with ExitStack() as stack:
        with hold_signals():  # a directory that is made must be known before it can be removed
            jupyter = stack.push(TemporaryJupyter("jupyterlab" if keep else "jupyter_server", token))
        tokens = TokenFile(jupyter.data / "mcp-notebook" / "tokens.json")
        _, token[_TOKEN_VARIABLE] = tokens.create("demo")
        jupyter.environment |= token
        print("mcp-notebook demo: a notebook reads another notebook's kernel over MCP.")
        stack.enter_context(jupyter)
        print(f"\nA Jupyter server of its own, with a read-only host token  ({time.monotonic() - begun:.1f} s)")
        endpoint = f"{jupyter.url}mcp"
        shutil.copy(find_data("penguins.csv"), jupyter.notebooks)
        write_notebooks(jupyter.notebooks, endpoint)
        kernel_a = stack.enter_context(jupyter.client(jupyter.open_notebook("penguins.ipynb")))
        kernel_b = stack.enter_context(jupyter.client(jupyter.open_notebook("host.ipynb")))
        tell_story(kernel_a, kernel_b, endpoint)
        print(f"\nDone in {time.monotonic() - begun:.0f} s.", flush=True)
        if keep:
            write_credential(jupyter.runtime / "mcp-notebook" / "profiles" / "demo", token[_TOKEN_VARIABLE])
            _invite(jupyter)
            jupyter.wait()


def tell_story(kernel_a: BlockingKernelClient, kernel_b: BlockingKernelClient, endpoint: str) -> None:
    """Run the cells of both notebooks in the order of the story."""
    print("\nKernel A, penguins.ipynb: somebody's analysis of 344 penguins")
    show(LOAD, finish(kernel_a, start(kernel_a, LOAD)))

    print("\nKernel B, host.ipynb: knows nothing but the endpoint and a read-only token")
    for code in host_cells(endpoint):
        show(code, finish(kernel_b, start(kernel_b, code)))

    print("\nKernel A draws for ten seconds ...")
    drawing = start(kernel_a, DRAW)
    wait_until_it_prints(kernel_a, drawing)

    print("\nKernel B: reads A meanwhile")
    for code in reading_cells():
        show(code, finish(kernel_b, start(kernel_b, code)))

    print("\nKernel A: the plot is whole")
    drawn = finish(kernel_a, drawing)
    show(DRAW, drawn)
    if not any(SPECIES_DRAWN in text for text in drawn.texts) or drawn.pictures != 1:
        raise DemoFailed(drawing.title, "the plot of kernel A is not as A drew it")


def host_cells(endpoint: str) -> list[str]:
    """Return the cells in which kernel B connects and looks around."""
    return [
        "%load_ext mcp_notebook",
        f'%mcp connect jupyter {endpoint} -H "Authorization: Bearer ${{{_TOKEN_VARIABLE}}}"',
        "%mcp tools",
        "%mcp call describe_dataframe kernel=penguins.ipynb name=penguins",
        "%mcp call read_dataframe kernel=penguins.ipynb name=penguins limit=5 --df",
    ]


def reading_cells() -> list[str]:
    """Return the cells in which kernel B reads while A is busy."""
    return [
        "%mcp call list_kernels",
        "%mcp call inspect_variable kernel=penguins.ipynb path=species",
        "%mcp call inspect_variable kernel=penguins.ipynb path=penguins",
    ]


@dataclass
class Outcome:
    """What a cell did.

    Attributes:
        seconds: how long it took.
        texts: what a person would read of it, in order.
        pictures: how many pictures it showed.
        error: `name: value` of its exception, or None.
    """

    seconds: float = 0.0
    texts: list[str] = field(default_factory=list[str])
    pictures: int = 0
    error: str | None = None

    def add(self, message: dict[str, Any]) -> None:
        """Take one message of the cell's."""
        content = message["content"]
        match message["msg_type"]:
            case "stream":
                self.texts.append(content["text"])
            case "execute_result" | "display_data":
                picture = content["data"].get("image/png")
                self.pictures += picture is not None
                self.texts.append(f"<a picture, {len(picture)} bytes>" if picture else content["data"]["text/plain"])
            case "error":
                self.error = f"{content['ename']}: {content['evalue']}"
            case _:
                pass


@dataclass(frozen=True)
class Started:
    """A cell that was sent: its code, its message id, and when.

    Attributes:
        code: the cell's.
        message_id: that its messages answer to.
        at: of the clock of `time.monotonic`.
    """

    code: str
    message_id: str
    at: float

    @property
    def title(self) -> str:
        """Its first line."""
        return self.code.splitlines()[0]


def start(client: BlockingKernelClient, code: str) -> Started:
    """Send a cell."""
    return Started(code, client.execute(code, allow_stdin=False), time.monotonic())


def get_message(client: BlockingKernelClient, started: Started) -> dict[str, Any]:
    """Wait for the next message of a cell, and return it.

    Raises:
        DemoFailed: if the kernel falls silent.
    """
    while True:
        try:
            message = client.get_iopub_msg(timeout=_CELL_TIMEOUT)
        except queue.Empty:
            raise DemoFailed(started.title, f"its kernel said nothing for {_CELL_TIMEOUT} s") from None
        if message["parent_header"].get("msg_id") == started.message_id:
            return message


def wait_until_it_prints(client: BlockingKernelClient, started: Started) -> None:
    """Wait until the cell prints something.

    Raises:
        DemoFailed: if it does not.
    """
    while get_message(client, started)["msg_type"] != "stream":
        pass


def finish(client: BlockingKernelClient, started: Started) -> Outcome:
    """Wait until the cell has run.

    Raises:
        DemoFailed: if it raised an exception.
    """
    outcome = Outcome()
    while (message := get_message(client, started))["content"].get("execution_state") != "idle":
        outcome.add(message)
    outcome.seconds = time.monotonic() - started.at
    if outcome.error is not None:
        raise DemoFailed(started.title, outcome.error)
    return outcome


def show(code: str, outcome: Outcome) -> None:
    """Print a cell and what it did."""
    first, *more = code.splitlines()
    lines = [f"In:  {first}", *(f"     {line}" for line in more)]
    print(f"  {lines[0]:<84} {outcome.seconds:6.2f} s")
    print(textwrap.indent("\n".join(lines[1:]), "  ")) if more else None
    for text in outcome.texts:
        print(textwrap.indent(text.rstrip("\n"), "       "), flush=True)


def write_notebooks(directory: Path, endpoint: str) -> None:
    """Write the story's two notebooks, for a person who wants to run them."""
    analysis = [new_code_cell(LOAD), new_code_cell(DRAW)]
    introduction = new_markdown_cell("Open `penguins.ipynb` beside this one, run its second cell, and read meanwhile.")
    host = [*map(new_code_cell, host_cells(endpoint)), introduction, *map(new_code_cell, reading_cells())]
    for name, cells in (("penguins.ipynb", analysis), ("host.ipynb", host)):
        nbformat.write(new_notebook(cells=cells), directory / name)  # type: ignore[no-untyped-call]  # nbformat is untyped


def find_data(name: str) -> Path:
    """Return a file of the data we ship: beside the installed package, or in a checkout's `notebooks/data`."""
    package = Path(__file__).parents[1]
    places = [package / "data" / name, package.parents[1] / "notebooks" / "data" / name]
    return next(place for place in places if place.exists())


def _check_packages(names: list[str]) -> None:
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if missing:
        raise DemoNeedsPackages(missing)


def _invite(jupyter: TemporaryJupyter) -> None:
    print(f"\nJupyterLab: {jupyter.url}lab/tree/host.ipynb?token={jupyter.token}\n")
    for snippet in make_stdio_snippets("demo", {"JUPYTER_RUNTIME_DIR": str(jupyter.runtime)}):
        print(f"{snippet.host}, {snippet.place}:\n{textwrap.indent(snippet.text, '  ')}")
    print("\nControl-C stops it and removes everything.", flush=True)
