"""Servers that a registry knows: found by name, and turned into definitions.

Knows the registry's HTTP API (modelcontextprotocol/registry, v0.1) and what its entries say: a URL, or a package that
npx, uvx or docker starts. What an entry leaves open a person is asked for (`${input:...}`), by name.
Refuses to start anything, and to take options for npx, uvx or docker themselves from an entry.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from mcp_notebook.config import HTTPServer, StdioServer
from mcp_notebook.display import one_line
from mcp_notebook.errors import NotConnectable, RegistryFailed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mcp_notebook.config import WrittenDefinition

__all__ = ["Found", "find_servers", "get_definition"]

_SECONDS = 20.0
_PAGE = 100
_MAX_PAGES = 10
_TEMPLATE = re.compile(r"\{([A-Za-z_][\w-]*)\}")
_STARTERS = {"npm": ("npx", "-y"), "pypi": ("uvx",), "oci": ("docker", "run", "-i", "--rm")}


@dataclass(frozen=True)
class Found:
    """What a registry says of a server.

    Attributes:
        name: such as "io.github.someone/weather".
        version: the latest.
        kinds: how it can be had: "remote", "npm", "pypi", "oci", ...
        description: a sentence.
    """

    name: str
    version: str
    kinds: tuple[str, ...]
    description: str


def find_servers(registry: str, text: str) -> list[Found]:
    """Find servers whose names have a text in them, in the registry's order.

    Args:
        registry: its base URL.
        text: to look for.

    Raises:
        RegistryFailed: it gives no answer.
    """
    found: list[Found] = []
    query = {"search": text, "version": "latest", "limit": str(_PAGE)}
    for _ in range(_MAX_PAGES):
        page = _ask(registry, "/v0.1/servers", query) or {}
        found += [_to_found(_part(entry, "server")) for entry in _list(page, "servers")]
        cursor = _part(page, "metadata").get("nextCursor")
        if not isinstance(cursor, str) or not cursor:
            break
        query["cursor"] = cursor
    return found


def get_definition(registry: str, name: str) -> WrittenDefinition:
    """Give the definition of a server: its URL if it has one, as then nothing runs here; else a package.

    Args:
        registry: its base URL.
        name: of the server there.

    Raises:
        RegistryFailed: it gives no answer.
        NotConnectable: it does not have the server, or says too little of it.
    """
    path = f"/v0.1/servers/{quote(name, safe='')}/versions/latest"
    answer = _ask(registry, path, {})
    if answer is None:
        raise NotConnectable(name, "it is not there")
    server = _part(answer, "server")
    problems: list[str] = []
    described = [
        *((_to_http, one) for one in _list(server, "remotes")),
        *((_to_stdio, one) for one in _list(server, "packages")),
    ]
    for read, entry in described:
        try:
            return read(entry)
        except ValueError as error:
            problems.append(str(error))
    raise NotConnectable(name, "; ".join(problems) or "it names neither a URL nor a package")


def _ask(registry: str, path: str, query: Mapping[str, str]) -> dict[str, Any] | None:
    """Ask the registry; None if it does not have what is asked for."""
    import httpx  # noqa: PLC0415  a tenth of a second, and hardly any notebook asks a registry

    try:
        answer = httpx.get(registry.rstrip("/") + path, params=dict(query), timeout=_SECONDS, follow_redirects=True)
        if answer.status_code == HTTPStatus.NOT_FOUND and not query:
            return None
        body = answer.raise_for_status().json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise RegistryFailed(registry, str(error) or type(error).__name__) from None
    if not isinstance(body, dict):
        raise RegistryFailed(registry, "its answer is no object")
    return cast("dict[str, Any]", body)


def _to_found(server: Mapping[str, Any]) -> Found:
    remote = ["remote"] if _list(server, "remotes") else []
    kinds = [*remote, *(one_line(str(package.get("registryType")), 20) for package in _list(server, "packages"))]
    texts = [one_line(str(server.get(name) or ""), 200) for name in ("name", "version", "description")]
    return Found(texts[0], texts[1], tuple(dict.fromkeys(kinds)), texts[2])


def _to_http(remote: Mapping[str, Any]) -> HTTPServer:
    """Turn a URL into a definition.

    Raises:
        ValueError: it is none for us; says why as a clause.
    """
    url, kind = remote.get("url"), remote.get("type")
    if not isinstance(url, str) or not url.startswith("https://") or kind not in ("streamable-http", "sse"):
        raise ValueError("its URL is no https address of Streamable HTTP or SSE")
    headers = {
        str(header.get("name")): text
        for header in _list(remote, "headers")
        if (text := _value(header, str(header.get("name")))) is not None
    }
    sse = kind == "sse"
    return HTTPServer(_fill_in(url, _part(remote, "variables")), headers, "legacy" if sse else "auto", sse=sse)


def _to_stdio(package: Mapping[str, Any]) -> StdioServer:
    """Turn a package into a definition.

    Raises:
        ValueError: it cannot be started here; says why as a clause.
    """
    kind, identifier = package.get("registryType"), package.get("identifier")
    version = package.get("version") or ""
    if kind not in _STARTERS or _part(package, "transport").get("type", "stdio") != "stdio":
        raise ValueError(f"its package is of the kind {one_line(str(kind), 40)!r}, which is not started from here")
    if _list(package, "runtimeArguments"):
        raise ValueError(f"its {kind} package wants options for {_STARTERS[kind][0]} itself, which you have to give")
    words = (identifier, version)
    if not all(isinstance(word, str) and re.fullmatch(r"(?!-)[\w@./:+~-]*", word) for word in words) or not identifier:
        raise ValueError("its package has a name that is none")
    env = {
        str(variable.get("name")): text
        for variable in _list(package, "environmentVariables")
        if (text := _value(variable, str(variable.get("name")))) is not None
    }
    passed = [word for name in env for word in ("-e", name)] if kind == "oci" else []
    between = ":" if kind == "oci" else "@"
    pinned = f"{identifier}{between}{version}" if version and between not in str(identifier)[1:] else str(identifier)
    command, *options = _STARTERS[kind]
    return StdioServer(command, (*options, *passed, pinned, *_arguments(_list(package, "packageArguments"))), env)


def _arguments(described: Sequence[Mapping[str, Any]]) -> list[str]:
    words: list[str] = []
    for argument in described:
        named = argument.get("type") == "named"
        name = str(argument.get("name") or argument.get("valueHint") or "argument")
        value = _value(argument, name)
        if named and (value is not None or argument.get("isRequired")):
            words.append(name)
        if value is not None:
            words.append(value)
    return words


def _value(described: Mapping[str, Any], name: str) -> str | None:
    """Give what a header, variable or argument is to be; None if it can be left out, and is."""
    value = described.get("value") or described.get("default")
    if isinstance(value, str | int | float):
        return _fill_in(str(value), _part(described, "variables"))
    return _variable(name) if described.get("isRequired") else None


def _fill_in(text: str, variables: Mapping[str, Any]) -> str:
    def replace(match: re.Match[str]) -> str:
        default = _part(variables, match[1]).get("default")
        return default if isinstance(default, str) and default else _variable(match[1])

    if "${" in text:
        raise ValueError("it names variables of this computer")
    return _TEMPLATE.sub(replace, text)


def _variable(name: str) -> str:
    """Give what stands for a value that is to be asked for.

    Never a variable of the environment that an entry chooses: it would have itself sent what it likes.
    """
    return "${input:registry-" + re.sub(r"[^\w-]", "_", name.lstrip("-")) + "}"


def _part(value: Any, name: str) -> dict[str, Any]:
    part = cast("dict[str, Any]", value).get(name) if isinstance(value, dict) else None
    return cast("dict[str, Any]", part) if isinstance(part, dict) else {}


def _list(value: Any, name: str) -> list[dict[str, Any]]:
    found = cast("dict[str, Any]", value).get(name) if isinstance(value, dict) else None
    members = cast("list[Any]", found) if isinstance(found, list) else []
    return [one for one in members if isinstance(one, dict)]
