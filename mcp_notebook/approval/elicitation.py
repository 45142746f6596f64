"""What a server asks the person for: a form to fill in, or an address to open.

Knows MCP's elicitation (client/elicitation, of 2025-11-25 and 2026-07-28). Refuses to know how it is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp_types import INVALID_PARAMS, ElicitRequestURLParams, ElicitResult, ErrorData

from mcp_notebook.approval.fields import UnusableForm, read_fields
from mcp_notebook.approval.links import UnusableLink, read_link
from mcp_notebook.approval.question import Question, shown_text
from mcp_notebook.json_texts import find_texts
from mcp_notebook.unseen import find_unseen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from mcp_types import ElicitRequestFormParams, ElicitRequestParams

    from mcp_notebook.approval.question import Answer, Asker

__all__ = ["answer_elicitation", "to_question"]

_UNSEEN = "the server's text holds characters that nobody sees; they are left out here."
_SECRETS = "it asks for a secret, which a form must not do; whatever you fill in, the server gets."


async def answer_elicitation(
    asker: Asker, params: ElicitRequestParams, ask: Callable[[Question], Awaitable[Answer]]
) -> ElicitResult | ErrorData:
    """Answer one elicitation.

    Args:
        asker: who asks.
        params: of the request.
        ask: gets the answer to a question.
    """
    try:
        question = to_question(asker, params)
    except (UnusableForm, UnusableLink) as error:
        what = "address" if isinstance(error, UnusableLink) else "form"
        return ErrorData(code=INVALID_PARAMS, message=f"This {what} cannot be shown: {error}.")
    answer = await ask(question)
    is_form = question.link is None and answer.action == "accept"
    return ElicitResult(action=answer.action, content=dict(answer.content) if is_form else None)


def to_question(asker: Asker, params: ElicitRequestParams) -> Question:
    """Turn an elicitation into a question.

    Raises:
        UnusableForm: its schema is not one that the specification allows.
        UnusableLink: its address is none for a browser.
    """
    if isinstance(params, ElicitRequestURLParams):
        return _url_question(asker, params)
    return _form_question(asker, params)


def _form_question(asker: Asker, params: ElicitRequestFormParams) -> Question:
    schema: dict[str, Any] = params.requested_schema
    fields = read_fields(schema)
    secrets = [_SECRETS] if any(field.secret for field in fields) else []
    names = [field.name for field in fields]
    warnings = secrets + _warn_of_unseen(params.message, *names, *(text for _, text in find_texts(schema)))
    title = "The server asks for something"
    return Question("elicitation", asker, title, shown_text(params.message), fields, warnings=warnings)


def _url_question(asker: Asker, params: ElicitRequestURLParams) -> Question:
    return Question(
        kind="elicitation",
        asker=asker,
        title="The server wants a page opened",
        message=shown_text(params.message),
        link=read_link(params.url),
        warnings=_warn_of_unseen(params.message),
        accept_label="Open it",
    )


def _warn_of_unseen(*texts: str) -> list[str]:
    return [_UNSEEN] if any(map(find_unseen, texts)) else []
