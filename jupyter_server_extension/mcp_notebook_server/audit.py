"""Every call by a host on record: as a Jupyter event, as a line in a file, as a number on Jupyter's `/metrics`.

Knows what a record says and where it goes. Refuses to know what the calls do: it stands around them, as a middleware of
the SDK's server, so that no call of those that read or change anything can be forgotten.

A line is JSON in ASCII: whatever a host sends, it can end no line, begin none, and steer no terminal.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from asyncio import CancelledError
from dataclasses import dataclass
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from mcp_notebook_server.access.host import get_host
from mcp_notebook_server.addresses import split_address
from mcp_notebook_server.errors import ServerError
from mcp_notebook_server.metrics import CALL_SECONDS, CALLS
from mcp_notebook_server.places import make_private_directory
from mcp_notebook_server.short_form import shorten_arguments, shorten_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from io import TextIOWrapper

    from mcp.server.context import CallNext, HandlerResult, ServerRequestContext

__all__ = ["EVENT_SCHEMA", "EVENT_SCHEMA_ID", "Audit", "AuditFile", "Record", "find_arguments", "name_host"]

EVENT_SCHEMA = Path(__file__).parent / "event_schemas" / "call.v1.yaml"
EVENT_SCHEMA_ID = "urn:mcp-notebook:events:call:v1"

_RECORDED = frozenset(
    {
        "tools/call",
        "resources/read",
        "resources/list",
        "prompts/get",
        "completion/complete",
        "tasks/get",
        "tasks/cancel",
    }
)
"""Methods that read a kernel or change something."""

_AFTER_THE_ANSWER = 0.02
"""Seconds; a listener of Jupyter's may take milliseconds."""

_MOST_BYTES = 5_000_000
_FILES_KEPT = 5

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Record:
    """One call, as the event's schema says (event_schemas/call.v1.yaml)."""

    time: datetime
    method: str
    name: str
    token: str
    host: str
    arguments: Mapping[str, Any]
    outcome: str
    error: str | None
    seconds: float
    bytes: int
    granted_by: str | None

    def as_json(self) -> dict[str, Any]:
        """Return the event's data."""
        facts: dict[str, Any] = {
            "time": self.time.isoformat(timespec="milliseconds"),
            "method": self.method,
            "name": shorten_text(self.name),
            "token": self.token,
            "host": shorten_text(self.host),
            "arguments": dict(self.arguments),
            "outcome": self.outcome,
            "seconds": round(self.seconds, 4),
            "bytes": self.bytes,
        }
        more = {"error": self.error, "granted_by": self.granted_by}
        return facts | {name: value for name, value in more.items() if value is not None}


@dataclass(frozen=True)
class _Answered:
    """A request as it was answered, or failed; what is said of it waits until its host has the answer."""

    request: ServerRequestContext[Any, Any]
    result: HandlerResult
    error: BaseException | None
    arrived: datetime
    seconds: float


class Audit:
    """The middleware that records.

    What changes something is in the file before its host has the answer. All else is a moment later, so that no host
    waits for it: what only reads, and that others are told.

    Args:
        known: names of the tools and prompts; others are counted under one label.
        reading: those of them that only read.
        write: puts a record's JSON where it lasts.
        tell: take it afterwards, in the order given. Where one raises, or `write`, the log says so; the call goes on.
    """

    def __init__(
        self,
        known: Collection[str],
        reading: Collection[str],
        write: Callable[[dict[str, Any]], object],
        *tell: Callable[[dict[str, Any]], object],
    ) -> None:
        self._known = frozenset(known)
        self._reading = frozenset(reading)
        self._write = write
        self._tell = tell
        self._unwritten: list[_Answered] = []
        self._untold: list[tuple[Record, dict[str, Any]]] = []

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Answer a request, and record it if it is one that reads or changes."""
        if ctx.method not in _RECORDED:
            return await call_next(ctx)
        began, arrived = time.perf_counter(), datetime.now(UTC)
        result: HandlerResult = None
        error: BaseException | None = None
        try:
            result = await call_next(ctx)
        except BaseException as raised:
            error = raised
            raise
        finally:
            self._note(_Answered(ctx, result, error, arrived, time.perf_counter() - began))
        return result

    def _note(self, answered: _Answered) -> None:
        if answered.request.method == "tasks/get" and _says_nothing_yet(answered):
            return
        if not self._unwritten and not self._untold:
            asyncio.get_running_loop().call_later(_AFTER_THE_ANSWER, self.flush)
        self._unwritten.append(answered)
        name = (answered.request.params or {}).get("name")
        is_reading = answered.request.method != "tools/call" or (isinstance(name, str) and name in self._reading)
        if not is_reading or answered.request.method == "tasks/cancel":
            self._write_all()

    def flush(self) -> None:
        """Put on record what is not yet, and tell of it."""
        self._write_all()
        untold, self._untold = self._untold, []
        for record, facts in untold:
            name = record.name if record.name in self._known or not record.name else "unknown"
            CALLS.labels(record.method, name, record.outcome).inc()
            CALL_SECONDS.labels(record.method, name).observe(record.seconds)
            for sink in self._tell:
                _give(sink, facts)

    def _write_all(self) -> None:
        unwritten, self._unwritten = self._unwritten, []
        for answered in unwritten:
            record = _make_record(answered)
            facts = record.as_json()
            _give(self._write, facts)
            self._untold.append((record, facts))


def _give(sink: Callable[[dict[str, Any]], object], facts: dict[str, Any]) -> None:
    try:
        sink(facts)
    except Exception:  # noqa: BLE001 - whatever a sink does, the call was made and the others are told
        _log.exception("a call could not be put on record")


def _says_nothing_yet(answered: _Answered) -> bool:
    """Whether a host was only told that its task is not done: it asks that twice a second."""
    return isinstance(answered.result, dict) and "result" not in answered.result


def _make_record(answered: _Answered) -> Record:
    request, error = answered.request, answered.error
    host = get_host(request)
    params = request.params or {}
    answer: Mapping[str, Any] = answered.result if isinstance(answered.result, dict) else {}
    name = params.get("name")
    return Record(
        time=answered.arrived,
        method=request.method,
        name=name if isinstance(name, str) else "",
        token=host.token.name,
        host=name_host(request),
        arguments=shorten_arguments({**host.binding.values, **find_arguments(request.method, params)}),
        outcome=_find_outcome(answer, error),
        error=host.failure or _name_error(error),
        seconds=answered.seconds,
        bytes=_measure(answer),
        granted_by=host.granted_by,
    )


def name_host(request: ServerRequestContext[Any, Any]) -> str:
    """Return the host's name and version, as it claims; empty if it says none."""
    params = request.session.client_params
    return "" if params is None else f"{params.client_info.name} {params.client_info.version}"


def find_arguments(method: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a request says about what it wants, by name."""
    if method == "resources/read":
        uri = params.get("uri")
        return split_address(uri) if isinstance(uri, str) else {"uri": uri}
    if method == "completion/complete":
        argument = _as_mapping(params.get("argument"))
        return {"name": argument.get("name"), "typed": argument.get("value")}
    if method.startswith("tasks/"):
        return {"execution": params.get("taskId")}
    return _as_mapping(params.get("arguments"))


def _as_mapping(value: object) -> Mapping[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _find_outcome(answer: Mapping[str, Any], error: BaseException | None) -> str:
    if isinstance(error, CancelledError):
        return "cancelled"
    if error is not None or answer.get("isError"):
        return "error"
    return "asked" if answer.get("resultType") == "input_required" else "ok"


def _name_error(error: BaseException | None) -> str | None:
    """Return the name of what went wrong, below the protocol's word for it."""
    if error is None or isinstance(error, CancelledError):
        return None
    return type(error.__context__ if isinstance(error.__context__, ServerError) else error).__name__


def _measure(answer: Mapping[str, Any]) -> int:
    """Return how many bytes of text and data an answer has, without writing it as JSON once more."""
    answer = answer.get("result", answer)  # of a task
    blocks = [*answer.get("content", ()), *answer.get("contents", ())]
    blocks += [message.get("content", {}) for message in answer.get("messages", ())]
    texts = [block.get(name) for block in blocks for name in ("text", "data", "blob")]
    return sum(len(text) if text.isascii() else len(text.encode()) for text in texts if isinstance(text, str))


class AuditFile(RotatingFileHandler):
    """Lines of JSON in a file that only its owner can read; a full one is put aside.

    Several Jupyter servers of one person may write the same file; one of them puts it aside, and the others notice.

    Args:
        file: where it is; made at the first record.
    """

    def __init__(self, file: Path) -> None:
        super().__init__(file, maxBytes=_MOST_BYTES, backupCount=_FILES_KEPT, encoding="ascii", delay=True)

    def write(self, facts: Mapping[str, Any]) -> None:
        """Add a line.

        Raises:
            OSError: it cannot be written.
        """
        line = json.dumps(facts, ensure_ascii=True) + "\n"
        self.acquire()
        try:
            stream = self._get_stream(len(line))
            stream.write(line)
            stream.flush()
        finally:
            self.release()

    def _get_stream(self, more: int) -> TextIOWrapper:
        """Return the file of our name, open and with room for so many bytes more.

        What the handler itself would look at for each line takes a host's call as long as all else that is recorded.
        """
        if self.stream is not None and not self._is_current(self.stream):
            self.stream.close()
            self.stream = None
        stream = self.stream = self.stream or self._open()
        if os.fstat(stream.fileno()).st_size + more >= self.maxBytes:
            self.doRollover()
            stream = self.stream = self._open()
        return stream

    def _is_current(self, stream: TextIOWrapper) -> bool:
        """Whether another process has not put the file that we have open aside."""
        try:
            return os.path.samestat(os.fstat(stream.fileno()), os.stat(self.baseFilename))  # noqa: PTH116  a Path takes longer than the look
        except FileNotFoundError:
            return False

    def _open(self) -> TextIOWrapper:
        make_private_directory(Path(self.baseFilename).parent)
        return cast("TextIOWrapper", open(self.baseFilename, self.mode, encoding=self.encoding, opener=_open_privately))


def _open_privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
