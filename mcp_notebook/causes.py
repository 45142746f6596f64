"""What went wrong with a server: an exception of the SDK or of HTTP becomes an error that says what to do.

Knows what the SDK raises. Refuses to wait for anything, and to know which thread it is on. Imports the SDK, so only
`connection` imports it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import httpx2
from mcp import MCPError
from mcp_types import CONNECTION_CLOSED, INVALID_PARAMS
from pydantic import ValidationError

from mcp_notebook.config import HTTPServer, StdioServer
from mcp_notebook.errors import (
    AnswerLost,
    HandshakeFailed,
    HostError,
    InvalidAnswer,
    NotSent,
    RequestFailed,
    ServerExited,
    ServerRefused,
    ServerUnreachable,
)
from mcp_notebook.transports import reason_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp_notebook.config import ServerDefinition
    from mcp_notebook.transports import End, Exchanges, Refusal

__all__ = ["find_leaf", "why_not_answered", "why_not_opened"]


def find_leaf(error: BaseException | None) -> BaseException | None:
    """Find what really went wrong in the SDK's nested groups; one of our own errors comes first."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    group = cast("BaseExceptionGroup[BaseException]", error)
    leaves = [find_leaf(inner) for inner in group.exceptions]
    return next((leaf for leaf in leaves if isinstance(leaf, HostError)), leaves[0])


def why_not_opened(
    server: str, definition: ServerDefinition, error: BaseException | None, refused: Sequence[Refusal], end: End
) -> HostError:
    """Say why there is no connection.

    Args:
        server: the connection's name.
        definition: what it was to be connected to.
        error: what the SDK raised, without its groups; None if the other side just ended.
        refused: the HTTP answers of 400 or above.
        end: what the transport says.
    """
    if isinstance(error, HostError):
        return error
    if isinstance(definition, HTTPServer):
        if refused:
            last = refused[-1]
            if last.why is not None:
                return last.why
            return ServerRefused(server, definition.shown, last.status, last.sentence, connecting_by_sse=definition.sse)
        if isinstance(error, httpx2.TransportError | httpx2.InvalidURL):
            return ServerUnreachable(server, definition.shown, reason_of(error))
    ended = isinstance(error, MCPError) and error.code == CONNECTION_CLOSED
    if ended and isinstance(definition, StdioServer):
        return ServerExited(server, end.reason, end.stderr)
    return HandshakeFailed(server, end.reason if error is None or ended else reason_of(error))


def why_not_answered(
    server: str, definition: ServerDefinition, error: Exception, what: str, passed: Exchanges
) -> HostError | None:
    """Say why a request has no answer; None if the connection is gone, of which only its owner knows why.

    Args:
        server: the connection's name.
        definition: what it is connected to.
        error: what the SDK raised.
        what: was asked for: a tool's name, a URI.
        passed: what came of its HTTP requests.
    """
    if not isinstance(error, MCPError):
        return InvalidAnswer(server, what, _what_is_invalid(error))
    last = passed.refused[-1] if passed.refused else None
    if last is not None and last.why is not None:
        return last.why
    if last is not None and last.unanswered is not None:
        is_sent = passed.reached or last.unanswered == "broken off"
        return AnswerLost(server, what, last.sentence) if is_sent else NotSent(server, last.sentence)
    if last is not None and isinstance(definition, HTTPServer) and error.code != INVALID_PARAMS:
        # not what is wrong with the request itself, which 2026-07-28 answers with a status of 400, too
        return ServerRefused(server, definition.shown, last.status, last.sentence)
    return None if error.code == CONNECTION_CLOSED else RequestFailed(server, error.code, error.message)


def _what_is_invalid(error: Exception) -> str:
    """Say as a clause what was wrong with an answer; the SDK's own words are a page."""
    if isinstance(error, ValidationError):  # no result as MCP knows it
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    mismatch: Any = error.__cause__
    if mismatch is None or not hasattr(mismatch, "absolute_path"):
        return str(error)
    where = "".join(f"[{step!r}]" for step in mismatch.absolute_path)
    return f"its structured content does not fit the tool's output schema{' at ' + where if where else ''}: " + str(
        mismatch.message
    )
