"""A host has what came of its code when that has ended, not when the kernel is idle again; nothing is lost by that."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from support.cells import run_cell
from support.kernelspecs import LINES
from support.mcp import Host, connect, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mcp_types import CallToolResult

    from support.jupyter import JupyterServer

    Run = Callable[..., CallToolResult]

ROUNDS = 60
SECONDS = 1.0
"""For which ipykernel is told to wait before it answers; it waits half a millisecond by itself."""

SLOW = f"get_ipython().kernel._execute_sleep = {SECONDS}"
FALSE_END = """
import sys, time
sys.modules["_mcp_notebook_ending"].end()
started = True
time.sleep(60)
"""


@pytest.fixture(params=LINES)
def kernel(jupyter_server: JupyterServer, request: pytest.FixtureRequest) -> str:
    return jupyter_server.start_kernel(request.param)


@pytest.fixture(scope="module")
def host(jupyter_server: JupyterServer) -> Iterator[Host]:
    with connect(jupyter_server.mcp_url, jupyter_server.host_token("ending", "--execute")) as host:
        yield host


@pytest.fixture
def run(host: Host, kernel: str) -> Run:
    return lambda code, **more: host.call("execute_code", kernel=kernel, code=code, **more)


def make_slow(server: JupyterServer, kernel: str, run: Run) -> None:
    assert text_of(run("1")) == "1"  # the first one has what tells the end installed
    with server.client(kernel) as client:
        run_cell(client, SLOW)


def test_a_host_does_not_wait_for_the_kernel_to_be_idle(jupyter_server: JupyterServer, kernel: str, run: Run) -> None:
    make_slow(jupyter_server, kernel, run)
    began = time.monotonic()
    result = run("print('printed'); 1 + 1")
    assert time.monotonic() - began < SECONDS
    assert result.structured_content["state"] == "done"
    assert text_of(result) == "printed\n2"


def test_the_next_call_waits_for_the_kernel_and_is_not_refused(
    jupyter_server: JupyterServer, kernel: str, run: Run
) -> None:
    make_slow(jupyter_server, kernel, run)
    began = time.monotonic()
    assert [text_of(run(f"{n}")) for n in range(3)] == ["0", "1", "2"]
    assert time.monotonic() - began >= 2 * SECONDS


def test_one_call_after_the_other_is_never_refused(run: Run) -> None:
    assert [text_of(run(f"print({n})")) for n in range(ROUNDS)] == [f"{n}" for n in range(ROUNDS)]


@pytest.mark.parametrize(
    "code",
    [
        "print('shown')",
        "import sys; print('shown', file=sys.stderr)",
        "import threading; t = threading.Thread(target=print, args=['shown']); t.start(); t.join()",
        "import logging; logging.warning('shown')",
        "display('shown')",
    ],
)
def test_what_code_shows_is_in_its_answer(run: Run, code: str) -> None:
    for _ in range(ROUNDS):
        assert "shown" in text_of(run(code))
        assert text_of(run("1")) == "1"


@pytest.mark.parametrize(
    "code",
    [
        "import subprocess; done = subprocess.run(['echo', 'shown'])",
        "import os; written = os.write(1, b'shown\\n')",
        "import os; written = os.write(2, b'shown\\n')",
        "import ctypes; c = ctypes.CDLL(None); c.puts(b'shown'), c.fflush(None); None",
    ],
)
def test_what_is_written_past_python_is_waited_for(
    jupyter_server: JupyterServer, kernel: str, run: Run, code: str
) -> None:
    make_slow(jupyter_server, kernel, run)  # else ipykernel itself loses it now and then, on a busy machine
    for _ in range(2):
        assert "shown" in text_of(run(code))


def test_a_failure_is_told_as_before(run: Run) -> None:
    for _ in range(ROUNDS):
        result = run("print('before'); 1 / 0")
        assert result.structured_content["state"] == "error"
        assert text_of(result).startswith("before")
        assert "ZeroDivisionError" in text_of(result)


@pytest.mark.parametrize("stream", ["io.StringIO()", "open('/dev/null', 'w')"])
def test_a_kernel_whose_streams_are_others_is_served(run: Run, stream: str) -> None:
    run(f"import io, sys; sys.stdout = {stream}")
    assert [text_of(run(f"{n}")) for n in range(3)] == ["0", "1", "2"]


def test_code_that_says_falsely_that_it_has_ended_can_be_cancelled(host: Host, run: Run) -> None:
    run("started = False")
    said: dict[str, Any] = run(FALSE_END).structured_content
    assert said["state"] == "done"
    refusal = run("1")
    assert refusal.is_error
    assert "is busy with code that a host runs" in text_of(refusal)
    cancelled = host.call("cancel_execution", execution=said["execution"])
    assert cancelled.structured_content["state"] == "interrupted"
    assert text_of(run("started")) == "True"


def test_the_person_has_nothing_of_it_in_their_namespace(jupyter_server: JupyterServer, kernel: str, run: Run) -> None:
    with jupyter_server.client(kernel) as client:
        run_cell(client, "before = set(globals())")
        run("1 + 1")
        cell = run_cell(client, "{name for name in set(globals()) - before if name[:2] != '_i'}")
        assert cell.of_type("execute_result")[0]["data"]["text/plain"] == "{'before'}"
