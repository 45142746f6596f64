"""`mcp-notebook demo` shows what it promises, and leaves nothing behind, however it ends."""

import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.paths import SCRIPTS
from support.processes import kill_processes_with, processes_with

MARK = "MCP_NOTEBOOK_TEST_MARK"
DRAWS = "Kernel A draws"
READS = "reads A meanwhile"


class Demo:
    """A demo that runs, whose processes and files can be told from all others."""

    def __init__(self, directory: Path, *flags: str) -> None:
        self.directory = directory
        self.mark = uuid.uuid4().hex
        environment = {**os.environ, MARK: self.mark, "TMPDIR": str(directory), "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [str(SCRIPTS / "mcp-notebook"), "demo", *flags],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def read_until(self, words: str) -> str:
        """Read what it prints up to the line with `words`."""
        assert self.process.stdout is not None
        lines: list[str] = []
        for line in self.process.stdout:
            lines.append(line)
            if words in line:
                return "".join(lines)
        raise AssertionError(f"{words!r} never came:\n{''.join(lines)}")

    def finish(self) -> tuple[int, str]:
        """Return its exit code and what else it printed."""
        output, _ = self.process.communicate(timeout=100)
        return self.process.returncode, output

    @property
    def leftovers(self) -> list[str]:
        """Processes and files that are still there."""
        processes = [" ".join(process.cmdline()) for process in processes_with(MARK, self.mark)]
        return [*processes, *map(str, self.directory.iterdir())]


@pytest.fixture
def directory() -> Iterator[Path]:
    # Short, as a demo wants it: see TemporaryJupyter.
    directory = Path(tempfile.mkdtemp(prefix="d", dir="/tmp"))
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def demo(directory: Path) -> Iterator[Demo]:
    demo = Demo(directory)
    yield demo
    kill_processes_with(MARK, demo.mark)
    demo.process.wait()
    demo.process.stdout.close()  # type: ignore[union-attr]  # it is a pipe


def test_the_demo_reads_a_kernel_that_draws_and_leaves_nothing_behind(demo: Demo) -> None:
    code, output = demo.finish()
    assert code == 0, output
    assert "(344, 8)" in output
    assert "bill_length_mm" in output
    meanwhile = output.partition(DRAWS)[2].partition("the plot is whole")
    assert "busy" in meanwhile[0]
    assert "3 species drawn" in meanwhile[2]
    assert demo.leftovers == []


def test_an_interrupted_demo_says_so_and_leaves_nothing_behind(demo: Demo) -> None:
    demo.read_until(DRAWS)
    demo.process.send_signal(signal.SIGINT)
    code, output = demo.finish()
    assert code == 130, output
    assert "Interrupted" in output
    assert demo.leftovers == []


def test_a_demo_that_is_terminated_at_its_start_leaves_nothing_behind(demo: Demo) -> None:
    demo.read_until("mcp-notebook demo")
    demo.process.send_signal(signal.SIGTERM)
    code, _ = demo.finish()
    assert code == 130
    assert demo.leftovers == []


def test_a_step_that_fails_is_named_with_its_reason_and_nothing_is_left_behind(demo: Demo) -> None:
    demo.read_until(READS)
    kernels = [each for each in processes_with(MARK, demo.mark) if "ipykernel_launcher" in " ".join(each.cmdline())]
    kernel_a = min(kernels, key=lambda each: each.create_time())  # B asks it for what it no longer knows
    kernel_a.kill()
    kernel_a.wait(5)
    code, output = demo.finish()
    assert code == 1, output
    assert "The demo stopped at" in output
    assert "Traceback" not in output
    assert demo.leftovers == []


def test_a_jupyter_that_is_killed_under_the_demo_leaves_no_kernel_behind(demo: Demo) -> None:
    # As a stop does that meets Jupyter restarting a kernel: its shutdown fails, and only a kill ends it.
    demo.read_until(READS)
    [jupyter] = [each for each in processes_with(MARK, demo.mark) if "jupyter_server" in each.cmdline()]
    jupyter.kill()
    code, output = demo.finish()
    assert code == 1, output
    assert "The demo stopped at" in output
    assert "Traceback" not in output
    assert demo.leftovers == []
