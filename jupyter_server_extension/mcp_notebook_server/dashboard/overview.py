"""What the page shows, as one JSON object with a list for each of its parts.

Knows where each list comes from. Refuses to know how it reaches the page (`handlers`), and what it looks like.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcp_notebook_server.access.tokens import SCOPES
from mcp_notebook_server.places import profile_file
from mcp_notebook_server.presence import shorten_code

if TYPE_CHECKING:
    from mcp_notebook_server.access.approvals import Approvals
    from mcp_notebook_server.access.changes import Changes
    from mcp_notebook_server.access.grants import Grants
    from mcp_notebook_server.access.tokens import HostToken, TokenFile
    from mcp_notebook_server.dashboard.recent import RecentCalls
    from mcp_notebook_server.execution import Execution, Executions
    from mcp_notebook_server.kernels import RunningKernel, RunningKernels
    from mcp_notebook_server.presence import LiveCall, Presence

__all__ = ["Overview"]

_numbers = itertools.count(1)
_MOST_SHOWN = 100
"""Hosts and calls; of more, the page says how many there are."""


@dataclass(frozen=True)
class Overview:
    """The parts of the extension that the page shows, and acts on.

    Attributes:
        approvals, grants, tokens, presence, kernels, executions, recent: each the extension's own.
        changes: tells when one of them has changed.
        endpoint: of the MCP endpoint, the path below Jupyter's base URL.
    """

    approvals: Approvals
    grants: Grants
    tokens: TokenFile
    presence: Presence
    kernels: RunningKernels
    executions: Executions
    recent: RecentCalls
    changes: Changes
    endpoint: str

    async def collect(self) -> dict[str, Any]:
        """Return all lists, and under `as_of` a number that is greater the more recent they are."""
        tokens, calls = self.tokens.list(), self._list_calls()
        live = {"", *(token.digest for token in tokens if not token.has_expired())}  # "": let in without a token
        hosts = [host for host in self.presence.list_hosts() if host.digest in live]
        return {
            "as_of": next(_numbers),
            "approvals": [approval.as_json() for approval in self.approvals.list()],
            "pauses": [each.as_json() for each in self.approvals.declines.list_pauses() if each.token.digest in live],
            "grants": [grant.for_people() for grant in self.grants.list()],
            "tokens": [self._describe_token(token) for token in tokens],
            "hosts": [host.as_json() for host in hosts[:_MOST_SHOWN]],
            "calls": calls[:_MOST_SHOWN],
            "counts": {"hosts": len(hosts), "calls": len(calls)},
            "kernels": [_describe_kernel(kernel) for kernel in await self.kernels.list_all()],
            "recent": self.recent.list(),
        }

    async def interrupt(self, call_id: str) -> None:
        """End what stands under this id among the calls: a run in a kernel, and nothing else there, or a call.

        Raises:
            UnknownCall: if it has ended already.
        """
        run = next((run for run in self.executions.live if run.id == call_id), None)
        if run is not None:
            await self.executions.cancel(run)
        else:
            self.presence.interrupt(call_id)

    def _list_calls(self) -> list[dict[str, Any]]:
        """Return what hosts are having done: runs, with or without a call that waits for them, and other calls."""
        runs = self.executions.live
        calls = [call for call in self.presence.list_calls() if not any(_waits_for(call, run) for run in runs)]
        return [*(_describe_run(run) for run in runs), *(call.as_json() for call in calls)]

    def _describe_token(self, token: HostToken) -> dict[str, Any]:
        used = self.tokens.last_use.find(token)
        return {
            "id": token.digest[:32],
            "name": token.name,
            "scopes": [scope for scope in SCOPES if scope in token.scopes],
            "kernels": list(token.kernels),
            "notebooks": list(token.notebooks),
            "expires": token.expires.isoformat(),
            "expired": token.has_expired(),
            "last_use": used.isoformat() if used is not None else None,
            "trusts_host_consent": token.trusts_host_consent,
            "profile": profile_file(token.name).exists(),
        }


def _waits_for(call: LiveCall, run: Execution) -> bool:
    """Whether a call is the one that asked for a run, as far as can be told from outside."""
    if run.cell is not None:
        asked = (call.tool, str(call.arguments.get("notebook")).strip("/"), call.arguments.get("cell"))
        is_it = asked == ("run_cell", run.cell.notebook, run.cell.asked_for)
    else:
        is_it = call.code == shorten_code(run.code)
    return is_it and call.host.digest == run.token.digest and run.asked >= call.since


def _describe_run(run: Execution) -> dict[str, Any]:
    return {
        "id": run.id,
        "host": "",
        "token": run.token.name,
        "tool": "Code",
        "kernel": run.kernel_id,
        "code": shorten_code(run.code),
        "since": (run.began or run.asked).isoformat(),
        "state": run.state,
    }


def _describe_kernel(kernel: RunningKernel) -> dict[str, Any]:
    return {"id": kernel.id, "name": kernel.name, "notebook": kernel.notebook, "external": kernel.external}
