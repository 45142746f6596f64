"""Configuration files as their hosts write them, and a real server connected from each form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import mcp_notebook
from mcp_notebook.config import HTTPServer, Input, OAuthClient, StdioServer
from mcp_notebook.config_files import choose_entries, read_config, read_config_file
from mcp_notebook.errors import ConfigInvalid, ConfigNotFound, NotAllConnected, NotInConfig, VariableUnset
from mcp_notebook.host import get_host
from support.everything import EVERYTHING, everything_at_url
from support.node import node_command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psutil

    from mcp_notebook.config_files import Entry
    from mcp_notebook.session import Session

CLAUDE_CODE = """{
  "mcpServers": {
    "time": {"command": "python", "args": ["-m", "mcp_server_time"], "env": {"ZONE": "${ZONE:-UTC}"}},
    "api": {"type": "http", "url": "${BASE:-https://api.example.com}/mcp", "headers": {"Authorization": "Bearer ${T}"}},
    "old": {"type": "sse", "url": "https://old.example.com/events"}
  }
}"""

VS_CODE = """\ufeff{
  // Asked for when the server starts
  "inputs": [
    {"type": "promptString", "id": "api-key", "description": "API key", "password": true},
    {"type": "pickString", "id": "region", "options": ["us", {"label": "Europe", "value": "eu"}], "default": "eu"},
  ],
  "servers": {
    "git": {
      "type": "stdio",
      "command": "${workspaceFolder}/.venv/bin/python",
      "args": ["-m", "mcp_server_git", "--depth", 3,],
      "env": {"KEY": "${input:api-key}", "DEBUG": true, "GONE": null},
      "envFile": "${workspaceFolder}/.env",
      "cwd": "${workspaceFolder}/src", /* where it runs */
      "dev": {"watch": "src/**"},
    },
    "docs": {"type": "http", "url": "https://docs.example.com/mcp#not-a-comment"},
  },
}"""

CURSOR = """{"mcpServers": {
  "db": {"command": "db-mcp", "env": {"URL": "${env:DATABASE_URL}"}, "envFile": ".env"},
  "remote": {"url": "https://x.example.com/sse", "headers": {"X-Key": "${env:KEY}"}}
}}"""

CLAUDE_DESKTOP = (
    """{"globalShortcut": "", "mcpServers": {"files": {"command": "npx", "args": ["-y", "files", "/x"]}}}"""
)

WINDSURF = """{"mcpServers": {
  "remote": {"serverUrl": "https://x.example.com/mcp", "disabled": true},
  "cline": {"type": "streamableHttp", "url": "https://y.example.com/mcp", "timeout": 60, "autoApprove": ["a"]},
  "roo": {"type": "streamable-http", "url": "https://z.example.com/mcp", "enabled": false},
  "gemini": {"httpUrl": "https://g.example.com/mcp"}
}}"""


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def definitions(entries: list[Entry]) -> dict[str, Any]:
    return {entry.name: entry.get_definition() for entry in entries}


def test_claude_codes_file_is_read(tmp_path: Path) -> None:
    assert definitions(read_config_file(write(tmp_path, ".mcp.json", CLAUDE_CODE))) == {
        "time": StdioServer("python", ("-m", "mcp_server_time"), {"ZONE": "${ZONE:-UTC}"}),
        "api": HTTPServer("${BASE:-https://api.example.com}/mcp", {"Authorization": "Bearer ${T}"}),
        "old": HTTPServer("https://old.example.com/events", era="legacy", sse=True),
    }


OAUTH = {
    "claude code": {"oauth": {"clientId": "me", "callbackPort": 8765, "scopes": "read write", "other": 1}},
    "gemini": {"oauth": {"enabled": True, "clientId": "me", "clientSecret": "${S}", "scopes": ["read"]}},
    "cursor": {"auth": {"CLIENT_ID": "${env:ID}", "CLIENT_SECRET": "${env:S}"}},
    "nothing": {"oauth": {"enabled": True}},
    "no object": {"oauth": True, "auth": "bearer"},
}


def test_what_a_notebook_is_registered_as_is_read_in_every_hosts_words(tmp_path: Path) -> None:
    servers = {name: {"url": "https://x.example.com/mcp", **said} for name, said in OAUTH.items()}
    read = definitions(read_config_file(write(tmp_path, "mcp.json", json.dumps({"mcpServers": servers}))))
    assert {name: definition.oauth for name, definition in read.items()} == {
        "claude code": OAuthClient("me", scopes=("read", "write"), callback_port=8765),
        "gemini": OAuthClient("me", "${S}", scopes=("read",)),
        "cursor": OAuthClient("${env:ID}", "${env:S}"),
        "nothing": None,
        "no object": None,
    }


def test_vs_codes_file_is_read_with_its_comments_inputs_and_folder(tmp_path: Path) -> None:
    entries = read_config_file(write(tmp_path, ".vscode/mcp.json", VS_CODE))
    assert definitions(entries) == {
        "git": StdioServer(
            "${workspaceFolder}/.venv/bin/python",
            ("-m", "mcp_server_git", "--depth", "3"),
            {"KEY": "${input:api-key}", "DEBUG": "true"},
            cwd="${workspaceFolder}/src",
            env_file="${workspaceFolder}/.env",
        ),
        "docs": HTTPServer("https://docs.example.com/mcp#not-a-comment"),
    }
    place = entries[0].place
    assert place.workspace == tmp_path
    assert place.inputs == {"api-key": Input("API key"), "region": Input("", "eu", ("us", "eu"))}


def test_the_files_of_other_hosts_are_read(tmp_path: Path) -> None:
    assert definitions(read_config_file(write(tmp_path, ".cursor/mcp.json", CURSOR))) == {
        "db": StdioServer("db-mcp", env={"URL": "${env:DATABASE_URL}"}, env_file=".env"),
        "remote": HTTPServer("https://x.example.com/sse", {"X-Key": "${env:KEY}"}, "legacy", sse=True),
    }
    assert definitions(read_config_file(write(tmp_path, "claude_desktop_config.json", CLAUDE_DESKTOP))) == {
        "files": StdioServer("npx", ("-y", "files", "/x"))
    }
    windsurf = read_config_file(write(tmp_path, "mcp_config.json", WINDSURF))
    assert definitions(windsurf) == {
        "remote": HTTPServer("https://x.example.com/mcp"),
        "cline": HTTPServer("https://y.example.com/mcp"),
        "roo": HTTPServer("https://z.example.com/mcp"),
        "gemini": HTTPServer("https://g.example.com/mcp"),
    }
    assert [entry.name for entry in choose_entries(windsurf, [], "x")] == ["cline", "gemini"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a": 1 "b": 2}', 'it is no JSON, not even with comments (line 1, column 9: unexpected """)'),
        ("", "it is no JSON, not even with comments (Empty strings are not legal JSON5)"),
        ("[]", "it is no JSON object"),
        ("{}", 'it has no servers: they stand under "mcpServers", or under "servers" as in VS Code'),
    ],
)
def test_a_file_that_is_no_configuration_is_refused_with_the_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, problem: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "mcp.json", text)
    with pytest.raises(ConfigInvalid) as invalid:
        read_config(Path("mcp.json"))
    assert str(invalid.value) == f"mcp.json: {problem}."


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({}, 'has neither a "command" nor a "url"'),
        ({"type": "stdio"}, 'has no "command"'),
        ({"type": "pigeon"}, "has the type 'pigeon'; there are stdio, http and sse"),
        ({"url": "unix:///x"}, "has a URL that begins neither with http:// nor with https://, but with 'unix:///'"),
        ({"command": ["a"]}, 'has "command" that is no text'),
        ({"command": "a", "args": "b"}, 'has "args" that is no list'),
        ({"command": "a", "env": {"A": []}}, 'has something in "env" that is no text'),
        ("python", "is no JSON object"),
    ],
)
def test_an_entry_that_cannot_be_used_says_why_and_spoils_no_other(tmp_path: Path, entry: Any, problem: str) -> None:
    file = write(tmp_path, "mcp.json", json.dumps({"servers": {"bad": entry, "good": {"command": "x"}}}))
    bad, good = read_config_file(file)
    assert good.get_definition() == StdioServer("x")
    with pytest.raises(ConfigInvalid) as invalid:
        bad.get_definition()
    assert str(invalid.value) == f"{file}: the server 'bad' {problem}."


def test_what_is_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigNotFound) as file:
        read_config(Path("mcp.json"))
    assert str(file.value) == "There is no file mcp.json. %mcp connect --config shows what the usual files have."
    with pytest.raises(ConfigNotFound) as folder:
        read_config(tmp_path)
    assert str(folder.value) == (
        f"There is no configuration file with servers in {tmp_path}. Looked for .mcp.json, mcp.json, .vscode/mcp.json, "
        ".cursor/mcp.json, claude_desktop_config.json."
    )
    write(tmp_path, "mcp.json", CLAUDE_CODE)
    entries, where = read_config(Path("mcp.json"))
    with pytest.raises(NotInConfig) as name:
        choose_entries(entries, ["tme"], where)
    assert str(name.value) == "mcp.json has no server 'tme'. It has: time, api, old. Did you mean 'time'?"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, with a project in it; the current folder is below that."""
    for name in ("XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "project" / ".git").mkdir(parents=True)
    (tmp_path / "project" / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "project" / "notebooks")
    return tmp_path


def one_server(name: str) -> str:
    return json.dumps({"mcpServers": {"same": {"command": name}, name: {"command": name}}})


def test_the_usual_places_are_searched_the_nearest_first(home: Path) -> None:
    write(home, "mcp.json", one_server("above-the-repository"))
    write(home, "project/.mcp.json", one_server("repository"))
    write(home, "project/notebooks/.vscode/mcp.json", one_server("here"))
    write(home, ".cursor/mcp.json", one_server("own"))
    write(home, ".claude.json", '{"numStartups": 3}')
    entries, where = read_config(None)
    assert definitions(entries) == {
        "same": StdioServer("here"),
        **{name: StdioServer(name) for name in ("here", "repository", "own")},
    }
    assert where == ".vscode/mcp.json and ~/project/.mcp.json and ~/.cursor/mcp.json"
    workspaces = {entry.name: entry.place.workspace for entry in entries}
    project = home / "project"
    assert workspaces["repository"] == project
    assert workspaces["here"] == workspaces["own"] == project / "notebooks"
    assert list(definitions(read_config(project)[0])) == ["same", "repository"]


@pytest.fixture
def connect_config(connect: Callable[..., Session]) -> Callable[..., dict[str, Session]]:
    """`mcp_notebook.connect_config`; all sessions are closed afterwards."""
    assert connect
    return mcp_notebook.connect_config


def environment_of(session: Session) -> dict[str, str]:
    return json.loads(session.call("get-env").text)


STDIO_FORMS = {
    "mcp.json": ("mcpServers", "${KEY_OF_TEST}"),
    ".mcp.json": ("mcpServers", "${UNSET_IN_TEST:-${KEY_OF_TEST}}"),
    ".vscode/mcp.json": ("servers", "${input:key-of-test}"),
    ".cursor/mcp.json": ("mcpServers", "${env:KEY_OF_TEST}"),
    "claude_desktop_config.json": ("mcpServers", "plain-text-secret"),
}


@pytest.mark.parametrize("name", STDIO_FORMS)
def test_a_real_server_is_connected_from_each_form(
    children: Callable[[], list[psutil.Process]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    connect_config: Callable[..., dict[str, Session]],
    name: str,
) -> None:
    monkeypatch.setenv("KEY_OF_TEST", "plain-text-secret")
    key, value = STDIO_FORMS[name]
    command, *args = node_command(EVERYTHING)
    entry = {"command": command, "args": [*args, "stdio"], "env": {"API_KEY": value}}
    if name == ".vscode/mcp.json":
        entry |= {"type": "stdio", "envFile": "${workspaceFolder}/.env"}
        write(tmp_path, ".env", "FROM_FILE=secret-in-a-file\n")
    file = write(tmp_path, name, f"// a comment\n{json.dumps({key: {'everything': entry}})}")
    session = connect_config(file)["everything"]
    environment = environment_of(session)
    assert environment["API_KEY"] == "plain-text-secret"
    assert environment.get("FROM_FILE") == ("secret-in-a-file" if name == ".vscode/mcp.json" else None)
    assert {process.cwd() for process in children()} == {str(tmp_path)}
    shown = f"{session!r} {session.definition!r} {session.definition.shown} {get_host().logs['everything'].messages}"
    assert "plain-text-secret" not in shown
    assert "secret-in-a-file" not in shown


@pytest.fixture(params=["streamableHttp", "sse"])
def url_entry(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    with everything_at_url(request.param) as url:
        entry = {"url": "${URL_OF_TEST}", "headers": {"X-Key": "${KEY_OF_TEST}"}}
        yield entry | ({"type": "sse"} if request.param == "sse" else {"type": "http"}) | {"for_test": url}


def test_a_real_server_is_connected_by_url_over_both_transports(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    connect_config: Callable[..., dict[str, Session]],
    url_entry: dict[str, Any],
) -> None:
    monkeypatch.setenv("KEY_OF_TEST", "plain-text-secret")
    monkeypatch.setenv("URL_OF_TEST", url_entry.pop("for_test"))
    write(tmp_path, ".vscode/mcp.json", json.dumps({"servers": {"everything": url_entry}}))
    session = connect_config(tmp_path, "everything")["everything"]
    assert session.call("echo", message="hello").text == "Echo: hello"
    assert session.definition.shown == "${URL_OF_TEST}"
    assert "plain-text-secret" not in f"{session.definition!r}"


def test_all_are_connected_at_once_and_those_that_fail_are_told_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, connect_config: Callable[..., dict[str, Session]]
) -> None:
    monkeypatch.delenv("MISSING", raising=False)
    time = {"command": "python", "args": ["-m", "mcp_server_time"]}
    servers: dict[str, Any] = {f"time{number}": time for number in range(3)}
    servers |= {"off": time | {"disabled": True}, "unset": {"command": "${MISSING}"}, "none": {"command": "no-such"}}
    file = write(tmp_path, "mcp.json", json.dumps({"mcpServers": servers}))
    with pytest.raises(NotAllConnected) as failed:
        connect_config(file)
    assert str(failed.value) == "2 of 5 servers could not be connected to. Connected: time0, time1, time2."
    lines = failed.value._render_traceback_()
    assert len(lines) == 3
    assert "unset's command in " in lines[1]
    assert "there is no command 'no-such'" in lines[2]
    assert [session.state for session in get_host().sessions.values()] == ["open"] * 3
    with pytest.raises(VariableUnset):
        connect_config(file, "unset")
    assert connect_config(file, "off")["off"].state == "open"


def test_restarting_connects_anew_to_the_same_server(connect: Callable[..., Session]) -> None:
    first = connect("time", StdioServer("python", ("-m", "mcp_server_time")))
    second = get_host().restart("time")
    assert (first.state, second.state) == ("closed", "open")
    assert second.definition == first.definition
