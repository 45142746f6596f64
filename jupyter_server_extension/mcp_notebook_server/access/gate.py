"""The one place where it is decided whether a call may happen, and where it waits for the person if they must say.

Knows policy, grants and approvals, and both eras' ways to have the host show the person a link or a form. Refuses to
know what the tools do.

In the legacy era the question is a request to the host, answered while the call waits. In the modern one it is an
answer of the call (`input_required`), and the host calls again; its `requestState` is the id of the question, which
the SDK's boundary (`make_boundary`) seals to token, tool, arguments and expiry.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
from mcp.shared.exceptions import MCPError
from mcp.shared.message import ServerMessageMetadata
from mcp_types import ElicitResult, InputRequiredResult
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from mcp_notebook_server.access.approvals import OPEN_MINUTES
from mcp_notebook_server.access.asking import choose_mode, find_answer, make_request
from mcp_notebook_server.access.errors import ApprovalDeclined, ApprovalNeeded, DeniedByPolicy, UnknownApproval
from mcp_notebook_server.access.host import get_host
from mcp_notebook_server.errors import ScopeForbidden

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext
    from mcp_types import CallToolRequestParams

    from mcp_notebook_server.access.approvals import Answer, Approval, Approvals
    from mcp_notebook_server.access.asking import Mode
    from mcp_notebook_server.access.calls import Call
    from mcp_notebook_server.access.grants import Grant, Grants
    from mcp_notebook_server.access.host import Host
    from mcp_notebook_server.access.policy import Policy
    from mcp_notebook_server.access.tokens import Scope

__all__ = ["Gate", "make_boundary"]

_KEY = "approval"
"""Under which our question stands among those of an answer that requires input."""


class Gate:
    """Lets calls through, or not.

    Args:
        policy: what the person set.
        grants: what they permitted.
        approvals: what they are asked.
        wait_seconds: how long a call waits for their answer.
    """

    def __init__(self, policy: Policy, grants: Grants, approvals: Approvals, wait_seconds: float) -> None:
        self._policy = policy
        self._grants = grants
        self._approvals = approvals
        self._wait_seconds = wait_seconds

    def must_ask(self, name: str, scope: Scope, host: Host) -> bool:
        """Return whether what needs `scope` needs the person's permission, too.

        Args:
            name: of the tool, for the sentence.
            scope: what it needs.
            host: who calls.

        Raises:
            ScopeForbidden: if Jupyter's authorizer keeps hosts from it.
            DeniedByPolicy: if nobody may do it.
        """
        if scope not in host.allowed:
            raise ScopeForbidden(name, scope)
        decision = self._policy.decide(scope, host.token)
        if decision == "deny":
            raise DeniedByPolicy(name, scope)
        return decision == "ask"

    async def ask(
        self, call: Call, request: ServerRequestContext[Any], params: CallToolRequestParams
    ) -> Grant | InputRequiredResult:
        """Return the grant that permits `call`, waiting for the person if there is none yet.

        Args:
            call: what is asked for.
            request: in which it came.
            params: of that request.

        Returns:
            The grant, used up if it was for once; or what the host must show its person before it calls again.

        Raises:
            ApprovalNeeded: if nobody answered in time.
            ApprovalDeclined: if they said no.
            ServerError: as `Approvals.ask` and `Approvals.wait`.
        """
        grant = self._grants.use(call)
        if grant is not None:
            return grant
        approval = self._approvals.ask(call)
        get_host(request).asked = approval.id
        mode = choose_mode(request.session.client_capabilities, call.token)
        if mode is None:
            answered = await self._approvals.wait(approval, self._wait_seconds)
        elif request.protocol_version in MODERN_PROTOCOL_VERSIONS:
            if params.request_state is None:
                return self._require_input(mode, approval)
            result = (params.input_responses or {}).get(_KEY)
            answered = await self._follow(mode, approval, params.request_state, result)
        else:
            answered = await self._wait_and_elicit(mode, approval, request)
        grant = self._grants.use(call) if answered else None
        if grant is None:
            raise self._needed(self._approvals.ask(call))
        return grant

    def give_back(self, grant: Grant) -> None:
        """Undo that `ask` used a grant up, because nothing was done."""
        self._grants.give_back(grant)

    def _require_input(self, mode: Mode, approval: Approval) -> InputRequiredResult:
        question = make_request(mode, approval, self._approvals.link_to(approval))
        return InputRequiredResult(input_requests={_KEY: question}, request_state=approval.id)

    async def _follow(self, mode: Mode, approval: Approval, asked: str, result: object) -> bool:
        """Go on after the host has shown the question `asked`, which need not be the one that waits now."""
        if asked == approval.id and isinstance(result, ElicitResult):
            if result.action == "cancel":
                return False
            self._take(approval, find_answer(mode, result), mode)
        return await self._approvals.wait(approval, self._wait_seconds)

    async def _wait_and_elicit(self, mode: Mode, approval: Approval, request: ServerRequestContext[Any]) -> bool:
        """Wait for the person's answer while the host shows them the question."""
        waiting = asyncio.ensure_future(self._approvals.wait(approval, self._wait_seconds))
        eliciting = asyncio.ensure_future(self._elicit(mode, approval, request))
        try:
            await asyncio.wait({waiting, eliciting}, return_when=asyncio.FIRST_COMPLETED)
            if eliciting.done() and (result := eliciting.result()) is not None:
                if result.action == "cancel":
                    return False
                self._take(approval, find_answer(mode, result), mode)
            answered = await waiting
        finally:
            waiting.cancel()
            eliciting.cancel()
        if mode == "url" and answered:
            await request.session.send_elicit_complete(approval.id, request.request_id)
        return answered

    async def _elicit(self, mode: Mode, approval: Approval, request: ServerRequestContext[Any]) -> ElicitResult | None:
        """Have the host show the question; None if it cannot after all."""
        question = make_request(mode, approval, self._approvals.link_to(approval))
        with_request = ServerMessageMetadata(related_request_id=request.request_id)
        try:
            return await request.session.send_request(question, ElicitResult, metadata=with_request)
        except (MCPError, ValidationError):
            return None

    def _take(self, approval: Approval, answer: Answer | None, mode: Mode) -> None:
        """Do what came back through the host: a form of a trusted host decides, everybody may say no to themselves.

        Raises:
            ApprovalDeclined: if that is a no.
        """
        if answer == "decline":
            self._approvals.withdraw(approval)
            raise ApprovalDeclined(approval.call.tool)
        if answer is not None and mode == "form":
            try:
                self._approvals.answer(approval.id, answer)
            except UnknownApproval:  # answered on the page meanwhile
                return

    def _needed(self, approval: Approval) -> ApprovalNeeded:
        call = approval.call
        link = self._approvals.link_to(approval)
        return ApprovalNeeded(call.tool, call.token.name, call.scope, link, approval.id, OPEN_MINUTES)


def make_boundary(audience: str) -> RequestStateBoundary:
    """Make what seals the state of a modern host's call to its token, arguments and expiry.

    Args:
        audience: the name of our server.
    """
    security = RequestStateSecurity.ephemeral(ttl=OPEN_MINUTES * 60, audience=audience)
    security.bind_principal = lambda request: get_host(request).access_token.subject
    return RequestStateBoundary(security, default_audience=audience)
