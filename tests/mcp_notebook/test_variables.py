from __future__ import annotations

from pathlib import Path

import pytest

from mcp_notebook.config import HTTPServer, Input, Place, StdioServer
from mcp_notebook.errors import EnvFileMissing, InputInvalid, InputUnset, VariableUnknown, VariableUnset
from mcp_notebook.variables import resolve


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "s3cret-token")
    monkeypatch.setenv("EMPTY", "")
    for name in ("MISSING", "ALSO_MISSING", "API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / ".vscode" / "mcp.json", tmp_path, {"api-key": Input("Key")})


def url_of(text: str, place: Place | None = None) -> str:
    definition, _ = resolve("x", HTTPServer(text, place=place))
    assert isinstance(definition, HTTPServer)
    return definition.url


@pytest.mark.parametrize(
    ("written", "expanded"),
    [
        ("${TOKEN}", "s3cret-token"),
        ("${env:TOKEN}", "s3cret-token"),
        ("${TOKEN:-other}", "s3cret-token"),
        ("${MISSING:-other}", "other"),
        ("${env:MISSING:-other}", "other"),
        ("${MISSING:-}", ""),
        ("${MISSING:-${TOKEN}}", "s3cret-token"),
        ("${EMPTY:-other}", ""),
        ("a ${TOKEN} b ${TOKEN}", "a s3cret-token b s3cret-token"),
        ("$TOKEN {TOKEN}", "$TOKEN {TOKEN}"),
    ],
)
def test_variables_stand_for_the_environment(written: str, expanded: str) -> None:
    assert url_of(written) == expanded


def test_places_are_those_of_the_file(place: Place) -> None:
    assert url_of("${workspaceFolder}/x", place) == f"{place.workspace}/x"
    assert url_of("${workspaceFolderBasename}", place) == place.workspace.name
    assert url_of("${userHome}${/}x", place) == str(Path.home() / "x")
    assert url_of("${workspaceFolder}") == url_of("${cwd}") == str(Path.cwd())


def test_every_text_of_a_definition_is_expanded_and_the_secrets_are_known(place: Place) -> None:
    (place.workspace / ".env").write_text("FROM_FILE='file value'\nBOTH=file\n# comment\nRAW=${TOKEN}\n")
    written = StdioServer(
        "./${MISSING:-run}", ("${TOKEN}",), {"KEY": "${TOKEN}", "BOTH": "env"}, cwd="sub", env_file=".env", place=place
    )
    definition, secrets = resolve("x", written)
    env = {"FROM_FILE": "file value", "BOTH": "env", "RAW": "${TOKEN}", "KEY": "s3cret-token"}
    sub = place.workspace / "sub"
    assert definition == StdioServer(str(sub / "run"), ("s3cret-token",), env, cwd=str(sub), env_file=".env")
    assert {"s3cret-token", "file value"} <= set(secrets)
    assert "s3cret" not in f"{definition!r} {definition.shown}"


def test_a_server_of_a_file_runs_in_the_projects_folder_and_one_of_a_cell_where_the_kernel_does(place: Place) -> None:
    of_file, _ = resolve("x", StdioServer("python", place=place))
    of_cell, _ = resolve("x", StdioServer("python"))
    assert (of_file, of_cell) == (StdioServer("python", cwd=str(place.workspace)), StdioServer("python"))


def test_one_unset_variable_is_named_with_what_needs_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place.workspace)
    with pytest.raises(VariableUnset) as unset:
        resolve("kernels", HTTPServer("http://x", {"Authorization": "Bearer ${MISSING}"}, place=place))
    assert str(unset.value) == (
        "kernels's header Authorization in .vscode/mcp.json needs the environment variable MISSING, which is not set. "
        "Set it before Jupyter starts, or in a cell: import os; os.environ['MISSING'] = ..."
    )


def test_all_unset_variables_are_named_at_once() -> None:
    with pytest.raises(VariableUnset) as unset:
        resolve("x", StdioServer("run", ("${MISSING}",), {"KEY": "${env:ALSO_MISSING}", "T": "${TOKEN}"}))
    assert str(unset.value) == (
        "x needs the environment variables MISSING (command) and ALSO_MISSING (variable KEY), which are not set. "
        "Set them before Jupyter starts, or in a cell: import os; os.environ['MISSING'] = ..."
    )


def test_what_only_an_editor_knows_is_said() -> None:
    with pytest.raises(VariableUnknown) as unknown:
        resolve("x", StdioServer("run", ("${command:pick}",)))
    assert str(unknown.value) == (
        "x's command has ${command:pick}, which a notebook cannot know. It knows ${VAR}, ${VAR:-default}, ${env:VAR}, "
        "${input:id}, ${workspaceFolder}, ${userHome} and ${cwd}."
    )


def test_a_missing_file_of_variables_is_said(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place.workspace)
    with pytest.raises(EnvFileMissing) as missing:
        resolve("x", StdioServer("run", env_file="${workspaceFolder}/.env", place=place))
    assert str(missing.value) == (
        f"x's envFile in .vscode/mcp.json is {place.workspace}/.env, and there is no such file. Make it, with lines "
        "NAME=value."
    )


def test_where_nobody_can_be_asked_the_environment_answers(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place.workspace)
    with pytest.raises(InputUnset) as unset:
        url_of("${input:api-key}", place)
    assert str(unset.value) == (
        "x's URL in .vscode/mcp.json asks for 'api-key', nobody can be asked here, and the environment variable "
        "API_KEY is not set. Set it before Jupyter starts, or in a cell: import os; os.environ['API_KEY'] = ..."
    )
    monkeypatch.setenv("API_KEY", "from the environment")
    assert url_of("${input:api-key}", place) == "from the environment"


class Person:
    """Answers questions, and remembers them."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, prompt: str) -> str:
        self.asked.append(prompt)
        return self._answers.pop(0)


def test_a_person_is_asked_once_for_each_reading_of_the_file(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    person = Person("typed")
    monkeypatch.setattr("mcp_notebook.variables.ask_secret", person)
    assert [url_of("${input:api-key}", place) for _ in range(2)] == ["typed", "typed"]
    assert person.asked == ["x: Key: "]
    assert "typed" not in repr(place)


def test_an_empty_answer_is_the_default_and_a_wrong_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = {"region": Input("Region", "eu", ("us", "eu"))}
    person = Person("", "asia")
    monkeypatch.setattr("mcp_notebook.variables.ask_secret", person)
    assert url_of("${input:region}", Place(Path("mcp.json"), Path(), inputs)) == "eu"
    with pytest.raises(InputInvalid) as invalid:
        url_of("${input:region}", Place(Path("mcp.json"), Path(), inputs))
    assert str(invalid.value) == "x needs one of us, eu for 'region', and got none. Run the cell again."
    assert person.asked[0] == "x: Region (one of us, eu) [eu]: "


def test_nobody_is_asked_for_a_server_that_cannot_start_anyway(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    person = Person()
    monkeypatch.setattr("mcp_notebook.variables.ask_secret", person)
    with pytest.raises(VariableUnset):
        url_of("${input:api-key}${MISSING}", place)
    assert person.asked == []
