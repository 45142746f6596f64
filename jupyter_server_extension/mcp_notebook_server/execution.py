"""Code that hosts run in kernels, and what comes of it.

Knows Jupyter's messaging: a client with a session of its own for each run, outputs that are pushed as they come.
Refuses to know who may run what (`access`), and how results are shown (`tools`).

A run leaves no trace in history and counts as the kernel's activity, as a person's run does. Nothing here interrupts:
a host that waits no longer, or is gone, leaves the run to its end. A kernel that is busy is not queued upon.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

from jupyter_client.session import Session

from mcp_notebook_server.errors import KernelDied, KernelOccupied
from mcp_notebook_server.liveness import Watch, is_busy

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from jupyter_client.asynchronous.client import AsyncKernelClient

__all__ = ["Execution", "Executions", "Output", "State"]

State = Literal["running", "done", "error", "interrupted"]

_MOST_CHARACTERS = 30_000
"""Text that is kept of one run; what comes beyond is counted and dropped."""

_MOST_OUTPUTS = 100
_CONNECT_SECONDS = 10.0
"""For a kernel to be heard; a kernel that lives answers at once."""

_HEAR_MILLISECONDS = 100
"""How long one question waits to be heard before it is asked again."""

_TEXTS = ("text/markdown", "text/plain")


@dataclass
class Output:
    """One thing that a run showed.

    Attributes:
        type: as in Jupyter.
        text: what of it is text.
        mime: for displays and results, of the richest form there was.
    """

    type: Literal["stream", "display", "result"]
    text: str
    mime: str | None = None


@dataclass
class Execution:
    """One run.

    Attributes:
        id: ours.
        kernel_id: where.
        began: when.
        state: so far.
        outputs: so far, bounded.
        dropped: characters that were not kept, the outputs being too long.
        error: name, message and traceback of the exception that ended it.
    """

    id: str
    kernel_id: str
    began: datetime
    state: State = "running"
    outputs: list[Output] = field(default_factory=list[Output])
    dropped: int = 0
    error: dict[str, Any] | None = None
    kept: int = 0

    def take(self, kind: str, content: Mapping[str, Any]) -> None:
        """Take what the kernel says of this run on iopub."""
        if kind == "stream":
            self._add_text(content["text"])
        elif kind in ("execute_result", "display_data"):
            data: Mapping[str, Any] = content["data"]
            text = next((data[mime] for mime in _TEXTS if mime in data), "")
            rich = [mime for mime in data if mime not in _TEXTS]
            self._add(Output("result" if kind == "execute_result" else "display", text, rich[0] if rich else None))
        elif kind == "error":
            self.state = "interrupted" if content["ename"] == "KeyboardInterrupt" else "error"
            names = {"name": content["ename"], "message": content["evalue"]}
            self.error = {**names, "traceback": "\n".join(content["traceback"])}

    def _add_text(self, text: str) -> None:
        if self.outputs and self.outputs[-1].type == "stream":
            self.outputs[-1].text += self._cut(text)
        else:
            self._add(Output("stream", text))

    def _add(self, output: Output) -> None:
        if len(self.outputs) >= _MOST_OUTPUTS:
            self.dropped += len(output.text)
            return
        output.text = self._cut(output.text)
        self.outputs.append(output)

    def _cut(self, text: str) -> str:
        kept = text[: _MOST_CHARACTERS - self.kept]
        self.kept += len(kept)
        self.dropped += len(text) - len(kept)
        return kept


class Executions:
    """The runs of hosts on this Jupyter server; belongs to its event loop.

    Args:
        kernel_manager: Jupyter's manager of all kernels.
    """

    def __init__(self, kernel_manager: Any) -> None:
        self._kernel_manager = kernel_manager
        self._running: dict[str, tuple[Execution, asyncio.Task[None]]] = {}

    async def run(self, kernel_id: str, code: str, wait: float) -> Execution:
        """Run code and return what came of it, or how far it is after `wait` seconds.

        Raises:
            KernelOccupied: something runs in the kernel.
            KernelDied: it is gone, or went away meanwhile.
        """
        if kernel_id not in self._kernel_manager:
            raise KernelDied(kernel_id)
        kernel = self._kernel_manager.get_kernel(kernel_id)
        self.check_free(kernel_id)
        if is_busy(kernel):
            raise KernelOccupied(kernel_id, "a cell", None)
        execution = Execution(uuid4().hex, kernel_id, datetime.now(UTC))
        task = asyncio.ensure_future(_execute(kernel, execution, code))
        self._running[kernel_id] = execution, task
        task.add_done_callback(lambda done: self._forget(kernel_id, done))
        await asyncio.wait([task], timeout=wait)
        if task.done():
            task.result()
        return execution

    def check_free(self, kernel_id: str) -> None:
        """Raise if a host's code runs in the kernel.

        Raises:
            KernelOccupied: since when.
        """
        if kernel_id in self._running:
            began = self._running[kernel_id][0].began.isoformat(timespec="seconds")
            raise KernelOccupied(kernel_id, "code that a host runs", began)

    async def close(self) -> None:
        """Let go of what still runs; in the kernels it goes on."""
        tasks = [task for _, task in self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self, kernel_id: str, task: asyncio.Task[None]) -> None:
        self._running.pop(kernel_id, None)
        if not task.cancelled():
            task.exception()  # nobody may be waiting


async def _execute(kernel: Any, execution: Execution, code: str) -> None:
    patience = asyncio.timeout(None)
    watch = Watch(kernel, patience)
    try:
        async with patience, watch, _connect(kernel) as client:
            await _follow(client, execution, code)
    except TimeoutError:
        raise KernelDied(execution.kernel_id) from None


async def _follow(client: AsyncKernelClient, execution: Execution, code: str) -> None:
    """Send the code and take all that the kernel says of it, until it has said that it is idle again."""
    asked = client.execute(code, store_history=False, allow_stdin=False, stop_on_error=False)
    while True:
        message = await client.get_iopub_msg()
        if message["parent_header"].get("msg_id") != asked:
            continue
        content = message["content"]
        if message["msg_type"] == "status" and content["execution_state"] == "idle":
            break
        execution.take(message["msg_type"], content)
    if execution.state == "running":
        execution.state = "done"


@contextlib.asynccontextmanager
async def _connect(kernel: Any) -> AsyncGenerator[AsyncKernelClient]:
    """Connect a client of its own, and wait until it hears what the kernel says.

    A subscription takes a moment, and what is said before is lost: so the kernel is asked who it is, on the control
    channel, which no cell keeps waiting, until the answer is heard.
    """
    session = Session(session=uuid4().hex, key=kernel.session.key, signature_scheme=kernel.session.signature_scheme)
    client: AsyncKernelClient = kernel.client(session=session)
    client.start_channels(stdin=False, hb=False)
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            while True:
                client.control_channel.send(client.session.msg("kernel_info_request"))
                if await client.iopub_channel.socket.poll(_HEAR_MILLISECONDS):
                    break
        yield client
    finally:
        client.stop_channels()
