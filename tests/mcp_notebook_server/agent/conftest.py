"""A kernel with a person at it, and the agents of a Jupyter server, all in this process but the kernel."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_client.session import Session
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

from mcp_notebook_server.agent.link import Agents
from support.kernelspecs import add_kernelspecs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from jupyter_client.asynchronous.client import AsyncKernelClient


class Person:
    """A front end's client of one kernel.

    Args:
        client: with its channels started.
    """

    def __init__(self, client: AsyncKernelClient) -> None:
        self._client = client
        self.cell = ""

    def start(self, code: str, cell: str = "cell-1", *, allow_stdin: bool = False) -> None:
        """Send a cell as JupyterLab does."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}}
        request = self._client.session.msg("execute_request", content | {"allow_stdin": allow_stdin})
        request["metadata"]["cellId"] = cell
        self.cell = request["header"]["msg_id"]
        self._client.shell_channel.send(request)

    async def printed(self, text: str) -> None:
        """Wait until the running cell has printed `text`."""
        while True:
            message = await self._client.get_iopub_msg()
            if message["msg_type"] == "stream" and text in message["content"]["text"]:
                return

    async def finished(self) -> str:
        """Wait until the cell is done and all its output is here, and return what it printed since."""
        text = ""
        while True:
            message = await self._client.get_iopub_msg()
            if message["parent_header"].get("msg_id") != self.cell:
                continue
            if message["msg_type"] == "stream":
                text += message["content"]["text"]
            if message["msg_type"] == "error":
                text += message["content"]["evalue"]
            if message["content"].get("execution_state") == "idle":
                return text

    async def run(self, code: str) -> str:
        """Run a cell and return what it printed."""
        self.start(code)
        return await self.finished()

    async def answer(self, text: str) -> None:
        """Wait until the cell asks for input, and give it."""
        await self._client.get_stdin_msg()
        self._client.input(text)


class Desk:
    """A Jupyter server's kernel manager with one kernel, its person, and the agents under test."""

    def __init__(self, manager: AsyncMappingKernelManager, kernel_id: str, agents: Agents, directory: Path) -> None:
        self.manager = manager
        self.kernel_id = kernel_id
        self.agents = agents
        self.directory = directory

    @property
    def kernel(self) -> Any:
        return self.manager.get_kernel(self.kernel_id)

    async def ask(self, op: str, timeout: float = 10.0, **arguments: Any) -> dict[str, Any]:  # noqa: ASYNC109  as `Agents.ask`
        return await self.agents.ask(self.kernel_id, op, arguments, timeout=timeout)

    async def names(self) -> list[str]:
        return [variable["name"] for variable in (await self.ask("list_variables"))["variables"]]

    async def hear_out(self, person: Person) -> None:
        """Have the person run nothing, and wait until Jupyter's bookkeeping has heard that and all before it."""
        heard_all = asyncio.Event()

        def note(change: Any) -> None:
            if (change["old"], change["new"]) == ("busy", "idle"):
                heard_all.set()

        self.kernel.observe(note, "execution_state")
        await person.run("")
        await heard_all.wait()
        self.kernel.unobserve(note, "execution_state")

    async def state(self, wanted: str) -> None:
        """Wait until Jupyter's bookkeeping says `wanted`."""
        seen = asyncio.Event()

        def look(_: object = None) -> None:
            if self.kernel.execution_state == wanted:
                seen.set()

        self.kernel.observe(look, "execution_state")
        look()
        await seen.wait()
        self.kernel.unobserve(look, "execution_state")

    @contextlib.asynccontextmanager
    async def person(self) -> AsyncIterator[Person]:
        session = Session(session=uuid.uuid4().hex, key=self.kernel.session.key)
        client = self.kernel.client(session=session)
        client.start_channels(hb=False)
        try:
            await client.wait_for_ready(timeout=60)
            yield Person(client)
        finally:
            client.stop_channels()


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Private Jupyter directories, with a specification for each line of ipykernel and one that claims to be R."""
    with tempfile.TemporaryDirectory(prefix="mn", dir="/tmp") as name:  # short: Unix sockets lie below it
        directory = Path(name)
        for variable in ("JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR", "HOME"):
            monkeypatch.setenv(variable, str(directory / variable.lower()))
            (directory / variable.lower()).mkdir()
        monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
        data = directory / "jupyter_data_dir"
        add_kernelspecs(data)
        (data / "kernels" / "r").mkdir(parents=True)
        specification = {"argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]}
        specification |= {"display_name": "R", "language": "R"}
        (data / "kernels" / "r" / "kernel.json").write_text(json.dumps(specification))
        yield directory


@pytest.fixture
def open_desk(places: Path) -> Callable[..., contextlib.AbstractAsyncContextManager[Desk]]:
    """Opens a desk; use it inside `asyncio.run`."""

    @contextlib.asynccontextmanager
    async def open_it(kernel_name: str = "python3", subdirectory: str = "run") -> AsyncIterator[Desk]:
        # What pytest sets must not reach the kernel: ipykernel behaves differently where it sees it.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
        manager = AsyncMappingKernelManager(connection_dir=str(places))
        kernel_id = await manager.start_kernel(kernel_name=kernel_name, env=environment)
        directory = places / subdirectory
        agents = Agents(manager, directory, logging.getLogger("test"))
        try:
            yield Desk(manager, kernel_id, agents, directory / kernel_id)
        finally:
            await agents.close()
            await manager.shutdown_all(now=True)

    return open_it
