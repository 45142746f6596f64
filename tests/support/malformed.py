"""HTTP requests to the endpoint with something wrong in them, made from a seed.

Knows what can be wrong: in the body, in the headers, in the request line, in the message. Refuses to know what the
answer should be.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from support.drafts import make_sound_draft

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from support.drafts import Draft

_DEPTH = 50_000

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


def make_request(dice: random.Random, token: str, session: str, host: str) -> bytes:
    """Return a request that is wrong in one way, or in several.

    Args:
        dice: decides.
        token: a good host token.
        session: id of a legacy session of that token.
        host: for the header of that name.
    """
    draft = make_sound_draft(dice, token, session, host)
    kinds = dice.choices((_IN_MESSAGE, _IN_BODY, _IN_HEADERS, _IN_LINE), (5, 4, 4, 1), k=dice.choice((1, 1, 2, 3)))
    if _IN_MESSAGE in kinds:
        dice.choice(_IN_MESSAGE)(draft)
    draft.body = json.dumps(draft.message).encode()
    for kind in kinds:
        if kind is not _IN_MESSAGE:
            dice.choice(kind)(draft)
    return draft.write()


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
