"""The page on which a person answers, in a real browser: with the keyboard alone, and with nothing taken for HTML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from support.jupyter import JupyterServer
from support.mcp import Host, connect, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

CODE = "print('<b>bold</b>')  # <script>document.title = 'taken'</script> \u202e 1 = x"


@pytest.fixture(scope="module")
def server() -> Iterator[JupyterServer]:
    with JupyterServer("--MCPNotebookApp.approval_wait=0") as server:
        yield server


@pytest.fixture(scope="module")
def kernel(server: JupyterServer) -> str:
    kernel = server.start_kernel()
    with server.client(kernel):
        return kernel


@pytest.fixture(scope="module")
def host(server: JupyterServer) -> Iterator[Host]:
    with connect(server.mcp_url, server.host_token()) as host:
        yield host


def test_the_link_leads_through_the_login_to_the_question_and_the_keyboard_answers_it(
    server: JupyterServer, kernel: str, host: Host, page: Page
) -> None:
    code = {"kernel": kernel, "code": CODE}
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda message: failures.append(message.text) if message.type == "error" else None)
    link = re.search(r"https?://\S+", text_of(host.call("execute_code", **code)))
    assert link
    page.goto(link[0])
    page.get_by_label("Password or token").fill(server.token)
    page.keyboard.press("Enter")
    question = page.get_by_role("article")
    expect(question).to_be_focused()
    expect(question.locator("pre")).to_have_text(CODE.replace("\u202e", "\\u{202e}"))
    expect(page).to_have_title("(1) MCP hosts: what waits for you")
    assert text_of(host.call("execute_code", kernel=kernel, code="print('second')")).startswith("execute_code was not")
    expect(page.get_by_role("article")).to_have_count(2)  # without a click, and the focus stays
    expect(question.first).to_be_focused()
    page.keyboard.press("Tab")  # to the code, which scrolls
    page.keyboard.press("Tab")
    expect(question.first.get_by_role("button", name="Allow once")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("article")).to_have_count(1)
    assert text_of(host.call("execute_code", **code)) == "<b>bold</b>"
    page.get_by_role("button", name="Allow for an hour").click()
    expect(page.get_by_role("article")).to_have_count(0)
    expect(page.get_by_role("heading", name="Waiting for you")).to_be_focused()
    assert text_of(host.call("execute_code", kernel=kernel, code="print('third')")) == "third"
    page.get_by_role("button", name="End").click()
    expect(page.get_by_text("Nothing beyond what tokens give.")).to_be_visible()
    assert host.call("execute_code", kernel=kernel, code="print('fourth')").is_error
    expect(page.get_by_role("article")).to_have_count(1)
    assert failures == []


def test_jupyters_own_pages_may_frame_it_and_no_others(server: JupyterServer, page: Page) -> None:
    page.goto(f"{server.url}/login")
    page.get_by_label("Password or token").fill(server.token)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    body = f"<iframe src='{server.url}/mcp-notebook/'></iframe>"
    own, evil = f"{server.url}/framing", "http://127.0.0.1:65000/"  # the same site, so cookies travel to both
    for place in (own, evil):
        page.route(place, lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto(own)
    expect(page.frame_locator("iframe").get_by_role("heading", name="MCP hosts")).to_be_visible()
    page.goto(evil)
    assert page.frames[1].url == "chrome-error://chromewebdata/"
