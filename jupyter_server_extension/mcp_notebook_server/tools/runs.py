"""How a run is shown to a host: its outputs in few words, images beside them, links to what is too large.

Knows what a model can use of what Jupyter displays. Refuses to know how code is run (`execution`).
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any, Literal, NotRequired

from mcp_types import ImageContent, ResourceLink
from pydantic import Field
from typing_extensions import TypedDict

from mcp_notebook_server.addresses import OUTPUT
from mcp_notebook_server.execution import IMAGES, State, drop_colours, read_html, shorten_middle, shrink
from mcp_notebook_server.tools.tool import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mcp_types import ContentBlock

    from mcp_notebook_server.execution import Execution, Output

__all__ = ["ErrorEntry", "OutputEntry", "Run", "show_images", "show_outputs", "show_run", "text_of"]

_OUTPUT_CHARACTERS = 20_000
_ALL_CHARACTERS = 30_000
_REST_CHARACTERS = 500
"""What is shown of an output when those before it have used up the rest."""

_RESULT_CHARACTERS = 4000
_TRACEBACK_CHARACTERS = 3000
_IMAGE_CHARACTERS = 300_000
_ALL_IMAGE_CHARACTERS = 600_000
"""In base64; with text and structured content an answer stays below one MiB."""

_TEXTS = ("text/markdown", "text/plain", "text/latex")
_LONGEST_HTML = 300_000
_NO_INPUT = (
    "The code asked for input(), and nobody answers it here: put the value into the code, or have the person run it as "
    "a cell."
)


class OutputEntry(TypedDict):
    """One thing that was shown."""

    type: Literal["stream", "display", "result"]
    text: str
    mime: NotRequired[Annotated[str, Field(description="Its richest form; an image of this kind is in the content")]]
    link: NotRequired[Annotated[str, Field(description="Where all of it can be read")]]


class ErrorEntry(TypedDict):
    """The exception that ended the run."""

    name: str
    message: str
    traceback: str


class Run(TypedDict):
    """What came of it."""

    execution: str
    state: State
    outputs: list[OutputEntry]
    next: Annotated[int, Field(description="`since` for read_execution")]
    result: NotRequired[str]
    error: NotRequired[ErrorEntry]


async def show_run(execution: Execution, since: int = 0) -> Answer:
    """Return what a host is told of a run.

    Args:
        execution: the run.
        since: mark of the first output that is wanted.
    """
    outputs = execution.outputs.read(since)
    entries, links = show_outputs(outputs, lambda output: OUTPUT.expand(_place(execution, output)))
    images = await show_images(outputs)
    shown: dict[str, Any] = {"execution": execution.id, "state": execution.outcome, "outputs": entries}
    shown["next"] = execution.outputs.next_mark
    if results := [entry["text"] for entry in entries if entry["type"] == "result"]:
        shown["result"] = shorten_middle(results[-1], _RESULT_CHARACTERS)
    if (error := _find_error(execution)) is not None:
        shown["error"] = error
    text = "\n".join(
        [*(entry["text"].rstrip("\n") for entry in entries if entry["text"]), *_say_state(execution, error)]
    )
    return Answer(text or "It ran and showed nothing.", shown, [*images, *links], is_error=_has_failed(execution))


def text_of(output: Output, most: int) -> str:
    """Return what a model can read of an output, in about `most` characters."""
    if output.stream is not None:
        return drop_colours(output.stream.read(most))
    return shorten_middle(_read_display(output), most)


def _read_display(output: Output) -> str:
    data = output.data
    if output.left_out:
        return f"(something of {output.left_out} bytes, which is too large to be looked at)"
    text = next((_as_text(data[mime]) for mime in _TEXTS if mime in data), "")
    html = _as_text(data.get("text/html", ""))
    if html and (not text or text.startswith("<") or "<table" in html):
        text = (read_html(html) if len(html) <= _LONGEST_HTML else "") or text
    if not text and "application/json" in data:
        text = json.dumps(data["application/json"], ensure_ascii=False)
    return drop_colours(text)


def show_outputs(
    outputs: Sequence[Output], address_of: Callable[[Output], str]
) -> tuple[list[dict[str, Any]], list[ResourceLink]]:
    """Return outputs as a host is told of them, and links to those that are more than is told.

    Args:
        outputs: what was shown.
        address_of: gives the address at which one of them can be read whole.
    """
    left = _ALL_CHARACTERS
    entries: list[dict[str, Any]] = []
    links: list[ResourceLink] = []
    for output in outputs:
        most = max(_REST_CHARACTERS, min(_OUTPUT_CHARACTERS, left))
        entry: dict[str, Any] = {"type": output.type, "text": text_of(output, most)}
        left -= len(entry["text"])
        mime = next((mime for mime in output.data if mime not in _TEXTS), None)
        if mime is not None:
            entry["mime"] = mime
        if len(entry["text"]) > most or output.size > most or mime is not None:
            link = ResourceLink(uri=address_of(output), name=f"output {output.number}", mime_type=mime or "text/plain")
            entry["link"] = link.uri
            links.append(link)
        entries.append(entry)
    return entries, links


def _place(execution: Execution, output: Output) -> dict[str, str]:
    return {"execution": execution.id, "n": str(output.number)}


async def show_images(outputs: Sequence[Output]) -> list[ContentBlock]:
    """Return the images among outputs, small enough for an answer."""
    left = _ALL_IMAGE_CHARACTERS
    blocks: list[ContentBlock] = []
    for output in outputs:
        mime = next((mime for mime in IMAGES if mime in output.data), None)
        if mime is None:
            continue
        most = min(_IMAGE_CHARACTERS, left)
        data = _as_text(output.data[mime])
        small = (data, mime) if len(data) <= most else await asyncio.to_thread(shrink, data, mime, most)
        if small is not None:
            blocks.append(ImageContent(data="".join(small[0].split()), mime_type=small[1]))
            left -= len(small[0])
    return blocks


def _find_error(execution: Execution) -> dict[str, str] | None:
    if execution.failure is not None:
        return {"name": type(execution.failure).__name__, "message": str(execution.failure), "traceback": ""}
    error = execution.outputs.error
    return None if error is None else {**error, "traceback": error["traceback"][-_TRACEBACK_CHARACTERS:]}


def _say_state(execution: Execution, error: Mapping[str, str] | None) -> list[str]:
    """Return sentences about what became of the run; none if it has simply ended."""
    said = [f"({execution.outputs.dropped} outputs in the middle were not kept)"] if execution.outputs.dropped else []
    go_on = f"Call read_execution with execution={execution.id!r} to go on, or cancel_execution."
    if execution.outcome == "running":
        said.append(f"It still runs, and goes on to its end. {go_on}")
    elif execution.state == "queued":
        said.append(f"The kernel has not begun with it yet: it waits for what runs there. {go_on}")
    elif execution.state == "interrupted":
        said.append(_say_interruption(execution))
    elif error is not None:
        said.append(error["traceback"] or error["message"] or error["name"])
        if error["name"] == "StdinNotImplementedError":
            said.append(_NO_INPUT)
    return said


def _say_interruption(execution: Execution) -> str:
    if execution.began is None:
        return "It was taken out before the kernel began with it: nothing of it was run."
    if execution.cancelled:
        return "It was cancelled, and interrupted in the middle. What it did until then is done."
    return "The person (or somebody else at this kernel) interrupted it in the middle. Ask before you run it again."


def _has_failed(execution: Execution) -> bool:
    return execution.state == "error" or (execution.state == "interrupted" and not execution.cancelled)


def _as_text(value: Any) -> str:
    if isinstance(value, list):  # multiline text, as notebooks have it
        return "".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]  JSON
    return value if isinstance(value, str) else json.dumps(value)
