"""Configuration files of MCP hosts, in all their dialects: `mcp.json`, `.mcp.json`, `.vscode/mcp.json`, ...

Knows the keys that hosts use, and that people write comments and trailing commas. What hosts add for themselves
(`autoApprove`, `timeout`, `dev`, ...) is left alone. Refuses to replace variables: secrets stay as they were written.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from mcp_notebook.config import HTTPServer, Input, Place, StdioServer
from mcp_notebook.config_oauth import read_oauth
from mcp_notebook.config_places import PROJECT_FILES, find_config_files, find_workspace
from mcp_notebook.errors import ConfigInvalid, ConfigNotFound, NotInConfig

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mcp_notebook.config import WrittenDefinition

__all__ = ["SERVER_KEYS", "Entry", "choose_entries", "parse_file", "read_config", "read_config_file", "read_entry"]

SERVER_KEYS = ("mcpServers", "servers")
"""Under which servers stand: the second is VS Code's."""

_URL_KEYS = ("url", "serverUrl", "httpUrl")  # Windsurf and Gemini CLI have words of their own
_TYPE_KEYS = ("type", "transport", "transportType")
_KINDS = {"stdio": "stdio", "local": "stdio", "http": "http", "streamablehttp": "http", "remote": "http", "sse": "sse"}
_JSON5_PLACE = re.compile(r"<string>:(\d+) (.*) at column (\d+)", re.DOTALL)


@dataclass(frozen=True)
class Entry:
    """One server in a configuration file.

    Attributes:
        name: its key.
        definition: what it is, or why it cannot be used.
        place: the file.
        disabled: somebody has switched it off there.
    """

    name: str
    definition: WrittenDefinition | ConfigInvalid
    place: Place
    disabled: bool = False

    def get_definition(self) -> WrittenDefinition:
        """Give the definition.

        Raises:
            ConfigInvalid: the entry is none.
        """
        if isinstance(self.definition, ConfigInvalid):
            raise self.definition
        return self.definition


def read_config(path: Path | None) -> tuple[list[Entry], str]:
    """Read the servers of a file, of a project's folder, or of all the usual places.

    Args:
        path: a file or a folder; None for the project of the current folder and then the person's own files.

    Returns:
        The entries, the nearest first and one of each name, and what to call where they are from.

    Raises:
        ConfigNotFound: there is no such file, or none with servers in it.
        ConfigInvalid: a file is no JSON, not even with comments and trailing commas, or has no servers in it.
    """
    if path is not None and not path.is_dir():
        return read_config_file(path), Place(path, path).shown
    found = [entry for file in find_config_files(path) for entry in _read_entries(file) or ()]
    if not found:
        raise ConfigNotFound(None if path is None else str(path), PROJECT_FILES)
    nearest = {entry.name: entry for entry in reversed(found)}
    entries = [entry for entry in found if nearest[entry.name] is entry]
    return entries, " and ".join(dict.fromkeys(entry.place.shown for entry in entries))


def read_config_file(file: Path) -> list[Entry]:
    """Read the servers of one file; an entry that cannot be used does not spoil the others.

    Raises:
        ConfigNotFound: there is no such file.
        ConfigInvalid: see `read_config`.
    """
    entries = _read_entries(file)
    if entries is None:
        problem = 'it has no servers: they stand under "mcpServers", or under "servers" as in VS Code'
        raise ConfigInvalid(Place(file, file).shown, problem)
    return entries


def _read_entries(file: Path) -> list[Entry] | None:
    content = parse_file(file)
    tables = [content[key] for key in SERVER_KEYS if isinstance(content.get(key), dict)]
    place = Place(file.absolute(), find_workspace(file), _read_inputs(content.get("inputs")))
    servers = {name: entry for table in cast("list[dict[str, Any]]", tables) for name, entry in table.items()}
    return [_read_named(name, entry, place) for name, entry in servers.items()] if tables else None


def parse_file(file: Path) -> dict[str, Any]:
    """Read a file as JSON, with comments and trailing commas if need be.

    Raises:
        ConfigNotFound: there is no such file.
        ConfigInvalid: it cannot be read, or is no JSON object.
    """
    shown = Place(file, file).shown
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigNotFound(shown) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigInvalid(shown, f"it cannot be read: {getattr(error, 'strerror', None) or 'no UTF-8'}") from None
    content = _parse(text, shown)
    if not isinstance(content, dict):
        raise ConfigInvalid(shown, "it is no JSON object")
    return cast("dict[str, Any]", content)


def _parse(text: str, shown: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        pass
    import json5  # noqa: PLC0415  few files need it; it also reads more slowly

    try:
        return json5.loads(text)
    except ValueError as error:
        place = _JSON5_PLACE.match(str(error))
        where = f"line {place[1]}, column {place[3]}: {place[2][:1].lower()}{place[2][1:]}" if place else str(error)
        raise ConfigInvalid(shown, f"it is no JSON, not even with comments ({where})") from None


def _read_inputs(inputs: Any) -> dict[str, Input]:
    listed = cast("list[Any]", inputs) if isinstance(inputs, list) else []
    objects = [cast("dict[str, Any]", one) for one in listed if isinstance(one, dict)]
    return {str(one.get("id")): _read_input(one) for one in objects}


def _read_input(one: dict[str, Any]) -> Input:
    options = cast("list[Any]", one.get("options") or [])
    values = [cast("dict[str, Any]", value).get("value") if isinstance(value, dict) else value for value in options]
    default = one.get("default")
    return Input(str(one.get("description", "")), None if default is None else str(default), tuple(map(str, values)))


def _read_named(name: str, entry: Any, place: Place) -> Entry:
    try:
        definition = read_entry(entry, place)
    except ValueError as error:
        return Entry(name, ConfigInvalid(place.shown, f"the server {name!r} {error}"), place)
    return Entry(name, definition, place, entry.get("disabled") is True or entry.get("enabled") is False)


def read_entry(entry: Any, place: Place) -> WrittenDefinition:
    """Read what a file says about one server.

    Raises:
        ValueError: it cannot be used; a clause that follows the server's name.
    """
    if not isinstance(entry, dict):
        raise ValueError("is no JSON object")  # noqa: TRY004  a file's text, no type
    entry = cast("dict[str, Any]", entry)
    kind = _find_kind(entry)
    if kind == "stdio":
        return StdioServer(
            _read_text(entry, "command"),
            tuple(_read_scalar("args", word) for word in _read(entry, "args", list)),
            _read_texts(entry, "env"),
            cwd=_read_text(entry, "cwd") if entry.get("cwd") else None,
            env_file=_read_text(entry, "envFile") if entry.get("envFile") else None,
            place=place,
        )
    url = _read_text(entry, next(key for key in _URL_KEYS if key in entry))
    if not url.startswith(("http://", "https://", "${")):
        raise ValueError(f"has a URL that begins neither with http:// nor with https://, but with {url[:8]!r}")
    sse = kind == "sse"
    # HTTP+SSE is older than the modern protocol: asking for it would be in vain.
    era = "legacy" if sse else "auto"
    return HTTPServer(url, _read_texts(entry, "headers"), era, sse, read_oauth(entry), place=place)


def _find_kind(entry: Mapping[str, Any]) -> str:
    """Find which transport is meant: as it says, else by what it has."""
    url = next((entry[key] for key in _URL_KEYS if key in entry), None)
    said = next((entry[key] for key in _TYPE_KEYS if key in entry), None)
    if said is None:
        by_path = "sse" if isinstance(url, str) and urlsplit(url).path.endswith("/sse") else "http"
        kind = "stdio" if "command" in entry else by_path
    else:
        kind = _KINDS.get(str(said).replace("-", "").replace("_", "").lower(), "")
    if not kind:
        raise ValueError(f"has the type {said!r}; there are stdio, http and sse")
    if (kind == "stdio" and "command" not in entry) or (kind != "stdio" and url is None):
        raise ValueError('has no "command"' if kind == "stdio" else 'has neither a "command" nor a "url"')
    return kind


def _read(entry: Mapping[str, Any], key: str, kind: type[Any]) -> Any:
    value = entry.get(key)
    if value is None:
        return kind()
    if not isinstance(value, kind):
        raise ValueError(f'has "{key}" that is no {"list" if kind is list else "JSON object"}')  # noqa: TRY004  as above
    return value


def _read_text(entry: Mapping[str, Any], key: str) -> str:
    if not isinstance(entry[key], str) or not entry[key]:
        raise ValueError(f'has "{key}" that is no text')
    return entry[key]


def _read_texts(entry: Mapping[str, Any], key: str) -> dict[str, str]:
    values: dict[str, Any] = _read(entry, key, dict)
    return {name: _read_scalar(key, value) for name, value in values.items() if value is not None}


def _read_scalar(key: str, value: Any) -> str:
    if not isinstance(value, str | int | float):
        raise ValueError(f'has something in "{key}" that is no text')  # noqa: TRY004  as above
    return value if isinstance(value, str) else json.dumps(value)


def choose_entries(entries: Sequence[Entry], names: Sequence[str], where: str) -> list[Entry]:
    """Choose entries by name; all that are not disabled where no name is given.

    Args:
        entries: to choose from; of two with the same name, the first is meant.
        names: in the order they are wanted.
        where: the file they are from, for the error.

    Raises:
        NotInConfig: there is none of a name.
    """
    if not names:
        return [entry for entry in entries if not entry.disabled]
    by_name = {entry.name: entry for entry in reversed(entries)}
    unknown = next((name for name in names if name not in by_name), None)
    if unknown is not None:
        raise NotInConfig(unknown, where, [entry.name for entry in entries])
    return [by_name[name] for name in names]
