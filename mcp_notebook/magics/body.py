"""The lines below a `%%mcp call` line: a tool's arguments as JSON or YAML, with `$name` for an object of the notebook.

    {"rows": $df, "limit": 3}          rows: $df

Knows that what stands in quotes is a text, here as in a line. Refuses to need YAML's package for plain JSON.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

from mcp_notebook.arguments import OBJECT
from mcp_notebook.display import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["read_body"]


def read_body(body: str | None, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Read arguments: a JSON object, or a YAML mapping where PyYAML is there.

    Args:
        body: the lines; None for a line of its own.
        variables: where `$name` is looked up.

    Raises:
        ValueError: it is neither, or `$name` names nothing.
    """
    if body is None or not body.strip():
        return {}
    try:
        value = json.loads(body)
    except ValueError as error:
        value = _read_yaml(body, variables, error)
    if not isinstance(value, dict):
        problem = "The lines below must be a JSON object or a YAML mapping of the tool's arguments"
        raise ValueError(f'{problem}, such as {{"NAME": "VALUE"}} or NAME: VALUE')  # noqa: TRY004  a person's text, no type
    return cast("dict[str, Any]", value)


def _read_yaml(body: str, variables: Mapping[str, Any], json_error: ValueError) -> Any:
    try:
        import yaml  # noqa: PLC0415  optional
    except ImportError:
        problem = f"The lines below are not JSON ({json_error}); for YAML and for $name run %pip install PyYAML"
        raise ValueError(problem) from None

    base: Any = yaml.SafeLoader  # of which not all is typed

    class Loader(base):  # of its own: what is added to a class is for all that use it
        pass

    def find(_loader: object, node: Any) -> Any:
        return _find_object(node.value, variables)

    # YAML tries these on scalars without quotes alone.
    Loader.add_implicit_resolver("!object", re.compile(OBJECT.pattern, re.DOTALL), ["$"])
    Loader.add_constructor("!object", find)
    try:
        return yaml.load(body, Loader)  # noqa: S506  a SafeLoader
    except yaml.YAMLError as error:
        problem = f"The lines below are neither JSON ({json_error}) nor YAML ({one_line(str(error), 200)})"
        raise ValueError(problem) from None


def _find_object(text: str, variables: Mapping[str, Any]) -> Any:
    found = OBJECT.fullmatch(text)
    if found is None:
        raise AssertionError("YAML has tried this pattern")
    if found["more"]:
        problem = f"{text} is no name of a variable: run value = {text[1:]} in another cell and write $value"
        raise ValueError(f'{problem}; for the text itself write "{text}"')
    if found["name"] not in variables:
        raise ValueError(f'This notebook has no {found["name"]!r}; for the text itself write "{text}"')
    return variables[found["name"]]
