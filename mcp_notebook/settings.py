"""This notebook's settings: `%config MCPMagics`, IPython's configuration files, and `[tool.mcp-notebook]` in pyproject.

    %config MCPMagics.max_rows = 50          in a notebook

    [tool.mcp-notebook]                      in the nearest pyproject.toml, for all notebooks of a project
    max_rows = 50

What a person configured in IPython beats what a project's file says. Knows traitlets, which IPython has loaded already.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, cast

from traitlets import Enum, Float, Integer, TraitError, Unicode, observe
from traitlets.config import Configurable

from mcp_notebook.display import limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["MCPMagics", "find_project_file", "read_project_settings"]

_TABLE = "mcp-notebook"


class MCPMagics(Configurable):
    """The settings; the class has the name that `%config` shows."""

    max_rows = Integer(20, min=1, help="How many rows of a table are shown.").tag(config=True)
    max_characters = Integer(10_000, min=1, help="How many characters of one text are shown.").tag(config=True)
    timeout = Float(
        None,
        min=0,
        allow_none=True,
        help="How many seconds `%mcp call` waits for a result where --timeout is not given; None waits for ever.",
    ).tag(config=True)
    era = Enum(
        ("auto", "legacy", "modern"),
        "auto",
        help="Which protocol `%mcp connect` speaks where --era is not given; auto asks the server.",
    ).tag(config=True)

    registry = Unicode(
        "https://registry.modelcontextprotocol.io",
        help="Where `%mcp registry` and `%mcp connect --registry` look for servers.",
    ).tag(config=True)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._limit_display()

    @observe("max_rows", "max_characters")
    def _limit_display(self, _change: object = None) -> None:
        limits.rows, limits.characters = self.max_rows, self.max_characters

    def take_project_settings(self, found: Mapping[str, Any], where: str) -> Iterator[str]:
        """Take what a project's file says, unless IPython's own configuration has said otherwise.

        Args:
            found: values by name, as in the file.
            where: the file, for the warnings.

        Yields:
            A sentence for each that is no setting, or has no such value.
        """
        names = self.trait_names(config=True)
        for name, value in found.items():
            if name not in names:
                close = difflib.get_close_matches(name, names, n=1)
                hint = f"Did you mean {close[0]!r}?" if close else f"There are: {', '.join(sorted(names))}."
                yield f"{where}: [tool.{_TABLE}] has no setting {name!r}. {hint}"
            elif name not in self.config[type(self).__name__]:
                try:
                    self.set_trait(name, value)
                except TraitError as error:
                    yield f"{where}: [tool.{_TABLE}] {name} = {value!r} was left out: {error}"


def find_project_file(directory: Path) -> Path | None:
    """Find the nearest pyproject.toml, in a directory or above it; None if there is none."""
    return next((file for one in (directory, *directory.parents) if (file := one / "pyproject.toml").is_file()), None)


def read_project_settings(file: Path) -> dict[str, Any]:
    """Read `[tool.mcp-notebook]` of a pyproject.toml; empty if it has none.

    Raises:
        ValueError: the file is no TOML, or the table no table.
        OSError: it cannot be read.
    """
    text = file.read_bytes().decode()
    if f"tool.{_TABLE}" not in text:
        return {}
    import tomllib  # noqa: PLC0415  tens of milliseconds, and hardly any project has settings

    table = tomllib.loads(text).get("tool", {}).get(_TABLE, {})
    if not isinstance(table, dict):
        raise ValueError(f"[tool.{_TABLE}] is no table")  # noqa: TRY004  a person's text, no type
    return cast("dict[str, Any]", table)
