"""A form is shown under the running cell, filled in and submitted, in JupyterLab and Notebook 7."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from support.front_end import FRONT_ENDS, open_and_run, write_notebook

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from support.jupyter import JupyterServer

ASKING = Path(__file__).parents[1] / "mcp_notebook" / "approval" / "asking_server.py"
EVIL = "<img src=x onerror='document.title=1'><script>document.title=1</script>"
CELLS = [
    "%load_ext mcp_notebook",
    f"%mcp connect asking -- {sys.executable} {ASKING}",
    "x = %mcp call travel\nprint('came', x.text)",
    f"""%mcp connect legacy --era legacy -- {sys.executable} {ASKING}
y = %mcp call legacy.ask message=$evil schema=$schema
print(y.text)""",
    "print('the', 'last')",
]
SETUP = f"""evil = {EVIL!r}
schema = {{"type": "object", "properties": {{evil: {{"type": "string", "title": evil, "description": evil}}}}}}"""


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_a_form_is_filled_in_and_submitted_while_its_cell_runs(
    page: Page, jupyter_server: JupyterServer, front_end: str
) -> None:
    file = jupyter_server.notebook_directory / f"approval-{front_end}.ipynb"
    write_notebook(file, [SETUP, *CELLS])
    open_and_run(page, jupyter_server, front_end, file)

    form = page.locator(".mcp-question").first
    expect(form).to_be_visible()
    form.get_by_label("City").fill("Seoul")
    form.get_by_label("Nights").fill("99")
    form.get_by_role("button", name="Submit").click()
    expect(form.get_by_text("At most 30.")).to_be_visible()
    form.get_by_label("Nights").fill("3")
    form.get_by_role("button", name="Submit").click()
    expect(page.get_by_text('came {"city":"Seoul","nights":3}')).to_be_visible()
    expect(form.get_by_text("answered")).to_be_visible()
    expect(form.get_by_role("button", name="Submit")).to_be_disabled()

    rude = page.locator(".mcp-question").nth(1)
    expect(rude.locator(".message")).to_have_text(EVIL)
    assert rude.locator("img, script").count() == 0
    rude.get_by_role("button", name="Decline").click()
    expect(page.get_by_text("the last", exact=True)).to_be_visible()
    assert page.title() != "1"
