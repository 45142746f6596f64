"""What a person has decided beforehand: ask, allow, decline, or answer from a recording; and what was answered.

Knows which rule holds for a question: the most specific (server and tool, then server, then tool, then all), of equal
ones the last. Refuses to know files (`policy_file`). From any thread; the loop thread takes the lock, so under it no
file is waited for.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcp_notebook.approval.checking import check_content, default_content
from mcp_notebook.approval.policy_file import RulesReader, write_rules
from mcp_notebook.approval.question import Answer
from mcp_notebook.approval.replay import Recording
from mcp_notebook.approval.rules import Rule
from mcp_notebook.display import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mcp_notebook.approval.question import Lasting, Question

__all__ = ["Decision", "Policy", "get_policy", "new_rule"]

_MAX_DECISIONS = 1000


@dataclass(frozen=True)
class Decision:
    """One answered question, as it is put on record: never what was filled in.

    Attributes:
        when: ISO 8601, UTC.
        server: who asked.
        tool: in whose call; None if it was none, or not known.
        kind: of question.
        action: what came of it.
        how: by what.
        message: the beginning of the server's words.
    """

    when: str
    server: str
    tool: str | None
    kind: str
    action: str
    how: str
    message: str


class Policy:
    """The rules of this notebook, and the record of what was answered; see `gate.Judge`.

    Args:
        file: where rules lie that hold always; gives None where there is no such file.
    """

    def __init__(self, file: Callable[[], Path | None]) -> None:
        self._file = file
        self._reader = RulesReader()
        self._own: list[Rule] = []
        self._recordings: dict[str, Recording] = {}
        self._decisions: deque[Decision] = deque(maxlen=_MAX_DECISIONS)
        self._lock = threading.Lock()

    @property
    def decisions(self) -> Sequence[Decision]:
        """What was answered in this kernel, oldest first."""
        return list(self._decisions)

    @property
    def rules(self) -> Sequence[Rule]:
        """All rules: those of the file, then those of this kernel, each in the order in which they were made."""
        file = self._file()
        return [*(self._reader.read(file) if file is not None else ()), *self._own]

    def add(self, rule: Rule) -> None:
        """Add a rule; one of the same kind, server, tool and duration is replaced. One for always waits for its file.

        Raises:
            OSError: it holds always, and the file cannot be written.
            ValueError: the same, and the file cannot be read.
        """
        if rule.lasting == "always":
            self._change_file(lambda rules: [*(one for one in rules if not one.is_like(rule)), rule])
        with self._lock:
            self._recordings.pop(rule.decision.removeprefix("replay:"), None)  # from its beginning
            if rule.lasting != "always":
                self._own = [*(one for one in self._own if not one.is_like(rule)), rule]

    def revoke(self, rule: Rule) -> None:
        """Take a rule back; nothing happens if it is gone.

        Raises:
            OSError, ValueError: see `add`.
        """
        if rule.lasting == "always":
            self._change_file(lambda rules: [one for one in rules if one != rule])
            return
        with self._lock:
            self._own = [one for one in self._own if one != rule]

    def _change_file(self, change: Callable[[Sequence[Rule]], list[Rule]]) -> None:
        file = self._file()
        if file is not None:
            write_rules(file, change)

    def decide(self, question: Question) -> Answer | None:
        """Answer a question by a rule; None if the person is to be asked."""
        rule = self._find_rule(question)
        if rule is None or rule.decision == "ask" or (rule.decision == "allow" and question.asks_anyway):
            return None
        if rule.lasting == "once":
            self.revoke(rule)
        how = f"the rule {rule}"
        if rule.decision == "decline":
            return Answer("decline", how)
        if rule.decision == "allow":
            return _allowed(question, how)
        return self._replay(rule.decision.removeprefix("replay:"), question)

    def _find_rule(self, question: Question) -> Rule | None:
        try:
            rules = self.rules
        except (OSError, ValueError):
            rules = list(self._own)  # a file that cannot be read allows nothing
        fitting = [rule for rule in rules if rule.fits(question.kind, question.asker)]
        return max(enumerate(fitting), key=lambda one: (one[1].weight, one[0]))[1] if fitting else None

    def _replay(self, file: str, question: Question) -> Answer:
        how = f"the recording {Path(file).name}"
        try:
            with self._lock:
                if file not in self._recordings:
                    self._recordings[file] = Recording.read(Path(file))
                answer = self._recordings[file].find(question)
        except (OSError, ValueError) as error:
            return Answer("decline", f"{how} cannot be read: {one_line(str(error), 200)}")
        if answer is None:
            return Answer("decline", f"{how} has no answer to it")
        problems = check_content(question.fields, answer.content) if answer.action == "accept" else {}
        if problems:
            return Answer("decline", f"{how} has an answer that does not fit: {_first(problems)}")
        return replace(answer, how=how)

    async def record(self, question: Question, answer: Answer) -> None:
        """Put an answer on record; one that lasts becomes a rule: if not for always, then for this session."""
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        asker, how = question.asker, answer.how
        if answer.lasting != "once" and answer.action in question.may_last:
            decision = "allow" if answer.action == "accept" else "decline"
            rule = Rule(question.kind, decision, asker.server, asker.tool, answer.lasting, asker.address, now)
            how += await self._keep(rule)
        message = one_line(question.message, 100)
        self._decisions.append(Decision(now, asker.server, asker.tool, question.kind, answer.action, how, message))

    async def _keep(self, rule: Rule) -> str:
        """Add a rule without keeping the loop thread waiting; say if it could not be kept for as long as it should."""
        try:
            await asyncio.to_thread(self.add, rule)
        except (OSError, ValueError) as error:
            self.add(replace(rule, lasting="session"))
            return f"; kept for this session only: {one_line(str(error), 200)}"
        return ""


def _first(problems: dict[str, str]) -> str:
    name, problem = next(iter(problems.items()))
    return f"{one_line(name, 50)}: {problem}"


def _allowed(question: Question, how: str) -> Answer | None:
    """Accept what needs no person: never an address, nor a form that its defaults do not fill in."""
    if question.link is not None:
        return None
    content: dict[str, Any] | None = default_content(question.fields)
    return None if content is None else Answer("accept", how, content)


def _default_file() -> Path:
    from jupyter_core.paths import jupyter_data_dir  # noqa: PLC0415  when it is needed: tests set it in the environment

    return Path(jupyter_data_dir()) / "mcp-notebook" / "policy.json"


_policy = Policy(_default_file)


def get_policy() -> Policy:
    """Give the policy of this notebook."""
    return _policy


def new_rule(kind: str, decision: str, server: str | None, tool: str | None, lasting: Lasting) -> Rule:
    """Make a rule that holds from now on."""
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    return Rule(kind, decision, server, tool, lasting, None, now)
