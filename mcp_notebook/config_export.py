"""Connections, written to the configuration file of another host, in that host's dialect.

Knows what each host can read, and that such files are committed: variables stay variables, and what looks like a
secret is refused. Refuses to change what somebody else has written in the file.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from mcp_notebook.config import HTTPServer, InProcessServer, Input, Place, StdioServer
from mcp_notebook.config_files import SERVER_KEYS, parse_file, read_entry
from mcp_notebook.config_oauth import write_oauth
from mcp_notebook.config_places import find_workspace
from mcp_notebook.credentials import hide_credentials, is_credential
from mcp_notebook.errors import ConfigInvalid, ExportRefused
from mcp_notebook.variables import VARIABLE, change_texts, input_variable, place_value, read_environment_variable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp_notebook.config import ServerDefinition, WrittenDefinition

__all__ = ["Exported", "export_config"]

_FIRST_INDENT = re.compile(r"^([ \t]+)\S", re.MULTILINE)


@dataclass(frozen=True)
class _Dialect:
    """What a host reads.

    Attributes:
        host: its name.
        key: under which servers stand.
        variables: how it writes one of the environment: `${VAR}`, `${env:VAR}`, or not at all.
        inputs: it asks for `${input:id}`.
        urls: it connects to URLs in this file.
    """

    host: str
    key: str = "mcpServers"
    variables: Literal["plain", "env", "none"] = "plain"
    inputs: bool = False
    urls: bool = True


_VS_CODE = _Dialect("VS Code", "servers", "env", inputs=True)
_CURSOR = _Dialect("Cursor", variables="env")
_CLAUDE_DESKTOP = _Dialect("Claude Desktop", variables="none", urls=False)
_COMMON = _Dialect("Claude Code and others")


def _find_dialect(file: Path) -> _Dialect:
    if file.name == "claude_desktop_config.json":
        return _CLAUDE_DESKTOP
    return {".vscode": _VS_CODE, "User": _VS_CODE, ".cursor": _CURSOR}.get(file.absolute().parent.name, _COMMON)


@dataclass
class Exported:
    """What an export did.

    Attributes:
        host: whose dialect it is.
        written: names of the servers that were added.
        present: names of those that were there already, the same.
    """

    host: str
    written: list[str] = field(default_factory=list[str])
    present: list[str] = field(default_factory=list[str])


def export_config(file: Path, definitions: Mapping[str, ServerDefinition]) -> Exported:
    """Add servers to a configuration file, which is made if it is not there.

    Args:
        file: its name and folder say which host's it is.
        definitions: by name.

    Raises:
        ExportRefused: a server cannot be written there; nothing was.
        ConfigInvalid: the file cannot be read, or not be written without losing something.
    """
    dialect = _find_dialect(file)
    content = parse_file(file) if file.exists() else {}
    key = next((key for key in (dialect.key, *SERVER_KEYS) if key in content), dialect.key)
    table = content.setdefault(key, {})
    if not isinstance(table, dict):
        raise ConfigInvalid(str(file), f'"{key}" in it is no JSON object')
    exported = Exported(dialect.host)
    for name, definition in definitions.items():
        writer = _Writer(name, file, dialect)
        entry = writer.write(definition)
        if writer.add(cast("dict[str, Any]", table), entry):
            exported.written.append(name)
            _add_inputs(content, writer.inputs)
        else:
            exported.present.append(name)
    if exported.written:
        _write_text(file, json.dumps(content, indent=_find_indent(file), ensure_ascii=False) + "\n")
    return exported


class _Writer:
    """One server, for one file."""

    def __init__(self, server: str, file: Path, dialect: _Dialect) -> None:
        self._server = server
        self._file = file
        self._dialect = dialect
        self.inputs: dict[str, Input] = {}

    def write(self, definition: ServerDefinition) -> dict[str, Any]:
        """Give the entry of a server.

        Raises:
            ExportRefused: the host could not use it, or there is a secret in it.
        """
        if isinstance(definition, InProcessServer):
            raise self._refusal("it is an object of this notebook, which no other host can reach")
        if isinstance(definition, HTTPServer) and not self._dialect.urls:
            raise self._refusal(f"{self._dialect.host} reads only commands there; a URL is added in its settings")
        self._check_secrets(definition)
        self._place = definition.place
        translated = change_texts(definition, self._translate)
        if isinstance(translated, StdioServer):
            return self._write_command(translated)
        return self._write_url(translated)

    def add(self, table: dict[str, Any], entry: dict[str, Any]) -> bool:
        """Add an entry to the file's servers; False if the same one is there.

        Raises:
            ExportRefused: there is another one of this name.
        """
        if self._server not in table:
            table[self._server] = entry
            return True
        place = Place(self._file, find_workspace(self._file))
        try:
            same = read_entry(table[self._server], place) == read_entry(entry, place)
        except ValueError:
            same = False
        if not same:
            raise self._refusal("the file has another server of this name. Take that out first, or use another file")
        return False

    def _refusal(self, problem: str) -> ExportRefused:
        return ExportRefused(self._server, str(self._file), problem)

    def _check_secrets(self, definition: WrittenDefinition) -> None:
        if isinstance(definition, StdioServer):
            named, words = {f"variable {name}": (name, v) for name, v in definition.env.items()}, list(definition.args)
        else:
            named, words = {f"header {name}": (name, v) for name, v in definition.headers.items()}, [definition.url]
            if definition.oauth and definition.oauth.client_secret:
                named["OAuth client"] = ("client_secret", definition.oauth.client_secret)
        found = [where for where, (name, value) in named.items() if is_credential(name, value)]
        if hide_credentials(words) != words:
            found.append("command" if isinstance(definition, StdioServer) else "URL")
        if found:
            raise self._refusal(f"its {found[0]} has a secret in it. Connect with ${{VARIABLE}} in its place first")

    def _write_command(self, definition: StdioServer) -> dict[str, Any]:
        entry: dict[str, Any] = {"type": "stdio"} if self._dialect is _VS_CODE else {}
        entry |= {"command": definition.command, "args": list(definition.args)}
        optional = {
            "env": dict(definition.env),
            "cwd": self._move_path(definition.cwd or "", definition.place),
            "envFile": definition.env_file and self._move_path(definition.env_file, definition.place),
        }
        return entry | {name: value for name, value in optional.items() if value}

    def _move_path(self, path: str, place: Place | None) -> str:
        """Give a path for this file that was written for another, in whose folder it begins."""
        begins = Path.cwd() if place is None else place.workspace
        if begins == find_workspace(self._file) or path.startswith(("${", "~")):
            return path
        return str(begins / path)

    def _write_url(self, definition: HTTPServer) -> dict[str, Any]:
        entry: dict[str, Any] = {"type": "sse" if definition.sse else "http", "url": definition.url}
        entry |= {"headers": dict(definition.headers)} if definition.headers else {}
        return entry | write_oauth(definition.oauth, for_cursor=self._dialect is _CURSOR)

    def _translate(self, text: str, where: str) -> str:
        """Write the variables in a text as the host does."""

        def write(match: re.Match[str]) -> str:
            return self._translate_variable(match[1], match[0], where)

        return VARIABLE.sub(write, text)

    def _translate_variable(self, variable: str, written: str, where: str) -> str:
        known = place_value(variable, self._place)
        if known is not None:
            return written if self._dialect.variables == "env" else known
        if variable.startswith("input:"):
            identifier = variable.removeprefix("input:")
            if self._dialect.inputs:
                said = self._place.inputs.get(identifier) if self._place else None
                self.inputs[identifier] = said or Input()
                return written
            variable = input_variable(identifier)
        environment = read_environment_variable(variable)
        if environment is None:
            raise self._refusal(f"its {where} has {written}, which only the editor knows that it was written for")
        return self._write_environment_variable(*environment, where)

    def _write_environment_variable(self, name: str, default: str | None, where: str) -> str:
        host, style = self._dialect.host, self._dialect.variables
        if style == "none":
            raise self._refusal(f"its {where} has ${{{name}}}, and {host} reads no variables. Add it there by hand")
        if style == "env" and default is not None:
            raise self._refusal(f"its {where} has a default for {name}, and {host} knows none. Write ${{{name}}} alone")
        if default is not None:
            return f"${{{name}:-{self._translate(default, where)}}}"
        return f"${{{name}}}" if style == "plain" else f"${{env:{name}}}"


def _find_indent(file: Path) -> str | int:
    """Find how the file is indented.

    Raises:
        ConfigInvalid: it has comments, which would be lost.
    """
    if not file.exists():
        return 2
    text = file.read_text(encoding="utf-8-sig")
    try:
        json.loads(text)
    except ValueError:
        problem = "writing it would lose its comments. Export to another file, and copy the servers from there"
        raise ConfigInvalid(str(file), problem) from None
    indent = _FIRST_INDENT.search(text)
    return indent[1] if indent else 2


def _add_inputs(content: dict[str, Any], inputs: Mapping[str, Input]) -> None:
    """Say what is to be asked for, as VS Code wants it; what the file says already is left alone."""
    if not inputs:
        return
    listed: list[Any] = content.setdefault("inputs", [])
    known = {cast("dict[str, Any]", one).get("id") for one in listed if isinstance(one, dict)}
    listed += [_write_input(name, one) for name, one in inputs.items() if name not in known]


def _write_input(identifier: str, one: Input) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": identifier, "description": one.description or identifier}
    entry |= {"type": "pickString", "options": list(one.options)} if one.options else {"type": "promptString"}
    entry |= {} if one.options else {"password": True}
    return entry | ({} if one.default is None else {"default": one.default})


def _write_text(file: Path, text: str) -> None:
    """Write the whole file or nothing: it may be another program's."""
    target = file.resolve()  # a link to it stays one
    try:
        if target.parent.name.startswith("."):
            target.parent.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=target.parent, delete=False) as written:
            written.write(text)
        if target.exists():
            shutil.copymode(target, written.name)
        Path(written.name).replace(target)
    except OSError as error:
        raise ConfigInvalid(str(file), f"it cannot be written: {error.strerror}") from None
