"""The hosts of a soak: eight of this package's, of both eras, each calling without end on a thread of its own.

Knows what they call, what each call leaves behind, and what may be heard when one fails. Refuses to know what goes
wrong, and when. What calls leave are marks: lines that code in a kernel appends to a file, and cells in a notebook.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias

import mcp_notebook
from mcp_notebook.errors import HostError
from mcp_notebook.errors.calling import CallTimedOut, NotSent, ToolFailed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mcp_notebook import Session

__all__ = ["HOSTS", "Findings", "Hosts", "Outcome"]

Outcome: TypeAlias = Literal["done", "not done", "unknown"]

HOSTS = 8
NOTEBOOKS = ("0.ipynb", "1.ipynb")

_CALLS_OF_A_SESSION = 60
_PATIENCE = 60.0
"""Seconds after which a call hangs; each must end sooner, one way or the other."""

_SETUP = "numbers = list(range(1000))"

_NOT_FOR_A_PERSON = ("Traceback", "ExceptionGroup", "TaskGroup", "failed inside the Jupyter server", " object at 0x")

_REFUSED = ("is busy", "no kernel", "is dead", "has died")
"""What sentences say of calls that were not begun."""


@dataclass
class Findings:
    """What a soak has seen.

    Attributes:
        calls: how many were made.
        marks: what each call that leaves a mark said.
        failures: how many of each error, and its first sentence.
        faults: how many of each kind.
        wrong: sentences about what must not be.
    """

    calls: int = 0
    marks: dict[str, Outcome] = field(default_factory=dict[str, Outcome])
    failures: Counter[str] = field(default_factory=Counter[str])
    examples: dict[str, str] = field(default_factory=dict[str, str])
    faults: Counter[str] = field(default_factory=Counter[str])
    wrong: list[str] = field(default_factory=list[str])

    def note_failure(self, error: Exception) -> None:
        """Count a call that failed; what no person should read, or was waited for in vain, is wrong."""
        sentence, kind = str(error), type(error).__name__
        self.failures[kind] += 1
        self.examples.setdefault(kind, sentence)
        worded = len(sentence.split()) > 3 and not any(words in sentence for words in _NOT_FOR_A_PERSON)
        if not worded or not isinstance(error, HostError) or isinstance(error, CallTimedOut):
            self.wrong.append(f"a call failed with {kind}: {sentence!r}")


class Hosts:
    """The hosts.

    Args:
        url: the endpoint.
        token: what they present.
        ledger: the file of marks.
        findings: are told what happens.

    Attributes:
        kernels: that they call.
        up: whether anybody is there to be called.
    """

    def __init__(self, url: str, token: str, ledger: Path, findings: Findings) -> None:
        self.kernels: list[str] = []
        self.up = threading.Event()
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._ledger = ledger
        self._findings = findings
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._works: list[Callable[[Session, str, random.Random], None]] = [
            *(lambda session, kernel, _chance, read=read: read(session, kernel) for read in _READS),
            *(self._execute, self._execute, self._insert),
        ]

    def start(self) -> None:
        """Let them come, and call."""
        self._over.clear()
        self._threads = [threading.Thread(target=self._be, args=(number,)) for number in range(HOSTS)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let each end its call and go."""
        self._over.set()
        for thread in self._threads:
            thread.join(2 * _PATIENCE)
        self._findings.wrong += ["a host does not end" for thread in self._threads if thread.is_alive()]

    def visit(self) -> None:
        """Have each come, do one of everything with each kernel, and go, one after the other."""
        for number in range(HOSTS):
            with self._connect(number) as session:
                for kernel in self.kernels:
                    session.call("execute_code", kernel=kernel, code=_SETUP, when_busy="queue", timeout=_PATIENCE)
                    for read in _READS:
                        read(session, kernel)

    def _connect(self, number: int) -> Session:
        era = "legacy" if number % 2 else "auto"
        return mcp_notebook.connect(f"host{number}", self._url, headers=self._headers, era=era)

    def _be(self, number: int) -> None:
        chance = random.Random(number)  # noqa: S311  no secret
        while not self._over.is_set():
            if not self.up.wait(0.1):
                continue
            try:
                with self._connect(number) as session:
                    self._call_for_a_while(session, chance)
            except Exception as error:  # noqa: BLE001  looked at
                self._findings.note_failure(error)

    def _call_for_a_while(self, session: Session, chance: random.Random) -> None:
        for _ in range(_CALLS_OF_A_SESSION):
            if self._over.is_set() or not self.up.is_set() or session.state != "open":
                return
            self._findings.calls += 1
            try:
                chance.choice(self._works)(session, chance.choice(self.kernels), chance)
            except Exception as error:  # noqa: BLE001  looked at
                self._findings.note_failure(error)

    def _execute(self, session: Session, kernel: str, chance: random.Random) -> None:
        with _Mark(self._findings, "code") as mark:
            pause = f"import time; time.sleep({chance.choice([0, 0, 0.2, 1])})"
            write = f"with open({str(self._ledger)!r}, 'a') as ledger: _ = ledger.write('{mark.name}\\n')"
            answer: Any = session.call(
                "execute_code",
                kernel=kernel,
                code=f"{_SETUP}\n{pause}\n{write}",
                wait=chance.choice([0, 30]),
                when_busy=chance.choice(["queue", "refuse"]),
                timeout=_PATIENCE,
            ).structured
            while answer["state"] in ("running", "queued"):
                answer = session.call("read_execution", execution=answer["execution"], timeout=_PATIENCE).structured
            if answer["state"] == "done":
                mark.outcome = "done"

    def _insert(self, session: Session, _: str, chance: random.Random) -> None:
        with _Mark(self._findings, "cell") as mark:
            notebook = chance.choice(NOTEBOOKS)
            session.call("insert_cell", notebook=notebook, source=f"# {mark.name}", timeout=_PATIENCE)
            mark.outcome = "done"


class _Mark:
    """What one call leaves: "unknown" unless it ended well, or said that nothing was done."""

    def __init__(self, findings: Findings, kind: str) -> None:
        self.name = f"{kind}-{threading.get_ident()}-{time.monotonic_ns()}"
        self.outcome: Outcome = "unknown"
        self._findings = findings

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        refused = isinstance(error, ToolFailed) and any(words in str(error) for words in _REFUSED)
        if isinstance(error, NotSent) or refused:
            self.outcome = "not done"
        self._findings.marks[self.name] = self.outcome


_READS: tuple[Callable[[Session, str], object], ...] = (
    lambda session, _: session.call("list_kernels", timeout=_PATIENCE),
    lambda session, kernel: session.call("list_variables", kernel=kernel, timeout=_PATIENCE),
    lambda session, kernel: session.call("inspect_variable", kernel=kernel, path="numbers", timeout=_PATIENCE),
    lambda session, _: session.call("list_notebooks", open_only=False, timeout=_PATIENCE),
    lambda session, kernel: session.read(f"jupyter://kernels/{kernel}/variables/numbers", timeout=_PATIENCE),
)
