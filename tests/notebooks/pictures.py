"""Draw the notebooks' pictures: each Mermaid block of a Markdown cell, into the image that the cell shows before it.

    python tests/notebooks/pictures.py path/to/mermaid.min.js

JupyterLab draws Mermaid by itself; GitHub, nbviewer and HTML show the image. Knows both places, and that a picture
carries a fingerprint of its source, by which `test_pictures` sees that one was changed without the other. Refuses to
know Mermaid: that is the npm package, in the Chromium of the browser tests.
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import nbformat

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"

_PICTURE = re.compile(r"!\[[^\]]+\]\((images/[\w.-]+\.svg)\).*?```mermaid\n(.*?)```", re.DOTALL)
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


def find_pictures(notebook: Path) -> Iterator[Picture]:
    """Find the pictures of one notebook."""
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type == "markdown":
            for image, source in _PICTURE.findall(cell.source):
                yield Picture(notebook.parent / image, source)


def draw(pictures: list[Picture], mermaid: Path) -> None:
    """Draw pictures in a browser without a network."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  the tests need no browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page()
        page.add_script_tag(content=mermaid.read_text(encoding="utf-8"))
        # Text as SVG's own: what is HTML inside an SVG is not shown in an <img>.
        page.evaluate(
            "mermaid.initialize({startOnLoad: false, theme: 'neutral', htmlLabels: false,"
            " flowchart: {htmlLabels: false, useMaxWidth: false}, sequence: {useMaxWidth: false}})"
        )
        for number, picture in enumerate(pictures):
            render = "async ([id, source]) => (await mermaid.render(id, source)).svg"
            svg = page.evaluate(render, [f"picture{number}", picture.source])
            begin = f'<svg data-source="{picture.fingerprint}" style="background: white" '
            svg = re.sub(r' style="[^"]*"', "", svg, count=1).replace("<svg ", begin, 1)
            picture.file.write_text(svg + "\n", encoding="utf-8")
            print(f"drew {picture.file.name}, {len(svg):,} characters")  # noqa: T201  it is a command
        browser.close()


if __name__ == "__main__":
    missing = [
        picture
        for notebook in sorted(NOTEBOOKS.glob("*.ipynb"))
        for picture in find_pictures(notebook)
        if not picture.is_drawn()
    ]
    if missing:
        draw(missing, Path(sys.argv[1]))
