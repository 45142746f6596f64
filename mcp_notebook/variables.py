"""What `${...}` stands for in a server's definition, looked up at the moment of use.

    ${VAR}  ${VAR:-default}  ${env:VAR}               the environment of this kernel
    ${input:id}                                       a person is asked; where nobody can be, the environment
    ${workspaceFolder}  ${userHome}  ${cwd}  ${/}     places

Knows what the files of each host may say. Refuses to leave anything unset as it is: a server that gets the text
"${TOKEN}" for a token fails in ways that nobody understands. `$VAR` without braces is left alone.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mcp_notebook.asking import ask_secret
from mcp_notebook.config import HTTPServer, InProcessServer, Input, StdioServer
from mcp_notebook.credentials import is_credential
from mcp_notebook.display import one_line
from mcp_notebook.errors import EnvFileMissing, InputInvalid, InputUnset, VariableUnknown, VariableUnset

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_notebook.config import Place, ServerDefinition, WrittenDefinition

__all__ = ["VARIABLE", "change_texts", "input_variable", "place_value", "read_environment_variable", "resolve"]

VARIABLE = re.compile(r"\$\{((?:[^{}]|\$\{[^{}]*\})*)\}")
"""`${...}`; what follows `:-` may hold a variable itself."""

_ENVIRONMENT = re.compile(r"(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", re.DOTALL)


def resolve(server: str, definition: ServerDefinition) -> tuple[ServerDefinition, list[str]]:
    """Replace all variables of a definition, for the transport alone: it holds secrets then.

    Call it on the thread that can ask a person.

    Args:
        server: the connection's name, for errors and questions.
        definition: as a person wrote it.

    Returns:
        The new definition, and what is secret in it: what the variables stood for, and what looks like a credential.

    Raises:
        VariableUnset: variables are not set, and have no default.
        VariableUnknown: a variable is one that only an editor can know.
        InputUnset: nobody can be asked for a value.
        InputInvalid: what was entered will not do.
        EnvFileMissing: the file of more variables is not there.
    """
    if isinstance(definition, InProcessServer):
        return definition, []
    unset: dict[str, str] = {}
    change_texts(definition, lambda text, where: _find_unset(text, where, definition.place, unset))
    if unset:
        raise VariableUnset(server, unset, _shown(definition.place))
    expansion = _Expansion(server, definition.place)
    resolved = change_texts(definition, expansion.expand)
    named = definition.env if isinstance(definition, StdioServer) else definition.headers
    expansion.secrets += [value for name, value in named.items() if is_credential(name, value)]
    if isinstance(resolved, HTTPServer) and resolved.oauth and resolved.oauth.client_secret:
        expansion.secrets.append(resolved.oauth.client_secret)
    if isinstance(resolved, StdioServer):
        env_file = _read_env_file(server, resolved)
        expansion.secrets += env_file.values()
        resolved = replace(_resolve_paths(resolved), env={**env_file, **resolved.env})
    return replace(resolved, written=definition), expansion.secrets


def change_texts(definition: WrittenDefinition, change: Callable[[str, str], str]) -> WrittenDefinition:
    """Give a definition with each of its texts changed.

    Args:
        definition: what to change; it stays as it is.
        change: gets a text and what it is ("header Authorization"), gives the new text.
    """
    if isinstance(definition, StdioServer):
        return replace(
            definition,
            command=change(definition.command, "command"),
            args=tuple(change(word, "command") for word in definition.args),
            env={name: change(value, f"variable {name}") for name, value in definition.env.items()},
            cwd=definition.cwd and change(definition.cwd, "folder"),
            env_file=definition.env_file and change(definition.env_file, "envFile"),
        )
    headers = {name: change(value, f"header {name}") for name, value in definition.headers.items()}
    oauth = definition.oauth and replace(
        definition.oauth,
        client_id=definition.oauth.client_id and change(definition.oauth.client_id, "OAuth client id"),
        client_secret=definition.oauth.client_secret and change(definition.oauth.client_secret, "OAuth client secret"),
    )
    return replace(definition, url=change(definition.url, "URL"), headers=headers, oauth=oauth)


def read_environment_variable(variable: str) -> tuple[str, str | None] | None:
    """Read what is between the braces as a variable of the environment and its default; None if it is another thing."""
    match = _ENVIRONMENT.fullmatch(variable)
    return (match[1], match[2]) if match else None


def place_value(variable: str, place: Place | None) -> str | None:
    """Give the value of a variable that names a place; None if it does not."""
    workspace = Path.cwd() if place is None else place.workspace
    return {
        "workspaceFolder": str(workspace),
        "workspaceFolderBasename": workspace.name,
        "userHome": str(Path.home()),
        "cwd": str(Path.cwd()),
        "pathSeparator": os.sep,
        "/": os.sep,
    }.get(variable)


def input_variable(identifier: str) -> str:
    """Give the environment variable that stands for `${input:identifier}`: `API_KEY` for "api-key"."""
    return re.sub(r"\W", "_", identifier).upper()


def _shown(place: Place | None) -> str | None:
    return place and place.shown


def _find_unset(text: str, where: str, place: Place | None, unset: dict[str, str]) -> str:
    """Note each variable of the environment that is not set, and where it is needed."""
    for variable in VARIABLE.findall(text):
        environment = None if place_value(variable, place) else read_environment_variable(variable)
        if environment and environment[0] not in os.environ:
            name, default = environment
            if default is None:
                unset.setdefault(name, where)
            else:
                _find_unset(default, where, place, unset)
    return text


class _Expansion:
    """The variables of one definition, replaced.

    Attributes:
        secrets: what they stood for.
    """

    def __init__(self, server: str, place: Place | None) -> None:
        self._server = server
        self._place = place
        self.secrets: list[str] = []

    def expand(self, text: str, where: str) -> str:
        return VARIABLE.sub(lambda match: self._value(match[1], match[0], where), text)

    def _value(self, variable: str, written: str, where: str) -> str:
        known = place_value(variable, self._place)
        if known is not None:
            return known
        if variable.startswith("input:"):
            value = self._ask(variable.removeprefix("input:"), where)
        else:
            environment = read_environment_variable(variable)
            if environment is None:
                raise VariableUnknown(self._server, where, written, _shown(self._place))
            name, default = environment
            if name not in os.environ and default is not None:
                return self.expand(default, where)
            value = os.environ[name]
        self.secrets.append(value)
        return value

    def _ask(self, identifier: str, where: str) -> str:
        place = self._place
        answers = {} if place is None else place.answers
        if identifier in answers:
            return answers[identifier]
        wanted = Input() if place is None else place.inputs.get(identifier, Input())
        answer = ask_secret(_question(self._server, identifier, wanted))
        if answer is None:
            answer = os.environ.get(input_variable(identifier), wanted.default)
        if answer is None:
            raise InputUnset(self._server, where, identifier, input_variable(identifier), _shown(place))
        answer = answer or wanted.default or ""
        if not answer or (wanted.options and answer not in wanted.options):
            raise InputInvalid(self._server, identifier, wanted.options, _shown(place))
        answers[identifier] = answer
        return answer


def _question(server: str, identifier: str, wanted: Input) -> str:
    choice = f" (one of {', '.join(wanted.options)})" if wanted.options else ""
    default = f" [{wanted.default}]" if wanted.default else ""
    return one_line(f"{server}: {wanted.description or identifier}{choice}{default}") + ": "


def _find_workspace(place: Place | None) -> Path:
    return Path.cwd() if place is None else place.workspace


def _resolve_paths(definition: StdioServer) -> StdioServer:
    """Make paths absolute. Servers of a file run in its project's folder, as with the hosts that have such files."""
    folder = definition.cwd or ("" if definition.place else None)
    if folder is None:
        return definition
    cwd = _find_workspace(definition.place) / Path(folder).expanduser()
    command = definition.command
    if Path(command).name != command:  # a path, not a name that is looked up
        command = str(cwd / Path(command).expanduser())
    return replace(definition, command=command, cwd=str(cwd))


def _read_env_file(server: str, definition: StdioServer) -> dict[str, str]:
    if not definition.env_file:
        return {}
    from dotenv import dotenv_values  # noqa: PLC0415  few definitions have such a file

    file = _find_workspace(definition.place) / Path(definition.env_file).expanduser()
    if not file.is_file():
        raise EnvFileMissing(server, str(file), _shown(definition.place))
    return {name: value for name, value in dotenv_values(file, interpolate=False).items() if value is not None}
