"""Each error that a person can see: one line, and the line."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

import pytest
from mcp_types import CallToolResult, TextContent

from mcp_notebook import errors
from mcp_notebook.errors import HostError
from mcp_notebook.errors.connecting import NO_TLS
from mcp_notebook.results import Result

if TYPE_CHECKING:
    from collections.abc import Sequence

MANY = [f"server{number}" for number in range(12)]
URL = "http://127.0.0.1:1/x"

SENTENCES: Sequence[tuple[HostError, str]] = [
    (errors.UsageError("Say which tool", "%mcp tool TOOL"), "Say which tool. Usage: %mcp tool TOOL"),
    (
        errors.NoJupyterServer(),
        "No Jupyter server runs here, so there is no page to show. Start one, for example with `jupyter lab`.",
    ),
    (
        errors.NotInJupyter(),
        (
            "Only a kernel that a Jupyter server has started can publish: hosts come through that server. Open this "
            "notebook with `jupyter lab`; in an editor, choose an existing Jupyter server."
        ),
    ),
    (
        errors.NameUnfit("my shop"),
        "'my shop' cannot be published: a name has letters, digits, '_', '.' and '-', as in --name sales.",
    ),
    (
        errors.NameTaken("shop", "0f3a"),
        ("Another kernel (0f3a) publishes 'shop'. Choose another name with --name, or say %mcp unpublish shop there."),
    ),
    (errors.NotPublished("shop", []), "This notebook does not publish 'shop'. It publishes nothing."),
    (
        errors.PublishFailed("shop", ValueError("no\nstock")),
        "'shop' could not be published: ValueError: no stock",
    ),
    (
        errors.NoModel(),
        (
            "There is no language model to ask. Say which: %mcp model anthropic:NAME, %mcp model openai:NAME, or one "
            "on your computer with --url."
        ),
    ),
    (errors.NoAnswer("poet-1 is tired."), "poet-1 is tired."),
    (
        errors.UnknownVariable("slaes", " Did you mean 'sales'?"),
        "This notebook has no 'slaes'. Did you mean 'sales'? For the text itself write \\$slaes.",
    ),
    (
        errors.CommandNotFound("time", "uvxx"),
        "time: there is no command 'uvxx' in this kernel's environment or on PATH. Install it, or give its whole path.",
    ),
    (
        errors.CommandNotFound("time", "uvx mcp-server-time"),
        (
            "time: there is no command 'uvx mcp-server-time' in this kernel's environment or on PATH. Write it without "
            "the quotes around the whole of it: -- uvx mcp-server-time"
        ),
    ),
    (
        errors.ServerExited("time", "its process exited with code 1", ["no\nlicence"]),
        (
            "time: the server ended before it was connected (its process exited with code 1); its last words:\n"
            "  | no licence"
        ),
    ),
    (
        errors.ServerExited("time", "its process exited with code 1", []),
        "time: the server ended before it was connected (its process exited with code 1); it wrote nothing to stderr.",
    ),
    (
        errors.ServerUnreachable("x", URL, "connection refused"),
        f"x: nothing answers at {URL} (connection refused). Is the server running, and the address right?",
    ),
    (
        errors.ServerUnreachable("x", "https://127.0.0.1:1/x", NO_TLS),
        "x: nothing answers at https://127.0.0.1:1/x (no TLS is spoken there). Try http:// in place of https://",
    ),
    (
        errors.ServerRefused("x", URL, 404, "Not Found", connecting_by_sse=False),
        (
            f"x: {URL} answered 404: Not Found. Is it the address of an MCP server? It has a path of its own; the path "
            "is usually /mcp"
        ),
    ),
    (
        errors.ServerRefused("x", f"{URL}/mcp", 400, "Bad Request", connecting_by_sse=False),
        f"x: {URL}/mcp answered 400: Bad Request. Is it the address of an MCP server? It has a path of its own",
    ),
    (
        errors.ServerRefused("x", f"{URL}/sse", 405, "Method Not Allowed", connecting_by_sse=False),
        f"x: {URL}/sse answered 405: Method Not Allowed. A path /sse usually means the older HTTP+SSE: add --sse",
    ),
    (
        errors.ServerRefused("x", URL, 400, "Bad Request", connecting_by_sse=True),
        (
            f"x: {URL} answered 400: Bad Request. Most servers speak Streamable HTTP: leave out --sse, and the path is "
            "usually /mcp"
        ),
    ),
    (
        errors.ServerRefused("x", URL, 404, "Session not found"),
        f"x: {URL} answered 404: Session not found. It may have forgotten the session: %mcp restart x",
    ),
    (
        errors.ServerRefused("x", URL, 401, "Unauthorized", connecting_by_sse=False),
        f'x: {URL} answered 401: Unauthorized. If it wants a token: -H "Authorization: Bearer ${{TOKEN}}"',
    ),
    (
        errors.HandshakeFailed("x", "it closed its output"),
        "x: no MCP connection came about: it closed its output. See %mcp log x --raw",
    ),
    (
        errors.ConnectTimedOut("x", 60, ["Downloading"]),
        (
            "x: no answer within 60 s. Is it an MCP server? If it had to download something first, run the cell "
            "again.\n"
            "  | Downloading"
        ),
    ),
    (
        errors.RegistryFailed("https://r", "no"),
        'The registry at https://r gave no answer: no. Another registry: %config MCPMagics.registry = "https://..."',
    ),
    (
        errors.NotConnectable("a/b", "it is not there"),
        "a/b cannot be connected to from the registry: it is not there. %mcp registry search finds others.",
    ),
    (errors.SignInFailed("x", "it was declined."), "x: you are not signed in: it was declined."),
    (
        errors.NotAllConnected({"x": errors.HandshakeFailed("x", "no")}, MANY),
        (
            "1 of 13 servers could not be connected to. Connected: server0, server1, server2, server3, server4 and 7 "
            "more.\n  | x: no MCP connection came about: no. See %mcp log x --raw"
        ),
    ),
    (
        errors.VariableUnset("x", {"TOKEN": "header Authorization"}, None),
        (
            "x's header Authorization needs the environment variable TOKEN, which is not set. Set it before Jupyter "
            "starts, or in a cell: import os; os.environ['TOKEN'] = ..."
        ),
    ),
    (
        errors.VariableUnset("x", {"A": "URL", "B": "header C"}, "mcp.json"),
        (
            "x in mcp.json needs the environment variables A (URL) and B (header C), which are not set. Set them "
            "before Jupyter starts, or in a cell: import os; os.environ['A'] = ..."
        ),
    ),
    (
        errors.VariableUnknown("x", "command", "${file}", "mcp.json"),
        (
            "x's command in mcp.json has ${file}, which a notebook cannot know. It knows ${VAR}, ${VAR:-default}, "
            "${env:VAR}, ${input:id}, ${workspaceFolder}, ${userHome} and ${cwd}."
        ),
    ),
    (
        errors.InputUnset("x", "variable KEY", "api-key", "API_KEY", None),
        (
            "x's variable KEY asks for 'api-key', nobody can be asked here, and the environment variable API_KEY is "
            "not set. Set it before Jupyter starts, or in a cell: import os; os.environ['API_KEY'] = ..."
        ),
    ),
    (
        errors.InputInvalid("x", "region", ["eu", "us"], None),
        "x needs one of eu, us for 'region', and got none. Run the cell again.",
    ),
    (
        errors.EnvFileMissing("x", "/a/.env", "mcp.json"),
        "x's envFile in mcp.json is /a/.env, and there is no such file. Make it, with lines NAME=value.",
    ),
    (
        errors.ConfigNotFound("mcp.json"),
        "There is no file mcp.json. %mcp connect --config shows what the usual files have.",
    ),
    (
        errors.ConfigNotFound(None, ["mcp.json", ".mcp.json"]),
        (
            "There is no configuration file with servers in this folder, its repository and your own settings. Looked "
            "for mcp.json, .mcp.json."
        ),
    ),
    (errors.ConfigInvalid("mcp.json", "line 3 is no JSON"), "mcp.json: line 3 is no JSON."),
    (
        errors.NotInConfig("server", "mcp.json", MANY),
        (
            "mcp.json has no server 'server'. It has: server0, server1, server2, server3, server4 and 7 more. Did you "
            "mean 'server9'?"
        ),
    ),
    (errors.NotInConfig("x", "mcp.json", []), "mcp.json has no server 'x': it has none at all."),
    (
        errors.ExportRefused("x", "mcp.json", "it is an object of this notebook"),
        "x was not written to mcp.json: it is an object of this notebook.",
    ),
    (
        errors.UnknownServer("x", []),
        "There is no server 'x': nothing is connected yet. Begin with %mcp connect.",
    ),
    (
        errors.UnknownServer("tim", ["git"], {"time": "lost", "notes": "closed"}),
        (
            "There is no server 'tim'. Connected: git. (time is lost: %mcp restart time; notes is closed: %mcp restart "
            "notes) Did you mean 'time'?"
        ),
    ),
    (errors.UnknownLog("x", []), "There is no log of 'x': nothing was ever connected. Begin with %mcp connect."),
    (errors.UnknownLog("tim", ["time"]), "There is no log of 'tim'. There are logs of time. Did you mean 'time'?"),
    (
        errors.UnknownTool("saw", [], None, {"time": "lost"}),
        "No connected server has a tool 'saw': there are no tools. (time is lost: %mcp restart time)",
    ),
    (errors.UnknownTool("shipp", ["shop.ship"]), "No connected server has a tool 'shipp'. Did you mean 'shop.ship'?"),
    (errors.UnknownTool("saw", []), "No connected server has a tool 'saw': there are no tools. See %mcp."),
    (
        errors.UnknownTool("saw", ["git.log"], None, {"time": "lost"}),
        "No connected server has a tool 'saw'. (time is lost: %mcp restart time)",
    ),
    (
        errors.UnknownPrompt("saw", MANY, "x"),
        "x has no prompt 'saw'. There are: server0, server1, server2, server3, server4 and 7 more.",
    ),
    (errors.UnknownResource("a://b", ["a://c"], "x"), "x has no resource 'a://b'. Did you mean 'a://c'?"),
    (
        errors.AmbiguousTool("saw", MANY),
        (
            "Several servers have a tool 'saw': say server0.saw or server1.saw or server2.saw or server3.saw or "
            "server4.saw and 7 more."
        ),
    ),
    (errors.AmbiguousPrompt("p", ["a", "b"]), "Several servers have a prompt 'p': say a.p or b.p."),
    (
        errors.AmbiguousResource("a://b", ["a", "b"]),
        "Several servers have a resource 'a://b': say %mcp read a a://b or %mcp read b a://b.",
    ),
    (
        errors.NothingFound("tool", "rain", "%mcp tools"),
        "No tool has 'rain' in its name or description. %mcp tools shows all.",
    ),
    (
        errors.NothingFound("tool", "time", "%mcp tools", "time"),
        "No tool has 'time' in its name or description. For the tools of the server time: %mcp tools time",
    ),
    (
        errors.TemplateUnreadable("a://{b", "no end"),
        "The template a://{b cannot be filled in (no end). Give the whole URI instead.",
    ),
    (
        errors.UnknownArgument("saw", "wod", "wood: string", ["wood"]),
        "saw has no argument 'wod'. Did you mean 'wood'? saw takes wood: string.",
    ),
    (
        errors.MissingArgument("saw", "wood", "wood: string"),
        "saw needs the argument 'wood'. saw takes wood: string.",
    ),
    (
        errors.WrongArgument("saw", "n", "n: integer", "is 'x', but must be integer"),
        "saw: argument 'n' is 'x', but must be integer. saw takes n: integer.",
    ),
    (
        errors.WrongArgument("saw", "n", "n: array", "is 'x', but must be array", 'n=["x"]'),
        "saw: argument 'n' is 'x', but must be array. Write n=[\"x\"]. saw takes n: array.",
    ),
    (
        errors.UnknownObject("saw", "n", "n: array", "rows"),
        "saw: argument 'n' is $rows, but this notebook has no 'rows'. For the text itself write n='$rows'.",
    ),
    (
        errors.NoBareName("saw", "n", "n: array", "df['x']"),
        (
            "saw: argument 'n' is $df['x'], but $ takes the name of a variable alone. Run value = df['x'] and write "
            "n=$value; for the text itself write n=\"$df['x']\"."
        ),
    ),
    (
        errors.ToolFailed("x", "saw", Result(CallToolResult(content=[TextContent(type="text", text="a\nb")]))),
        "x.saw failed: a b",
    ),
    (errors.ToolFailed("x", "saw", Result(CallToolResult(content=[]))), "x.saw failed: it did not say why"),
    (errors.RequestFailed("x", -32602, "Unknown\nthing"), "x answered with error -32602: Unknown thing"),
    (
        errors.CallTimedOut("x", "saw", 2),
        "x.saw gave no result within 2 s and was cancelled. To wait longer: --timeout SECONDS, or timeout= in Python.",
    ),
    (
        errors.AnswerLost("x", "saw"),
        (
            "x.saw: the connection broke off before the answer came, and it may have been done or not. Try again, or "
            "run %mcp restart x."
        ),
    ),
    (
        errors.InvalidAnswer("x", "saw", "no content."),
        "x.saw gave an answer that is not valid: no content. See %mcp log x --raw.",
    ),
    (
        errors.Disconnected("x", "its process was killed by SIGKILL", ["burned out"]),
        "x is disconnected: its process was killed by SIGKILL. Run %mcp restart x, or connect again.\n  | burned out",
    ),
    (
        errors.SessionForgotten("p"),
        (
            "This session of p ended with %mcp disconnect and does not come back; %mcp shows what is connected. To "
            "have one again: session = %mcp connect p ..."
        ),
    ),
    (
        errors.SessionReplaced("p"),
        (
            "This session of p was replaced when p was connected again; %mcp lines use the new one. For Python, get "
            "one with: session = %mcp restart p"
        ),
    ),
    (
        errors.TaskCancelled("x", "research", "the\nquota is used up"),
        "x.research: the server cancelled the task: the quota is used up",
    ),
    (errors.TaskCancelled("x", "research"), "x.research: the server cancelled the task; it did not say why"),
    (errors.NoLogging("x"), "x does not say that it sends log messages, so there is no level to set."),
    (
        errors.NotSent("x", "connection refused"),
        "x is disconnected: connection refused. Run %mcp restart x, or connect again.",
    ),
    (
        errors.NotWatched("x", "notes://today", "the server does not say when a resource changes"),
        "x: notes://today cannot be watched: the server does not say when a resource changes.",
    ),
    (
        errors.TaskRequired("x", "research"),
        (
            "x.research can only be called as a task of protocol 2025-11-25, an experiment that ended with it; this "
            "notebook knows the tasks of 2026-07-28. Other tools of it: %mcp tools x"
        ),
    ),
    (errors.NotTabular("text"), "This result is no table: it has text. See .text, .structured and .content."),
    (
        errors.TableUnreadable("CSV", "no columns"),
        "This result cannot be read as CSV: no columns. See .text and .content.",
    ),
    (
        errors.PackageMissing("polars", ".polars()"),
        ".polars() needs the package polars, which is not installed: %pip install polars",
    ),
]


def shown(error: HostError) -> list[str]:
    return [re.sub(r"\x1b\[\d+m", "", line) for line in error._render_traceback_()]


@pytest.mark.parametrize(("error", "sentence"), SENTENCES, ids=lambda one: type(one).__name__)
def test_an_error_is_one_line_and_a_servers_last_words_below(error: HostError, sentence: str) -> None:
    assert shown(error) == f"MCP: {sentence}".split("\n")
    assert "\n" not in str(error)


def test_every_error_has_its_sentence_here() -> None:
    kinds = {kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, HostError)}
    bases = {HostError, errors.ConnectFailed, errors.CallFailed, errors.DefinitionError, errors.ArgumentError}
    assert {type(error) for error, _ in SENTENCES} == kinds - bases


def test_a_long_sentence_of_a_server_stays_one_line() -> None:
    (line,) = shown(errors.RequestFailed("x", -32603, "word " * 1000))
    assert len(line) < 600


def test_an_interrupt_is_one_line() -> None:
    (line,) = errors.Interrupted()._render_traceback_()
    assert "MCP: interrupted; what was under way was cancelled, and the connections can be used." in line
