"""How the person is asked through the host: the words and forms of MCP's elicitation.

Knows which of the two modes a host offers and what each may decide. Refuses to wait, and to send anything (`gate`).

In URL mode the host only shows the link: what it answers says whether the person went there, never what they decided.
A form is answered through the host, which could do so by itself, so it counts only for tokens whose person said that
they trust this host with it (DESIGN decision 9).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from mcp_types import ElicitRequest, ElicitRequestFormParams, ElicitRequestURLParams, ElicitResult

from mcp_notebook_server.access.approvals import OPEN_MINUTES

if TYPE_CHECKING:
    from mcp_types import ClientCapabilities

    from mcp_notebook_server.access.approvals import Answer, Approval
    from mcp_notebook_server.access.calls import Call
    from mcp_notebook_server.access.tokens import HostToken

__all__ = ["Mode", "choose_mode", "find_answer", "make_request"]

Mode = Literal["url", "form"]

_FORM_ANSWERS: dict[str, Answer] = {
    "once": "once",
    "for an hour": "hour",
    "for a day": "day",
    "no": "decline",
}
"""What the form offers; what lasts for ever is given on the page only."""


def choose_mode(capabilities: ClientCapabilities | None, token: HostToken) -> Mode | None:
    """Return how the host of `token` can ask its person; None if it cannot, or must not."""
    elicitation = capabilities.elicitation if capabilities is not None else None
    if elicitation is None:
        return None
    takes_forms = elicitation.form is not None or elicitation.url is None  # an empty object means forms, as before 2025
    if token.trusts_host_consent and takes_forms:
        return "form"
    return "url" if elicitation.url is not None else None


def make_request(mode: Mode, approval: Approval, link: str) -> ElicitRequest:
    """Make the question for the host to show."""
    if mode == "url":
        message = f"{_describe(approval.call)}. Look at it and answer in Jupyter, within {OPEN_MINUTES} minutes."
        url = ElicitRequestURLParams(message=message, url=link, elicitation_id=approval.id)
        return ElicitRequest(params=url)
    message = f"{_describe(approval.call)}. Exactly this:\n\n{approval.call.proposal.text}"
    field = {"type": "string", "title": "May it?", "enum": list(_FORM_ANSWERS)}
    schema = {"type": "object", "properties": {"answer": field}, "required": ["answer"]}
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def find_answer(mode: Mode, result: ElicitResult) -> Answer | None:
    """Return what a host's result decides: in URL mode nothing but a no, else what the form says."""
    if result.action == "decline":
        return "decline"
    if mode == "url" or result.action != "accept":
        return None
    return _FORM_ANSWERS.get(str((result.content or {}).get("answer")))


def _describe(call: Call) -> str:
    kernel = call.proposal.kernel
    where = call.proposal.notebook or (f"kernel {kernel}" if kernel else "a new kernel")
    return f"The host with the token {call.token.name!r} asks to use {call.tool} on {where}"
