"""Code that takes its time is a task for hosts that take tasks; and a task is its token's alone."""

from __future__ import annotations

import json
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from mcp import MCPError, StdioServerParameters
from mcp.client import advertise
from mcp_types import (
    CallToolRequest,
    CallToolRequestParams,
    CancelTaskRequestParams,
    GetTaskRequestParams,
    SubscriptionFilter,
    SubscriptionsListenRequest,
    SubscriptionsListenRequestParams,
)
from pydantic import RootModel

from mcp_notebook.config import HTTPServer
from mcp_notebook.opening import open_session
from mcp_notebook.tasks.messages import EXTENSION, CancelTask, GetTask
from mcp_notebook.wire import WireLog
from support.cells import Gate, run_cell
from support.mcp import Host, connect
from support.paths import SCRIPTS
from support.person import Person
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from mcp_notebook.delivery import TaskState
    from mcp_notebook.session import Session
    from support.jupyter import JupyterServer


class Whatever(RootModel[dict[str, Any]]):
    """An answer as it came."""


@pytest.fixture(scope="module")
def kernel(jupyter_server: JupyterServer) -> str:
    return jupyter_server.start_kernel()


@pytest.fixture(scope="module")
def session(jupyter_server: JupyterServer) -> Iterator[Session]:
    """A host that takes tasks, and waits for them: this project's own."""
    headers = {"Authorization": f"Bearer {jupyter_server.host_token('waits', '--execute')}"}
    with open_session("jupyter", HTTPServer(jupyter_server.mcp_url, headers), WireLog) as session:
        yield session


class Taker:
    """A host that takes tasks and asks about them as it likes."""

    def __init__(self, host: Host) -> None:
        self.host = host

    def run(self, **arguments: Any) -> dict[str, Any]:
        return self.host.portal.call(lambda: self.arun(**arguments))

    async def arun(self, **arguments: Any) -> dict[str, Any]:
        return await self._send(CallToolRequest(params=CallToolRequestParams(name="execute_code", arguments=arguments)))

    def get(self, task: str) -> dict[str, Any]:
        return self.host.portal.call(self._send, GetTask(params=GetTaskRequestParams(task_id=task)))

    def cancel(self, task: str) -> dict[str, Any]:
        return self.host.portal.call(self._send, CancelTask(params=CancelTaskRequestParams(task_id=task)))

    async def _send(self, request: Any) -> dict[str, Any]:
        return (await self.host.client.session.send_request(request, Whatever)).root

    def refusal(self, task: str) -> tuple[tuple[int, str], ...]:
        """What it is told of a task that it may not see, when it asks and when it cancels."""
        refused: list[MCPError] = []
        for ask in (self.get, self.cancel):
            with pytest.raises(MCPError) as error:
                ask(task)
            refused.append(error.value)
        return tuple((error.error.code, error.error.message) for error in refused)


@contextmanager
def taker(url: str | StdioServerParameters, token: str | None = None) -> Generator[Taker]:
    with connect(url, token, extensions=[advertise(EXTENSION)]) as host:
        yield Taker(host)


def test_code_that_takes_longer_is_a_task_and_its_result_that_of_the_call(
    session: Session, kernel: str, tmp_path: Path
) -> None:
    gate = Gate(tmp_path)
    seen: list[TaskState] = []

    def see(state: TaskState) -> None:
        seen.append(state)
        if state.message == "half":
            gate.open()

    code = f"print('first\\nhalf')\n{gate.code}print('whole')\n6 * 7"
    result = session.call("execute_code", kernel=kernel, code=code, on_task=see)
    assert [output["text"] for output in result.structured["outputs"]] == ["first\nhalf\nwhole\n", "42"]
    assert result.structured["state"] == "done"
    assert (seen[0].status, seen[-1].status) == ("working", "completed")


def test_code_that_fails_as_a_task_is_told_as_an_answer(jupyter_server: JupyterServer, kernel: str) -> None:
    with taker(jupyter_server.mcp_url, jupyter_server.host_token("fails", "--execute")) as host:
        created = host.run(kernel=kernel, code="import time; time.sleep(1.2); 1/0")
        assert created["resultType"] == "task"
        wait_until(lambda: host.get(created["taskId"])["status"] != "working", "the code to end")
        task = host.get(created["taskId"])
        assert (task["status"], task["result"]["isError"]) == ("completed", True)
        assert "ZeroDivisionError" in task["result"]["content"][0]["text"]


def test_quick_code_is_answered_at_once(session: Session, kernel: str) -> None:
    seen: list[TaskState] = []
    assert session.call("execute_code", kernel=kernel, code="print(1)", on_task=seen.append).text == "1"
    assert seen == []


def test_a_host_that_says_how_long_it_waits_gets_a_handle(
    jupyter_server: JupyterServer, kernel: str, tmp_path: Path
) -> None:
    gate = Gate(tmp_path)
    with taker(jupyter_server.mcp_url, jupyter_server.host_token("handles", "--execute")) as host:
        answer = host.run(kernel=kernel, code=gate.code, wait=0)
        assert answer["resultType"] == "complete"
        gate.open()
        execution = answer["structuredContent"]["execution"]
        assert host.host.read("read_execution", execution=execution)["state"] == "done"
        assert host.refusal(execution)[0][0] == -32602  # it never became a task


def test_a_host_that_starts_the_bridge_can_ask_about_its_tasks(jupyter_server: JupyterServer, kernel: str) -> None:
    jupyter_server.run_cli("token", "create", "bridge", "--profile", "--execute")
    words = ["stdio", "--profile", "bridge"]
    command = StdioServerParameters(command=str(SCRIPTS / "mcp-notebook"), args=words, env=jupyter_server.environment)
    with taker(command) as host:
        created = host.run(kernel=kernel, code="import time; time.sleep(1.2)")
        assert created["resultType"] == "task"
        wait_until(lambda: host.get(created["taskId"])["status"] == "completed", "the code to end")
        host.cancel(created["taskId"])


def test_only_who_takes_tasks_may_ask_for_news_of_them(jupyter_server: JupyterServer) -> None:
    filters = SubscriptionFilter.model_validate({"taskIds": ["0" * 32]}, extra="allow")
    request = SubscriptionsListenRequest(params=SubscriptionsListenRequestParams(notifications=filters))
    with connect(jupyter_server.mcp_url, jupyter_server.host_token("listens")) as host:

        async def listen() -> None:
            await host.client.session.send_request(request, Whatever)

        with pytest.raises(MCPError) as refused:
            host.portal.call(listen)
    assert refused.value.error.code == -32021


def test_an_interrupt_at_the_host_interrupts_the_code(
    session: Session, jupyter_server: JupyterServer, kernel: str, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        session.call(
            "execute_code",
            kernel=kernel,
            code=Gate(tmp_path).code,
            on_task=lambda _: signal.raise_signal(signal.SIGINT),
        )
    wait_until(lambda: jupyter_server.kernel_state(kernel) == "idle", "the code to be interrupted")


def test_what_the_person_must_permit_is_a_task_once_they_have(
    jupyter_server: JupyterServer, kernel: str, tmp_path: Path
) -> None:
    gate = Gate(tmp_path)
    with Person(jupyter_server) as person, taker(jupyter_server.mcp_url, jupyter_server.host_token("asks")) as host:
        calling = host.host.portal.start_task_soon(lambda: host.arun(kernel=kernel, code=gate.code))
        [approval] = wait_until(person.approvals, "the question")
        assert person.answer(approval["id"], "once").status_code == 200
        task = calling.result(60)
        assert (task["resultType"], host.get(task["taskId"])["status"]) == ("task", "working")
        gate.open()
        wait_until(lambda: host.get(task["taskId"])["status"] == "completed", "the code to end")


def test_a_task_is_its_tokens_alone(jupyter_server: JupyterServer, kernel: str, tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    own, other = (jupyter_server.host_token(name, "--execute") for name in ("owner", "other"))
    elsewhere = f"{jupyter_server.mcp_url}/kernels/{jupyter_server.start_kernel()}"
    with taker(jupyter_server.mcp_url, own) as owner, taker(jupyter_server.mcp_url, other) as stranger:
        task = owner.run(kernel=kernel, code=f"{gate.code}print('whole')")["taskId"]
        assert stranger.refusal(task) == stranger.refusal("0" * 32)
        with taker(elsewhere, own) as astray:
            assert astray.refusal(task) == stranger.refusal(task)
        assert owner.get(task)["status"] == "working"
        gate.open()
        wait_until(lambda: owner.get(task)["status"] != "working", "the code to end")
        assert owner.get(task)["result"]["content"][0]["text"] == "whole"
        assert stranger.refusal(task) == stranger.refusal("0" * 32)


def test_a_task_ends_with_its_token(jupyter_server: JupyterServer, kernel: str, tmp_path: Path) -> None:
    with taker(jupyter_server.mcp_url, jupyter_server.host_token("revoked", "--execute")) as host:
        task = host.run(kernel=kernel, code=Gate(tmp_path).code)["taskId"]
        assert jupyter_server.run_cli("token", "revoke", "revoked").returncode == 0
        wait_until(lambda: jupyter_server.kernel_state(kernel) == "idle", "the code to be interrupted")
        with pytest.raises(MCPError):
            host.get(task)


def test_a_cancelled_task_says_so_and_the_record_has_it(
    jupyter_server: JupyterServer, kernel: str, tmp_path: Path
) -> None:
    with taker(jupyter_server.mcp_url, jupyter_server.host_token("cancels", "--execute")) as host:
        task = host.run(kernel=kernel, code=Gate(tmp_path).code)["taskId"]
        assert "status" not in host.cancel(task)
        wait_until(lambda: host.get(task)["status"] == "cancelled", "the code to be interrupted")
        assert "status" not in host.cancel(task)  # once more
    lines = (jupyter_server.data_directory / "mcp-notebook" / "audit.jsonl").read_text().splitlines()
    records = [record for record in map(json.loads, lines) if record.get("token") == "cancels"]
    assert [record["method"] for record in records] == ["tools/call", "tasks/cancel", "tasks/cancel"]
    assert records[1]["arguments"] == {"execution": task}


def test_a_cell_that_takes_longer_is_a_task_and_its_outputs_are_in_the_notebook(
    session: Session, jupyter_server: JupyterServer
) -> None:
    path = jupyter_server.notebook_directory / "long.ipynb"
    source = "import time; time.sleep(1.2); print('baked')"
    cell: dict[str, Any] = {"cell_type": "code", "id": "bread", "source": source, "execution_count": None}
    cell |= {"outputs": [], "metadata": {}}
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    kernel = jupyter_server.api(
        "POST", "/api/sessions", {"path": path.name, "type": "notebook", "name": "", "kernel": {"name": "python3"}}
    )["kernel"]["id"]
    with jupyter_server.client(kernel) as client:
        run_cell(client, "1")
        seen: list[TaskState] = []
        result = session.call("run_cell", notebook=path.name, cell="bread", on_task=seen.append)
    assert (result.structured["cell"], result.text) == ("bread", "baked")
    assert seen[-1].status == "completed"
    [written] = json.loads(path.read_text())["cells"]
    assert "".join(written["outputs"][0]["text"]) == "baked\n"
