"""What Tab offers in a `%mcp` line: commands, options, servers, tools, arguments, values, URIs, prompts.

    %mcp cal|                    call
    %mcp call get_w|             get_weather
    %mcp call get_weather |      city=  units=
    %mcp call get_weather units=|    celsius  fahrenheit

Thinks only: what is there comes as `Known`. Refuses to know IPython (`magics.matcher`) and sessions (`magics.known`).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, cast

from mcp_notebook.offers import (
    Completion,
    Kind,
    Known,
    PromptArguments,
    Question,
    TemplateArguments,
    ToolArguments,
    choose,
    choose_json,
)
from mcp_notebook.unfinished_uri import find_hole
from mcp_notebook.usage import Usage, read_usage
from mcp_notebook.words import split_unfinished

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mcp_types import Tool

__all__ = ["complete", "complete_body"]

_MCP_LINE = re.compile(r"\s*(?:[^=<>%#]+(?:=|<<)\s*)?(?P<percent>%%?)mcp(?P<space>\s+)(?P<rest>.*)", re.DOTALL)
_ARGUMENT = re.compile(r"(?P<name>[^\s=:'\"]+)(?P<json>:)?=(?P<value>.*)", re.DOTALL)
_OBJECT = "$"


def complete(line: str, cursor: int, known: Known) -> Completion | None:
    """Complete a line at the cursor.

    Args:
        line: the whole line: `x = %mcp call add a=`.
        cursor: where in it; what follows is left alone.
        known: what there is.

    Returns:
        None if it is not a `%mcp` line.
    """
    match = _MCP_LINE.fullmatch(line[:cursor])
    if match is None:
        return None
    words, typed = split_unfinished(match["rest"])
    if not words:
        return choose(typed, ((name, "command") for name in known.usages if name))
    if words[0] not in known.usages:
        return Completion(typed, [])
    return _Line(read_usage(known.usages[words[0]]), words[1:], typed, known).complete()


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

    def complete(self) -> Completion:
        if "--" in self._words:  # what follows is another program's
            return Completion(self._typed, [], files=True)
        value = self._usage.options.get(self._words[-1]) if self._words else None
        if value is not None:
            return self._complete_value(value)
        if self._typed.startswith("-"):
            return self._complete_options()
        kinds = self._usage.kinds_after(self._plain, self._fits)
        if self._usage.takes_arguments and not kinds:
            return self._complete_argument()
        found = self._complete_kinds(kinds)
        return found if found.suggestions or found.files or self._typed else self._complete_options()

    def _complete_value(self, value: str) -> Completion:
        if "|" in value:
            return choose(self._typed, ((choice, "value") for choice in value.split("|")))
        if value == "NAME":
            return choose(self._typed, ((name, "variable") for name in self._known.objects))
        return self._complete_kinds([value])

    def _complete_options(self) -> Completion:
        return choose(self._typed, ((name, "option") for name in self._usage.options if name not in self._words))

    def _fits(self, kind: str, word: str) -> bool:
        return kind != "SERVER" or word in self._known.servers

    def _complete_kinds(self, kinds: Sequence[str]) -> Completion:
        if "URI" in kinds:
            return self._complete_uri(also_servers="SERVER" in kinds)
        found = choose(self._typed, (pair for kind in kinds for pair in self._candidates(kind)))
        return found._replace(files="FILE" in kinds)

    def _candidates(self, kind: str) -> Iterable[tuple[str, str]]:
        if kind == "COMMAND":
            return ((name, "command") for name in self._known.usages if name)
        if kind == "NAME" and "--config" in self._words:
            names = self._known.find_configured(self._plain)
            return ((name, "server") for name in names if name not in self._plain)
        if kind in {"SERVER", "NAME"}:
            return ((name, "server") for name in self._known.servers)
        if kind in {"OBJECT", "PATTERN"}:
            names = self._known.server_objects if kind == "OBJECT" else self._known.objects
            return ((name, "variable") for name in names)
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
        arguments = self._find_arguments()
        if arguments is None:
            return Completion(self._typed, [])
        match = _ARGUMENT.fullmatch(self._typed)
        if match is None:
            return self._complete_argument_name(arguments)
        typed = match["value"]
        if match["json"]:
            return choose_json(typed, ((json.dumps(one), "value") for one in arguments.choices(match["name"])))
        if typed.startswith(_OBJECT):
            return self._complete_object(typed)
        found = choose(typed, ((one, "value") for one in arguments.suggest(match["name"], typed, self._given())))
        return found if found.suggestions or typed else self._complete_object(typed)

    def _complete_object(self, typed: str) -> Completion:
        return choose(typed, ((f"{_OBJECT}{name}", "variable") for name in self._known.objects))

    def _complete_argument_name(self, arguments: _Arguments) -> Completion:
        given = self._given()
        found = choose(self._typed, ((f"{name}=", "argument") for name in arguments.names if name not in given))
        return found if found.suggestions or self._typed else self._complete_options()

    def _given(self) -> dict[str, str]:
        matches = [match for word in self._plain[1:] if (match := _ARGUMENT.fullmatch(word))]
        return {match["name"]: match["value"] for match in matches}

    def _find_arguments(self) -> _Arguments | None:
        """Find whose arguments follow: the tool's, the prompt's or the template's that the words before name."""
        first = self._usage.kinds_after([], self._fits)
        if "URI" in first:
            return self._find_template_arguments()
        for server, found in self._known.find_list("prompts" if "PROMPT" in first else "tools").items():
            for one in found:
                if self._plain[0] in {one.name, f"{server}.{one.name}"}:
                    return PromptArguments(server, one, self._known) if "PROMPT" in first else ToolArguments(one)
        return None

    def _find_template_arguments(self) -> TemplateArguments | None:
        for server, found in self._known.find_list("templates").items():
            for one in found:
                if one.uri_template in self._plain:
                    return TemplateArguments(server, one.uri_template, self._known)
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
        return choose(self._typed, candidates)

    def _from_template(self, server: str, template: str) -> list[tuple[str, str]]:
        hole = find_hole(template, self._typed.lstrip("'\""))
        if hole is None:
            return [(template, "template")]
        if hole.name is None:
            return [(hole.before, "template"), (template, "template")]
        values = self._known.ask(Question(server, "template", template, hole.name, hole.value, hole.context))
        return [*((hole.before + value, "value") for value in values), (template, "template")]


_Arguments = ToolArguments | PromptArguments | TemplateArguments

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
    arguments = ToolArguments(tool)
    return _complete_json(arguments, body) if body.lstrip().startswith("{") else _complete_yaml(arguments, body)


def _find_tool(words: Sequence[str], known: Known) -> Tool | None:
    tools = [
        (server, tool) for server, found in known.find_list("tools").items() for tool in cast("Sequence[Tool]", found)
    ]
    return next((tool for server, tool in tools if {tool.name, f"{server}.{tool.name}"} & set(words)), None)


def _complete_json(arguments: ToolArguments, body: str) -> Completion | None:
    at = max(body.rfind("{"), body.rfind(","))
    if value := _JSON_VALUE.fullmatch(body, at):
        return choose_json(value["typed"], ((json.dumps(one), "value") for one in arguments.choices(value["name"])))
    if name := _JSON_NAME.fullmatch(body, at):
        free = (one for one in arguments.names if json.dumps(one) not in body)
        return choose_json(name["typed"], ((f"{json.dumps(one)}: ", "argument") for one in free))
    return None


def _complete_yaml(arguments: ToolArguments, body: str) -> Completion | None:
    *before, last = body.split("\n")
    if value := _YAML_VALUE.fullmatch(last):
        texts = (one if isinstance(one, str) else json.dumps(one) for one in arguments.choices(value["name"]))
        return choose_json(value["typed"], ((text, "value") for text in texts))
    if re.fullmatch(r"[\w-]*", last):
        free = (one for one in arguments.names if not any(above.startswith(f"{one}:") for above in before))
        return choose_json(last, ((f"{one}: ", "argument") for one in free))
    return None
