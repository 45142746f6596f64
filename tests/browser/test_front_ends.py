"""The host side in JupyterLab and Notebook 7: a person opens a notebook, runs all its cells, and reads the outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat
import pytest
from playwright.sync_api import expect

from support.story import story
from support.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from support.jupyter import JupyterServer

FRONT_ENDS = {"JupyterLab": "lab/tree", "Notebook 7": "notebooks"}


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_the_story_runs_where_people_open_notebooks(
    page: Page, jupyter_server: JupyterServer, tmp_path: Path, front_end: str
) -> None:
    cells = ["%load_ext mcp_notebook", *story(tmp_path)]
    file = jupyter_server.notebook_directory / f"{front_end}.ipynb"
    write_notebook(file, cells)

    page.goto(f"{jupyter_server.url}/{FRONT_ENDS[front_end]}/{front_end}.ipynb?token={jupyter_server.token}")
    expect(page.locator(".jp-KernelName")).to_contain_text("Python 3")
    expect(page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')).to_be_visible()
    wait_until(lambda: run_all(page), "the first cell to run")
    ended = page.locator(".jp-Cell.jp-mod-selected .jp-InputPrompt", has_text=f"[{len(cells)}]")
    failed = page.locator("[data-mime-type='application/vnd.jupyter.error']")
    expect(ended.or_(failed)).to_be_visible()
    assert failed.all_inner_texts() == []

    tools = page.locator(".jp-OutputArea-output table", has_text="workshop.add").first
    tools.scroll_into_view_if_needed()
    expect(tools).to_be_visible()
    page.screenshot(path=tmp_path / f"{front_end}.png")


def run_all(page: Page) -> bool:
    """Run all cells; whether that took: JupyterLab 4.6 queues the cells and forgets them while it still starts."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    try:
        expect(page.locator(".jp-InputPrompt").first).to_have_text("[1]:", timeout=5000)
    except AssertionError:
        return False
    return True


def write_notebook(file: Path, cells: list[str]) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, file)
