"""What Tab may offer: suggestions, what they are chosen from, and the values that arguments can have.

Knows schemas and prompts. Refuses to know lines (`completion`).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from mcp_notebook.schemas import Schema, find_choices, properties

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mcp_types import Prompt, Tool

__all__ = [
    "Completion",
    "Kind",
    "Known",
    "PromptArguments",
    "Question",
    "Suggestion",
    "TemplateArguments",
    "ToolArguments",
    "choose",
    "choose_json",
]

Kind = Literal["tools", "resources", "templates", "prompts"]


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
        server_objects: the names of those that are servers.
        find_list: a list that servers give, by connection.
        ask: gives what a server suggests.
        find_configured: the names in the configuration file that these words name, or in the usual ones.
    """

    usages: Mapping[str, str]
    servers: Sequence[str]
    objects: Sequence[str]
    server_objects: Sequence[str]
    find_list: Callable[[Kind], Mapping[str, Sequence[Any]]]
    ask: Callable[[Question], Sequence[str]]
    find_configured: Callable[[Sequence[str]], Sequence[str]]


class Suggestion(NamedTuple):
    """One thing that Tab offers: the text, and what kind of thing it is, for a person."""

    text: str
    kind: str


class Completion(NamedTuple):
    """What Tab offers in a line of ours.

    Attributes:
        fragment: the text before the cursor that it stands for.
        suggestions: best first; nothing else is to be offered.
        files: names of files are to be offered too.
    """

    fragment: str
    suggestions: list[Suggestion]
    files: bool = False


def choose(typed: str, candidates: Iterable[tuple[str, str]]) -> Completion:
    """Keep the candidates that begin as the typed word does; one that needs quotes gets them."""
    start = typed[1:] if typed[:1] in {"'", '"'} else typed
    fitting = dict.fromkeys(Suggestion(text, kind) for text, kind in candidates if text.startswith(start))
    quoted = typed != start
    return Completion(typed, [one._replace(text=_quote(one.text, always=quoted)) for one in fitting])


def choose_json(typed: str, candidates: Iterable[tuple[str, str]]) -> Completion:
    """Keep the candidates that begin as the typed text does; JSON and YAML have quotes of their own."""
    start = typed.lstrip('"')
    return Completion(
        typed, [Suggestion(text, kind) for text, kind in candidates if text.lstrip('"').startswith(start)]
    )


def _quote(text: str, *, always: bool = False) -> str:
    if not always and text and not re.search(r"[\s'\"]", text):
        return text
    return f"'{text}'" if '"' in text else f'"{text}"'


class ToolArguments:
    """The arguments of a tool."""

    def __init__(self, tool: Tool) -> None:
        self._schema: Schema = tool.input_schema

    @property
    def names(self) -> list[str]:
        """Their names; those that must be given come first."""
        required = self._schema.get("required") or ()
        return sorted(properties(self._schema), key=lambda name: name not in required)

    def choices(self, name: str) -> list[Any]:
        """Give the JSON values that an argument may have."""
        return find_choices(properties(self._schema).get(name, {}), self._schema)

    def suggest(self, name: str, typed: str, given: Mapping[str, str]) -> Iterable[str]:
        """Give texts for an argument, of which `typed` is there and which follows what was given for others."""
        del typed, given  # a schema does not depend on them
        return (one if isinstance(one, str) else json.dumps(one) for one in self.choices(name))


class PromptArguments:
    """The arguments of a prompt; its server may know values."""

    def __init__(self, server: str, prompt: Prompt, known: Known) -> None:
        self._server = server
        self._prompt = prompt
        self._known = known

    @property
    def names(self) -> list[str]:
        """Their names; those that must be given come first."""
        return [one.name for one in sorted(self._prompt.arguments or (), key=lambda one: not one.required)]

    def choices(self, name: str) -> list[Any]:
        """Give the JSON values that an argument may have."""
        return list(self.suggest(name, "", {}))

    def suggest(self, name: str, typed: str, given: Mapping[str, str]) -> Iterable[str]:
        """Give texts for an argument, of which `typed` is there and which follows what was given for others."""
        start = typed.lstrip("'\"")
        return self._known.ask(Question(self._server, "prompt", self._prompt.name, name, start, given))


class TemplateArguments:
    """The variables of a resource template; its server may know values."""

    def __init__(self, server: str, template: str, known: Known) -> None:
        self._server = server
        self._template = template
        self._known = known

    @property
    def names(self) -> list[str]:
        """Their names, in the template's order; none of a template that the SDK cannot read."""
        from mcp.shared.uri_template import InvalidUriTemplate, UriTemplate  # noqa: PLC0415  half a second; now there

        try:
            return UriTemplate.parse(self._template).variable_names
        except InvalidUriTemplate:
            return []

    def choices(self, name: str) -> list[Any]:
        """Give the JSON values that a variable may have."""
        return list(self.suggest(name, "", {}))

    def suggest(self, name: str, typed: str, given: Mapping[str, str]) -> Iterable[str]:
        """Give texts for a variable, of which `typed` is there and which follows what was given for others."""
        start = typed.lstrip("'\"")
        return self._known.ask(Question(self._server, "template", self._template, name, start, given))
