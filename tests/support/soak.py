"""Hosts that call without end while kernels are killed, connections cut, and Jupyter restarted.

    python -m support.soak SECONDS [KILLS CUTS RESTARTS]      the latter: seconds from one fault to the next

Eight hosts call four kernels through a proxy. At the end each mark that their calls left is there once if its call said
that it was done, not at all if the call said that nothing was, and never twice; no process holds more than before; and
each failure on the way was one of the package's own errors, with a sentence; and no request, also of those whose hosts
had been cut off, was answered with a status of 500, whatever became of Jupyter meanwhile.
"""

from __future__ import annotations

import gc
import json
import random
import re
import sys
import time
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import nbformat
import psutil

from support.cells import run_cell
from support.cuttable import CuttableWay
from support.jupyter import JupyterServer
from support.processes import kill_processes_with
from support.soak_hosts import NOTEBOOKS, Findings, Hosts
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Faults", "soak"]

KERNELS = 4

FLAT = 48 * 2**20
"""Bytes that a process may hold more than before: what Python and its libraries keep for the next time."""

SETTLING = 60.0
"""Seconds after which a process's memory grows no more."""

_FAILED = re.compile(r"^.* 500 [A-Z]+ /mcp.*$", re.MULTILINE)
"""A line of Jupyter's log on a request to the endpoint that nobody had an answer for."""

POOL = 8
"""Threads and files that a process may have more than before: asyncio's pool of threads grows up to some size."""


@dataclass(frozen=True)
class Faults:
    """Seconds from one fault to the next, on the average."""

    kills: float = 7
    cuts: float = 3
    restarts: float = 150


@dataclass(frozen=True)
class Sizes:
    """What a process holds."""

    threads: int
    files: int
    memory: int

    @classmethod
    def of(cls, process: psutil.Process) -> Sizes:
        return cls(process.num_threads(), process.num_fds(), process.memory_info().rss)

    def exceeds(self, before: Sizes) -> bool:
        more_threads, more_files = self.threads - before.threads, self.files - before.files
        return more_threads > POOL or more_files > POOL or self.memory - before.memory > FLAT

    def __str__(self) -> str:
        return f"{self.threads} threads, {self.files} files and sockets, {self.memory / 2**20:.0f} MiB"


class Soak:
    """A Jupyter server with its kernels, the proxy before it, and the hosts; a context manager.

    Args:
        seed: of what goes wrong when.
    """

    def __init__(self, seed: int) -> None:
        self.findings = Findings()
        self._chance = random.Random(seed)  # noqa: S311  no secret
        # sessions that were cut are forgotten soon, and nobody is asked to wait
        self._server = JupyterServer("--MCPNotebookApp.session_idle=10", "--MCPNotebookApp.limits={'calls': None}")
        self._ledger = self._server.directory / "ledger"
        self._samples: defaultdict[psutil.Process, list[tuple[float, int]]] = defaultdict(list)

    def __enter__(self) -> Self:
        self._server.__enter__()
        self._way = CuttableWay(self._server.url)
        token = self._server.host_token("soak", "--read", "--write", "--execute")
        self._hosts = Hosts(f"{self._way.url}/mcp", token, self._ledger, self.findings)
        self._ledger.touch()
        for name in NOTEBOOKS:
            nbformat.write(nbformat.v4.new_notebook(), self._server.notebook_directory / name)
        self._come_up()
        return self

    def __exit__(self, *error: object) -> None:
        self._way.refuse()
        self._server.__exit__(*error)

    def _come_up(self) -> None:
        self._hosts.kernels = [self._server.start_kernel() for _ in range(KERNELS)]
        self._wait_for_kernels()
        self._hosts.up.set()

    def _wait_for_kernels(self) -> None:
        for kernel in self._hosts.kernels:
            with self._server.client(kernel):
                pass

    def run(self, seconds: float, faults: Faults | None) -> None:
        """Let the hosts call for so many seconds, and faults happen meanwhile."""
        self._hosts.start()
        try:
            end = time.monotonic() + seconds
            if faults is not None:
                self._throw(faults, end)
            time.sleep(max(0, end - time.monotonic()))
            # on a machine that is busy, a short run may be too short for any
            wait_until(lambda: "done" in list(self.findings.marks.values()), "a call to be done", seconds=60)
        finally:
            self._hosts.stop()

    # What goes wrong

    def _throw(self, faults: Faults, end: float) -> None:
        kinds = {self._kill: faults.kills, self._cut: faults.cuts, self._restart: faults.restarts}
        due = {fault: time.monotonic() + seconds for fault, seconds in kinds.items()}
        while (moment := min(due.values())) < end:
            time.sleep(max(0, moment - time.monotonic()))
            fault = min(due, key=lambda each: due[each])
            self.findings.faults[fault.__name__.strip("_")] += 1
            fault()
            self._sample()
            due[fault] = time.monotonic() + kinds[fault] * self._chance.uniform(0.5, 1.5)

    def _kill(self) -> None:
        for process in self._find_kernels([self._chance.choice(self._hosts.kernels)]):
            process.kill()

    def _cut(self) -> None:
        share = self._chance.choice([0.3, 1])
        self._way.cut(lambda: self._chance.random() < share)

    def _restart(self) -> None:
        self._hosts.up.clear()
        self._chance.choice([self._server.kill, self._server.end])()
        self._way.refuse()
        self._server.end()
        self.check_log()
        kill_processes_with("JUPYTER_RUNTIME_DIR", str(self._server.runtime_directory))
        self._server.start_again()
        self._way.accept_again(self._server.url)
        self._come_up()

    # What is there afterwards

    def settle(self) -> dict[str, Sizes]:
        """Wait until kernels answer, have each host visit, and return what every process holds when they have gone."""
        self._wait_for_kernels()
        self._hosts.visit()
        gc.collect()
        wait_until(lambda: not self._count_connections(), "connections to end", seconds=30)
        kernels = [Sizes.of(process) for process in self._find_kernels(self._hosts.kernels)]
        return {
            "hosts": Sizes.of(psutil.Process()),
            "Jupyter": Sizes.of(psutil.Process(self._server.pid)),
            "a kernel": max(kernels, key=lambda each: (each.threads, each.files)),
        }

    def _count_connections(self) -> int:
        connections = psutil.Process(self._server.pid).net_connections("tcp")
        port = int(self._server.url.rpartition(":")[2])
        return sum(bool(each.raddr) and each.laddr.port == port for each in connections)

    def count_comms(self) -> int:
        """Return how many comms are open in the kernels."""
        found = 0
        for kernel in self._hosts.kernels:
            with self._server.client(kernel) as client:
                found += int(run_cell(client, "print(len(get_ipython().kernel.comm_manager.comms))").text)
        return found

    def check_marks(self) -> None:
        """Find marks that are lost, doubled, or there against what was said."""
        found = Counter(self._ledger.read_text().split())
        for name in NOTEBOOKS:
            cells = json.loads((self._server.notebook_directory / name).read_text())["cells"]
            found.update("".join(cell["source"]).removeprefix("# ") for cell in cells)
        for mark, outcome in self.findings.marks.items():
            allowed = {"done": [1], "not done": [0], "unknown": [0, 1]}[outcome]
            if found[mark] not in allowed:
                self.findings.wrong.append(f"{mark}: its host heard {outcome!r}; it is there {found[mark]} times")

    def check_log(self) -> None:
        """Find requests that the Jupyter server answered with a status of 500, as its log says since its last start."""
        log = self._server.log_file.read_text(errors="replace")
        self.findings.wrong += [f"an answer without a sentence: {line}" for line in _FAILED.findall(log)]

    def check_growth(self) -> None:
        """Find processes whose memory grew on after their first minute."""
        for process, samples in self._samples.items():
            later = [memory for moment, memory in samples if moment > samples[0][0] + SETTLING]
            if later and later[-1] > later[0] + FLAT:
                self.findings.wrong.append(f"{process} grew from {later[0]} to {later[-1]} bytes")

    def _sample(self) -> None:
        for process in (psutil.Process(), psutil.Process(self._server.pid)):
            self._samples[process].append((time.monotonic(), process.memory_info().rss))

    def _find_kernels(self, kernels: Sequence[str]) -> Iterator[psutil.Process]:
        for process in psutil.Process(self._server.pid).children():
            with suppress(psutil.Error):
                if any(kernel in word for kernel in kernels for word in process.cmdline()):
                    yield process


def soak(seconds: float, faults: Faults, seed: int = 0) -> Findings:
    """Make one run, and look at everything that must not be.

    Args:
        seconds: how long the hosts call while things go wrong.
        faults: how often they do.
        seed: of what goes wrong when.
    """
    with Soak(seed) as run:
        run.run(min(seconds / 6, 20), None)
        before = run.settle()
        run.run(seconds, faults)
        after = run.settle()
        run.check_marks()
        run.check_growth()
        run.check_log()
        findings = run.findings
        findings.wrong += [
            f"{name}: {before[name]}; {after[name]}" for name in after if after[name].exceeds(before[name])
        ]
        if comms := run.count_comms():
            findings.wrong.append(f"{comms} comms are left in the kernels")
    for name, size in after.items():
        print(f"{name}: {before[name]}; afterwards: {size}")  # noqa: T201  make soak shows it
    outcomes = dict(Counter(findings.marks.values()))
    print(f"{findings.calls} calls; {outcomes}; {dict(findings.faults)}")  # noqa: T201  as above
    for kind, count in findings.failures.most_common():
        print(f"{count:5} {kind}: {findings.examples[kind]}")  # noqa: T201  as above
    return findings


if __name__ == "__main__":
    wrong = soak(float(sys.argv[1]), Faults(*map(float, sys.argv[2:])), seed=int(time.time())).wrong
    print("\n".join(wrong[:50]))  # noqa: T201  it is a program
    sys.exit(bool(wrong))
