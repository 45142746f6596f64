"""What a page is told of the policy: the rules, and what was answered; a rule can be revoked there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anyio.to_thread import run_sync

from mcp_notebook.approval.policy import get_policy
from mcp_notebook.display import Table, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp_notebook.approval.rules import Rule
    from mcp_notebook.explorer.room import Ask, Room, Said, Tell

__all__ = ["ASKS"]

_MAX_DECISIONS = 100


async def _policy(room: Room, said: Said, tell: Tell) -> dict[str, Any]:
    """Give the rules and the last answers."""
    del said, tell
    policy = get_policy()
    rules = await run_sync(lambda: list(policy.rules))  # some are in a file
    shown = [{"key": repr(rule), "text": _say(rule), "since": rule.since} for rule in rules]
    decisions = [
        [one.when, one.server, one.tool or "", one.kind, one.action, one_line(one.how, 120), one_line(one.message, 120)]
        for one in policy.decisions[-_MAX_DECISIONS:]
    ]
    if shown:
        rows = [(rule.kind, rule.decision, rule.server, rule.tool, rule.lasting) for rule in rules]
        table = Table(("kind", "decision", "server", "tool", "holds"), rows)
        room.seen.put("Policy", "What was decided beforehand", table.to_view())
    return {"rules": shown, "decisions": decisions[::-1]}


def _say(rule: Rule) -> str:
    lasting = {"once": "for the next question", "session": "until this kernel ends", "always": "always"}
    return one_line(f"{rule}, {lasting.get(rule.lasting, rule.lasting)}", 300)


async def _revoke(room: Room, said: Said, tell: Tell) -> dict[str, Any]:
    """Take a rule back."""
    key = said.text("key")
    await run_sync(_revoke_rule, key)
    return await _policy(room, said, tell)


def _revoke_rule(key: str) -> None:
    policy = get_policy()
    found: Sequence[Rule] = [rule for rule in policy.rules if repr(rule) == key]
    if not found:
        raise ValueError("This rule is gone already")
    try:
        policy.revoke(found[0])
    except OSError as error:
        raise ValueError(f"The file of rules cannot be written: {error.strerror}") from None


ASKS: dict[str, Ask] = {"policy": _policy, "revoke": _revoke}
