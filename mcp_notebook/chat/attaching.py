"""What a person sends along with a question, by naming it there.

    @weather:weather://seoul/today      a resource of a connected server
    /weather.briefing city=Seoul        a prompt of one, in a line of its own: its messages take the line's place
    $sales                              a variable of the notebook, as its schema and its first rows

Knows these marks. What names nothing that is there stays the text that it is, as people write @ and $ for other things,
unless it evidently was to name something. Refuses to know what a model makes of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mcp_types import TextContent

from mcp_notebook.chat.describing import describe_variable
from mcp_notebook.chat.giving import contents_text, mark
from mcp_notebook.chat.origin import new_read
from mcp_notebook.errors import UnknownServer, UnknownVariable
from mcp_notebook.errors.base import did_you_mean
from mcp_notebook.prompts import check_prompt_arguments, read_prompt_arguments
from mcp_notebook.words import split_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mcp_types import SamplingMessageContentBlock

    from mcp_notebook.chat.origin import Read
    from mcp_notebook.session import Session

__all__ = ["Attached", "Wanted", "attach", "find_wanted"]

_RESOURCE = re.compile(r"(?<!\S)@(?P<server>[^\s:@]+):(?P<uri>[^\s:]+:\S*?)(?=[.,;!?)]*(?:\s|$))")
_PROMPT = re.compile(r"^/(?P<server>[^\s./]+)\.(?P<name>\S+)(?P<rest>[^\n]*)$", re.MULTILINE)
_VARIABLE = re.compile(r"(?<![\w$\\])\$(?P<name>[A-Za-z_]\w*)")


@dataclass(frozen=True)
class Wanted:
    """What is to be sent along.

    Attributes:
        text: the question, without the lines of prompts.
        variables: each as one line for the person, and as text for the model.
        resources: each as its server and its URI.
        prompts: each as its server, its name and its arguments as they were typed.
        namespace: what `$name` in a prompt's arguments can name.
    """

    text: str
    variables: Sequence[tuple[str, str]]
    resources: Sequence[tuple[str, str]]
    prompts: Sequence[tuple[str, str, str]]
    namespace: Mapping[str, Any]


@dataclass
class Attached:
    """What is sent along. On the loop thread.

    Attributes:
        turn: to which of the person's questions it belongs, from 1.
        content: for the model; the question is not in it.
        shown: a line each for the person.
        read: the texts of servers among it.
    """

    turn: int
    content: list[SamplingMessageContentBlock] = field(default_factory=list["SamplingMessageContentBlock"])
    shown: list[str] = field(default_factory=list[str])
    read: list[Read] = field(default_factory=list["Read"])

    async def add_resource(self, session: Session, uri: str) -> None:
        """Add a resource, as data."""
        result = await session.connection.read_resource(uri, None)
        text = "\n".join(map(contents_text, result.contents))
        self.shown.append(f"@{session.name}:{uri} ({len(text):,} characters)")
        await self._add_data(session.name, uri, text)

    async def add_prompt(self, session: Session, name: str, arguments: Mapping[str, str]) -> None:
        """Add a prompt's messages: the person chose them as their own words; what is embedded in them is data."""
        result = await session.connection.get_prompt(name, dict(arguments), None)
        for message in result.messages:
            block = message.content
            if block.type == "resource":
                await self._add_data(session.name, block.resource.uri, contents_text(block.resource))
            elif block.type == "text":
                self.read.append(
                    await new_read(session.name, f"the prompt {session.name}.{name}", block.text, self.turn)
                )
                shown = f"assistant: {block.text}" if message.role == "assistant" else block.text
                self.content.append(TextContent(text=shown))
            elif block.type == "image":
                self.content.append(block)
        count = len(result.messages)
        self.shown.append(f"/{session.name}.{name} ({count:,} message{'' if count == 1 else 's'})")

    async def _add_data(self, server: str, uri: str, text: str) -> None:
        source = f"{server} {uri}"
        self.read.append(await new_read(server, source, text, self.turn))
        self.content.append(mark(source, text))


def find_wanted(text: str, servers: Sequence[str], variables: Mapping[str, Any]) -> Wanted:
    """Find what a question names. On the thread that runs the cells.

    Args:
        text: the question.
        servers: those that are connected.
        variables: of the notebook.

    Raises:
        UnknownServer: `@name:uri` names one that is not connected.
        UnknownVariable: `$name` is nearly the name of a variable.
    """
    prompts = [(found["server"], found["name"], found["rest"]) for found in _PROMPT.finditer(text)]
    prompts = [one for one in prompts if one[0] in servers]
    plain = _PROMPT.sub(lambda found: "" if found["server"] in servers else found[0], text).strip()
    resources = [(found["server"], found["uri"]) for found in _RESOURCE.finditer(plain)]
    unknown = next((server for server, uri in resources if server not in servers and "://" in uri), None)
    if unknown is not None:
        raise UnknownServer(unknown, servers, {})
    names = list(dict.fromkeys(found["name"] for found in _VARIABLE.finditer(plain)))
    for name in names:
        if name not in variables and did_you_mean(name, variables):
            raise UnknownVariable(name, did_you_mean(name, variables))
    return Wanted(
        plain,
        [describe_variable(name, variables[name]) for name in names if name in variables],
        list(dict.fromkeys(one for one in resources if one[0] in servers)),
        prompts,
        variables,
    )


async def attach(wanted: Wanted, sessions: Mapping[str, Session], turn: int) -> Attached:
    """Get what is wanted. On the loop thread.

    Args:
        wanted: see `find_wanted`.
        sessions: by name.
        turn: to which of the person's questions it belongs, from 1.

    Raises:
        HostError: a server does not have it, or gave no answer.
    """
    attached = Attached(turn)
    for shown, text in wanted.variables:
        attached.shown.append(shown)
        attached.content.append(TextContent(text=f"{shown}, a variable of the notebook:\n{text}"))
    for server, uri in wanted.resources:
        await attached.add_resource(sessions[server], uri)
    for server, name, rest in wanted.prompts:
        prompts: Any = await sessions[server].list_here("prompts")
        prompt = prompts.get(name, server)
        arguments = read_prompt_arguments(split_words(rest), prompt, wanted.namespace)
        await attached.add_prompt(sessions[server], name, check_prompt_arguments(arguments, prompt))
    return attached
