"""The rest of the page, in a real browser: tokens, hosts, what runs, what to paste; for eyes and for screen readers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from mcp import MCPError
from mcp_types import Implementation
from playwright.sync_api import expect

from support.cells import finish_cell, start_cell
from support.front_end import log_in
from support.jupyter import JupyterServer
from support.mcp import Host, connect, text_of
from support.node import node_command
from support.person import Person
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

EVIL = '<img src=x onerror="window.ran=1"><script>window.ran=1</script><b>\u202eevil\u200b</b>'
LONG = EVIL + "W" * 3000
ENDLESS = "import time\nbegun = True\nwhile True:\n    time.sleep(0.01)"
FIND_TOO_WIDE = """
document.documentElement.scrollWidth <= window.innerWidth ? [] : [...document.querySelectorAll("*")]
  .filter((each) => !each.closest("pre, .scroll") && each.getBoundingClientRect().right > window.innerWidth)
  .map((each) => each.outerHTML.slice(0, 80))
"""
RUN_AXE = "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })"
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective));
"""
EVERYWHERE = """async (evil) => {
  const { take } = await import(document.querySelector("script").src.replace("page.js", "state.js"));
  const now = new Date().toISOString();
  const as_of = Infinity;  // what Jupyter says meanwhile is older
  const names = { token: evil, tool: evil, host: evil, name: evil, scope: evil };
  const common = { id: "1", kernel: evil, notebook: evil, ...names };
  take({
    as_of, approvals: [{ ...common, kind: "diff", text: "-" + evil + "\\n+" + evil, created: now, expires: now }],
    pauses: [{ ...common, declined: 5, until: now }],
    grants: [{ ...common, duration: "hour", expires: now }],
    calls: [{ ...common, code: evil, since: now }],
    hosts: [{ ...common, era: evil, address: evil, since: now, calls: 1, kernels: [evil] }],
    kernels: [{ id: evil, name: evil, notebook: evil }],
    tokens: [{ ...common, scopes: [evil], kernels: [evil], notebooks: [evil], expires: now }],
    recent: [{ ...common, time: now, arguments: { kernel: evil, [evil]: evil }, outcome: evil, error: evil }],
  });
}"""

REVOKED = """async () => {
  const { take } = await import(document.querySelector("script").src.replace("page.js", "state.js"));
  take({ as_of: Infinity, tokens: [] });
}"""
PASSED = """async () => {
  const { hear, take } = await import(document.querySelector("script").src.replace("page.js", "state.js"));
  const call = { id: "1", token: "quick", tool: "list_kernels", host: "", since: new Date().toISOString() };
  hear({ as_of: 1e9, calls: [] });
  take({ as_of: 1e9 + 2, calls: [call] });  // the answer to a click
  take({ as_of: 1e9 + 1, calls: [call, { ...call, id: "2" }] });  // one that took longer
  const shown = document.getElementById("calls").children.length;
  hear({ as_of: 1e9 + 3 });  // to the stream, nothing has changed
  return [shown, document.getElementById("calls").innerText];
}"""


@pytest.fixture(scope="module")
def server() -> Iterator[JupyterServer]:
    with JupyterServer("--MCPNotebookApp.approval_wait=30") as server:
        yield server


@pytest.fixture(scope="module")
def kernel(server: JupyterServer) -> str:
    kernel = server.start_kernel()
    with server.client(kernel):
        return kernel


@pytest.fixture(autouse=True)
def nothing_left(server: JupyterServer) -> Iterator[None]:
    """Whatever a test leaves open, the next one does not see."""
    yield
    with Person(server) as person:
        for approval in person.approvals():
            person.answer(approval["id"], "decline")


@pytest.fixture
def shown(page: Page, server: JupyterServer) -> Iterator[Page]:
    """The page; whatever the browser complains about fails the test."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.add_init_script(WATCH)
    log_in(page, server)
    expect(page.get_by_text("Connected to Jupyter.")).to_be_visible()
    yield page
    assert page.evaluate("window.violations") == []
    assert [each for each in complaints if "status of 400" not in each] == []


def start_running(host: Host, kernel: str, code: str) -> Any:
    return start(host, "execute_code", kernel=kernel, code=code)


def start(host: Host, tool: str, **arguments: str) -> Any:
    async def call() -> Any:
        return await host.client.call_tool(tool, arguments)

    return host.portal.start_task_soon(call)


def section(page: Page, name: str) -> Any:
    return page.get_by_role("region", name=name, exact=True).first


def test_a_token_is_made_shown_once_used_and_revoked(shown: Page, server: JupyterServer, kernel: str) -> None:
    shown.get_by_text("New token").click()
    shown.get_by_label("Name", exact=True).fill("visitor")
    shown.get_by_role("checkbox", name=f"kernel {kernel[:8]}").check()
    shown.get_by_role("button", name="Make the token").click()
    made = shown.get_by_role("group", name="The new token")
    expect(made).to_be_focused()
    secret = made.locator("code").inner_text()
    expect(section(shown, "Connect a host").locator("pre", has_text=secret)).to_be_visible()
    made.get_by_role("button", name="Done").click()
    expect(shown.get_by_role("heading", name="Host tokens")).to_be_focused()
    assert secret not in shown.content()
    token = section(shown, "Host tokens").get_by_role("listitem").filter(has_text="visitor")
    expect(token).to_contain_text(f"Sees kernel {kernel[:8]}")
    expect(token).to_contain_text("never used")
    listed = server.run_cli("token", "list").stdout
    assert f"visitor: read; {kernel}; expires" in listed
    with connect(server.mcp_url, secret, client_info=Implementation(name="Visiting Host", version="7")) as host:
        host.read("list_kernels")
        visitor = section(shown, "Connected hosts").get_by_role("listitem").filter(has_text="Visiting Host 7")
        expect(visitor).to_contain_text("token visitor, modern protocol")
        expect(token).to_contain_text("in use")
        expect(shown.get_by_role("row").filter(has_text="Visiting Host 7")).to_contain_text("list_kernels")
        token.get_by_role("button", name="Renew visitor").click()
        expect(shown.get_by_text("Renewed visitor.")).to_be_visible()
        token.get_by_role("button", name="Revoke visitor").click()
        token.get_by_role("button", name="Revoke now? visitor").click()
        expect(token.locator(".badge").first).to_have_text("revoked")
        expect(token.get_by_role("button")).to_have_count(0)
        expect(visitor).to_have_count(0)
        expect(shown.get_by_role("heading", name="Host tokens")).to_be_focused()
        with pytest.raises(MCPError):
            host.call("list_kernels")
    assert "visitor" not in server.run_cli("token", "list").stdout


def test_a_token_that_is_revoked_elsewhere_is_shown_as_such_until_the_page_is_loaded_again(
    shown: Page, server: JupyterServer
) -> None:
    with Person(server) as elsewhere:
        server.host_token("short")
        tokens = section(shown, "Host tokens").get_by_role("listitem").filter(has_text="short")
        elsewhere.make_token("long")  # of which the page hears, and so of the other
        expect(tokens.locator(".badge").first).to_have_text("live")
        elsewhere.revoke_token("short")
        expect(tokens.locator(".badge").first).to_have_text("revoked")
        elsewhere.make_token("short")  # another one under the same name
        expect(tokens.locator(".badge:first-of-type")).to_have_text(["live", "revoked"])
    shown.reload()
    expect(tokens.locator(".badge:first-of-type")).to_have_text(["live"])


def test_what_the_command_line_refuses_the_page_refuses_in_the_same_words(shown: Page, server: JupyterServer) -> None:
    server.host_token("taken")
    shown.get_by_text("New token").click()
    shown.get_by_label("Name", exact=True).fill("taken")
    shown.get_by_role("button", name="Make the token").click()
    expect(shown.get_by_role("status")).to_contain_text("There is a token named 'taken'.")
    assert "There is a token named 'taken'." in server.run_cli("token", "create", "taken").stderr


def test_interrupt_ends_the_hosts_run_and_its_call_says_so(shown: Page, server: JupyterServer, kernel: str) -> None:
    running = section(shown, "Running now").get_by_role("listitem")
    with connect(server.mcp_url, server.host_token("runner", "--execute")) as host:
        call = start_running(host, kernel, ENDLESS)
        run = running.filter(has_text="Code on kernel")
        expect(run).to_contain_text("token runner")
        expect(running).to_have_count(1)  # the call that waits for the run is not another
        reads = {"kernel": kernel, "path": "begun"}
        wait_until(lambda: not host.call("inspect_variable", **reads).is_error, "the code to begin")
        run.get_by_role("button", name="Interrupt").click()
        expect(run).to_have_count(0)
        assert call.result(30).structured_content["state"] == "interrupted"
        assert host.read("inspect_variable", **reads)["text"] == "True"
    expect(running).to_have_text("No host is doing anything just now.")


def test_interrupt_ends_a_call_that_waits_and_never_a_cell_of_the_person(
    shown: Page, server: JupyterServer, kernel: str
) -> None:
    with server.client(kernel) as client, connect(server.mcp_url, server.host_token("waiter")) as host:
        call = start_running(host, kernel, "print('wait')")
        waiting = section(shown, "Running now").get_by_role("listitem").filter(has_text="waits for your answer")
        expect(waiting).to_contain_text("execute_code on kernel")
        cell = start_cell(client, "import time; time.sleep(1); print('whole')")
        waiting.get_by_role("button", name="Interrupt").click()
        expect(waiting).to_have_count(0)
        assert "The person interrupted this call of execute_code." in text_of(call.result(30))
        assert finish_cell(client, cell).text == "whole\n"
    shown.get_by_role("article").filter(has_text="waiter").get_by_role("button", name="Decline").click()
    expect(shown.get_by_role("article")).to_have_count(0)


def test_a_list_that_changes_leaves_the_focus_and_says_what_is_new(
    shown: Page, server: JupyterServer, kernel: str
) -> None:
    with connect(server.mcp_url, server.host_token("asker")) as host:
        calls = [start_running(host, kernel, "print(1)")]
        expect(shown.get_by_role("article")).to_have_count(1)
        decline = shown.get_by_role("article").first.get_by_role("button", name="Decline")
        decline.focus()
        calls.append(start_running(host, kernel, "print(2)"))
        expect(shown.get_by_role("article")).to_have_count(2)
        expect(shown.get_by_role("alert")).to_have_text(f"asker asks to use execute_code on kernel {kernel[:8]}")
        expect(decline).to_be_focused()
        shown.keyboard.press("Enter")
        following = shown.get_by_role("article").filter(has_text="print(2)")  # for a moment, it is one of two
        expect(following).to_be_focused()
        expect(shown.get_by_role("status")).to_have_text("Decline: execute_code of asker.")
        following.get_by_role("button", name="Decline").click()
        expect(shown.get_by_role("heading", name="Waiting for you")).to_be_focused()
        assert all(call.result(30).is_error for call in calls)


def test_a_host_that_is_declined_again_and_again_may_ask_when_the_person_lets_it(
    shown: Page, server: JupyterServer, kernel: str
) -> None:
    with Person(server) as person, connect(server.mcp_url, server.host_token("pushy")) as host:
        for number in range(5):
            call = start_running(host, kernel, f"print({number})")
            person.answer(person.wait_for_approval()["id"], "decline")
            assert "the person declined" in text_of(call.result(30))
        assert "the person was not asked" in text_of(host.call("execute_code", kernel=kernel, code="print(5)"))
        paused = section(shown, "Waiting for you").get_by_role("listitem").filter(has_text="pushy may not ask you")
        expect(paused).to_contain_text("you declined 5 times in a row")
        paused.get_by_role("button", name="Let it ask pushy").click()
        expect(paused).to_have_count(0)
        expect(shown.get_by_role("heading", name="Waiting for you")).to_be_focused()
        call = start_running(host, kernel, "print(6)")
        shown.get_by_role("article").get_by_role("button", name="Allow once").click()
        assert text_of(call.result(30)) == "6"


def test_a_change_is_shown_as_a_diff_and_happens_as_it_is_shown(shown: Page, server: JupyterServer) -> None:
    cell = {"cell_type": "code", "id": "a", "source": "rate = 1\nrate", "metadata": {}, "outputs": []}
    content = {"cells": [{**cell, "execution_count": None}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    server.api("PUT", "/api/contents/plan.ipynb", {"type": "notebook", "content": content})
    with connect(server.mcp_url, server.host_token("editor")) as host:
        call = start(host, "edit_cell", notebook="plan.ipynb", cell="a", old="rate = 1", new="rate = <b>2</b>")
        question = shown.get_by_role("article", name="editor asks to use edit_cell on plan.ipynb")
        expect(question).to_contain_text("Exactly this would change:")
        expect(question.locator(".removed").filter(has_text="rate = 1")).to_be_visible()
        expect(question.locator(".added").filter(has_text="+rate = <b>2</b>")).to_be_visible()
        question.get_by_role("button", name="Allow once").click()
        assert not call.result(30).is_error
    [changed] = server.api("GET", "/api/contents/plan.ipynb")["content"]["cells"]
    assert changed["source"] == "rate = <b>2</b>\nrate"


def test_who_wants_a_new_kernel_says_so(shown: Page, server: JupyterServer) -> None:
    with connect(server.mcp_url, server.host_token("starter")) as host:
        call = start(host, "start_kernel")
        question = shown.get_by_role("article", name="starter asks to use start_kernel on a new kernel")
        expect(question).to_contain_text("Exactly this would happen:")
        question.get_by_role("button", name="Decline").click()
        assert "the person declined" in text_of(call.result(30))


def test_what_only_an_answer_told_of_and_what_is_older_does_not_stay_on_the_page(shown: Page) -> None:
    assert shown.evaluate(PASSED) == [1, "No host is doing anything just now."]


def test_each_kernel_has_an_address_and_each_host_its_words(shown: Page, server: JupyterServer, kernel: str) -> None:
    connecting = section(shown, "Connect a host")
    connecting.get_by_label("Reaches").select_option(label=f"only kernel {kernel[:8]}")
    address = f"{server.mcp_url}/kernels/{kernel}"
    for host, says in {
        "Claude Code": f"claude mcp add --transport http jupyter {address} --header",
        "VS Code": f'"url": "{address}"',
        "Cursor": '"Authorization": "Bearer ${env:JUPYTER_MCP_TOKEN}"',
        "Claude Desktop and others": f'"{address}"',
        "Python": f'Client(streamable_http_client("{address}", http_client=http))',
    }.items():
        connecting.get_by_label("Host", exact=True).select_option(label=host)
        expect(connecting.locator("pre").filter(has_text=says)).to_be_visible()
    shown.context.grant_permissions(["clipboard-read", "clipboard-write"])
    connecting.get_by_role("button", name="Copy what goes into Python").click()
    expect(shown.get_by_text("Copied.")).to_be_visible()
    assert shown.evaluate("navigator.clipboard.readText()") == connecting.locator("pre").inner_text()


def test_nothing_that_anybody_says_becomes_markup(shown: Page, server: JupyterServer) -> None:
    session = {"path": f"{EVIL}.ipynb", "type": "notebook", "name": "", "kernel": {"name": "python3"}}
    kernel = server.api("POST", "/api/sessions", session)["kernel"]["id"]
    token = server.host_token("evil")
    rename_token(server, "evil", LONG)
    with connect(server.mcp_url, token, client_info=Implementation(name=LONG, version=EVIL)) as host:
        host.call("list_variables", kernel=kernel, pattern=LONG)
        host.call("inspect_variable", kernel=LONG, path=EVIL)
        with pytest.raises(MCPError):
            host.call(LONG)
        call = start_running(host, kernel, LONG)
        question = shown.get_by_role("article")
        expect(question.locator("pre")).to_have_text(LONG.replace("\u202e", "\\u{202e}").replace("\u200b", "\\u{200b}"))
        expect(shown.get_by_role("row").filter(has_text="path=<img src=x")).to_be_visible()
        check_plain(shown)
        question.get_by_role("button", name="Decline").click()
        call.result(30)
    shown.get_by_text("New token").click()
    shown.evaluate("document.getElementById('name').removeAttribute('pattern')")
    shown.get_by_label("Name", exact=True).fill(EVIL[:60])
    shown.get_by_role("button", name="Make the token").click()
    expect(shown.get_by_role("status")).to_contain_text("<img src=x")
    for text in (EVIL, LONG):
        shown.evaluate(EVERYWHERE, text)
        expect(shown.locator(".added")).to_contain_text("+<img src=x")
        check_plain(shown)

    rename_token(server, LONG, "evil")


def rename_token(server: JupyterServer, old: str, new: str) -> None:
    """As somebody does who edits the file, since no name like that can be given."""
    file = server.data_directory / "mcp-notebook" / "tokens.json"
    said = json.loads(file.read_text())
    for token in said["tokens"]:
        token["name"] = new if token["name"] == old else token["name"]
    file.write_text(json.dumps(said))


def check_plain(page: Page) -> None:
    assert page.evaluate("window.ran") is None
    assert page.locator("img, svg, iframe, b, script:not([type=module])").count() == 0
    text = page.locator("body").inner_text() + " ".join(page.locator("option").all_inner_texts())
    assert "\u202e" not in text
    assert "\u200b" not in text
    assert page.evaluate(FIND_TOO_WIDE) == []


@pytest.mark.parametrize("look", ["light", "dark"])
def test_a_screen_reader_and_weak_eyes_can_use_it(
    browser: Browser, server: JupyterServer, kernel: str, look: Any, tmp_path: Path
) -> None:
    axe = Path(node_command("axe-core", "axe.min.js")[1]).read_text()
    context = browser.new_context(color_scheme=look, viewport={"width": 1280, "height": 1000}, bypass_csp=True)
    page = context.new_page()
    log_in(page, server)
    with connect(server.mcp_url, server.host_token(f"reader-{look}")) as host:
        host.read("list_kernels")
        call = start_running(host, kernel, "x = 1\n" * 100)
        expect(page.get_by_role("article")).to_be_visible()
        page.get_by_role("button", name="Allow for an hour").click()
        call.result(30)
        call = start_running(host, kernel, ENDLESS)
        expect(page.get_by_role("button", name="Interrupt")).to_be_visible()
        page.get_by_text("New token").click()
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=tmp_path / f"{width}.png", full_page=True)
            page.evaluate(axe)
            check_usable(page)
        page.get_by_role("button", name="Interrupt").click()
        call.result(30)
    page.evaluate(EVERYWHERE, "somebody")
    page.evaluate(REVOKED)
    expect(page.get_by_text("revoked", exact=True).last).to_be_visible()
    expect(page.get_by_role("button", name="Let it ask somebody")).to_be_visible()
    page.screenshot(path=tmp_path / "everything.png", full_page=True)
    check_usable(page)
    context.close()


def check_usable(page: Page) -> None:
    found = page.evaluate(RUN_AXE)
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]] == []
    assert page.evaluate(FIND_TOO_WIDE) == []
