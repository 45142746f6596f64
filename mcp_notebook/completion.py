"""What Tab offers in a `%mcp` line: commands, options, servers, tools, arguments, values, URIs, prompts.

    %mcp ca|                     call
    %mcp call get_w|             get_weather
    %mcp call get_weather |      city=  units=
    %mcp call get_weather units=|    celsius  fahrenheit

Thinks only: what is there comes as `Known`. Refuses to know IPython (`magics.matcher`) and sessions (`magics.known`).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from mcp_notebook.schemas import Schema, find_choices, properties
from mcp_notebook.unfinished_uri import find_hole
from mcp_notebook.usage import Usage, read_usage
from mcp_notebook.words import split_unfinished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mcp_types import Prompt, Tool

__all__ = ["Completion", "Kind", "Known", "Question", "Suggestion", "complete", "complete_body"]

Kind = Literal["tools", "resources", "templates", "prompts"]

_MCP_LINE = re.compile(r"\s*(?:[^=<>%#]+(?:=|<<)\s*)?(?P<percent>%%?)mcp(?P<space>\s+)(?P<rest>.*)", re.DOTALL)
_ARGUMENT = re.compile(r"(?P<name>[^\s=:'\"]+)(?P<json>:)?=(?P<value>.*)", re.DOTALL)
_OBJECT = "$"


@dataclass(frozen=True)
class Question:
    """What a server is asked by `completion/complete`.

    Attributes:
        server: the connection's name.
        kind: what has the argument.
        name: the prompt's name, or the template.
        argument: the argument to complete.
        value: what of it has been typed.
        context: the arguments that have been given.
    """

    server: str
    kind: Literal["prompt", "template"]
    name: str
    argument: str
    value: str
    context: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Known:
    """What there is to complete from. The functions give nothing where nothing comes in time; they do not raise.

    Attributes:
        usages: of the commands, by name.
        servers: the connections' names.
        objects: the names of the notebook's variables.
        find_list: a list that servers give, by connection.
        ask: gives what a server suggests.
    """

    usages: Mapping[str, str]
    servers: Sequence[str]
    objects: Sequence[str]
    find_list: Callable[[Kind], Mapping[str, Sequence[Any]]]
    ask: Callable[[Question], Sequence[str]]


class Suggestion(NamedTuple):
    """One thing that Tab offers: the text, and what kind of thing it is, for a person."""

    text: str
    kind: str


class Completion(NamedTuple):
    """What Tab offers, best first, and the text before the cursor that it stands for."""

    fragment: str
    suggestions: list[Suggestion]


def complete(line: str, cursor: int, known: Known) -> Completion | None:
    """Complete a line at the cursor.

    Args:
        line: the whole line: `x = %mcp call add a=`.
        cursor: where in it; what follows is left alone.
        known: what there is.

    Returns:
        None if it is not a `%mcp` line, or stands where others know better, such as in a file's name.
    """
    match = _MCP_LINE.fullmatch(line[:cursor])
    if match is None:
        return None
    words, typed = split_unfinished(match["rest"])
    if not words:
        return _choose(typed, ((name, "command") for name in known.usages if name))
    if words[0] not in known.usages:
        return Completion(typed, [])
    return _Line(read_usage(known.usages[words[0]]), words[1:], typed, known).complete()


def _choose(typed: str, candidates: Iterable[tuple[str, str]]) -> Completion:
    """Keep the candidates that begin as the typed word does; one that needs quotes gets them."""
    start = typed[1:] if typed[:1] in {"'", '"'} else typed
    fitting = dict.fromkeys(Suggestion(text, kind) for text, kind in candidates if text.startswith(start))
    quoted = typed != start
    return Completion(typed, [one._replace(text=_quote(one.text, always=quoted)) for one in fitting])


def _choose_json(typed: str, candidates: Iterable[tuple[str, str]]) -> Completion:
    """Keep the candidates that begin as the typed text does; JSON and YAML have quotes of their own."""
    start = typed.lstrip('"')
    return Completion(
        typed, [Suggestion(text, kind) for text, kind in candidates if text.lstrip('"').startswith(start)]
    )


def _quote(text: str, *, always: bool = False) -> str:
    if not always and text and not re.search(r"[\s'\"]", text):
        return text
    return f"'{text}'" if '"' in text else f'"{text}"'


class _Line:
    """One line whose command is known.

    Args:
        usage: the command's.
        words: those after the command's name that are finished.
        typed: the unfinished one.
        known: what there is.
    """

    def __init__(self, usage: Usage, words: Sequence[str], typed: str, known: Known) -> None:
        self._usage = usage
        self._words = words
        self._typed = typed
        self._known = known
        self._plain = list(self._without_options())

    def _without_options(self) -> Iterable[str]:
        takes_value = False
        for word in self._words:
            if not takes_value and word not in self._usage.options:
                yield word
            takes_value = not takes_value and self._usage.options.get(word) is not None

    def complete(self) -> Completion | None:
        if "--" in self._words:  # what follows is another program's
            return None
        value = self._usage.options.get(self._words[-1]) if self._words else None
        if value is not None:
            return self._complete_value(value)
        if self._typed.startswith("-"):
            return self._complete_options()
        if self._plain and self._usage.takes_arguments:
            return self._complete_argument()
        return self._complete_word()

    def _complete_value(self, value: str) -> Completion | None:
        if "|" in value:
            return _choose(self._typed, ((choice, "value") for choice in value.split("|")))
        if value == "NAME":
            return _choose(self._typed, ((name, "variable") for name in self._known.objects))
        return self._complete_kinds([value])

    def _complete_options(self) -> Completion:
        return _choose(self._typed, ((name, "option") for name in self._usage.options if name not in self._words))

    def _complete_word(self) -> Completion | None:
        kinds = self._usage.kinds_after(self._plain, self._fits)
        found = self._complete_kinds(kinds)
        return self._complete_options() if found and not found.suggestions and not self._typed else found

    def _fits(self, kind: str, word: str) -> bool:
        return kind != "SERVER" or word in self._known.servers

    def _complete_kinds(self, kinds: Sequence[str]) -> Completion | None:
        if "URI" in kinds:
            return self._complete_uri(also_servers="SERVER" in kinds)
        found = _choose(self._typed, (pair for kind in kinds for pair in self._candidates(kind)))
        return None if "FILE" in kinds and not found.suggestions else found

    def _candidates(self, kind: str) -> Iterable[tuple[str, str]]:
        if kind == "COMMAND":
            return ((name, "command") for name in self._known.usages if name)
        if kind in {"SERVER", "NAME"}:
            return ((name, "server") for name in self._known.servers)
        if kind == "OBJECT":
            return ((name, "variable") for name in self._known.objects)
        if kind in {"TOOL", "PROMPT"}:
            return self._owned_names("tools" if kind == "TOOL" else "prompts", kind.lower())
        return ()

    def _owned_names(self, kind: Kind, shown: str) -> Iterable[tuple[str, str]]:
        """Give the names that only one server has; all with their server in front once that has been typed."""
        lists = self._known.find_list(kind)
        owners: dict[str, list[str]] = {}
        for server, found in lists.items():
            for one in found:
                owners.setdefault(one.name, []).append(server)
        for name, servers in owners.items():
            if len(servers) == 1:
                yield name, shown
        for name, servers in owners.items():
            for server in servers:
                if len(servers) > 1 or self._typed.startswith(f"{server}."):
                    yield f"{server}.{name}", shown
        if self._typed and "." not in self._typed:
            yield from ((f"{server}.", "server") for server, found in lists.items() if found)

    def _complete_argument(self) -> Completion:
        owner = self._find_owner()
        if owner is None:
            return Completion(self._typed, [])
        match = _ARGUMENT.fullmatch(self._typed)
        if match is None:
            return self._complete_argument_name(owner)
        typed = match["value"]
        if match["json"]:
            return _choose_json(typed, ((json.dumps(one), "value") for one in owner.choices(match["name"])))
        if typed.startswith(_OBJECT):
            return self._complete_object(typed)
        found = _choose(typed, ((one, "value") for one in owner.suggest(match["name"], typed, self._given())))
        return found if found.suggestions or typed else self._complete_object(typed)

    def _complete_object(self, typed: str) -> Completion:
        return _choose(typed, ((f"{_OBJECT}{name}", "variable") for name in self._known.objects))

    def _complete_argument_name(self, owner: _Owner) -> Completion:
        given = self._given()
        found = _choose(self._typed, ((f"{name}=", "argument") for name in owner.argument_names if name not in given))
        return self._complete_options() if not found.suggestions and not self._typed else found

    def _given(self) -> dict[str, str]:
        matches = [match for word in self._plain[1:] if (match := _ARGUMENT.fullmatch(word))]
        return {match["name"]: match["value"] for match in matches}

    def _find_owner(self) -> _Owner | None:
        """Find the tool or prompt that the first word names."""
        kinds = self._usage.kinds_after([], self._fits)
        for server, found in self._known.find_list("prompts" if "PROMPT" in kinds else "tools").items():
            for one in found:
                if self._plain[0] in {one.name, f"{server}.{one.name}"}:
                    return _PromptOwner(server, one, self._known) if "PROMPT" in kinds else _ToolOwner(one)
        return None

    def _complete_uri(self, *, also_servers: bool) -> Completion:
        chosen = [word for word in self._plain if word in self._known.servers] or self._known.servers
        candidates: list[tuple[str, str]] = []
        for server, found in self._known.find_list("resources").items():
            candidates += [(str(one.uri), "resource") for one in found if server in chosen]
        for server, found in self._known.find_list("templates").items():
            for one in found if server in chosen else ():
                candidates += self._from_template(server, one.uri_template)
        if also_servers and len(self._known.servers) > 1:
            candidates += [(name, "server") for name in self._known.servers]
        return _choose(self._typed, candidates)

    def _from_template(self, server: str, template: str) -> list[tuple[str, str]]:
        hole = find_hole(template, self._typed.lstrip("'\""))
        if hole is None:
            return []
        if hole.name is None:
            return [(hole.before, "template")]
        values = self._known.ask(Question(server, "template", template, hole.name, hole.value, hole.context))
        return [(hole.before + value, "value") for value in values]


class _ToolOwner:
    """A tool whose arguments are typed."""

    def __init__(self, tool: Tool) -> None:
        self._schema: Schema = tool.input_schema

    @property
    def argument_names(self) -> list[str]:
        """Those that must be given first."""
        required = self._schema.get("required") or ()
        return sorted(properties(self._schema), key=lambda name: name not in required)

    def choices(self, name: str) -> list[Any]:
        return find_choices(properties(self._schema).get(name, {}), self._schema)

    def suggest(self, name: str, typed: str, given: Mapping[str, str]) -> Iterable[str]:
        del typed, given  # a schema does not depend on them
        return (one if isinstance(one, str) else json.dumps(one) for one in self.choices(name))


class _PromptOwner:
    """A prompt whose arguments are typed; its server may know values."""

    def __init__(self, server: str, prompt: Prompt, known: Known) -> None:
        self._server = server
        self._prompt = prompt
        self._known = known

    @property
    def argument_names(self) -> list[str]:
        """Those that must be given first."""
        return [one.name for one in sorted(self._prompt.arguments or (), key=lambda one: not one.required)]

    def choices(self, name: str) -> list[Any]:
        return list(self.suggest(name, "", {}))

    def suggest(self, name: str, typed: str, given: Mapping[str, str]) -> Iterable[str]:
        start = typed.lstrip("'\"")
        return self._known.ask(Question(self._server, "prompt", self._prompt.name, name, start, given))


_Owner = _ToolOwner | _PromptOwner

_JSON_NAME = re.compile(r"[{,]\s*(?P<typed>\"?[\w-]*)")
_JSON_VALUE = re.compile(r"[{,]\s*\"(?P<name>[^\"]+)\"\s*:\s*(?P<typed>\"?[^\",{}\[\]]*)")
_YAML_VALUE = re.compile(r"(?P<name>[\w-]+):\s+(?P<typed>.*)")


def complete_body(line: str, body: str, known: Known) -> Completion | None:
    """Complete the arguments below a `%%mcp call` line.

    Args:
        line: the first line, whole.
        body: the lines below it, up to the cursor.
        known: what there is.
    """
    match = _MCP_LINE.fullmatch(line)
    words = split_unfinished(f"{match['rest']} ")[0] if match and match["percent"] == "%%" else []
    tool = None if words[:1] != ["call"] else _find_tool(words[1:], known)
    if tool is None:
        return None
    owner = _ToolOwner(tool)
    return _complete_json(owner, body) if body.lstrip().startswith("{") else _complete_yaml(owner, body)


def _find_tool(words: Sequence[str], known: Known) -> Tool | None:
    tools = [
        (server, tool) for server, found in known.find_list("tools").items() for tool in cast("Sequence[Tool]", found)
    ]
    return next((tool for server, tool in tools if {tool.name, f"{server}.{tool.name}"} & set(words)), None)


def _complete_json(owner: _ToolOwner, body: str) -> Completion | None:
    at = max(body.rfind("{"), body.rfind(","))
    if value := _JSON_VALUE.fullmatch(body, at):
        return _choose_json(value["typed"], ((json.dumps(one), "value") for one in owner.choices(value["name"])))
    if name := _JSON_NAME.fullmatch(body, at):
        free = (one for one in owner.argument_names if json.dumps(one) not in body)
        return _choose_json(name["typed"], ((f"{json.dumps(one)}: ", "argument") for one in free))
    return None


def _complete_yaml(owner: _ToolOwner, body: str) -> Completion | None:
    *before, last = body.split("\n")
    if value := _YAML_VALUE.fullmatch(last):
        texts = (one if isinstance(one, str) else json.dumps(one) for one in owner.choices(value["name"]))
        return _choose_json(value["typed"], ((text, "value") for text in texts))
    if re.fullmatch(r"[\w-]*", last):
        free = (one for one in owner.argument_names if not any(above.startswith(f"{one}:") for above in before))
        return _choose_json(last, ((f"{one}: ", "argument") for one in free))
    return None
