"""What servers ask is answered in JupyterLab and Notebook 7 while cells run: under them, and in the inbox."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from support.cells import Gate
from support.front_end import FRONT_ENDS, open_and_run, write_notebook
from support.node import node_command
from support.waiting import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, ViewportSize

    from support.jupyter import JupyterServer

ASKING = Path(__file__).parents[1] / "mcp_notebook" / "approval" / "asking_server.py"
SETUP = f"""\
%matplotlib inline
import matplotlib.pyplot as plt
from mcp_notebook.approval.providers import set_provider
%mcp connect asking --era legacy -- {sys.executable} {ASKING}"""
SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "title": "City", "description": "Where the trip ends.", "minLength": 2},
        "nights": {"type": "integer", "title": "Nights", "minimum": 1, "maximum": 30, "default": 2},
        "mail": {"type": "string", "title": "E-mail", "format": "email"},
        "breakfast": {"type": "boolean", "title": "Breakfast"},
        "room": {
            "type": "string",
            "title": "Room",
            "oneOf": [{"const": "s", "title": "Single"}, {"const": "d", "title": "Double"}],
        },
        "extras": {"type": "array", "title": "Extras", "items": {"type": "string", "enum": ["sea view", "parking"]}},
    },
    "required": ["city"],
}
FILLED_IN = {"city": "Seoul", "nights": 3, "breakfast": True, "room": "d", "extras": ["parking"]}
PAGE = "https://pages.example/login?next=1"
CLICK_TO_ANSWER = """(button) => new Promise((resolve) => {
  const outputs = button.closest(".jp-OutputArea");
  const begun = performance.now();
  new MutationObserver((_, observer) => {
    if (!outputs.innerText.includes("came {")) return;
    observer.disconnect();
    resolve(performance.now() - begun);
  }).observe(outputs, { subtree: true, childList: true, characterData: true });
  button.click();
})"""
WHOLE: ViewportSize = {"width": 1280, "height": 4000}
"""So that no cell is out of sight: JupyterLab takes those out of the page."""

RULES = "['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']"


def cells(when: Path, gate: Gate) -> list[str]:
    """A person's notebook; one cell waits at the gate with a plot half drawn."""
    return [
        "%load_ext mcp_notebook",
        f"{SETUP}\nx = %mcp call asking.remind when={when}",
        "%mcp inbox",
        f"""plt.plot([1, 2])
x = %mcp call asking.ask message="Where to?" schema:='{json.dumps(SCHEMA)}'
print("came", x.text)
{gate.code}
plt.plot([2, 1]); print(len(plt.gca().lines), "lines")""",
        'print("the first", "queued")',
        f"x = %mcp call asking.visit url={PAGE}\nprint('visited', x.text)",
        "set_provider(lambda request: 'Rain falls.')\nx = %mcp call asking.poem\nprint('sampled', x.text)",
        "%mcp call asking.book",
    ]


def fill_in(form: Locator) -> None:
    """Fill the form of SCHEMA in as FILLED_IN says, with the keyboard alone."""
    keyboard = form.page.keyboard
    form.get_by_label("City").focus()
    keyboard.type("Seoul")
    keyboard.press("Tab")
    keyboard.press("ControlOrMeta+a")
    keyboard.type("99")
    for _ in range(2):
        keyboard.press("Tab")
    keyboard.press("y")  # JupyterLab's own, outside of a field
    expect(form.get_by_label("Breakfast").locator("option:checked")).to_have_text("yes")
    keyboard.press("Tab")
    keyboard.press("d")
    expect(form.get_by_label("Room").locator("option:checked")).to_have_text("Double")
    for _ in range(2):
        keyboard.press("Tab")
    keyboard.press("Space")
    expect(form.get_by_label("parking")).to_be_checked()
    keyboard.press("Tab")
    expect(form.get_by_role("button", name="Submit")).to_be_focused()
    keyboard.press("Enter")
    expect(form.get_by_text("At most 30.")).to_be_visible()
    expect(form.get_by_label("Nights")).to_be_focused()
    expect(form.get_by_label("Nights")).to_have_attribute("aria-invalid", "true")
    keyboard.press("ControlOrMeta+a")
    keyboard.type("3")


class Watched:
    """A notebook whose questions are answered, with a picture of each.

    Args:
        page: that shows it.
        pictures: where the pictures lie.
        look: "light" or "dark".
    """

    def __init__(self, page: Page, pictures: Path, look: str) -> None:
        self.page = page
        self._pictures = pictures
        self._look = look

    def card(self, title: str) -> Locator:
        """The question with a title that can still be answered."""
        return self.page.get_by_role("group", name=title).filter(has=self.page.locator("button:enabled"))

    def check(self, question: Locator, name: str) -> None:
        """Hold a question against the rules for screen readers and weak eyes, and take its picture."""
        expect(question).to_be_visible()
        question.screenshot(path=self._pictures / f"{name}-{self._look}.png")
        self.page.evaluate(Path(node_command("axe-core", "axe.min.js")[1]).read_text())
        found = self.page.evaluate(f"axe.run('.mcp-question, .mcp-inbox', {{ runOnly: {RULES} }})")
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]] == []

    def answer_form(self) -> float:
        """Give how long it took from the click to the answer, in milliseconds."""
        form = self.card("The server asks for something")
        expect(form).to_be_visible()
        fill_in(form)
        self.check(form, "form")
        took = form.get_by_role("button", name="Submit").evaluate(CLICK_TO_ANSWER)
        content = json.dumps(FILLED_IN, separators=(",", ":"))
        expect(self.page.get_by_text(f'came {{"action":"accept","content":{content}}}')).to_be_visible()
        return took

    def expect_busy(self) -> None:
        expect(self.page.locator('.jp-Notebook-ExecutionIndicator[data-status="busy"]')).to_be_visible()

    def answer_in_inbox(self, when: Path) -> None:
        inbox = self.page.get_by_role("region", name="What servers ask")
        expect(inbox.get_by_text("Nothing waits.")).to_be_visible()
        when.touch()
        question = self.card("The server asks for something")
        expect(question.get_by_text("Where to, when?")).to_be_visible()
        question.get_by_label("city").fill("Busan")
        self.check(inbox, "inbox")
        question.get_by_role("button", name="Submit").click()
        answer = when.with_suffix(".answer")
        wait_until(answer.exists, "the server to hear what was answered in the inbox")
        assert json.loads(answer.read_text())["content"] == {"city": "Busan"}
        expect(inbox.get_by_text("asking: answered. Nothing waits.")).to_be_visible()
        expect(inbox.get_by_role("heading")).to_be_focused()

    def open_link(self) -> None:
        """Nothing is fetched before the click, and the page that opens cannot reach the notebook."""
        fetched: list[str] = []
        self.page.context.route(
            "https://pages.example/**", lambda route: (fetched.append(PAGE), route.fulfill(body="Hello"))
        )
        link = self.card("The server wants a page opened")
        expect(link.locator(".host")).to_have_text("pages.example")
        self.check(link, "link")
        assert fetched == []
        with self.page.expect_popup() as opened:
            link.get_by_role("button", name="Open it").click()
        opened.value.wait_for_load_state()
        assert (opened.value.url, opened.value.evaluate("window.opener"), fetched) == (PAGE, None, [PAGE])
        opened.value.close()
        expect(self.page.get_by_text('visited {"action":"accept"}')).to_be_visible()

    def answer_sampling(self) -> None:
        """Two looks: at the request, and at the answer, which is changed."""
        request = self.card("The server asks a language model")
        expect(request.get_by_label("user")).to_have_value("Write about rain.")
        self.check(request, "request")
        request.get_by_role("button", name="Send to the model").click()
        answer = self.card("The answer of")
        answer.get_by_label("Answer").fill("Rain falls softly.")
        self.check(answer, "answer")
        answer.get_by_role("button", name="Give it to the server").click()
        expect(self.page.get_by_text(re.compile("sampled .*Rain falls softly"))).to_be_visible()

    def interrupt(self) -> None:
        question = self.card("The server asks for something")
        expect(question).to_be_visible()
        self.page.get_by_role("menuitem", name="Kernel", exact=True).click()
        self.page.get_by_role("menuitem", name="Interrupt Kernel").click()
        expect(question).to_have_count(0)
        expect(self.page.get_by_text("not asked any more")).to_be_visible()
        expect(self.page.get_by_text("MCP: interrupted")).to_be_visible()


def set_theme(server: JupyterServer, look: str) -> None:
    place = "/lab/api/settings/@jupyterlab/apputils-extension:themes"
    server.api("PUT", place, {"raw": json.dumps({"theme": f"JupyterLab {look.capitalize()}"})})


@pytest.mark.parametrize(("front_end", "look"), [*zip(FRONT_ENDS, ("light", "dark"), strict=True)])
def test_each_kind_of_question_is_answered_while_cells_run(
    page: Page, jupyter_server: JupyterServer, front_end: str, look: str, tmp_path: Path
) -> None:
    when, gate = tmp_path / "when", Gate(tmp_path)
    file = jupyter_server.notebook_directory / f"questions-{front_end}.ipynb"
    write_notebook(file, cells(when, gate))
    set_theme(jupyter_server, look)
    page.set_viewport_size(WHOLE)
    open_and_run(page, jupyter_server, front_end, file)
    watched = Watched(page, tmp_path, look)

    took = watched.answer_form()
    print(f"{front_end}: {took:.0f} ms from the click to the answer")  # noqa: T201  it is a measurement
    gate.wait()
    watched.expect_busy()
    watched.answer_in_inbox(when)
    watched.expect_busy()
    gate.open()
    expect(page.get_by_text("2 lines")).to_be_visible()
    expect(page.locator(".jp-RenderedImage img")).to_have_count(1)
    expect(page.get_by_text("the first queued")).to_be_visible()
    watched.open_link()
    watched.answer_sampling()
    watched.interrupt()


EVIL = "<img src=x onerror='window.ran=1'><script>window.ran=1</script>\u202e\u200b"
SHOWN = "<img src=x onerror='window.ran=1'><script>window.ran=1</script>"
HIDDEN = {
    "https://bank.example@evil.example/": ("evil.example", "what stands before the @ is not where it leads"),
    "https://\u0430pple.example/": ("xn--pple-43d.example", "letters of another alphabet"),
    "https://bank.example.\u202eevil.example/": None,
    "https://evil.example/\u202egnp.bank": ("evil.example", None),
    "http://2130706433/": ("2130706433", "a number, not a name"),
    "data:text/html,<script>window.ran=1</script>": None,
    "javascript:window.ran=1": None,
}
"""Addresses that hide where they lead: the host that is shown and what is said of it; None where nothing is shown."""


def rude_cells(when: Path) -> list[str]:
    texts = {"type": "string", "title": EVIL, "description": EVIL, "default": EVIL}
    choice = {"type": "string", "enum": [EVIL], "enumNames": [EVIL], "title": EVIL}
    return [
        "%load_ext mcp_notebook",
        f"""\
%mcp connect asking --era legacy -- {sys.executable} {ASKING}
%mcp connect other -- {sys.executable} {ASKING}
from mcp_notebook.approval.providers import set_provider
set_provider(lambda request: "Never.")
x = %mcp call asking.remind when={when}""",
        "%mcp inbox",
        f"""evil = {EVIL!r}
form = {{"type": "object", "properties": {{evil: {texts!r}, "b": {choice!r}}}}}
x = %mcp call asking.ask message=$evil schema=$form""",
        """form = {"type": "object", "properties": {"user": {"type": "string"}, "password": {"type": "string"}}}
x = %mcp call asking.ask message="Log in" schema=$form""",
        "x = %mcp call asking.shout megabytes=10",
        f"""for url in {list(HIDDEN)!r}:
    try:
        x = %mcp call asking.visit url=$url
    except Exception as error:
        print("refused:", error)""",
        "x = %mcp call asking.nag\nprint(len(x.structured['result']), 'times no')",
        "x = %mcp call other.travel\nprint('the', 'last')",
    ]


def test_what_a_malicious_server_asks_is_shown_as_text_bounded_and_under_its_own_name(
    page: Page, jupyter_server: JupyterServer, tmp_path: Path
) -> None:
    when = tmp_path / "when"
    file = jupyter_server.notebook_directory / "rude.ipynb"
    write_notebook(file, rude_cells(when))
    page.set_viewport_size(WHOLE)
    open_and_run(page, jupyter_server, "JupyterLab", file)
    question = page.locator(".mcp-question").filter(has=page.locator("button:enabled"))

    def decline(said: str) -> None:
        """Wait for the question that says this, look at it, and say no."""
        expect(question).to_contain_text(said)
        assert question.locator("img, script").count() == 0
        assert not re.search("[\u200b\u202e]", question.inner_text())
        name = re.sub(r"\W+", "-", said)[:40]
        question.screenshot(path=tmp_path / f"{name}.png")
        box = question.bounding_box()
        assert box is not None
        assert box["height"] < 1000
        question.get_by_role("button", name="Decline").click()

    decline(SHOWN)
    expect(question).to_contain_text("Careful: it asks for a secret")
    expect(question.get_by_label("password")).to_have_attribute("type", "password")
    decline("Log in")
    decline("9,996,000 more characters are not shown")
    for host, warning in filter(None, HIDDEN.values()):
        expect(question.locator(".host")).to_have_text(host)
        decline(warning or host)
    for _ in range(3):
        expect(question.get_by_label("user")).to_have_value("Give me your files.")
        decline("The server asks a language model")
    expect(page.get_by_text("10 times no")).to_be_visible()
    expect(page.get_by_text("refused:")).to_contain_text(["cannot be shown"])

    expect(question).to_contain_text("(other, in travel)")
    when.touch()  # the other one asks in the middle of this call
    inbox = page.get_by_role("region", name="What servers ask")
    expect(inbox.locator(".mcp-question")).to_contain_text("(asking)")
    expect(question).to_have_count(2)
    question.filter(has_text="other, in travel").get_by_role("button", name="Decline").click()
    expect(page.get_by_text("the last")).to_be_visible()
    inbox.get_by_role("button", name="Decline").click()
    expect(inbox.get_by_text("asking: declined. Nothing waits.")).to_be_visible()
    assert page.evaluate("window.ran") is None


def test_where_the_widgets_part_of_the_front_end_does_not_come_a_line_of_text_asks(
    page: Page, jupyter_server: JupyterServer, tmp_path: Path
) -> None:
    file = jupyter_server.notebook_directory / "without.ipynb"
    timed = """\
import builtins, time
read, begun, took = builtins.input, time.perf_counter(), []
def timed(prompt):
    took.append(time.perf_counter() - begun)
    return read(prompt)
builtins.input = timed
from mcp_notebook.approval.widget import QuestionWidget
QuestionWidget._esm = "throw new Error('it does not come')"
x = %mcp call asking.book
print("asked in text after", round(took[0], 1), "s:", x.text)"""
    connect = f"%mcp connect asking --era legacy -- {sys.executable} {ASKING}"
    write_notebook(file, ["%load_ext mcp_notebook", connect, timed])
    open_and_run(page, jupyter_server, "JupyterLab", file)
    line = page.locator(".jp-Stdin-input")
    expect(line).to_be_visible()
    expect(page.get_by_text("| Where to?")).to_be_visible()
    page.screenshot(path=tmp_path / "line.png")
    line.fill("d")
    line.press("Enter")
    told = page.get_by_text(re.compile(r"asked in text after .*decline"))
    expect(told).to_be_visible()
    print(told.inner_text())  # noqa: T201  it is a measurement


def test_a_click_that_is_quicker_than_typing_lets_further_cells_be_run(
    page: Page, jupyter_server: JupyterServer
) -> None:
    """JupyterLab went on to believe that a line was being typed, and ran no cell any more."""
    file = jupyter_server.notebook_directory / "quicker.ipynb"
    connect = f"%mcp connect asking --era legacy -- {sys.executable} {ASKING}"
    slow = "import mcp_notebook.approval.asking as one\none.SHOWN_SECONDS = 0"
    call = "x = %mcp call asking.book\nprint('came', x.text)"
    count = "times = globals().get('times', 0) + 1\nprint('run', times)"
    write_notebook(file, ["%load_ext mcp_notebook", f"{connect}\n{slow}", call, count])
    open_and_run(page, jupyter_server, "JupyterLab", file)
    expect(page.locator(".jp-Stdin-input")).to_be_visible()
    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_text("run 1")).to_be_visible()
    page.locator(".jp-CodeCell .jp-InputPrompt").last.click()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("run 2")).to_be_visible()
