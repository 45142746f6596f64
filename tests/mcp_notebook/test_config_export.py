from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mcp_notebook.config import HTTPServer, InProcessServer, Input, OAuthClient, Place, ServerDefinition, StdioServer
from mcp_notebook.config_export import export_config
from mcp_notebook.config_files import read_config_file
from mcp_notebook.errors import ConfigInvalid, ExportRefused

TIME = StdioServer("python", ("-m", "mcp_server_time"), {"KEY": "${TOKEN}", "LEVEL": "debug"})
API = HTTPServer("https://api.example.com/mcp", {"Authorization": "Bearer ${env:TOKEN}"})


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOKEN", "s3cret")


def exported(file: str, **definitions: ServerDefinition) -> Any:
    export_config(Path(file), definitions)
    return json.loads(Path(file).read_text())


def test_each_host_gets_its_own_dialect() -> None:
    claude_code = {
        "mcpServers": {
            "time": {
                "command": "python",
                "args": ["-m", "mcp_server_time"],
                "env": {"KEY": "${TOKEN}", "LEVEL": "debug"},
            },
            "api": {
                "type": "http",
                "url": "https://api.example.com/mcp",
                "headers": {"Authorization": "Bearer ${TOKEN}"},
            },
        }
    }
    assert exported("mcp.json", time=TIME, api=API) == claude_code
    assert exported(".mcp.json", time=TIME, api=API) == claude_code
    vs_code = exported(".vscode/mcp.json", time=TIME, api=API)
    assert vs_code["servers"]["time"] | {"args": []} == {
        "type": "stdio",
        "command": "python",
        "args": [],
        "env": {"KEY": "${env:TOKEN}", "LEVEL": "debug"},
    }
    assert vs_code["servers"]["api"]["headers"] == {"Authorization": "Bearer ${env:TOKEN}"}
    cursor = exported(".cursor/mcp.json", time=TIME)
    assert cursor["mcpServers"]["time"]["env"]["KEY"] == "${env:TOKEN}"
    plain = StdioServer("python", ("-m", "mcp_server_time"))
    assert exported("claude_desktop_config.json", time=plain) == {
        "mcpServers": {"time": {"command": "python", "args": ["-m", "mcp_server_time"]}}
    }


def test_what_was_asked_for_is_asked_for_by_vs_code_and_in_the_environment_for_others() -> None:
    place = Place(Path.cwd() / "x.json", Path.cwd(), {"api-key": Input("API key"), "r": Input("", "eu", ("us", "eu"))})
    definition = StdioServer("run", ("${input:r}", "${workspaceFolder}/x"), {"KEY": "${input:api-key}"}, place=place)
    vs_code = exported(".vscode/mcp.json", x=definition)
    assert vs_code["servers"]["x"]["args"] == ["${input:r}", "${workspaceFolder}/x"]
    assert vs_code["inputs"] == [
        {"id": "r", "description": "r", "type": "pickString", "options": ["us", "eu"], "default": "eu"},
        {"id": "api-key", "description": "API key", "type": "promptString", "password": True},
    ]
    (entry,) = read_config_file(Path(".vscode/mcp.json"))
    assert entry.get_definition() == definition
    common = exported("mcp.json", x=definition)["mcpServers"]["x"]
    assert (common["args"], common["env"]) == (["${R}", f"{Path.cwd()}/x"], {"KEY": "${API_KEY}"})


def test_paths_and_sse_and_defaults_survive_the_way_out_and_back() -> None:
    definitions = {
        "files": StdioServer("run", env={"A": "${A:-b}"}, cwd="sub", env_file=".env"),
        "old": HTTPServer("https://x.example.com/events", era="legacy", sse=True),
    }
    exported("mcp.json", **definitions)
    assert {entry.name: entry.definition for entry in read_config_file(Path("mcp.json"))} == definitions
    Path("other").mkdir()
    elsewhere = exported("other/mcp.json", **definitions)["mcpServers"]["files"]
    assert (elsewhere["cwd"], elsewhere["envFile"]) == (str(Path("sub").absolute()), str(Path(".env").absolute()))


def test_what_others_wrote_stays_as_it_is() -> None:
    theirs = '"theirs": {"command": "x", "autoApprove": ["a"]}'
    Path("mcp.json").write_text(f'{{\n\t"note": "ours — 1.0",\n\t"mcpServers": {{\n\t\t{theirs}\n\t}}\n}}\n')
    Path("mcp.json").chmod(0o600)
    content = exported("mcp.json", time=TIME)
    assert content["note"] == "ours — 1.0"
    assert list(content["mcpServers"]) == ["theirs", "time"]
    assert content["mcpServers"]["theirs"] == {"command": "x", "autoApprove": ["a"]}
    text = Path("mcp.json").read_text()
    assert text.startswith('{\n\t"note": "ours — 1.0",')
    assert Path("mcp.json").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in Path.cwd().iterdir() if file.is_file()] == ["mcp.json"]


def test_the_same_server_is_not_written_twice_and_another_one_not_over_it() -> None:
    first = export_config(Path("mcp.json"), {"time": TIME})
    before = Path("mcp.json").read_text()
    second = export_config(Path("mcp.json"), {"time": TIME})
    assert (first.written, first.present, second.written, second.present) == (["time"], [], [], ["time"])
    with pytest.raises(ExportRefused) as refused:
        export_config(Path("mcp.json"), {"new": API, "time": StdioServer("other")})
    assert str(refused.value) == (
        "time was not written to mcp.json: the file has another server of this name. Take that out first, or use "
        "another file."
    )
    assert Path("mcp.json").read_text() == before


def test_a_file_under_the_key_of_another_host_keeps_it() -> None:
    Path("mcp.json").write_text('{"servers": {}}')
    assert list(exported("mcp.json", api=API)["servers"]) == ["api"]


@pytest.mark.parametrize(
    ("definition", "part"),
    [
        (HTTPServer("https://x", {"Authorization": "Bearer abc"}), "header Authorization"),
        (StdioServer("x", env={"API_KEY": "abc"}), "variable API_KEY"),
        (StdioServer("x", ("--token", "abc")), "command"),
        (HTTPServer("https://x/?api_key=abc"), "URL"),
        (HTTPServer("https://me:abc@x/"), "URL"),
    ],
)
def test_a_secret_is_written_to_no_file(definition: ServerDefinition, part: str) -> None:
    with pytest.raises(ExportRefused) as refused:
        export_config(Path("mcp.json"), {"x": definition})
    assert str(refused.value) == (
        f"x was not written to mcp.json: its {part} has a secret in it. Connect with ${{VARIABLE}} in its place first."
    )
    assert not Path("mcp.json").exists()


@pytest.mark.parametrize(
    ("file", "definition", "problem"),
    [
        (
            "claude_desktop_config.json",
            API,
            "Claude Desktop reads only commands there; a URL is added in its settings",
        ),
        (
            "claude_desktop_config.json",
            TIME,
            "its variable KEY has ${TOKEN}, and Claude Desktop reads no variables. Add it there by hand",
        ),
        (
            ".vscode/mcp.json",
            StdioServer("${A:-b}"),
            "its command has a default for A, and VS Code knows none. Write ${A} alone",
        ),
        (
            "mcp.json",
            StdioServer("${command:pick}"),
            "its command has ${command:pick}, which only the editor knows that it was written for",
        ),
        ("mcp.json", InProcessServer(object()), "it is an object of this notebook, which no other host can reach"),
    ],
)
def test_what_a_host_could_not_use_is_refused(file: str, definition: ServerDefinition, problem: str) -> None:
    with pytest.raises(ExportRefused) as refused:
        export_config(Path(file), {"x": definition})
    assert str(refused.value) == f"x was not written to {file}: {problem}."


def test_comments_are_not_lost() -> None:
    text = '{"mcpServers": {"time": {"command": "python"}, /* mine */}}'
    Path("mcp.json").write_text(text)
    assert export_config(Path("mcp.json"), {"time": StdioServer("python")}).present == ["time"]
    with pytest.raises(ConfigInvalid) as invalid:
        export_config(Path("mcp.json"), {"api": API})
    assert str(invalid.value) == (
        "mcp.json: writing it would lose its comments. Export to another file, and copy the servers from there."
    )
    assert Path("mcp.json").read_text() == text


def test_a_folder_that_is_not_there_is_said() -> None:
    with pytest.raises(ConfigInvalid) as invalid:
        export_config(Path("nowhere/mcp.json"), {"api": API})
    assert str(invalid.value) == "nowhere/mcp.json: it cannot be written: No such file or directory."


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("mcp.json", {"oauth": {"clientId": "me", "clientSecret": "${TOKEN}", "scopes": "a b", "callbackPort": 8765}}),
        (".cursor/mcp.json", {"auth": {"CLIENT_ID": "me", "CLIENT_SECRET": "${env:TOKEN}", "scopes": ["a", "b"]}}),
    ],
)
def test_what_a_notebook_is_registered_as_is_written_in_the_hosts_words(file: str, said: dict[str, Any]) -> None:
    api = HTTPServer(API.url, oauth=OAuthClient("me", "${TOKEN}", scopes=("a", "b"), callback_port=8765))
    assert exported(file, api=api)["mcpServers"]["api"] == {"type": "http", "url": API.url, **said}
    assert export_config(Path(file), {"api": api}).present == ["api"]


def test_a_client_secret_is_written_by_its_variable_only() -> None:
    with pytest.raises(ExportRefused, match="OAuth client has a secret"):
        exported("mcp.json", api=HTTPServer(API.url, oauth=OAuthClient("me", "s3cret-of-mine")))
