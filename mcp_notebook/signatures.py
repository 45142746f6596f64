"""A tool as a Python function, whose signature and docstring come from the tool's schema, for Tab and Shift-Tab.

Knows how Python writes what JSON Schema says. Refuses to check anything with it: `arguments` does, by the schema.
"""

from __future__ import annotations

import inspect
import json
import keyword
import textwrap
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Union, cast

from mcp_notebook.display import clean
from mcp_notebook.results import Result
from mcp_notebook.schemas import Schema, alternatives, describe_schema, properties, resolve

if TYPE_CHECKING:
    from mcp_types import Tool

__all__ = ["Call", "describe_tool", "is_name", "new_function", "new_signature"]

Call = Callable[[str, dict[str, Any]], Result]
"""Calls a tool: by its name, with its arguments."""

_TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": None,
}
_DEEPEST = 4


def is_name(text: str) -> bool:
    """Whether Python takes a text as the name of an attribute or argument."""
    return text.isidentifier() and not keyword.iskeyword(text)


def new_function(tool: Tool, server: str, call: Call) -> Callable[..., Result]:
    """Make a function that calls a tool.

    Args:
        tool: as the server described it.
        server: the connection's name, for the docstring.
        call: calls it.
    """

    def function(*mappings: Any, **more: Any) -> Result:
        if len(mappings) > 1 or not all(isinstance(each, Mapping) for each in mappings):
            first = next(iter(properties(tool.input_schema)), "name")
            raise TypeError(f"{tool.name} takes its arguments by name, such as {first}=...")
        return call(tool.name, {**dict(*mappings), **more})

    function.__name__ = function.__qualname__ = tool.name
    function.__doc__ = describe_tool(tool, server)
    # The name that `inspect` looks for; typing knows no such attribute of functions.
    function.__signature__ = new_signature(tool.input_schema)  # pyright: ignore[reportFunctionMemberAccess]
    return function


def new_signature(schema: Schema) -> inspect.Signature:
    """Make the signature of a tool: required arguments first, all by keyword; `...` stands for what is not sent.

    Args:
        schema: the tool's input schema. Arguments whose names Python cannot take go into a mapping, the first argument.
    """
    required = cast("list[str]", schema.get("required") or [])
    named = sorted(properties(schema).items(), key=lambda item: item[0] not in required)
    parameters = [_parameter(name, one, schema, required=name in required) for name, one in named if is_name(name)]
    if len(parameters) < len(named):
        first = inspect.Parameter(
            "arguments", inspect.Parameter.POSITIONAL_ONLY, default=..., annotation=Mapping[str, Any]
        )
        parameters.insert(0, first)
    return inspect.Signature(parameters, return_annotation=Result)


def _parameter(name: str, schema: Any, root: Schema, *, required: bool) -> inspect.Parameter:
    default = inspect.Parameter.empty if required else resolve(schema, root).get("default", ...)
    annotation = _annotation(schema, root)
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _annotation(schema: Any, root: Schema, depth: int = 0) -> Any:
    schema = resolve(schema, root)
    choices = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    if choices and all(isinstance(one, str | int | bool | None) for one in choices):
        return Literal[tuple(choices)]
    options = alternatives(schema) if "type" not in schema and depth < _DEEPEST else []
    if options:
        return _union([_annotation(option, root, depth + 1) for option in options])
    kinds = schema.get("type")
    if kinds == "array" and "items" in schema and depth < _DEEPEST:
        item = _annotation(schema["items"], root, depth + 1)
        return list if item is Any else list[item]
    return _union([_TYPES.get(kind, Any) for kind in ([kinds] if isinstance(kinds, str) else kinds or [""])])


def _union(kinds: list[Any]) -> Any:
    return Any if Any in kinds else Union[tuple(kinds)]  # noqa: UP007  made from values, which `|` cannot


def describe_tool(tool: Tool, server: str) -> str:
    """Write a tool's docstring: what it does, its arguments, what it is called.

    Args:
        tool: as the server described it; its words are shown, never run.
        server: the connection's name.
    """
    schema = tool.input_schema
    required = schema.get("required") or ()
    text = clean(tool.description or tool.title or "").strip() or f"The tool {tool.name}."
    arguments = [
        _describe_argument(name, one, schema, required=name in required) for name, one in properties(schema).items()
    ]
    parts = [
        inspect.cleandoc(text),
        "\n".join(["Args:", *arguments]) if arguments else "",
        f"Calls {server}.{tool.name}.",
    ]
    return clean("\n\n".join(filter(None, parts)))


def _describe_argument(name: str, schema: Any, root: Schema, *, required: bool) -> str:
    resolved = resolve(schema, root)
    optional = "" if required else ", optional"
    default = (
        ""
        if resolved.get("default") is None
        else f", {json.dumps(resolved['default'], ensure_ascii=False)} if left out"
    )
    what = " ".join(str(resolved.get("description") or "").split())
    head = f"{name} ({describe_schema(schema, root)}{default or optional})"
    return textwrap.indent(f"{head}: {what}" if what else head, "    ")
