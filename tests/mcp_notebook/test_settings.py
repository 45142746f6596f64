from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from traitlets.config import Config

from mcp_notebook.display import Table, limits
from mcp_notebook.settings import MCPMagics, find_project_file, read_project_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def default_limits() -> Iterator[None]:
    """New settings set the limits of the display anew."""
    yield
    MCPMagics()


def write(directory: Path, text: str) -> Path:
    file = directory / "pyproject.toml"
    file.write_text(text)
    return file


def test_the_limits_of_the_display_follow_the_settings() -> None:
    settings = MCPMagics(max_rows=2)
    table = Table(("n",), [(n,) for n in range(5)])
    assert repr(table) == "n\n0\n1\n… 3 more rows; .DataFrame() has them all"
    settings.max_rows = 4
    assert repr(table).endswith("… 1 more rows; .DataFrame() has them all")
    settings.max_characters = 3
    assert limits.characters == 3


def test_the_nearest_project_file_counts(tmp_path: Path) -> None:
    outer = write(tmp_path, "[tool.mcp-notebook]\ntimeout = 5\n")
    inside = tmp_path / "notebooks" / "deep"
    inside.mkdir(parents=True)
    assert find_project_file(inside) == outer
    nearer = write(inside.parent, "")
    assert find_project_file(inside) == nearer
    assert read_project_settings(outer) == {"timeout": 5}
    assert read_project_settings(nearer) == {}


def test_a_project_without_our_table_need_not_be_toml(tmp_path: Path) -> None:
    assert read_project_settings(write(tmp_path, "not [ toml")) == {}
    with pytest.raises(ValueError, match="line 1"):
        read_project_settings(write(tmp_path, "tool.mcp-notebook = [ toml"))
    with pytest.raises(ValueError, match=r"\[tool\.mcp-notebook\] is no table"):
        read_project_settings(write(tmp_path, "tool.mcp-notebook = 3"))


def take(settings: MCPMagics, found: dict[str, Any]) -> list[str]:
    return list(settings.take_project_settings(found, "pyproject.toml"))


def test_a_project_sets_what_the_person_did_not() -> None:
    settings = MCPMagics(config=Config({"MCPMagics": {"max_rows": 7}}))
    assert take(settings, {"max_rows": 50, "timeout": 5, "era": "legacy"}) == []
    assert (settings.max_rows, settings.timeout, settings.era) == (7, 5.0, "legacy")


def test_what_is_wrong_in_a_project_is_a_line_each() -> None:
    settings = MCPMagics()
    where = "pyproject.toml: [tool.mcp-notebook]"
    eras = ["auto", "legacy", "modern"]
    expected = "trait of a MCPMagics instance expected"
    assert take(settings, {"max_row": 3, "colour": "red", "max_rows": "x", "era": "old"}) == [
        f"{where} has no setting 'max_row'. Did you mean 'max_rows'?",
        f"{where} has no setting 'colour'. There are: era, max_characters, max_rows, registry, timeout.",
        f"{where} max_rows = 'x' was left out: The 'max_rows' {expected} an int, not the str 'x'.",
        f"{where} era = 'old' was left out: The 'era' {expected} any of {eras}, not the str 'old'.",
    ]
    assert (settings.max_rows, settings.era) == (20, "auto")
