"""A host asks, a person answers: in a tab and in a notebook's frame; for hosts with URL mode and without."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import anyio.to_thread
import pytest
from mcp_types import ElicitResult
from playwright.sync_api import expect

from support.front_end import FRONT_ENDS, log_in, open_and_run, write_notebook
from support.jupyter import JupyterServer
from support.mcp import Host, connect, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, FrameLocator, Page

CODE = "total = 40 + 2\nprint(total)"
LOOKS: dict[Literal["light", "dark"], tuple[int, int]] = {"dark": (900, 1000), "light": (1280, 1000)}
TEXT = {"light": "rgb(29, 31, 35)", "dark": "rgb(233, 233, 230)"}
OTHER = {"light": "dark", "dark": "light"}
TAB = "a tab"


class Place(NamedTuple):
    """Where the person looks.

    Attributes:
        page: what the browser shows.
        inbox: the part of it on which hosts are answered.
        notebook: whose kernel the hosts ask about.
    """

    page: Page
    inbox: Page | FrameLocator
    notebook: str


@pytest.fixture(scope="module")
def server() -> Iterator[JupyterServer]:
    arguments = ("--MCPNotebookApp.approval_wait=0", "--ServerApp.base_url=/user/jo/")
    with JupyterServer(*arguments, front_ends=True) as server:
        yield server


@pytest.fixture(scope="module")
def token(server: JupyterServer) -> str:
    return server.host_token("claude-code")


@pytest.fixture(scope="module", params=[TAB, *FRONT_ENDS])
def place(request: pytest.FixtureRequest, browser: Browser, server: JupyterServer) -> Iterator[Place]:
    """A tab of its own, or `%mcp inbox` in a notebook."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    notebook = f"analysis in {request.param}.ipynb"
    if request.param == TAB:
        session = {"path": notebook, "type": "notebook", "name": "", "kernel": {"name": "python3"}}
        with server.client(server.api("POST", "/api/sessions", session)["kernel"]["id"]):
            log_in(page, server)
        yield Place(page, page, notebook)
    else:
        write_notebook(server.notebook_directory / notebook, ["%load_ext mcp_notebook", "%mcp inbox"])
        open_and_run(page, server, request.param, server.notebook_directory / notebook)
        expect(page.locator("iframe[title^='MCP hosts']")).to_be_visible()
        yield Place(page, page.frame_locator("iframe[title^='MCP hosts']"), notebook)
    page.context.close()


def test_a_host_without_url_mode_goes_on_after_the_click(
    place: Place, token: str, server: JupyterServer, tmp_path: Path
) -> None:
    call = {"kernel": place.notebook, "code": CODE}
    with connect(server.mcp_url, token) as host:
        refused = text_of(host.call("execute_code", **call))
        assert re.search(r"/user/jo/mcp-notebook/\?approval=[0-9a-f]{32}", refused)
        name = f"claude-code asks to use execute_code on {place.notebook}"
        question = place.inbox.get_by_role("article", name=name)
        expect(question.locator("pre")).to_have_text(CODE)
        check_looks(place, tmp_path)
        question.get_by_role("button", name="Allow once").click()
        expect(question).to_have_count(0)
        assert text_of(host.call("execute_code", **call)) == "42"


def test_a_host_with_url_mode_goes_on_after_the_click(place: Place, token: str, server: JupyterServer) -> None:
    shown: list[Any] = []
    answered = threading.Event()

    async def show(_: object, question: Any) -> ElicitResult:
        shown.append(question)
        await anyio.to_thread.run_sync(answered.wait, 60)
        return ElicitResult(action="accept")

    with connect(server.mcp_url, token, elicitation_callback=show) as host:
        calling = host.portal.start_task_soon(_execute, host, place.notebook)
        try:
            question = place.inbox.get_by_role("article")
            expect(question.locator("pre")).to_have_text(CODE)
            question.get_by_role("button", name="Allow once").click()
            expect(question).to_have_count(0)
        finally:
            answered.set()
        assert text_of(calling.result(60)) == "42"
    [asked] = shown
    assert asked.mode == "url"
    assert asked.url.startswith(f"{server.url}/mcp-notebook/?approval=")


async def _execute(host: Host, notebook: str) -> Any:
    return await host.client.call_tool("execute_code", {"kernel": notebook, "code": CODE})


def check_looks(place: Place, directory: Path) -> None:
    """The inbox is as light or dark as what is around it; with pictures for people to look at."""
    for look, (width, height) in LOOKS.items():
        place.page.set_viewport_size({"width": width, "height": height})
        if place.page is place.inbox:
            place.page.emulate_media(color_scheme=look)
        else:
            place.page.emulate_media(color_scheme=OTHER[look])  # type: ignore[arg-type]  # of no account in a notebook
            choose_theme(place.page, f"JupyterLab {look.title()}")
            expect(place.page.locator("#jupyterlab-splash")).to_have_count(0)
        expect(place.inbox.locator("article pre")).to_have_css("color", TEXT[look])
        place.page.screenshot(path=directory / f"{look}.png")


def choose_theme(page: Page, name: str) -> None:
    page.get_by_role("menuitem", name="Settings", exact=True).click()
    for item in ("Theme", name):
        page.locator(".lm-Menu-item").get_by_text(item, exact=True).click()
