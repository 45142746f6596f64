"""Messages as they come off the wire, and how little of a huge one is looked at."""

from __future__ import annotations

import json
from typing import Any

import pytest
import zmq
from jupyter_client.session import Session

from mcp_notebook_server.execution.messages import Message, find_parts, unpack

SESSION = Session(key=b"secret")


def receive(kind: str, content: dict[str, Any], session: Session = SESSION) -> Message | None:
    parent = session.msg("execute_request")
    sent = session.serialize(session.msg(kind, content, parent=parent), ident=[b"topic"])
    return unpack(SESSION, find_parts([zmq.Frame(part) for part in sent]))


def test_a_message_is_what_was_sent() -> None:
    message = receive("stream", {"name": "stdout", "text": "hé\n"})
    assert message is not None
    assert (message.kind, message.parent_kind) == ("stream", "execute_request")
    assert message.content == {"name": "stdout", "text": "hé\n"}


def test_a_message_that_is_signed_by_another_is_none() -> None:
    assert receive("stream", {"name": "stdout", "text": "x"}, Session(key=b"guessed")) is None
    assert find_parts([zmq.Frame(b"topic"), zmq.Frame(b"x")]) == ()


@pytest.mark.parametrize("unit", ["plain line\n", '"\\\t', "é\U0001f600\n", "\x1b[1m\u2028"])
@pytest.mark.parametrize("offset", range(4))
def test_of_a_huge_stream_both_ends_are_read_wherever_they_are_cut(unit: str, offset: int) -> None:
    text = "x" * offset + unit * (1_200_000 // len(unit.encode()))
    message = receive("stream", {"name": "stderr", "text": text})
    assert message is not None
    assert message.content["name"] == "stderr"
    assert text.startswith(message.content["text"])
    assert text.endswith(message.content["end"][8:])  # a cut may fall into an escape
    assert len(message.content["text"]) > 10_000
    assert len(message.content["end"]) > 10_000
    assert message.content["left_out"] > 100_000


@pytest.mark.parametrize("order", [("name", "text"), ("text", "name")])
@pytest.mark.parametrize("spaced", [True, False])
def test_the_order_and_the_spaces_of_a_huge_stream_do_not_matter(order: tuple[str, ...], spaced: bool) -> None:
    values = {"name": "stdout", "text": "a\n" * 400_000}
    raw = json.dumps({name: values[name] for name in order}, separators=(", ", " : ") if spaced else (",", ":"))
    sent = SESSION.serialize(SESSION.msg("stream", {}, parent=SESSION.msg("execute_request")))
    frames = [zmq.Frame(part) for part in sent]
    frames[-1] = zmq.Frame(raw.encode())
    frames[1] = zmq.Frame(SESSION.sign([frame.bytes for frame in frames[2:6]]))
    message = unpack(SESSION, find_parts(frames))
    assert message is not None
    assert message.content["text"].startswith("a\na\n")
    assert message.content["end"].endswith("a\na\n")


def test_another_huge_message_is_only_counted() -> None:
    message = receive("display_data", {"data": {"text/html": "x" * 5_000_000}})
    assert message is not None
    assert message.content["left_out"] > 5_000_000
    assert set(message.content) == {"left_out"}
