"""Commands about tools: `%mcp tools`, `%mcp tool`, `%mcp call`."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any, cast

from mcp_notebook.arguments import read_arguments
from mcp_notebook.errors import NothingFound, UsageError
from mcp_notebook.magics.command import Command, Invocation, Options
from mcp_notebook.magics.keeping import add_keeping_options, check_keeping_options, keep
from mcp_notebook.magics.progress import ProgressBar
from mcp_notebook.tools import ToolPage, search_tools, tool_table

if TYPE_CHECKING:
    from mcp_notebook.display import Table

__all__ = ["CALL", "TOOL", "TOOLS"]

_TOOLS_USAGE = "%mcp tools [SERVER] [-s TEXT] [--schema]"
_TOOL_USAGE = "%mcp tool [SERVER.]TOOL"
_CALL_USAGE = "%mcp call [SERVER.]TOOL a=1 b:=JSON row=$name [-o NAME] [--df] [--raw] [--timeout SECONDS]"


def _tools(invocation: Invocation) -> Table | ToolPage:
    options = Options(_TOOLS_USAGE)
    options.add_argument("server", metavar="SERVER", nargs="?")
    options.add_argument("-s", dest="text", metavar="TEXT", default="")
    options.add_argument("--schema", action="store_true")
    read = options.parse_intermixed_args(invocation.words)
    host = invocation.host
    sessions = [host.get(read.server)] if read.server else host.open_sessions
    prefix = len(sessions) > 1
    tools = [
        (f"{session.name}.{tool.name}" if prefix else tool.name, tool)
        for session in sessions
        for tool in session.list_tools()
    ]
    found = search_tools(tools, read.text)
    if read.text and not found:
        raise NothingFound("tool", read.text, "%mcp tools")
    return ToolPage(found, whole_schemas=True) if read.schema else tool_table(found)


def _tool(invocation: Invocation) -> ToolPage:
    options = Options(_TOOL_USAGE)
    options.add_argument("tool", metavar="TOOL")
    name = options.parse_args(invocation.words).tool
    _, tool = invocation.host.get_owner(name)
    return ToolPage([(name, tool)])


@functools.cache  # making it costs as much as the rest of the line
def _call_options() -> Options:
    options = Options(_CALL_USAGE)
    options.add_argument("words", nargs="*")
    add_keeping_options(options)
    options.add_argument("--timeout", type=float, metavar="SECONDS")
    return options


def _call(invocation: Invocation) -> Any:
    read = _call_options().parse_intermixed_args(invocation.words)
    if not read.words:
        raise UsageError("Say which tool", _CALL_USAGE)
    check_keeping_options(read, _CALL_USAGE)
    session, tool = invocation.host.get_owner(read.words[0])
    try:
        given = read_arguments(read.words[1:], tool.name, tool.input_schema, invocation.shell.user_ns)
        given |= read_body(invocation.body)
    except ValueError as error:
        raise UsageError(str(error), _CALL_USAGE) from None
    timeout = invocation.settings.timeout if read.timeout is None else read.timeout
    with ProgressBar(tool.name, invocation.shell) as progress:
        result = session.call(tool.name, given, timeout=timeout, on_progress=progress)
    return keep(result, read, invocation)


def read_body(body: str | None) -> dict[str, Any]:
    """Read the arguments below a `%%mcp call` line: a JSON object, or a YAML mapping where PyYAML is there.

    Raises:
        ValueError: it is neither.
    """
    if body is None or not body.strip():
        return {}
    try:
        value = json.loads(body)
    except ValueError as error:
        value = _read_yaml(body, error)
    if not isinstance(value, dict):
        raise ValueError("The lines below must be a JSON object or a YAML mapping of the tool's arguments")  # noqa: TRY004  a person's text, no type
    return cast("dict[str, Any]", value)


def _read_yaml(body: str, json_error: ValueError) -> Any:
    try:
        import yaml  # noqa: PLC0415  optional
    except ImportError:
        raise ValueError(f"The lines below are not JSON ({json_error}), and for YAML PyYAML is missing") from None
    try:
        return yaml.safe_load(body)
    except yaml.YAMLError as error:
        raise ValueError(f"The lines below are neither JSON ({json_error}) nor YAML ({error})") from None


TOOLS = Command(
    "tools",
    _TOOLS_USAGE,
    "say what the servers can do; -s chooses by words, --schema shows the whole schemas",
    _tools,
    example="%mcp tools -s time",
)
TOOL = Command(
    "tool",
    _TOOL_USAGE,
    "say all about one tool, with a line that calls it",
    _tool,
    example="%mcp tool time.convert_time",
)
CALL = Command(
    "call",
    _CALL_USAGE,
    "call a tool; with %% its arguments are below, as JSON or YAML",
    _call,
    takes_body=True,
    example="%mcp call get_current_time timezone=Asia/Seoul -o now",
)
