"""The page on which a person answers, in a real browser: with the keyboard alone, and with nothing taken for HTML."""

from __future__ import annotations

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from support.front_end import log_in
from support.jupyter import JupyterServer
from support.mcp import Host, connect, text_of
from support.person import Person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

CODE = "print('<b>bold</b>')  # <script>document.title = 'taken'</script> \u202e 1 = x"

FETCH = """(where) => fetch(where, {
  method: "POST", mode: "no-cors", credentials: "include", body: JSON.stringify({ answer: "always" }),
})"""
FRAME = """(where) => new Promise((loaded) => {
  document.body.append(Object.assign(document.createElement("iframe"), { src: where, onload: () => loaded() }));
})"""
SUBMIT = """(where) => {
  const form = Object.assign(document.createElement("form"), { method: "post", enctype: "text/plain", action: where });
  form.append(Object.assign(document.createElement("input"), { name: '{"answer": "always", "more": "', value: '"}' }));
  document.body.append(form);
  form.submit();
}"""


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


class Kittens(BaseHTTPRequestHandler):
    """What people go to see."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<p>kittens</p>")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def evil() -> Iterator[str]:
    """A page of another origin, but of the same site: cookies travel. Really served: Chromium guards loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Kittens) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}/"
        http.shutdown()
        thread.join()


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


def test_a_page_of_another_origin_cannot_click_with_the_cookies_that_travel_to_jupyter(
    server: JupyterServer, kernel: str, page: Page, evil: str
) -> None:
    with connect(server.mcp_url, server.host_token("accomplice")) as accomplice:
        refused = text_of(accomplice.call("execute_code", kernel=kernel, code="print('never')"))
    asked = re.search(r"request ([0-9a-f]{32})", refused)
    assert asked
    log_in(page, server)
    page.goto(evil)
    where = f"{server.url}/mcp-notebook/api/approvals/{asked[1]}"
    with page.expect_response(where) as posted:
        page.evaluate(FETCH, where)
    assert posted.value.status in (403, 404)  # Jupyter's word for a foreign origin
    with page.expect_navigation() as navigated:
        page.evaluate(SUBMIT, where)
    assert navigated.value.status in (403, 404)
    assert "username-" in navigated.value.request.all_headers()["cookie"]  # the attack is a real one
    with Person(server) as person:
        assert asked[1] in [approval["id"] for approval in person.approvals()]
        assert "accomplice" not in [grant["token"] for grant in person.grants()]


def test_jupyters_own_pages_may_frame_it_and_no_others(server: JupyterServer, page: Page, evil: str) -> None:
    log_in(page, server)
    page.goto(f"{server.url}/login")
    page.evaluate(FRAME, f"{server.url}/mcp-notebook/")
    expect(page.frame_locator("iframe").get_by_role("heading", name="MCP hosts")).to_be_visible()
    page.goto(evil)
    page.evaluate(FRAME, f"{server.url}/mcp-notebook/")
    assert page.frames[1].url == "chrome-error://chromewebdata/"
