"""The tutorials as they are on disk: drawn, linked, with their outputs, and with nothing in them of one machine."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import nbformat
import pytest

from support.tutorials import NOTEBOOKS, TUTORIALS, markdown_of, outputs_of, pictures_of

if TYPE_CHECKING:
    from pathlib import Path

each_notebook = pytest.mark.parametrize("notebook", TUTORIALS, ids=lambda one: one.stem)

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
_WIDGET = "application/vnd.jupyter.widget-view+json"
_IMAGE_OUTPUT = "Alternative text is missing"
"""nbconvert says it of every output that is an image: its template has no place for such a text."""
_EMBEDDED = re.compile(r'<img[^>]+src="data:image/svg')
_OF_ONE_MACHINE = {
    "a path": re.compile(r"(?<![\w.:/])/(home|root|tmp|usr|work|Users|private)/|site-packages"),
    "a port": re.compile(r"(127\.0\.0\.1|localhost):\d{2,5}\b"),
    "an address in memory": re.compile(r"0x[0-9a-f]{6,}"),
    "an id": re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}|\b[0-9a-f]{32}\b"),
}


@each_notebook
def test_it_has_a_picture_and_each_is_drawn_of_its_present_source(notebook: Path) -> None:
    pictures = pictures_of(notebook)
    assert pictures
    assert markdown_of(notebook).count("```mermaid") == len(pictures)
    assert [picture.file.name for picture in pictures if not picture.is_drawn()] == []


def test_no_image_is_left_that_no_notebook_shows() -> None:
    shown = {picture.file for notebook in TUTORIALS for picture in pictures_of(notebook)}
    assert set((NOTEBOOKS / "images").iterdir()) == shown


@each_notebook
def test_its_links_lead_somewhere(notebook: Path) -> None:
    assert [link for link in _LINK.findall(markdown_of(notebook)) if not leads_somewhere(link, notebook)] == []


def leads_somewhere(link: str, notebook: Path) -> bool:
    """Whether there is such a file, and such a heading in it; of the web only how its addresses look."""
    url = urlsplit(link)
    if url.scheme:
        return url.scheme == "https" and "." in url.netloc
    file = notebook.parent / url.path if url.path else notebook
    if not file.exists() or not url.fragment:
        return file.exists()
    return unquote(url.fragment) in [heading.replace(" ", "-") for heading in _HEADING.findall(markdown_of(file))]


def test_what_leads_nowhere_is_noticed() -> None:
    first = TUTORIALS[0]
    found = {link: leads_somewhere(link, first) for link in ("gone.ipynb", "#Nowhere", f"{first.name}#Exercises")}
    assert found == {"gone.ipynb": False, "#Nowhere": False, f"{first.name}#Exercises": True}
    assert not leads_somewhere("http://example.com/", first)


@each_notebook
def test_it_ends_with_three_exercises_whose_answers_are_hidden(notebook: Path) -> None:
    _, _, exercises = markdown_of(notebook).partition("## Exercises")
    assert exercises.count("<details><summary>Answer</summary>") == 3
    assert exercises.count("</details>") == 3


@each_notebook
def test_its_outputs_are_saved_and_say_nothing_of_one_machine(notebook: Path) -> None:
    code = [cell for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"]
    assert [cell.id for cell in code if cell.source and cell.execution_count is None] == []
    for text in (*outputs_of(notebook), *(json.dumps(cell.outputs) for cell in code)):
        assert {name for name, pattern in _OF_ONE_MACHINE.items() if pattern.search(text)} == set(), text


@each_notebook
def test_each_output_is_seen_where_no_widget_is(notebook: Path) -> None:
    for cell in nbformat.read(notebook, as_version=4).cells:
        for data in [one.data for one in cell.get("outputs", ()) if "data" in one]:
            assert data.get("text/plain")
            assert _WIDGET not in data or data.get("text/html")


def test_all_convert_to_html_without_a_warning_or_a_blank_widget(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--embed-images", "--output-dir", str(tmp_path)]
    done = subprocess.run([*command, *map(str, TUTORIALS)], check=True, capture_output=True, text=True)
    warnings = [line for line in done.stderr.splitlines() if "warn" in line.lower()]
    assert [line for line in warnings if _IMAGE_OUTPUT not in line] == []
    pages = {page.stem: page.read_text(encoding="utf-8") for page in tmp_path.glob("*.html")}
    assert set(pages) == {notebook.stem for notebook in TUTORIALS}
    for notebook in TUTORIALS:
        assert len(_EMBEDDED.findall(pages[notebook.stem])) == len(pictures_of(notebook))
        assert _WIDGET not in pages[notebook.stem]
