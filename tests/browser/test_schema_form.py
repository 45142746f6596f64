"""One form: filled in by keyboard, checked, edited as JSON, in light and dark."""

from __future__ import annotations

import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from support.node import node_command
from support.schema_form import PRESET, TRIP, read, show

if TYPE_CHECKING:
    from playwright.sync_api import Page

THEMES = Path(sysconfig.get_path("data"), "share", "jupyter", "lab", "themes", "@jupyterlab")
RULES = "['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']"


def focused(page: Page) -> str:
    """What has the focus, by its name for a screen reader."""
    return page.evaluate("""() => {
      const node = document.activeElement;
      const named = node.getAttribute("aria-labelledby");
      if (named) return document.getElementById(named).textContent;
      return node.ariaLabel ?? node.labels?.[0]?.textContent ?? node.textContent;
    }""")


def test_defaults_stand_there_also_in_alternatives_and_what_is_left_empty_is_not_sent(bare: Page) -> None:
    show(bare, TRIP)
    assert read(bare) == PRESET
    expect(bare.get_by_label("Payment", exact=True)).to_have_value("1")
    bare.get_by_role("button", name="Send null for mail").click()
    bare.get_by_role("button", name="Send an empty list for stops").click()
    bare.get_by_label("nights", exact=True).fill("")
    bare.get_by_role("button", name="Fill in home").click()
    assert read(bare) == {
        "mail": None,
        "room": "d",
        "traveller": {"home": {"street": "Main"}},
        "pay": {"kind": "cash", "paid": 5.5},
        "stops": [],
    }
    bare.get_by_label("mail", exact=True).fill("a@example.org")  # instead of null
    bare.get_by_role("button", name="Leave out home").click()
    assert read(bare)["mail"] == "a@example.org"
    assert read(bare)["traveller"] == {}
    bare.evaluate("form.setValue(undefined)")
    assert read(bare) == PRESET


def test_a_default_of_an_alternative_is_chosen_and_a_constant_is_shown_by_its_value(bare: Page) -> None:
    either = {"anyOf": [{"type": "string"}, {"type": "integer", "default": 5}, {"type": "null"}]}
    kind = {"const": "card", "title": "Kind of payment"}
    show(bare, {"properties": {"either": either, "kind": kind, "list": {"type": "array", "items": either}}})
    assert read(bare) == {"either": 5}
    bare.get_by_label("Kind of payment", exact=True).select_option(label="card")
    for _ in range(2):
        bare.get_by_role("button", name="Add an item to list").click()
    bare.get_by_role("button", name="Move item 2 of list up").click()
    bare.get_by_label("Item 1", exact=True).select_option(label="text")
    bare.get_by_role("button", name="Send null for Item 2").click()
    bare.get_by_role("button", name="Edit Item 1 as JSON").click()
    bare.get_by_role("textbox", name="Item 1").fill('"x"')
    assert read(bare) == {"either": 5, "kind": "card", "list": ["x", None]}


def test_a_nested_form_is_filled_in_by_keyboard_alone(bare: Page) -> None:
    show(bare, TRIP)
    keyboard = bare.keyboard

    def go_to(name: str) -> None:
        for _ in range(60):
            if focused(bare) == name:
                return
            keyboard.press("Tab")
        raise AssertionError(f"no Tab leads to {name}")

    bare.evaluate("form.focus()")
    assert focused(bare) == "City"
    keyboard.type("Seoul")
    go_to("Send null for mail")
    keyboard.press("Space")
    go_to("breakfast")
    keyboard.press("t")
    keyboard.press("Tab")
    go_to(" parking")
    keyboard.press("Space")
    go_to("name")
    keyboard.type("Mina")
    go_to("Add an item to with")
    keyboard.press("Enter")
    assert focused(bare) == "name"
    keyboard.type("Jun")
    go_to("Payment")
    keyboard.press("ArrowUp")
    go_to("number")
    keyboard.type("42")
    for stop in ("Daegu", "Busan", "Jeju"):
        go_to("Add an item to stops")
        keyboard.press("Enter")
        keyboard.type(stop)
    go_to("Move item 3 of stops up")
    keyboard.press("Enter")
    assert focused(bare) == "Move item 2 of stops up"
    keyboard.press("Enter")
    assert focused(bare) == "Move item 1 of stops down"
    go_to("Remove item 2 of stops")
    keyboard.press("Enter")
    assert focused(bare) == "Remove item 2 of stops"
    go_to("Fill in labels")
    keyboard.press("Enter")
    assert focused(bare) == "Add an entry to labels"
    keyboard.press("Enter")
    assert focused(bare) == "Name of an entry of labels"
    keyboard.type("size")
    go_to("Value")
    keyboard.type("7")
    assert read(bare) == {
        "city": "Seoul",
        "nights": 2,
        "mail": None,
        "breakfast": True,
        "room": "d",
        "extras": ["parking"],
        "traveller": {"name": "Mina", "with": [{"name": "Jun"}]},
        "pay": {"kind": "card", "number": "42"},
        "stops": ["Jeju", "Busan"],
        "labels": {"size": 7},
    }
    assert bare.evaluate("form.check()") == []
    assert bare.evaluate("changes") > 20


def test_what_is_wrong_is_said_beside_its_field_and_goes_when_that_is_changed(bare: Page) -> None:
    show(bare, TRIP)
    bare.get_by_label("City", exact=True).fill("S")
    bare.get_by_label("nights", exact=True).fill("many")
    assert bare.evaluate("form.check()") == [
        {"pointer": "/city", "message": "At least 2 characters."},
        {"pointer": "/nights", "message": "This must be a whole number."},
        {"pointer": "/traveller/name", "message": "This is required."},
    ]
    city, nights = bare.get_by_label("City", exact=True), bare.get_by_label("nights", exact=True)
    expect(city).to_be_focused()
    expect(city).to_have_attribute("aria-invalid", "true")
    expect(city).to_have_accessible_description("Where the trip ends. At least 2 characters.")
    expect(bare.get_by_role("status")).to_have_text("3 things are not right yet.")
    city.fill("Seoul")
    expect(city).to_have_attribute("aria-invalid", "false")
    nights.fill("31")
    expect(nights).to_have_accessible_description("At most 30.")
    nights.fill("3")
    bare.evaluate("""form.showErrors([
      { pointer: "/traveller/name", message: "Who?" }, { pointer: "/pay/paid", message: "Too little." },
      { pointer: "/pay/kind/0", message: "Odd." }, { pointer: "/nowhere/a~1b", message: "Not known." },
      { pointer: "", message: "All." },
    ])""")
    expect(bare.get_by_label("name", exact=True)).to_be_focused()
    expect(bare.get_by_label("name", exact=True)).to_have_accessible_description("Who?")
    expect(bare.get_by_label("paid", exact=True)).to_have_accessible_description("Too little.")
    expect(bare.get_by_label("kind", exact=True)).to_have_accessible_description("at 0: Odd.")
    expect(bare.locator("#one-1-problem")).to_have_text("at nowhere/a/b: Not known. All.")
    expect(nights).to_have_accessible_description("")
    bare.evaluate("form.showErrors([])")
    expect(bare.locator(".problem:not(:empty)")).to_have_count(0)
    expect(bare.get_by_role("status")).to_be_empty()


def test_a_number_that_the_page_would_round_is_not_sent(bare: Page) -> None:
    show(bare, {"properties": {"many": {"type": "integer"}, "any": {}}})
    for label in ("many", "any"):
        bare.get_by_label(label, exact=True).fill("9007199254740993")
        assert [each["pointer"] for each in bare.evaluate("form.check()")] == [f"/{label}"]
        expect(bare.get_by_text("A page cannot hold a number this large exactly")).to_be_visible()
        bare.get_by_label(label, exact=True).fill("9007199254740991")
    assert bare.evaluate("form.check()") == []
    assert read(bare) == {"many": 9007199254740991, "any": 9007199254740991}


@pytest.mark.parametrize(
    ("format_", "wrong", "right", "wanted"),
    [
        ("email", "mina", "mina@example.org", "an e-mail address, such as name@example.org"),
        ("uri", "example.org", "https://example.org/", "a URL, such as https://example.org/page"),
        (
            "date-time",
            "today",
            "2026-11-22T09:30:00Z",
            "a date and a time with a zone, such as 2026-11-22T09:30:00+09:00",
        ),
    ],
)
def test_a_format_that_is_missed_is_said_with_an_example(
    bare: Page, format_: str, wrong: str, right: str, wanted: str
) -> None:
    show(bare, {"properties": {"a": {"type": "string", "format": format_}}})
    box = bare.get_by_label("a", exact=True)
    box.fill(wrong)
    box.blur()
    expect(box).to_have_accessible_description(f"This must be {wanted}.")
    box.fill(right)
    expect(box).to_have_accessible_description("")
    assert bare.evaluate("form.check()") == []


def test_nothing_moves_when_something_is_wrong(bare: Page) -> None:
    show(bare, TRIP)
    boxes = (
        "[...document.querySelectorAll('.mcp-form :is(input, select, textarea, button)')].map((one) => one.offsetTop)"
    )
    before = bare.evaluate(boxes)
    assert len(bare.evaluate("form.check()")) == 2
    bare.get_by_label("nights", exact=True).fill("99")
    bare.get_by_label("nights", exact=True).blur()
    expect(bare.get_by_label("nights", exact=True)).to_have_attribute("aria-invalid", "true")
    assert bare.evaluate(boxes) == before


def test_a_field_and_the_whole_are_edited_as_json_and_as_a_form_again(bare: Page) -> None:
    show(bare, TRIP, {"city": "Seoul", "traveller": {"name": "Mina"}})
    as_json = bare.get_by_role("button", name="Edit Person as JSON")
    as_json.click()
    box = bare.get_by_role("textbox", name="Person", exact=True)
    expect(box).to_have_value('{\n  "name": "Mina"\n}')
    box.fill('{"name": "Jun", ')
    assert [each["pointer"] for each in bare.evaluate("form.check()")] == ["/traveller"]
    as_json.click()
    expect(box).to_be_visible()
    expect(bare.locator(".problem", has_text="This is not JSON")).to_be_visible()
    box.fill('{"name": ["Jun"], "age": 3}')
    assert read(bare)["traveller"] == {"name": ["Jun"], "age": 3}
    as_json.click()
    expect(box).to_have_count(0)
    expect(bare.get_by_label("name", exact=True)).to_have_value('[\n  "Jun"\n]')  # which is no text: JSON, in its place
    expect(bare.get_by_label("Value", exact=True)).to_have_value("3")
    expect(bare.get_by_role("button", name="Edit Person as JSON")).to_be_focused()
    bare.get_by_role("button", name="Edit Arguments as JSON").click()
    whole = bare.get_by_role("textbox", name="Arguments", exact=True)
    whole.fill("[1]")
    bare.get_by_role("button", name="Edit Arguments as JSON").click()
    expect(bare.get_by_text("The form cannot show this value, so it stays JSON.")).to_be_visible()
    whole.fill('{"city": "Busan"}')
    bare.get_by_role("button", name="Edit Arguments as JSON").click()
    expect(whole).to_have_count(0)
    assert read(bare) == {"city": "Busan"}
    assert [each["pointer"] for each in bare.evaluate("form.check()")] == ["/traveller"]
    expect(bare.get_by_role("button", name="Fill in Person")).to_be_focused()


@pytest.mark.parametrize("look", ["light", "dark"])
def test_a_screen_reader_and_weak_eyes_can_use_it(bare: Page, look: str, tmp_path: Path) -> None:
    theme = bare.add_style_tag(path=THEMES / f"theme-{look}-extension" / "index.css")
    bare.add_style_tag(content="body { background: var(--jp-layout-color1); margin: 8px }")
    value = {
        "city": "S", "mail": None, "extras": ["parking"], "stops": ["Daegu", "Busan"], "labels": {"size": 7, "x": "y"},
        "traveller": {"name": "Mina", "with": [{"name": "Jun", "home": {}}]}, "pay": {"kind": "card"}, "place": [1, 2],
        "note": [1],
    }  # fmt: skip
    show(bare, TRIP, value)
    assert len(bare.evaluate("form.check()")) == 1
    bare.evaluate(Path(node_command("axe-core", "axe.min.js")[1]).read_text())
    bare.screenshot(path=tmp_path / f"form-{look}.png", full_page=True)
    bare.set_viewport_size({"width": 360, "height": 1000})
    bare.screenshot(path=tmp_path / f"form-{look}-narrow.png", full_page=True)
    found = bare.evaluate(f"axe.run('main', {{ runOnly: {RULES} }})")
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]] == []
    assert bare.evaluate("document.documentElement.scrollWidth <= innerWidth")
    bare.set_viewport_size({"width": 800, "height": 1000})
    theme.evaluate("(style) => style.remove()")
