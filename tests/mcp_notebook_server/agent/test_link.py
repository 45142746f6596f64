from __future__ import annotations

import asyncio
import os
import signal
import stat
import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from mcp_notebook_server.agent.directory import KernelDirectory
from mcp_notebook_server.errors import KernelBusy, KernelDied, KernelUnreadable, ReadRefused, ReadTimedOut
from support.kernelspecs import IPYKERNEL_6, LINES, NEWEST
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from .conftest import Desk

    OpenDesk = Callable[..., AbstractAsyncContextManager[Desk]]

every_line = pytest.mark.parametrize("line", LINES)

WAIT = "import os, time\nprint('begun', flush=True)\nwhile not os.path.exists({!r}): {}"
"""A cell that goes on until a file is there, sleeping or computing."""

HOLD_LOCK = "import ctypes\nctypes.PyDLL(None).sleep({})"
"""A cell inside one call that lets no other thread run for so many seconds."""


@every_line
def test_variables_are_read_from_a_kernel_prepared_at_its_start(open_desk: OpenDesk, line: str) -> None:
    async def scene() -> None:
        async with open_desk(line) as desk:
            await desk.agents.prepare(desk.kernel_id)
            async with desk.person() as person:
                await person.run("x = 1; rows = [1, 2]")
                assert await desk.names() == ["rows", "x"]
                assert desk.agents.readable(desk.kernel_id) == "yes"

    asyncio.run(scene())


@every_line
def test_first_ask_puts_the_agent_in(open_desk: OpenDesk, line: str) -> None:
    async def scene() -> None:
        async with open_desk(line) as desk, desk.person() as person:
            await person.run("x = 1")
            assert (await desk.ask("inspect_variable", path="x"))["text"] == "1"

    asyncio.run(scene())


@every_line
def test_person_finds_no_trace_of_the_agent(open_desk: OpenDesk, line: str) -> None:
    look = "print(sorted(globals()), In, Out, _, len(get_ipython().history_manager.input_hist_raw))"

    async def scene(*, read: bool) -> str:
        async with open_desk(line) as desk, desk.person() as person:
            await person.run("41 + 1")
            if read:
                await desk.names()
            return await person.run(look)

    assert asyncio.run(scene(read=True)) == asyncio.run(scene(read=False))


@every_line
def test_putting_the_agent_in_is_no_activity(open_desk: OpenDesk, line: str) -> None:
    async def scene() -> None:
        async with open_desk(line) as desk, desk.person() as person:
            await desk.names()
            await desk.hear_out(person)  # whatever the kernel said about the agent has arrived before this
            seen: list[Any] = []
            desk.kernel.observe(seen.append, ["last_activity", "execution_state"])
            desk.agents.forget(desk.kernel_id)
            before = desk.kernel.last_activity
            await desk.names()
            assert (desk.kernel.last_activity, seen) == (before, [])

    asyncio.run(scene())


def test_busy_kernel_is_reached_over_a_subshell_without_harm(open_desk: OpenDesk, places: Path) -> None:
    hook = (
        "import threading\nget_ipython().events.register('post_execute', lambda: heard.append(threading.get_ident()))"
    )
    go_on = places / "go on"

    async def scene() -> None:
        async with open_desk(NEWEST) as desk, desk.person() as person:
            await person.run(f"heard = []\n{hook}")
            person.start(WAIT.format(str(go_on), "time.sleep(.01)") + "\nprint(input('?'))", allow_stdin=True)
            await person.printed("begun")
            await desk.state("busy")
            seen: list[Any] = []
            desk.kernel.observe(seen.append, "execution_state")
            assert await desk.names() == ["heard"]
            assert (await desk.ask("status"))["running"]["cell"] == "cell-1"
            assert seen == []
            go_on.touch()
            await person.answer("typed")
            assert "typed" in await person.finished()
            assert await person.run("print(set(heard) == {threading.get_ident()})") == "True\n"

    asyncio.run(scene())


def test_busy_kernel_without_subshells_says_so_and_is_read_later(open_desk: OpenDesk, places: Path) -> None:
    go_on = places / "go on"

    async def scene() -> None:
        async with open_desk(IPYKERNEL_6) as desk, desk.person() as person:
            person.start(WAIT.format(str(go_on), "time.sleep(.01)"))
            await person.printed("begun")
            await desk.state("busy")
            assert desk.agents.readable(desk.kernel_id) == "when_idle"
            with pytest.raises(KernelBusy):
                await desk.names()
            go_on.touch()
            await person.finished()
            await desk.state("idle")
            assert "os" not in await desk.names()

    asyncio.run(scene())


@every_line
@pytest.mark.parametrize("waiting", ["time.sleep(.01)", "pass", "await __import__('asyncio').sleep(.01)"])
def test_reads_answer_while_a_cell_runs(open_desk: OpenDesk, places: Path, line: str, waiting: str) -> None:
    go_on = places / "go on"

    async def scene() -> None:
        async with open_desk(line) as desk, desk.person() as person:
            await desk.agents.prepare(desk.kernel_id)
            assert (await desk.ask("status"))["running"] is None
            person.start("x = 1\n" + WAIT.format(str(go_on), waiting), cell="the-cell")
            await person.printed("begun")
            listed = await desk.ask("list_variables")
            assert listed["read_while_running"] is True
            running = (await desk.ask("status"))["running"]
            assert running["cell"] == "the-cell"
            assert running["since"].endswith("+00:00")
            go_on.touch()
            await person.finished()
            assert (await desk.ask("list_variables"))["read_while_running"] is False

    asyncio.run(scene())


@every_line
@pytest.mark.parametrize("reset", ["%reset -f", "%reset -f in out"])
def test_reads_go_on_after_a_reset(open_desk: OpenDesk, line: str, reset: str) -> None:
    async def scene() -> None:
        async with open_desk(line) as desk, desk.person() as person:
            await desk.names()
            await person.run("x = 1")
            await person.run(reset)
            await person.run("y = 2")
            assert "y" in await desk.names()

    asyncio.run(scene())


@every_line
def test_restarted_kernel_gets_a_new_agent(open_desk: OpenDesk, line: str) -> None:
    async def scene() -> None:
        async with open_desk(line) as desk:
            async with desk.person() as person:
                await person.run("x = 1")
                assert await desk.names() == ["x"]
            old = (await desk.ask("status"))["pid"]
            await (await desk.manager.restart_kernel(desk.kernel_id))
            async with desk.person() as person:
                await person.run("y = 1")
                assert await desk.names() == ["y"]
            assert (await desk.ask("status"))["pid"] != old
            assert [path.name for path in desk.directory.glob("agent-*")] == [
                f"agent-{(await desk.ask('status'))['pid']}.sock"
            ]

    asyncio.run(scene())


FORKS = {
    "os.fork": "import os, signal\npid = os.fork() or signal.pause()",
    "multiprocessing": "import multiprocessing, time\n"
    "child = multiprocessing.get_context('fork').Process(target=time.sleep, args=(60,))\n"
    "child.start(); pid = child.pid",
}


@every_line
@pytest.mark.parametrize("fork", FORKS)
def test_killed_kernel_with_a_living_child_ends_the_call(open_desk: OpenDesk, line: str, fork: str) -> None:
    async def scene() -> None:
        async with open_desk(line) as desk, desk.person() as person:
            await desk.names()
            await person.run(FORKS[fork])
            child = int((await desk.ask("inspect_variable", path="pid"))["text"])
            kernel = (await desk.ask("status"))["pid"]
            os.kill(kernel, signal.SIGSTOP)  # so that it cannot answer first
            stopped = psutil.STATUS_STOPPED
            threads = [psutil.Process(thread.id) for thread in psutil.Process(kernel).threads()]
            wait_until(lambda: all(each.status() == stopped for each in threads), "the kernel to stop")
            call = asyncio.ensure_future(desk.names())
            await asyncio.wait([call], timeout=0.1)
            os.kill(kernel, signal.SIGKILL)
            began = time.monotonic()
            with pytest.raises(KernelDied):
                await call
            assert time.monotonic() - began < 2
            os.kill(child, signal.SIGKILL)

    asyncio.run(scene())


def test_killed_kernel_ends_the_next_call(open_desk: OpenDesk) -> None:
    async def scene() -> None:
        async with open_desk() as desk:
            os.kill((await desk.ask("status"))["pid"], signal.SIGKILL)
            with pytest.raises(KernelDied):
                await desk.names()

    asyncio.run(scene())


def test_unknown_kernel_is_a_dead_one(open_desk: OpenDesk) -> None:
    async def scene() -> None:
        async with open_desk() as desk:
            with pytest.raises(KernelDied):
                await desk.agents.ask("no such kernel", "status", {})
            assert desk.agents.readable("no such kernel") == "no"

    asyncio.run(scene())


def test_kernel_that_lets_nothing_run_times_out_and_answers_later(open_desk: OpenDesk) -> None:
    async def scene() -> None:
        async with open_desk() as desk, desk.person() as person:
            await desk.names()
            person.start(HOLD_LOCK.format(2))
            with pytest.raises(ReadTimedOut):  # noqa: PT012  which of the calls it is cannot be known
                while True:  # until the cell has come to take the lock
                    await desk.ask("status", timeout=0.5)
            await person.finished()
            assert "ctypes" not in await desk.names()

    asyncio.run(scene())


@every_line
def test_files_are_private_and_gone_afterwards(open_desk: OpenDesk, line: str) -> None:
    async def scene() -> None:
        async with open_desk(line) as desk:
            await desk.names()
            assert stat.S_IMODE(desk.directory.stat().st_mode) == 0o700
            assert stat.S_IMODE((desk.directory / "agent.json").stat().st_mode) == 0o600
            desk.agents.forget(desk.kernel_id)
            assert not desk.directory.exists()
            await desk.names()  # a new agent takes the old one's place
            await desk.agents.close()
            assert not desk.directory.exists()

    asyncio.run(scene())


def test_long_runtime_directory_gets_a_short_socket(open_desk: OpenDesk) -> None:
    async def scene() -> None:
        async with open_desk(subdirectory="long" * 30) as desk:
            assert await desk.names() == []
            address = (desk.directory / "agent.json").read_text()
            assert "long" not in address
            await desk.agents.close()
            assert not list(desk.directory.parent.iterdir())

    asyncio.run(scene())


def test_kernel_of_another_language_is_unreadable(open_desk: OpenDesk) -> None:
    async def scene() -> None:
        async with open_desk("r") as desk:
            assert desk.agents.readable(desk.kernel_id) == "no"
            with pytest.raises(KernelUnreadable, match="it runs R"):
                await desk.names()

    asyncio.run(scene())


def test_kernel_that_does_not_see_our_files_is_unreadable(
    open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    prepare = KernelDirectory.prepare
    elsewhere = {"directory": str(tmp_path / "not mounted")}
    monkeypatch.setattr(KernelDirectory, "prepare", lambda self: prepare(self) | elsewhere)

    async def scene() -> None:
        async with open_desk() as desk:
            with pytest.raises(KernelUnreadable, match="container"):
                await desk.names()
            assert desk.agents.readable(desk.kernel_id) == "no"

    asyncio.run(scene())


def test_refusal_carries_its_kind_and_what_exists(open_desk: OpenDesk) -> None:
    async def scene() -> None:
        async with open_desk() as desk, desk.person() as person:
            await person.run("weights = 1")
            with pytest.raises(ReadRefused, match="weights") as refusal:
                await desk.ask("inspect_variable", path="wieghts")
            assert refusal.value.kind == "unknown_variable"

    asyncio.run(scene())


MUTATIONS = {
    "resize": "import numpy\na = numpy.zeros(10)\ndef work(i): a.resize(10 + i % 50)",
    "bytearray": "a = bytearray(10)\ndef work(i): a.extend(b'x')",
    "shared memory": "import numpy\nfrom multiprocessing.shared_memory import SharedMemory\n"
    "block = SharedMemory(create=True, size=800)\na = numpy.ndarray((100,), buffer=block.buf)\n"
    "block.close(); block.unlink()\ndef work(i): pass",
    "dictionary": "a = {}\ndef work(i): a[i % 1000] = i; a.pop((i * 7) % 1000, None)",
    "namespace": "a = 1\ndef work(i): globals()[f'n{i % 100}'] = i; globals().pop(f'n{(i * 7) % 100}', None)",
    "columns": "import pandas\na = pandas.DataFrame({'x': range(100)})\n"
    "def work(i): a[f'c{i % 9}'] = i; del a[f'c{(i % 9)}']",
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_person_may_change_what_is_being_read(open_desk: OpenDesk, places: Path, mutation: str) -> None:
    go_on = places / "go on"
    loop = (
        f"i = 0\nprint('begun', flush=True)\nimport os\nwhile not os.path.exists({str(go_on)!r}):\n    work(i); i += 1"
    )

    async def scene() -> None:
        async with open_desk() as desk, desk.person() as person:
            assert await person.run(MUTATIONS[mutation]) == ""
            await desk.names()
            person.start(f"{loop}\nprint('unharmed')")
            await person.printed("begun")
            for _ in range(100):
                for op, arguments in (
                    ("list_variables", {}),
                    ("inspect_variable", {"path": "a"}),
                    *([("read_dataframe", {"name": "a"})] if mutation == "columns" else []),
                ):
                    try:
                        await desk.ask(op, **arguments)
                    except ReadRefused as refusal:
                        assert refusal.kind == "changing", refusal  # noqa: PT017  any other kind is a fault
            go_on.touch()
            assert await person.finished() == "unharmed\n"

    asyncio.run(scene())
