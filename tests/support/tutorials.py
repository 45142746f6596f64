"""The tutorials as files: their cells, what they show, and their pictures.

    PYTHONPATH=tests python -m support.tutorials path/to/mermaid.min.js

draws what is not drawn yet. JupyterLab draws Mermaid by itself; GitHub, nbviewer and HTML show the image before it.
Knows both places in a cell, and that a picture carries a fingerprint of its source. Refuses to know Mermaid: that is
the npm package, in the Chromium of the browser tests.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import nbformat

from support.paths import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTEBOOKS = CHECKOUT / "notebooks"
TUTORIALS = sorted(NOTEBOOKS.glob("*.ipynb"))

_PICTURE = re.compile(r"!\[[^\]]+\]\((images/[\w.-]+\.svg)\)(?:(?!!\[).)*?```mermaid\n(.*?)```", re.DOTALL)
_FINGERPRINT = re.compile(r'data-source="(\w+)"')


class Picture(NamedTuple):
    """An image, and the Mermaid text that it is drawn from."""

    file: Path
    source: str

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.source.encode()).hexdigest()[:16]

    def is_drawn(self) -> bool:
        """Whether the image is there, and of this source."""
        found = _FINGERPRINT.search(self.file.read_text(encoding="utf-8")) if self.file.exists() else None
        return found is not None and found[1] == self.fingerprint


def markdown_of(notebook: Path) -> str:
    """The text of a notebook's Markdown cells."""
    cells = nbformat.read(notebook, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def pictures_of(notebook: Path) -> list[Picture]:
    return [Picture(notebook.parent / image, source) for image, source in _PICTURE.findall(markdown_of(notebook))]


def outputs_of(notebook: Path) -> Iterator[str]:
    """The plain text of every output, in order."""
    for cell in nbformat.read(notebook, as_version=4).cells:
        yield from map(text_of, cell.get("outputs", ()))


def text_of(output: nbformat.NotebookNode) -> str:
    """The plain text of one output; an error's is its traceback."""
    if output.output_type == "stream":
        return output.text
    if output.output_type == "error":
        return "\n".join(output.traceback)
    return output.data.get("text/plain", "")


def draw(pictures: list[Picture], mermaid: Path) -> None:
    """Draw pictures in a browser without a network."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  what reads notebooks needs no browser

    # Text as SVG's own: HTML inside an SVG is not shown by <img>.
    settings = "{startOnLoad: false, theme: 'neutral', htmlLabels: false, fontFamily: 'sans-serif',"
    settings += " flowchart: {htmlLabels: false, useMaxWidth: false}, sequence: {useMaxWidth: false}}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        page.add_script_tag(content=mermaid.read_text(encoding="utf-8"))
        page.evaluate(f"mermaid.initialize({settings})")
        for number, picture in enumerate(pictures):
            render = "async ([id, source]) => (await mermaid.render(id, source)).svg"
            svg = page.evaluate(render, [f"picture{number}", picture.source])
            begin = f'<svg data-source="{picture.fingerprint}" style="background: white" '
            svg = re.sub(r'(<svg [^>]*?) style="[^"]*"', r"\1", svg, count=1).replace("<svg ", begin, 1)
            picture.file.write_text(svg + "\n", encoding="utf-8")
            print(f"drew {picture.file.name}, {len(svg):,} characters")  # noqa: T201  it is a command
        browser.close()


if __name__ == "__main__":
    missing = [one for notebook in TUTORIALS for one in pictures_of(notebook) if not one.is_drawn()]
    if missing:
        draw(missing, Path(sys.argv[1]))
