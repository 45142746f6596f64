"""Notebooks in JupyterLab and Notebook 7, as a person opens and runs them in a browser.

Knows the parts of those pages by which a test finds them. Knows nothing of what the cells do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import nbformat
from playwright.sync_api import expect

from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from playwright.sync_api import Page

    from support.jupyter import JupyterServer

__all__ = ["FRONT_ENDS", "log_in", "open_and_run", "write_notebook"]

FRONT_ENDS = {"JupyterLab": "lab/tree", "Notebook 7": "notebooks"}
"""Where each shows a notebook."""

_HAS_RUN = re.compile(r"\[\d+\]:")  # [1]: unless they were begun twice, on a busy machine


def write_notebook(file: Path, cells: Sequence[str]) -> None:
    """Write a notebook of code cells."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, file)


def open_and_run(page: Page, server: JupyterServer, front_end: str, file: Path) -> None:
    """Log in, open a notebook of the server's directory, and have all its cells begin to run."""
    page.goto(f"{server.url}/{FRONT_ENDS[front_end]}/{file.name}?token={server.token}&reset")  # only this one
    expect(page.locator(".jp-KernelName")).to_contain_text("Python 3")
    expect(page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')).to_be_visible()
    wait_until(lambda: _run_all(page), "the first cell to run", seconds=60)


def log_in(page: Page, server: JupyterServer, place: str = "/mcp-notebook/") -> None:
    """Go to a page of the server, by way of its login form."""
    page.goto(f"{server.url}{place}")
    page.get_by_label("Password or token").fill(server.token)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)


def _run_all(page: Page) -> bool:
    """Run all cells; whether that took: JupyterLab 4.6 queues the cells and forgets them while it still starts."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    try:
        expect(page.locator(".jp-CodeCell .jp-InputPrompt").first).to_have_text(_HAS_RUN, timeout=10_000)
    except AssertionError:
        return False
    return True
