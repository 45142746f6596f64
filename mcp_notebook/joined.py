"""Several ES modules as one: a front end gets a widget's module as one text, and there is no build step.

Knows the few forms of import and export that ours are written in, each at the beginning of a line:

    import { one, other as another } from "./file.js";
    export function name(...)    export const name = ...    export class Name ...    export default ...

Each module keeps its own names. Refuses to know what is in them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["join_modules"]

_IMPORT = re.compile(r'^import\s*\{(?P<names>[^}]*)\}\s*from\s*"(?P<file>[^"]+)";[^\n]*\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|const|let|class) (?P<name>\w+))", re.MULTILINE)


def join_modules(entry: Path) -> str:
    """Join a module with all that it imports.

    Args:
        entry: the file whose default export the result has.
    """
    written: dict[Path, str] = {}
    _write(entry.resolve(), written)
    return "\n".join(written.values())


def _write(file: Path, written: dict[Path, str]) -> None:
    """Write a module after those that it imports, each once."""
    text = file.read_text(encoding="utf-8")
    for found in _IMPORT.finditer(text):
        imported = (file.parent / found["file"]).resolve()
        if imported not in written:
            _write(imported, written)
    written[file] = _as_constant(file, text, list(written))


def _as_constant(file: Path, text: str, before: list[Path]) -> str:
    def take(found: re.Match[str]) -> str:
        names = re.sub(r"(\w+)\s+as\s+(\w+)", r"\1: \2", found["names"])
        return f"const {{{names}}} = module_{before.index((file.parent / found['file']).resolve())};\n"

    names = [found["name"] for found in _EXPORT.finditer(text)]
    body = _EXPORT.sub("", _IMPORT.sub(take, text))
    head, default, rest = body.partition("\nexport default ")
    if default:  # of the last one: the widget
        return f"{head}\nexport default {rest}"
    return f"const module_{len(before)} = (() => {{\n{body}\nreturn {{ {', '.join(names)} }};\n}})();"
