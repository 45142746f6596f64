"""Commands about tools: `%mcp tools`, `%mcp tool`, `%mcp call`."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from mcp_notebook.arguments import read_arguments
from mcp_notebook.errors import UnknownServer, UsageError
from mcp_notebook.magics.audit import tell_of_changes
from mcp_notebook.magics.body import read_body
from mcp_notebook.magics.command import Command, Invocation, Options
from mcp_notebook.magics.keeping import add_keeping_options, check_keeping_options, keep
from mcp_notebook.magics.listing import choose_sessions, list_options, say_nothing
from mcp_notebook.magics.owning import get_named, is_tool
from mcp_notebook.magics.progress import ProgressBar
from mcp_notebook.magics.task import TaskLine
from mcp_notebook.tools import ToolPage, search_tools, tool_table

if TYPE_CHECKING:
    from mcp_notebook.display import Table
    from mcp_notebook.host import Host
    from mcp_notebook.session import Session

__all__ = ["CALL", "TOOL", "TOOLS"]

_TOOLS_USAGE = "%mcp tools [SERVER] [-s TEXT] [--schema]"
_TOOL_USAGE = "%mcp tool [SERVER.]TOOL"
_CALL_USAGE = "%mcp call [SERVER.]TOOL a=1 b:=JSON row=$name [-o NAME] [--df] [--raw] [--timeout SECONDS]"


def _tools(invocation: Invocation) -> Table | ToolPage | None:
    options = list_options(_TOOLS_USAGE)
    options.add_argument("--schema", action="store_true")
    read = options.parse_intermixed_args(invocation.words)
    sessions = _choose_sessions(read.server, invocation.host)
    prefix = len(sessions) > 1
    tools = [
        (f"{session.name}.{tool.name}" if prefix else tool.name, tool)
        for session in sessions
        for tool in session.list_tools()
    ]
    tell_of_changes(sessions)
    found = search_tools(tools, read.text)
    if not found:
        return say_nothing("tool", read.text, sessions, invocation.host)
    return ToolPage(found, whole_schemas=True) if read.schema else tool_table(found)


def _choose_sessions(server: str | None, host: Host) -> list[Session]:
    try:
        return choose_sessions(server, host)
    except UnknownServer:
        if server is None or not is_tool(server, host):
            raise
        raise UsageError(f"{server!r} is a tool: %mcp tool {server} says all about it", _TOOLS_USAGE) from None


def _tool(invocation: Invocation) -> ToolPage:
    options = Options(_TOOL_USAGE)
    options.add_argument("words", nargs="*")
    words = options.parse_args(invocation.words).words
    _, tool = get_named(words, "tool", invocation.host.get_owner, invocation.host, _TOOL_USAGE)
    return ToolPage([(words[0], tool)])


@functools.cache  # making it costs as much as the rest of the line
def _call_options() -> Options:
    options = Options(_CALL_USAGE)
    options.add_argument("words", nargs="*")
    add_keeping_options(options)
    options.add_argument("--timeout", type=float, metavar="SECONDS")
    return options


def _call(invocation: Invocation) -> Any:
    read = _call_options().parse_intermixed_args(invocation.words)
    check_keeping_options(read, _CALL_USAGE)
    session, tool = get_named(read.words, "tool", invocation.host.get_owner, invocation.host, _CALL_USAGE)
    try:
        given = read_arguments(read.words[1:], tool.name, tool.input_schema, invocation.variables)
        below = read_body(invocation.body, invocation.variables)
    except ValueError as error:
        raise UsageError(str(error), _CALL_USAGE) from None
    twice = next((name for name in below if name in given), None)
    if twice is not None:
        raise UsageError(f"{twice!r} is given in the line and below it: say it once", _CALL_USAGE)
    timeout = invocation.settings.timeout if read.timeout is None else read.timeout
    with ProgressBar(tool.name, invocation.shell) as progress, TaskLine(invocation.shell) as task:
        result = session.call(tool.name, given | below, timeout=timeout, on_progress=progress, on_task=task)
    return keep(result, read, invocation)


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
    notes="""\
city=Seoul       typed by the tool's schema: a number where it wants one, else text
text="a b"       in quotes whatever has spaces; it stays as it is, a $ in it too
n:=[1, 2]        JSON, whatever the schema says; in text:="a\\nb" the \\n is a new line
rows=$df         the object itself: the name of a variable, alone; data frames become records
-o NAME          keeps the result under that name instead of showing it
--df             as a pandas data frame; what is no table stays as it is
--raw            as it was on the wire
--timeout 30     seconds to wait for the result; without it for ever, and an interrupt cancels
below %%mcp      {"rows": $df, "n": 3}, or the same as YAML; what stands in quotes is text here, too""",
)
