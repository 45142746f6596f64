"""A host's configuration file: one server goes in, everything else stays as it is, and a copy of it is kept.

Knows JSON, TOML and how to replace a file in one step. Refuses to lose anything: a file that cannot be read, that has
comments which JSON would lose, or in which the name belongs to another server, is left alone.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import tomlkit
from tomlkit.exceptions import ParseError

from mcp_notebook_server.cli.errors import HostFileUnchangeable

if TYPE_CHECKING:
    from collections.abc import MutableMapping

__all__ = ["dump_content", "find_bridge_command", "merge_file"]


def dump_content(content: dict[str, Any], *, toml: bool) -> str:
    """Return the text of a file with this content alone."""
    return tomlkit.dumps(content) if toml else json.dumps(content, indent=2, ensure_ascii=False) + "\n"  # pyright: ignore[reportUnknownMemberType]  tomlkit is not typed in full


def merge_file(file: Path, content: dict[str, Any], *, toml: bool) -> Path | None:
    """Put servers into a file, which is made if it is not there.

    Args:
        file: of the host.
        content: tables of named entries, and lists whose members have an `id`.
        toml: whether it is TOML.

    Returns:
        The copy of the file as it was; None if there was none, or nothing had to be changed.

    Raises:
        HostFileUnchangeable: if something would be lost.
    """
    if not file.exists() or not file.read_text(encoding="utf-8").strip():
        _replace(file, dump_content(content, toml=toml))
        return None
    before = file.read_text(encoding="utf-8-sig")
    document = _parse(file, before, toml=toml)
    if not _merge(file, document, content):
        return None
    copy = _find_free_name(file)
    shutil.copy2(file, copy)
    text = tomlkit.dumps(document) if toml else json.dumps(document, indent=_find_indent(before), ensure_ascii=False)  # pyright: ignore[reportUnknownMemberType]  tomlkit is not typed in full
    _replace(file, text.rstrip("\n") + "\n")
    return copy


def find_bridge_command(entry: Any) -> list[str] | None:
    """Return the command of an entry, with its arguments, if that is our bridge; None for everybody else's."""
    if not isinstance(entry, dict):
        return None
    fields = cast("dict[str, Any]", entry)
    words = [str(fields.get("command")), *cast("list[str]", fields.get("args") or [])]
    return words if Path(words[0]).stem == "mcp-notebook" and words[1:2] == ["stdio"] else None


def _parse(file: Path, text: str, *, toml: bool) -> MutableMapping[str, Any]:
    try:
        document: Any = tomlkit.parse(text) if toml else json.loads(text)
    except (ValueError, ParseError):
        problem = "it has comments, or is no JSON" if not toml else "it is no TOML"
        raise HostFileUnchangeable(str(file), f"{problem}. Print the entry without --write and paste it in") from None
    if not isinstance(document, dict):
        raise HostFileUnchangeable(str(file), "it is no object")
    return cast("MutableMapping[str, Any]", document)


def _merge(file: Path, document: MutableMapping[str, Any], content: dict[str, Any]) -> bool:
    """Put the content in; return whether anything was not there."""
    changed = False
    for key, more in content.items():
        there = document.setdefault(key, type(more)())
        if not isinstance(there, type(more)):
            raise HostFileUnchangeable(str(file), f'"{key}" in it is something else than expected')
        changed |= _add_listed(there, more) if isinstance(more, list) else _add_named(file, there, more)
    return changed


def _add_listed(there: list[Any], more: Any) -> bool:
    """Add the members whose ids are not there."""
    known = [cast("dict[str, Any]", one).get("id") for one in there if isinstance(one, dict)]
    fresh = [one for one in more if one["id"] not in known]
    there.extend(fresh)
    return bool(fresh)


def _add_named(file: Path, there: MutableMapping[str, Any], more: dict[str, Any]) -> bool:
    """Add entries, or renew those that this command wrote."""
    changed = False
    for name, entry in more.items():
        if name in there and there[name] != entry and find_bridge_command(there[name]) is None:
            problem = f"it has another server named {name!r}. Choose another name with --name"
            raise HostFileUnchangeable(str(file), problem)
        if there.get(name) != entry:
            there[name] = entry
            changed = True
    return changed


def _find_indent(text: str) -> str | int:
    second = text.partition("\n")[2]
    return second[: len(second) - len(second.lstrip(" \t"))] or 2


def _find_free_name(file: Path) -> Path:
    number = 1
    while (copy := file.with_name(f"{file.name}.bak{number}")).exists():
        number += 1
    return copy


def _replace(file: Path, text: str) -> None:
    """Write the whole file or nothing: the host may read it meanwhile."""
    target = file.resolve()  # a link to it stays one
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=target.parent, delete=False) as written:
            written.write(text)
        if target.exists():
            shutil.copymode(target, written.name)
        Path(written.name).replace(target)
    except OSError as error:
        raise HostFileUnchangeable(str(file), f"it cannot be written: {error.strerror}") from None
