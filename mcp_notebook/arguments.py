"""A tool's arguments: words typed by its schema, Python objects made JSON, both checked before anything is sent.

    a=1            what the schema says that `a` is: a number, or the text "1"
    b:=[1, 2]      JSON
    row=$name      the notebook's object of that name

Knows words, schemas and values. Refuses to expand anything else, what stands in quotes included (`a='$name'` is that
text), and to be stricter than the server: where a schema cannot be understood, the server decides.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, cast

from mcp_notebook.errors import MissingArgument, NoBareName, UnknownArgument, UnknownObject, WrongArgument
from mcp_notebook.examples import new_example
from mcp_notebook.schemas import (
    Schema,
    alternatives,
    describe_arguments,
    describe_schema,
    find_problem,
    properties,
    resolve,
)
from mcp_notebook.slips import ARGUMENT, find_python, is_argument, why_no_argument
from mcp_notebook.values import to_json
from mcp_notebook.words import as_typed, is_literal, quote_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["OBJECT", "check_arguments", "check_texts", "read_arguments"]

OBJECT = re.compile(r"\$(?P<name>[A-Za-z_]\w*)(?P<more>.*)", re.DOTALL)
"""`$name`, an object of the notebook; with `more` behind it, it is a mistake. `$5` and `${x}` are texts."""

_TEXT_OF_OBJECT = re.compile(r"\$[A-Za-z_]\w*")
_BRACES = re.compile(r"\{(?P<name>[A-Za-z_]\w*)\}")
_DEEPEST = 10

# Which reading of a text is tried first: the narrowest, so that 1 is a number wherever a number is allowed.
_NARROWEST_FIRST = ("null", "boolean", "integer", "number", "array", "object", "string")


def read_arguments(words: Sequence[str], tool: str, schema: Schema, namespace: Mapping[str, Any]) -> dict[str, Any]:
    """Read a tool's arguments from words.

    Args:
        words: `name=text`, `name:=JSON` or `name=$object`.
        tool: the tool's name, for errors.
        schema: its input schema.
        namespace: where `$object` is looked up.

    Returns:
        Values by name; objects are the notebook's own.

    Raises:
        ArgumentError: a word cannot be read as this tool's argument.
        ValueError: a word is no argument at all.
    """
    arguments: dict[str, Any] = {}
    matches = list(map(ARGUMENT.fullmatch, words))
    if None in matches:
        raise ValueError(why_no_argument(words, matches.index(None), tool, schema))
    for at, (word, match) in enumerate(zip(words, filter(None, matches), strict=True)):
        name, text = match["name"], match["text"]
        if name in arguments:
            raise ValueError(f"{name!r} is given twice: say it once, and several values as a list, {name}=[1, 2]")
        if text.endswith(",") and is_argument(words, at + 1) and not is_literal(word):
            plain = text.removesuffix(",")
            problem = f"There is no comma between arguments: {name}={quote_word(plain)} {words[at + 1]}"
            raise ValueError(f"{problem}. If it belongs to the value, put that in quotes: {name}='{text}'")
        reader = _Reader(tool, name, schema)
        arguments[name] = reader.read_json(text, word) if match["json"] else reader.read_text(text, word, namespace)
    return arguments


class _Reader:
    """Reads the text of one argument."""

    def __init__(self, tool: str, name: str, root: Schema) -> None:
        self._tool = tool
        self._name = name
        self._root = root
        if not _is_known(name, root):
            raise UnknownArgument(tool, name, describe_arguments(root), properties(root))
        self._schema = properties(root).get(name, {})

    def _wrong(self, problem: str, instead: str | None = None) -> WrongArgument:
        return WrongArgument(self._tool, self._name, describe_arguments(self._root), problem, instead)

    def read_json(self, text: str, word: str) -> Any:
        try:
            return json.loads(text)
        except ValueError as error:
            # What follows := cannot be an object of the notebook, nor a text without quotes.
            instead = f"{self._name}={text}" if OBJECT.fullmatch(text) else None
            problem = f"is given with := and so must be JSON, but {text!r} is not ({error})"
            value = find_python(as_typed(word).partition(":=")[2])
            if value is not None:
                instead = f"{self._name}={json.dumps(value, ensure_ascii=False)}"
            raise self._wrong(problem, instead) from None

    def read_text(self, text: str, word: str, namespace: Mapping[str, Any]) -> Any:
        found = None if is_literal(word) else OBJECT.fullmatch(text)
        if found is not None:
            return self._read_object(found["name"], found["more"], word, namespace)
        braces = None if is_literal(word) else _BRACES.fullmatch(text)
        if braces is not None and braces["name"] in namespace:  # what other magics fill in
            instead = f"{self._name}=${braces['name']} for the object of that name, {self._name}='{text}' for the text"
            raise self._wrong(f"is {text}, and nothing is filled in for braces", instead)
        readings = sorted(_readings(text, self._schema, self._root), key=lambda one: _NARROWEST_FIRST.index(one[0]))
        if not readings:
            problem = f"is {text!r}, but must be {describe_schema(self._schema, self._root)}"
            raise self._wrong(problem, _find_instead(self._name, text, self._schema, self._root))
        if len(readings) == 1:
            return readings[0][1]
        fitting = [value for _, value in readings if find_problem(value, self._schema, self._root) is None]
        return fitting[0] if fitting else readings[0][1]

    def _read_object(self, name: str, more: str, word: str, namespace: Mapping[str, Any]) -> Any:
        takes = describe_arguments(self._root)
        if more:
            raise NoBareName(self._tool, self._name, takes, as_typed(word).partition("=$")[2])
        if name not in namespace:
            raise UnknownObject(self._tool, self._name, takes, name)
        return namespace[name]


def _find_instead(name: str, text: str, schema: Any, root: Schema) -> str | None:
    """Find what to write in place of a text that does not fit; None if nobody can say."""
    if _TEXT_OF_OBJECT.fullmatch(text):
        return f"{name}={text} without quotes for the object of that name"
    kind = resolve(schema, root).get("type")
    if kind == "boolean":
        return f"{name}=true or {name}=false"
    return _find_instead_of_value(name, [_split_list(text)], schema, root) if kind in {"array", "object"} else None


def _find_instead_of_value(name: str, better: Iterable[Any], schema: Any, root: Schema) -> str | None:
    """Find what to write where an array or an object is wanted: the first value that fits, else one as an example."""
    example = new_example(schema, root) or {"KEY": "VALUE"}
    fitting = next((one for one in (*better, example) if find_problem(one, schema, root) is None), None)
    return None if fitting is None else f"{name}={json.dumps(fitting, ensure_ascii=False)}"


def _wants_array(schema: Any, root: Schema) -> bool:
    return resolve(schema, root).get("type") == "array"


def _split_list(text: str) -> list[Any]:
    inner = text.strip().removeprefix("[").removesuffix("]")
    values = _find_json(f"[{inner}]")
    return cast("list[Any]", values) if isinstance(values, list) else [one.strip() for one in inner.split(",")]


def _is_known(name: str, schema: Schema) -> bool:
    # JSON Schema allows arguments that a schema does not mention; a tool that means it says so, the rest are typos.
    if name in properties(schema) or "properties" not in schema or "patternProperties" in schema:
        return True
    return schema.get("additionalProperties") not in (None, False)


def _readings(text: str, schema: Any, root: Schema, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Give what a text may mean under a schema, each with the type it is read as."""
    schema = resolve(schema, root)
    choices = [schema["const"]] if "const" in schema else schema.get("enum")
    if isinstance(choices, list):
        for choice in cast("list[Any]", choices):
            if text == (choice if isinstance(choice, str) else json.dumps(choice)):
                yield "string" if isinstance(choice, str) else "number", choice
        return
    options = alternatives(schema)
    if options and "type" not in schema and depth < _DEEPEST:
        for option in options:
            yield from _readings(text, option, root, depth + 1)
        return
    kinds = schema.get("type", _NARROWEST_FIRST)
    for kind in [kinds] if isinstance(kinds, str) else cast("Sequence[str]", kinds):
        yield from _read_as(kind, text)


def _read_as(kind: str, text: str) -> Iterator[tuple[str, Any]]:
    """Give the value of a text read as one of JSON Schema's types; nothing if it is none."""
    if kind == "string":
        yield kind, text
    elif kind == "null" and text in {"null", "None"}:
        yield kind, None
    elif kind == "boolean" and text.lower() in {"true", "false"}:
        yield kind, text.lower() == "true"
    elif kind in {"integer", "number"}:
        number = _find_number(text)
        if number is not None and (kind == "number" or number == int(number)):
            yield kind, number
    elif kind in {"array", "object"}:
        value = _find_json(text)
        if isinstance(value, list if kind == "array" else dict):
            yield kind, value


def _find_number(text: str) -> float | None:
    if "_" in text:  # Python would read 1_000
        return None
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _find_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def check_arguments(arguments: Mapping[str, Any], tool: str, schema: Schema) -> dict[str, Any]:
    """Make arguments JSON values, and check them against the tool's schema.

    Args:
        arguments: values by name; Python objects are turned into JSON values. None is left out where it does not fit.
        tool: the tool's name, for errors.
        schema: its input schema.

    Raises:
        ArgumentError: one is unknown, missing, has no JSON form, or does not fit the schema.
    """
    checked: dict[str, Any] = {}
    for name, value in arguments.items():
        if not _is_known(name, schema):
            raise UnknownArgument(tool, name, describe_arguments(schema), properties(schema))
        if value is not None or not _may_be_left_out(name, schema):
            checked[name] = _as_json(value, tool, name, schema)
    for name in cast("Sequence[str]", schema.get("required") or ()):
        if name not in checked:
            raise MissingArgument(tool, name, describe_arguments(schema))
    for name, value in checked.items():
        one = properties(schema).get(name, {})
        problem = find_problem(value, one, schema)
        if problem is not None:
            instead = _find_instead(name, value, one, schema) if isinstance(value, str) else None
            if isinstance(value, dict):
                instead = _find_instead_of_value(name, [[value]], one, schema) if _wants_array(one, schema) else None
            raise WrongArgument(tool, name, describe_arguments(schema), problem, instead)
    return checked


def _may_be_left_out(name: str, schema: Schema) -> bool:
    """Whether None, as in Python, says that an argument is not given: it is optional, and null would not fit it."""
    required = name in cast("Sequence[str]", schema.get("required") or ())
    return not required and find_problem(None, properties(schema).get(name, {}), schema) is not None


def check_texts(arguments: Mapping[str, Any], owner: str, schema: Schema) -> dict[str, Any]:
    """Make arguments texts where only texts can be sent, and check them against a schema.

    Args:
        arguments: values by name; what is no text is written as JSON, and None is left out.
        owner: what takes them, for errors: a prompt's name, or a URI template.
        schema: of which each argument is a string or an array of strings.

    Raises:
        ArgumentError: one is unknown, missing or has no JSON form.
    """
    given = {name: _as_json(value, owner, name, schema) for name, value in arguments.items() if value is not None}
    arrays = {name for name, one in properties(schema).items() if one.get("type") == "array"}
    texts = {name: [*map(_as_text, value)] if name in arrays else _as_text(value) for name, value in given.items()}
    return check_arguments(texts, owner, schema)


def _as_json(value: Any, owner: str, name: str, schema: Schema) -> Any:
    try:
        return to_json(value)
    except TypeError as error:
        raise WrongArgument(owner, name, describe_arguments(schema), f"cannot be sent: {error}") from None


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
