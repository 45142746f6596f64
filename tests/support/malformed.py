"""HTTP requests to the endpoint with something wrong in them, made from a seed, and a plain socket that sends them.

Knows what can be wrong: in the body, in the headers, in the request line, in the message. Refuses to know what the
answer should be.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
from copy import deepcopy
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING, Any, Self

from support.crowd import INITIALIZE, META

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

_SECONDS = 20.0
_DEPTH = 50_000

METHODS = (
    "tools/list",
    "tools/call",
    "resources/list",
    "resources/templates/list",
    "resources/read",
    "resources/subscribe",
    "resources/unsubscribe",
    "prompts/list",
    "prompts/get",
    "completion/complete",
    "subscriptions/listen",
    "server/discover",
    "initialize",
    "ping",
    "logging/setLevel",
    "notifications/initialized",
    "notifications/cancelled",
    "no/such/method",
    "",
)
_NAMES = ("list_kernels", "list_variables", "read_dataframe", "execute_code", "analyze_dataframe", "no_such", "", "\0")
_URIS = (
    "jupyter://kernels/x/variables/y",
    "jupyter://notebooks/../../etc/passwd",
    "file:///etc/passwd",
    "http://[",
    "",
)
_VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    10**400,
    "",
    "\0",
    "\ud800",
    "../../etc/passwd",
    "x" * 5000,
    [],
    {},
    [[]],
)
_VERSIONS = ("2026-07-28", "2025-11-25", "2025-03-26", "1999-01-01", "2099-01-01", "", "\xff", "x" * 2000)


@dataclass
class Draft:
    """A request before it is written."""

    dice: random.Random
    token: str
    session: str
    verb: str = "POST"
    path: str = "/mcp"
    protocol: str = "HTTP/1.1"
    message: Any = field(default_factory=dict[str, Any])
    headers: list[tuple[str, str]] = field(default_factory=list["tuple[str, str]"])
    body: bytes = b""
    counts: bool = True

    def set(self, name: str, value: str | None) -> None:
        """Have one header of that name, or none."""
        self.headers = [each for each in self.headers if each[0] != name]
        if value is not None:
            self.headers.append((name, value))

    def write(self) -> bytes:
        lines = [f"{self.verb} {self.path} {self.protocol}", *(f"{name}: {value}" for name, value in self.headers)]
        if self.counts:
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + self.body


def make_request(dice: random.Random, token: str, session: str, host: str) -> bytes:
    """Return a request that is wrong in one way, or in several.

    Args:
        dice: decides.
        token: a good host token.
        session: id of a legacy session of that token.
        host: for the header of that name.
    """
    draft = _make_sound(dice, token, session, host)
    kinds = dice.choices((_IN_MESSAGE, _IN_BODY, _IN_HEADERS, _IN_LINE), (5, 4, 4, 1), k=dice.choice((1, 1, 2, 3)))
    if _IN_MESSAGE in kinds:
        dice.choice(_IN_MESSAGE)(draft)
    draft.body = json.dumps(draft.message).encode()
    for kind in kinds:
        if kind is not _IN_MESSAGE:
            dice.choice(kind)(draft)
    return draft.write()


def _make_sound(dice: random.Random, token: str, session: str, host: str) -> Draft:
    method = dice.choice(METHODS)
    modern = dice.random() < 0.5
    name, uri = dice.choice(_NAMES), dice.choice(_URIS)
    params: dict[str, Any] = {
        "tools/call": {"name": name, "arguments": {"kernel": "x", "code": "1"}},
        "prompts/get": {"name": name, "arguments": {"kernel": "x", "name": "y"}},
        "completion/complete": {
            "ref": {"type": "ref/prompt", "name": name},
            "argument": {"name": "kernel", "value": ""},
        },
        "subscriptions/listen": {"notifications": {"resourceSubscriptions": [uri]}},
        "initialize": deepcopy(INITIALIZE),
    }.get(method, {"uri": uri} if method.startswith("resources/") else {})
    message = {"jsonrpc": "2.0", "id": dice.randrange(1000), "method": method, "params": params}
    if method.startswith("notifications/"):
        del message["id"]
    draft = Draft(dice, token, session, message=message)
    draft.headers = [
        ("Host", host),
        ("Authorization", f"Bearer {token}"),
        ("Accept", "application/json, text/event-stream"),
        ("Content-Type", "application/json"),
    ]
    if modern:
        params["_meta"] = deepcopy(META)
        draft.headers += [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", method)]
        if "name" in params or "uri" in params:
            draft.headers.append(("Mcp-Name", str(params.get("name", params.get("uri"))).strip("\0")))
    elif method != "initialize":
        draft.headers += [("Mcp-Session-Id", session), ("MCP-Protocol-Version", "2025-11-25")]
    return draft


def _set_in_message(*names: str) -> Callable[[Draft], None]:
    def change(draft: Draft) -> None:
        draft.message[draft.dice.choice(names)] = deepcopy(draft.dice.choice(_VALUES))

    return change


def _drop_from_message(draft: Draft) -> None:
    draft.message.pop(draft.dice.choice(list(draft.message)))


def _set_in_params(draft: Draft) -> None:
    place = draft.message["params"]
    while place:
        name = draft.dice.choice(list(place))
        if isinstance(place[name], dict) and draft.dice.random() < 0.6:
            place = place[name]
            continue
        if draft.dice.random() < 0.2:
            del place[name]
        else:
            place[name] = deepcopy(draft.dice.choice(_VALUES))
        return
    place["extra"] = draft.dice.choice(_VALUES)


def _wrap_message(draft: Draft) -> None:
    draft.message = draft.dice.choice([[draft.message], [draft.message] * 3, [], 5, "text", None, True, [None]])


def _make_response_of_it(draft: Draft) -> None:
    draft.message = {"jsonrpc": "2.0", "id": draft.dice.choice(_VALUES), draft.dice.choice(("result", "error")): {}}


def _cut_body(draft: Draft) -> None:
    draft.body = draft.body[: draft.dice.randrange(len(draft.body) + 1)]


def _flip_bytes(draft: Draft) -> None:
    body = bytearray(draft.body or b"\0")
    for _ in range(draft.dice.choice((1, 1, 5, 50))):
        body[draft.dice.randrange(len(body))] = draft.dice.randrange(256)
    draft.body = bytes(body)


def _insert_bytes(draft: Draft) -> None:
    place = draft.dice.randrange(len(draft.body) + 1)
    piece = draft.dice.choice(
        (b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\r\n\r\n", b'"', b"{", b"NaN", b"\\ud800")
    )
    draft.body = draft.body[:place] + piece + draft.body[place:]


def _deepen_body(draft: Draft) -> None:
    depth = draft.dice.choice((100, 150, 250, 1000, _DEPTH))
    opening, closing = draft.dice.choice(((b"[", b"]"), (b'{"a":', b"}")))
    deep = opening * depth + (b"1" + closing * depth if draft.dice.random() < 0.7 else b"")
    draft.body = (
        deep if draft.dice.random() < 0.3 else draft.body.replace(b'"params": {', b'"params": {"deep": ' + deep + b",")
    )


def _replace_body(draft: Draft) -> None:
    text = draft.body.decode("utf-8", "replace")
    chosen: Sequence[bytes] = (
        b"",
        b" ",
        b"null",
        b"\0" * 100,
        b"9" * 5000,
        b'"' + b"x" * 100_000,
        b"<xml/>",
        b"a=1&b=2",
    )
    encoding = draft.dice.choice((None, None, "utf-16", "utf-32", "utf-8-sig", "cp037"))
    draft.body = text.encode(encoding, "replace") if encoding else draft.dice.choice(chosen)


def _repeat_keys(draft: Draft) -> None:
    draft.body = draft.body.replace(b'"method":', b'"method": "ping", "id": null, "method":', 1)


def _set_header(name: str, *values: str | None) -> Callable[[Draft], None]:
    def change(draft: Draft) -> None:
        draft.set(name, draft.dice.choice(values))

    return change


def _repeat_header(draft: Draft) -> None:
    name, value = draft.dice.choice(draft.headers)
    draft.headers.append((name, draft.dice.choice((value, "", "other"))))


def _spoil_header(draft: Draft) -> None:
    name, value = draft.headers.pop(draft.dice.randrange(len(draft.headers)))
    spoilt = draft.dice.choice(
        (value + "\0", "\xff" + value, value[: len(value) // 2], f"{value}\r\n folded", "y" * 7000)
    )
    draft.headers.append((draft.dice.choice((name, name, name + " ", "\xe9" + name, "")), spoilt))


def _encode_name(draft: Draft) -> None:
    draft.set("Mcp-Name", draft.dice.choice(("=?base64?!!?=", "=?base64?AA==?=", "=?base64?/w==?=", "=?utf-8?q?x?=")))


def _say_wrong_length(draft: Draft) -> None:
    draft.counts = False
    length = draft.dice.choice(
        ("-1", "0", "abc", "1e3", "99999999999999999999", "5, 5", str(len(draft.body) + 5), "\xb2")
    )
    draft.headers.append(("Content-Length", length))


def _send_in_chunks(draft: Draft) -> None:
    draft.counts = False
    draft.headers.append(("Transfer-Encoding", draft.dice.choice(("chunked", "chunked", "gzip", "chunked, chunked"))))
    whole = b"%x\r\n%s\r\n0\r\n\r\n" % (len(draft.body), draft.body)
    draft.body = draft.dice.choice((whole, b"zz\r\n" + whole, b"-1\r\n" + whole, b"fffffffff\r\n" + whole, whole[:10]))


def _change_verb(draft: Draft) -> None:
    draft.verb = draft.dice.choice(("GET", "DELETE", "PUT", "PATCH", "OPTIONS", "HEAD", "TRACE", "post", "P\0ST", ""))
    if draft.verb == "DELETE":  # it would end the session of all that follow
        draft.set("Mcp-Session-Id", draft.dice.choice((None, "unknown")))


def _change_path(draft: Draft) -> None:
    """Change the path to another of ours: at /mcp#x Jupyter itself answers, with a traceback to a TRACE."""
    endings = (
        "/",
        "//",
        "/%00",
        "/kernels/%ff",
        "/kernels/..%2f..%2f",
        "/notebooks/..%2f..%2fetc%2fpasswd",
        "?token=x",
        "/notebooks/%00",
        "/nowhere",
        "/kernels/" + "k" * 3000,
        "/notebooks/\xe9",
        "?%ff=%00",
        "/notebooks/%",
    )
    draft.path += draft.dice.choice(endings)


def _change_protocol(draft: Draft) -> None:
    draft.protocol = draft.dice.choice(("HTTP/1.0", "HTTP/9.9", "HTTP/2", "HTTPS", "", "HTTP/1.1 x"))


_IN_MESSAGE = (
    _set_in_message("id"),
    _set_in_message("id", "jsonrpc", "method", "params"),
    _set_in_params,
    _set_in_params,
    _drop_from_message,
    _wrap_message,
    _make_response_of_it,
)
_IN_BODY = (_cut_body, _flip_bytes, _insert_bytes, _deepen_body, _replace_body, _repeat_keys)
_IN_HEADERS = (
    _set_header(
        "Content-Type", None, "", "text/plain", "application/json; charset=utf-16", "multipart/form-data", "\xff"
    ),
    _set_header("Accept", None, "", "text/html", "application/json", "text/event-stream", "*/*;q=x", "\xff"),
    _set_header("MCP-Protocol-Version", None, *_VERSIONS),
    _set_header("Mcp-Method", None, "", "tools/call", "ping", "\xff"),
    _set_header("Mcp-Name", None, "", "other", "\xff"),
    _set_header("Mcp-Session-Id", None, "", "unknown", "\xff", "z" * 3000),
    _set_header(
        "Authorization", None, "", "Bearer", "Bearer \xff", "Bearer mcpn_x", "Basic eDp5", "token x", "Bearer a b"
    ),
    _set_header("Last-Event-ID", "x", "\xff", "a.1", "a." + "9" * 5000),
    _set_header("Host", None, "", "evil.example", "[", "\xff"),
    _set_header("Origin", "null", "https://evil.example", "http://[", "\xff", ""),
    _set_header("Content-Encoding", "gzip", "br", "\xff"),
    _repeat_header,
    _spoil_header,
    _encode_name,
    _say_wrong_length,
    _send_in_chunks,
)
_IN_LINE = (_change_verb, _change_verb, _change_path, _change_protocol)


class Wire:
    """One connection after the other to a server, as a context manager.

    Args:
        address: host and port.
    """

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def send(self, request: bytes) -> tuple[int, bytes] | None:
        """Send a request and return the status and what was answered, headers and all; None if it was hung up.

        Of a stream that goes on the headers are returned.

        Raises:
            TimeoutError: the server neither answered nor hung up, though all was said.
        """
        self._socket = self._socket or socket.create_connection(self._address, _SECONDS)
        try:
            self._socket.sendall(request)
            if not _is_whole(request):
                with contextlib.suppress(OSError):  # the server has hung up
                    self._socket.shutdown(socket.SHUT_WR)
            response = HTTPResponse(self._socket, method=request.split(b" ", 1)[0].decode("latin-1"))
            response.begin()
            goes_on = response.status == 200 and (request.startswith(b"GET") or b"subscriptions/listen" in request)
            body = b"" if goes_on else response.read()
        except (ConnectionError, HTTPException):
            self._close()
            return None
        if goes_on or response.will_close or _says_odd_length(request):
            self._close()
        return response.status, str(response.headers).encode("utf-8", "surrogateescape") + body

    def _close(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None


def _is_whole(request: bytes) -> bool:
    """Return whether a server has all that it may wait for; more than that is another request."""
    head, _, body = request.partition(b"\r\n\r\n")
    if b"ransfer-Encoding" in head:
        size, _, rest = body.partition(b"\r\n")
        return size == b"%x" % (len(rest) - len(b"\r\n0\r\n\r\n"))
    lengths = re.findall(rb"Content-Length\s*: *(\d+)", head)
    return all(int(length) <= len(body) for length in lengths)


def _says_odd_length(request: bytes) -> bool:
    """Return whether something may be left over that is taken for the next request."""
    head, _, body = request.partition(b"\r\n\r\n")
    return not head.endswith(b"Content-Length: %d" % len(body))
