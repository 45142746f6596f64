"""The command that asks a language model, which may use the connected servers' tools: `%%mcp ask`.

Knows words. Refuses to know models and tools (`chat`).
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from mcp_notebook.errors import UsageError
from mcp_notebook.magics.command import Command, Invocation, Options
from mcp_notebook.magics.keeping import check_name

if TYPE_CHECKING:
    from mcp_notebook.chat import Conversation, Limits, Reply

__all__ = ["ASK"]

_USAGE = (
    "%mcp ask [TEXT...] [-c] [--server SERVER] [-o NAME] [--rounds N] [--calls N] [--tokens N] [--seconds N] "
    "[--answer-tokens N]"
)

_last: Conversation | None = None
"""The one that -c goes on with."""


def _ask(invocation: Invocation) -> Reply | None:
    global _last  # noqa: PLW0603  the one of this notebook
    from mcp_notebook.chat import Conversation  # noqa: PLC0415  most notebooks ask no model

    read = _read(invocation)
    text = "\n".join(filter(None, (" ".join(read.text), (invocation.body or "").strip())))
    if not text:
        raise UsageError("Say what to ask, in the lines below %%mcp ask", _USAGE)
    conversation = _last if read.c else Conversation()
    if conversation is None:
        raise UsageError("There is no conversation to go on with", _USAGE)
    if read.server:
        conversation.servers = [invocation.host.get(name).name for name in read.server]
    conversation.limits = _limits(read)
    _last = conversation
    reply = conversation.ask(text, invocation.variables)
    if read.out is not None:
        invocation.shell.push({read.out: reply})
    return reply if invocation.assigned else None


def _read(invocation: Invocation) -> Any:
    options = Options(_USAGE)
    options.add_argument("text", nargs="*")
    options.add_argument("-c", action="store_true")
    options.add_argument("--server", action="append", metavar="SERVER")
    options.add_argument("-o", dest="out", metavar="NAME")
    for name in ("--rounds", "--calls", "--tokens", "--answer-tokens"):
        options.add_argument(name, type=int, metavar="N")
    options.add_argument("--seconds", type=float, metavar="N")
    read = options.parse_intermixed_args(invocation.words)
    check_name(read.out, _USAGE)
    return read


def _limits(read: Any) -> Limits:
    from mcp_notebook.chat import Limits  # noqa: PLC0415  as above

    given = {one.name: getattr(read, one.name) for one in fields(Limits) if getattr(read, one.name) is not None}
    try:
        return Limits(**given)
    except ValueError as error:
        raise UsageError(str(error), _USAGE) from None


ASK = Command(
    "ask",
    _USAGE,
    "ask a language model (%mcp model), which may use the servers' tools; you see each call before it is made",
    _ask,
    takes_body=True,
    example="%%mcp ask\nWhat is the weather in Seoul?",
    notes="""\
below %%mcp      the question
@SERVER:URI      in it: a resource goes along
/SERVER.PROMPT   in a line of its own, with a=1 behind it: a prompt's messages take the line's place
$name            a variable goes along: of a data frame its columns and first rows
-c               go on with the last conversation; without it a new one begins
--server SERVER  only this server's tools; may stand several times
-o NAME          keeps the reply: .text, .transcript, .cost, .conversation
--rounds 10      how often the model is asked; --calls 50 tools; --tokens 200000 in all; --seconds 300 of work
%mcp policy call=allow --server SERVER --tool TOOL lets calls through unasked""",
)
