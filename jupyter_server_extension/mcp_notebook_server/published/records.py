"""What hosts ask of published servers, on record as all calls are.

Knows how a request says what it wants, in either era, and how an answer says that it failed. Refuses to know more of
what passes: the functions are the person's.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from mcp_types import CLIENT_INFO_META_KEY

from mcp_notebook_server.audit import Record, find_arguments
from mcp_notebook_server.metrics import CALL_SECONDS, CALLS
from mcp_notebook_server.short_form import shorten_arguments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Message

__all__ = ["Passing", "read_request"]

_RECORDED = frozenset({"tools/call", "resources/read", "prompts/get", "completion/complete"})

_FAILED = (b'"isError":true', b'"error":{"code":')
"""How the SDK writes these; within a text of the function's, a quote has a backslash before it."""


def read_request(body: bytes) -> dict[str, Any]:
    """Return the message in a request's body; an empty one if there is none."""
    try:
        message = json.loads(body)
    except ValueError:
        return {}
    return cast("dict[str, Any]", message) if isinstance(message, dict) else {}


class Passing:
    """One call, from when it arrives until it has its answer, or its host has gone.

    Args:
        published: the name of the server.
        token: the name of the host token.
        message: the request.
    """

    def __init__(self, published: str, token: str, message: Mapping[str, Any]) -> None:
        self._published = published
        self._token = token
        self._message = message
        self._arrived = datetime.now(UTC)
        self._began = time.perf_counter()
        self._bytes = 0
        # As the SDK writes it. A host may hang up as soon as it has that, before the stream has ended.
        self._answer = f'"id":{json.dumps(message.get("id"), ensure_ascii=False)},"result":'.encode()
        self._failed = False
        self._ended = False
        self._seconds = 0.0
        self._error: str | None = None

    @property
    def is_recorded(self) -> bool:
        """Whether it is one of those that are put on record."""
        return self._message.get("method") in _RECORDED

    def note(self, message: Message) -> None:
        """Look at a part of the answer on its way."""
        if message["type"] == "http.response.start":
            self._failed = message["status"] >= 400  # noqa: PLR2004  HTTP's own boundary
            return
        body: bytes = message.get("body", b"")
        self._bytes += len(body)
        self._failed = self._failed or any(mark in body for mark in _FAILED)
        self._ended = self._ended or not message.get("more_body") or self._answer in body

    def end(self, error: Exception | None) -> None:
        """Take the time.

        Args:
            error: why there was no answer; None if there was one, or the host has gone.
        """
        self._seconds = time.perf_counter() - self._began
        self._error = None if error is None else type(error).__name__

    def make_record(self) -> dict[str, Any]:
        """Return what is put on record, after the end."""
        method, params, seconds = str(self._message["method"]), self._params, self._seconds
        outcome = "error" if self._error or self._failed else "ok" if self._ended else "cancelled"
        CALLS.labels(method, "(published)", outcome).inc()
        CALL_SECONDS.labels(method, "(published)").observe(seconds)
        record = Record(
            time=self._arrived,
            method=method,
            name=str(params.get("name", "")),
            token=self._token,
            host=self._host(),
            arguments=shorten_arguments(find_arguments(method, params)),
            outcome=outcome,
            error=self._error,
            seconds=seconds,
            bytes=self._bytes,
            granted_by=None,
        )
        return record.as_json() | {"published": self._published}

    @property
    def _params(self) -> dict[str, Any]:
        params = self._message.get("params")
        return cast("dict[str, Any]", params) if isinstance(params, dict) else {}

    def _host(self) -> str:
        meta = self._params.get("_meta")
        info: Any = cast("dict[str, Any]", meta).get(CLIENT_INFO_META_KEY) if isinstance(meta, dict) else None
        return f"{info.get('name', '')} {info.get('version', '')}".strip() if isinstance(info, dict) else ""  # pyright: ignore[reportUnknownMemberType]  any JSON
