"""The command about what is decided beforehand: `%mcp policy`.

Knows words. Refuses to know which rule holds for a question (`approval.policy`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcp_notebook.display import Table
from mcp_notebook.errors import UsageError
from mcp_notebook.errors.base import did_you_mean
from mcp_notebook.magics.command import Command, Invocation, Options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mcp_notebook.approval.policy import Policy
    from mcp_notebook.approval.question import Lasting
    from mcp_notebook.approval.rules import Rule

__all__ = ["POLICY"]

_USAGE = (
    "%mcp policy [KIND=ask|allow|decline|replay:FILE...] [--server S] [--tool T] [--once|--session|--always] "
    "[--list|--revoke N|--log]"
)
_DEFAULT = "Servers' questions are put to you; where nobody can answer they are declined. There are no rules."


def _policy(invocation: Invocation) -> Table | None:
    # Here and not above: what checks forms takes a while to import.
    from mcp_notebook.approval.policy import get_policy  # noqa: PLC0415

    read = _read(invocation)
    policy = get_policy()
    try:
        if read.log:
            return _log_table(policy)
        if read.revoke is not None:
            policy.revoke(_get_rule(policy, read.revoke))
        lasting: Lasting = "once" if read.once else "always" if read.always else "session"
        for rule in list(_read_rules(read.words, read.server, read.tool, lasting)):
            policy.add(rule)
        return _rules_table(policy)
    except (OSError, ValueError) as error:
        raise UsageError(str(error), _USAGE) from None


def _read(invocation: Invocation) -> Any:
    options = Options(_USAGE)
    options.add_argument("words", nargs="*")
    options.add_argument("--server")
    options.add_argument("--tool")
    lasting = options.add_mutually_exclusive_group()
    for name in ("--once", "--session", "--always"):
        lasting.add_argument(name, action="store_true")
    shown = options.add_mutually_exclusive_group()
    shown.add_argument("--list", action="store_true")
    shown.add_argument("--revoke", type=int, metavar="N")
    shown.add_argument("--log", action="store_true")
    read = options.parse_intermixed_args(invocation.words)
    if not read.words and (read.server or read.tool or read.once or read.session or read.always):
        raise UsageError("Say what is decided, such as elicitation=decline", _USAGE)
    return read


def _read_rules(words: list[str], server: str | None, tool: str | None, lasting: Lasting) -> Iterator[Rule]:
    from mcp_notebook.approval.policy import new_rule  # noqa: PLC0415  as above
    from mcp_notebook.approval.replay import Recording  # noqa: PLC0415  as above
    from mcp_notebook.approval.rules import KINDS, is_decision  # noqa: PLC0415  as above

    for word in words:
        kind, _, decision = str(word).partition("=")
        if kind not in KINDS:
            raise UsageError(f"Policies are about {', '.join(KINDS)}.{did_you_mean(kind, KINDS)}", _USAGE)
        if not is_decision(decision):
            raise UsageError(f"{kind} can be ask, allow, decline or replay:FILE, not {decision!r}", _USAGE)
        if decision.startswith("replay:"):
            file = Path(decision.removeprefix("replay:")).expanduser().absolute()
            Recording.read(file)  # now: what is wrong with it should not come up in the middle of a call
            decision = f"replay:{file}"
        yield new_rule(kind, decision, server, tool, lasting)


def _get_rule(policy: Policy, number: int) -> Rule:
    rules = policy.rules
    if not 1 <= number <= len(rules):
        raise UsageError(f"There is no rule {number}: %mcp policy lists them", _USAGE)
    return rules[number - 1]


def _rules_table(policy: Policy) -> Table | None:
    rules = policy.rules
    if not rules:
        print(_DEFAULT)  # noqa: T201  it is the answer
        return None
    columns = ("", "kind", "decision", "server", "tool", "holds", "since")
    rows = [
        (number, one.kind, one.decision, one.server, one.tool, one.lasting, one.since)
        for number, one in enumerate(rules, 1)
    ]
    return Table(columns, rows, max_rows=len(rows))


def _log_table(policy: Policy) -> Table | None:
    decisions = policy.decisions
    if not decisions:
        print("No server has asked anything in this kernel.")  # noqa: T201  it is the answer
        return None
    rows = [(one.when, one.server, one.tool, one.kind, one.action, one.how, one.message) for one in decisions]
    return Table(("when", "server", "tool", "kind", "answer", "by", "asked"), rows, max_rows=len(rows))


POLICY = Command(
    "policy",
    _USAGE,
    "decide beforehand what servers' questions are answered; --log shows what was",
    _policy,
    example="%mcp policy elicitation=decline --server weather",
    notes="""\
KIND             elicitation: forms and pages to open; sampling: requests to a language model; authorization:
                 signing in; call: tools that a model wants to call for you (%%mcp ask)
ask              you are asked, under the cell that runs
allow            accepted unasked: a form if its defaults fill it in, else you are asked; a page is never opened so
replay:FILE      answers from a file: [{"action": "accept", "content": {"city": "Seoul"}}, ...]
--once           for the next question; --session until this kernel ends (the default); --always in a file
--revoke N       takes a rule of the list back""",
)
