"""The host side in JupyterLab and Notebook 7: a person opens a notebook, runs all its cells, and reads the outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from support.front_end import FRONT_ENDS, open_and_run, write_notebook
from support.story import story

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from support.jupyter import JupyterServer


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_the_story_runs_where_people_open_notebooks(
    page: Page, jupyter_server: JupyterServer, tmp_path: Path, front_end: str
) -> None:
    cells = ["%load_ext mcp_notebook", *story(tmp_path)]
    file = jupyter_server.notebook_directory / f"{front_end}.ipynb"
    write_notebook(file, cells)

    open_and_run(page, jupyter_server, front_end, file)
    ended = page.locator(".jp-Cell.jp-mod-selected .jp-InputPrompt", has_text=f"[{len(cells)}]")
    failed = page.locator("[data-mime-type='application/vnd.jupyter.error']")
    expect(ended.or_(failed)).to_be_visible()
    assert failed.all_inner_texts() == []

    tools = page.locator(".jp-OutputArea-output table", has_text="workshop.add").first
    tools.scroll_into_view_if_needed()
    expect(tools).to_be_visible()
    page.screenshot(path=tmp_path / f"{front_end}.png")
