"""A server on this computer that speaks as Anthropic's and OpenAI's do, and does as a test says.

Knows the two wire formats, streamed. Refuses to know who asks.
"""

from __future__ import annotations

import contextlib
import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["ModelServer", "Said", "Use", "cut", "refuse", "say", "send", "stall"]


@dataclass(frozen=True)
class Use:
    """A tool that the model wants used."""

    id: str
    name: str
    input: Mapping[str, Any]


@dataclass(frozen=True)
class Said:
    """What a server was asked: where, with which headers (their names in small letters), and what."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]

    @property
    def results(self) -> list[str]:
        """What tools gave, as the model was told."""
        found: list[str] = []
        for message in self.body["messages"]:
            content: Any = message["content"]
            if message["role"] == "tool":
                found.append(content)
            found += [
                "\n".join(one["text"] for one in block["content"])
                for block in (content if isinstance(content, list) else ())
                if block["type"] == "tool_result"
            ]
        return found


class ModelServer(ThreadingHTTPServer):
    """Answers one request after the other with what `will` was given; a request too many is refused.

    Attributes:
        said: the requests so far.
        left: set when a client has left in the middle of `stall`.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.said: list[Said] = []
        self.asked = threading.Event()
        self.left = threading.Event()
        self._answers: SimpleQueue[Callable[[_Handler], None]] = SimpleQueue()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def will(self, *answers: Callable[[Any], None]) -> None:
        """Say what the next requests are answered."""
        for answer in answers:
            self._answers.put(answer)

    def answer(self, handler: _Handler) -> None:
        """Answer a request."""
        self.asked.set()
        try:
            self._answers.get_nowait()(handler)
        except Empty:
            refuse(418, "nothing was prepared")(handler)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: ModelServer  # pyright: ignore[reportIncompatibleVariableOverride]
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.said.append(Said(self.path, {name.lower(): one for name, one in self.headers.items()}, body))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the client has left
            self.server.answer(self)

    @property
    def is_anthropic(self) -> bool:
        return self.path.endswith("/messages")

    def begin(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def send(self, text: str) -> None:
        data = text.encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def end(self) -> None:
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class calls it so
        del format, args


def say(text: str, *uses: Use, reason: str | None = None, model: str = "poet-1") -> Callable[[_Handler], None]:
    """Answer with a text and uses of tools, in pieces.

    Args:
        text: the answer.
        uses: of tools.
        reason: why it ends, in the words of the wire format; None for the usual one.
        model: who says that it answers.
    """

    def answer(handler: _Handler) -> None:
        write = _anthropic if handler.is_anthropic else _openai
        handler.begin()
        for event in write(text, uses, reason, model):
            handler.send(event)
        handler.end()

    return answer


def send(*events: Mapping[str, Any]) -> Callable[[_Handler], None]:
    """Answer with events as they are, each with its type where it has one."""

    def answer(handler: _Handler) -> None:
        handler.begin()
        for event in events:
            handler.send(f"event: {event.get('type', 'message')}\ndata: {json.dumps(event)}\n\n")
        handler.end()

    return answer


def refuse(
    status: int, message: str = "", headers: Mapping[str, str] | None = None, **more: Any
) -> Callable[[_Handler], None]:
    """Refuse, in the words of the wire format."""

    def answer(handler: _Handler) -> None:
        error = {"type": "an_error", "message": message, **more}
        body = json.dumps({"type": "error", "error": error} if handler.is_anthropic else {"error": error}).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def cut(*, politely: bool) -> Callable[[_Handler], None]:
    """Break off in the middle of an answer.

    Args:
        politely: the answer ends as if it were whole; else the connection does.
    """

    def answer(handler: _Handler) -> None:
        write = _anthropic if handler.is_anthropic else _openai
        handler.begin()
        for event in list(write("It rains and", (), None, "poet-1"))[:2]:
            handler.send(event)
        if politely:
            handler.end()
        handler.close_connection = True

    return answer


def stall(handler: Any) -> None:
    """Begin an answer and never go on."""
    handler.close_connection = True
    try:
        handler.begin()
        while handler.connection.recv(100):
            pass
    finally:
        handler.server.left.set()


def _anthropic(text: str, uses: Sequence[Use], reason: str | None, model: str) -> list[str]:
    usage = {"input_tokens": 1, "output_tokens": 1}
    message: dict[str, Any] = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "usage": usage,
    }
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": {**message, "stop_reason": None, "stop_sequence": None}}
    ]
    blocks: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
    if text:
        deltas = [{"type": "text_delta", "text": part} for part in _in_two(text)]
        blocks.append(({"type": "text", "text": ""}, deltas))
    for use in uses:
        deltas = [{"type": "input_json_delta", "partial_json": part} for part in _in_two(json.dumps(use.input))]
        blocks.append(({"type": "tool_use", "id": use.id, "name": use.name, "input": {}}, deltas))
    for index, (block, deltas) in enumerate(blocks):
        events.append({"type": "content_block_start", "index": index, "content_block": block})
        events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        events.append({"type": "content_block_stop", "index": index})
    why = reason or ("tool_use" if uses else "end_turn")
    events.append({"type": "message_delta", "delta": {"stop_reason": why, "stop_sequence": None}, "usage": usage})
    events.append({"type": "message_stop"})
    return [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events]


def _openai(text: str, uses: Sequence[Use], reason: str | None, model: str) -> list[str]:
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": part} for part in _in_two(text)]
    for index, use in enumerate(uses):
        name, *rest = _in_two(json.dumps(use.input))
        begun = {"index": index, "id": use.id, "type": "function", "function": {"name": use.name, "arguments": name}}
        deltas.append({"tool_calls": [begun]})
        deltas += [{"tool_calls": [{"index": index, "function": {"arguments": part}}]} for part in rest]
    choices: list[dict[str, Any]] = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    choices.append({"index": 0, "delta": {}, "finish_reason": reason or ("tool_calls" if uses else "stop")})
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": model}
    used: dict[str, Any] = {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}
    chunks: list[dict[str, Any]] = [*({"choices": [one]} for one in choices), used]
    return [*(f"data: {json.dumps({**chunk, **one})}\n\n" for one in chunks), "data: [DONE]\n\n"]


def _in_two(text: str) -> list[str]:
    middle = len(text) // 2
    return [text[:middle], text[middle:]]
