"""A host asks, a person answers: in a tab and in a notebook's frame; for hosts with URL mode and without."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any

import anyio.to_thread
import pytest
from mcp_types import ElicitResult
from playwright.sync_api import expect

from support.front_end import log_in, open_and_run, write_notebook
from support.jupyter import JupyterServer
from support.mcp import Host, connect, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, FrameLocator, Page

CODE = "total = 40 + 2\nprint(total)"
LOOKS = {"light": (1280, 1000), "dark": (900, 1000)}


@pytest.fixture(scope="module")
def server() -> Iterator[JupyterServer]:
    arguments = ("--MCPNotebookApp.approval_wait=0", "--ServerApp.base_url=/user/jo/")
    with JupyterServer(*arguments, front_ends=True) as server:
        yield server


@pytest.fixture(scope="module")
def lab(browser: Browser, server: JupyterServer) -> Iterator[Page]:
    """JupyterLab, with `%mcp inbox` in a notebook."""
    file = server.notebook_directory / "analysis.ipynb"
    write_notebook(file, ["%load_ext mcp_notebook", "%mcp inbox"])
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    open_and_run(page, server, "JupyterLab", file)
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def kernel(lab: Page) -> str:
    """The notebook is also whom the hosts ask about."""
    expect(lab.locator("iframe[title^='MCP hosts']")).to_be_visible()
    return "analysis.ipynb"


@pytest.fixture(scope="module")
def token(server: JupyterServer) -> str:
    return server.host_token("claude-code")


@pytest.fixture(params=["tab", "notebook"])
def place(request: pytest.FixtureRequest, server: JupyterServer, page: Page, lab: Page) -> Page | FrameLocator:
    """Where the person looks."""
    if request.param == "notebook":
        return lab.frame_locator("iframe[title^='MCP hosts']")
    log_in(page, server)
    return page


def test_a_host_without_url_mode_goes_on_after_the_click(
    place: Page | FrameLocator, token: str, kernel: str, server: JupyterServer, lab: Page, tmp_path: Path
) -> None:
    call = {"kernel": kernel, "code": CODE}
    with connect(server.mcp_url, token) as host:
        refused = text_of(host.call("execute_code", **call))
        assert re.search(r"/user/jo/mcp-notebook/\?approval=[0-9a-f]{32}", refused)
        question = place.get_by_role("article", name="claude-code asks to use execute_code on analysis.ipynb")
        expect(question.locator("pre")).to_have_text(CODE)
        take_pictures(lab, tmp_path)
        question.get_by_role("button", name="Allow once").click()
        expect(question).to_have_count(0)
        assert text_of(host.call("execute_code", **call)) == "42"


def test_a_host_with_url_mode_goes_on_after_the_click(
    place: Page | FrameLocator, token: str, kernel: str, server: JupyterServer
) -> None:
    shown: list[Any] = []
    answered = threading.Event()

    async def show(_: object, question: Any) -> ElicitResult:
        shown.append(question)
        await anyio.to_thread.run_sync(answered.wait, 60)
        return ElicitResult(action="accept")

    with connect(server.mcp_url, token, elicitation_callback=show) as host:
        calling = host.portal.start_task_soon(_execute, host, kernel)
        try:
            question = place.get_by_role("article")
            expect(question.locator("pre")).to_have_text(CODE)
            question.get_by_role("button", name="Allow once").click()
            expect(question).to_have_count(0)
        finally:
            answered.set()
        assert text_of(calling.result(60)) == "42"
    [asked] = shown
    assert asked.mode == "url"
    assert asked.url.startswith(f"{server.url}/mcp-notebook/?approval=")


async def _execute(host: Host, kernel: str) -> Any:
    return await host.client.call_tool("execute_code", {"kernel": kernel, "code": CODE})


def take_pictures(page: Page, directory: Path) -> None:
    """For people to look at: nothing is compared."""
    for scheme, (width, height) in LOOKS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its words
        page.screenshot(path=directory / f"notebook-{scheme}.png")
