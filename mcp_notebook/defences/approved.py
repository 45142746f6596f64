"""What a server said about itself when a person last approved it, kept in a file, and what has changed since.

Knows that the first time is kept unasked (there is nothing to compare with), that a change counts until it is approved,
and that several kernels keep the same files. Refuses to judge what a definition says (`checking`).

    <jupyter_data_dir>/mcp-notebook/approved/<fingerprint of the address>.json       0600, a file per server
    {"version": 1, "address": "python weather.py", "since": "2026-11-23T02:30:00+00:00",
     "definitions": [{"kind": "tool", "name": "get_forecast", "content": {...}}]}

A server is known by what the connection leads to, not by its name in a notebook: another name is no way around, and
another server under the same name is another server.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from mcp_notebook.defences.definition import Definition
from mcp_notebook.private_file import rewrite

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    _Merge = Callable[[Sequence[Definition], Sequence[Definition]], list[Definition]]

__all__ = ["Approved", "Change", "get_approved"]

_VERSION = 1


@dataclass(frozen=True)
class Change:
    """One definition that is not what was approved.

    Attributes:
        kind: "changed"; "added" since then; "removed", which is no danger but is told.
        before: as it was approved; None if it was added.
        after: as it is now; None if it was removed.
    """

    kind: Literal["changed", "added", "removed"]
    before: Definition | None
    after: Definition | None

    @property
    def definition(self) -> Definition:
        """The definition as it is now, or as it was where it is gone."""
        found = self.after or self.before
        assert found is not None  # noqa: S101  a change has one of them
        return found


class Approved:
    """The definitions that were approved, by server.

    Args:
        directory: gives the folder of the files; made at the first use.
    """

    def __init__(self, directory: Callable[[], Path]) -> None:
        self._directory = directory

    def _file(self, address: str) -> Path:
        return self._directory() / f"{hashlib.sha256(address.encode()).hexdigest()[:32]}.json"

    def compare(self, address: str, definitions: Sequence[Definition]) -> list[Change]:
        """Give what has changed since a person approved it; a server that was never seen is kept, and has no changes.

        A list of a kind that was never compared (the first time prompts are listed) is kept as a server's first one is.

        Args:
            address: what the connection leads to, without secrets (`session.definition.shown`).
            definitions: all that the server lists of the kinds in it.

        Raises:
            OSError: the file cannot be read or written.
            ValueError: it is not of this format; the sentence names the file.
        """
        kinds = {one.kind for one in definitions}
        kept = self._read(address)
        if kept is None or not kinds <= {one.kind for one in kept}:
            kept = self._keep(address, definitions, _add_new_kinds)
        return [change for kind in kinds for change in _compare(_of_kind(kept, kind), _of_kind(definitions, kind))]

    def approve(self, address: str, definitions: Sequence[Definition]) -> None:
        """Keep these as approved, in place of what was kept of the same kind and name; the others stay.

        Raises:
            OSError, ValueError: see `compare`.
        """
        self._keep(address, definitions, _replace)

    def approve_all(self, address: str, definitions: Sequence[Definition]) -> None:
        """Keep these as approved, in place of all that was kept.

        Raises:
            OSError, ValueError: see `compare`.
        """
        self._keep(address, definitions, lambda _, now: list(now))

    def _read(self, address: str) -> list[Definition] | None:
        """Read what was approved; None if the server was never seen."""
        file = self._file(address)
        try:
            text = file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        try:
            return _read_definitions(json.loads(text))
        except ValueError as error:
            raise ValueError(f"{file} cannot be read: {error}. Delete it, and look at %mcp audit.") from None

    def _keep(self, address: str, definitions: Sequence[Definition], merge: _Merge) -> list[Definition]:
        kept: list[Definition] = []

        def new_content() -> dict[str, Any]:
            kept[:] = merge(self._read(address) or [], definitions)
            return {
                "version": _VERSION,
                "address": address,
                "since": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
                "definitions": [{"kind": one.kind, "name": one.name, "content": one.content} for one in kept],
            }

        rewrite(self._file(address), new_content)
        return kept


def _read_definitions(read: Any) -> list[Definition]:
    content = cast("dict[str, Any]", read) if isinstance(read, dict) else {}
    if content.get("version") != _VERSION:
        raise ValueError(f"it is no file of definitions of version {_VERSION}")
    try:
        return [Definition(one["kind"], one["name"], one["content"]) for one in content["definitions"]]
    except (KeyError, TypeError):
        raise ValueError("it lacks definitions") from None


def _of_kind(definitions: Sequence[Definition], kind: str) -> dict[str, Definition]:
    return {one.name: one for one in definitions if one.kind == kind}


def _compare(before: dict[str, Definition], after: dict[str, Definition]) -> list[Change]:
    changed = [
        Change("changed", before[name], one)
        for name, one in after.items()
        if name in before and before[name].fingerprint != one.fingerprint
    ]
    added = [Change("added", None, one) for name, one in after.items() if name not in before]
    return [*changed, *added, *(Change("removed", one, None) for name, one in before.items() if name not in after)]


def _add_new_kinds(kept: Sequence[Definition], definitions: Sequence[Definition]) -> list[Definition]:
    known = {one.kind for one in kept}
    return [*kept, *(one for one in definitions if one.kind not in known)]


def _replace(kept: Sequence[Definition], definitions: Sequence[Definition]) -> list[Definition]:
    replaced = {(one.kind, one.name) for one in definitions}
    return [*(one for one in kept if (one.kind, one.name) not in replaced), *definitions]


def _default_directory() -> Path:
    from jupyter_core.paths import jupyter_data_dir  # noqa: PLC0415  when it is needed: tests set it in the environment

    return Path(jupyter_data_dir()) / "mcp-notebook" / "approved"


_approved = Approved(_default_directory)


def get_approved() -> Approved:
    """Give what was approved on this computer."""
    return _approved
