"""What stands in hosts' own files: entries of ours that lead nowhere, and tokens where people commit them.

Knows the files of `hosts`, of the person and of the project in the current folder. Refuses to change them.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

import json5

from mcp_notebook_server.access.tokens import PREFIX
from mcp_notebook_server.cli.doctor.fault import Fault
from mcp_notebook_server.cli.host_files import find_bridge_command
from mcp_notebook_server.hosts import HOSTS, HostFormat
from mcp_notebook_server.places import profile_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["find_entry_faults"]

_TOKEN = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{16,}}")


def find_entry_faults() -> Iterator[Fault]:
    """Yield what is wrong in the files of hosts."""
    for word, host in HOSTS.items():
        file = host.find_file()
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            continue
        if _TOKEN.search(text):
            what = f"A host token stands in {file} as it is"
            mend = f"Revoke it with `mcp-notebook token revoke NAME`, and run `mcp-notebook config {word} --write`"
            yield Fault(what, mend)
        for name, entry in _read_entries(host, text).items():
            yield from _look_at_entry(word, file, name, entry)


def _read_entries(host: HostFormat, text: str) -> dict[str, Any]:
    try:
        content: Any = tomllib.loads(text) if host.toml else json5.loads(text)
    except ValueError:
        return {}
    table: Any = cast("dict[str, Any]", content).get(host.key) if isinstance(content, dict) else None
    return cast("dict[str, Any]", table) if isinstance(table, dict) else {}


def _look_at_entry(word: str, file: Path, name: str, entry: Any) -> Iterator[Fault]:
    words = find_bridge_command(entry)
    if words is None:
        return
    mend = f"Run `mcp-notebook config {word} --name {name} --write`"
    if shutil.which(words[0]) is None:
        yield Fault(f"{file} has {words[0]} start, which is not there", mend)
    profile = next((after for one, after in pairwise(words) if one == "--profile"), None)
    if profile is not None and not profile_file(profile).exists():
        yield Fault(f"{file} names the profile {profile!r}, which is not there", f"{mend} --profile {profile}")
