"""The form alone, on a page with nothing else: it is given a schema and maybe a value, and read again."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from support.paths import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page, Route

ORIGIN = "https://form.example"
FORM = CHECKOUT / "mcp_notebook" / "form"
BODY = '<!doctype html><html lang="en"><title>Form</title><link rel=stylesheet href="/form.css"><main></main>'
SHOW = """(text) => {
  const { schema, value } = JSON.parse(text);
  window.changes = 0;
  window.form?.destroy();
  window.form = schemaForm({ schema, value, idPrefix: "one", onChange: () => (window.changes += 1) });
  document.querySelector("main").replaceChildren(form.element);
}"""

TRIP: dict[str, Any] = {
    "type": "object",
    "required": ["city", "traveller"],
    "properties": {
        "city": {"type": "string", "title": "City", "description": "Where the trip ends.", "minLength": 2},
        "nights": {"type": "integer", "minimum": 1, "maximum": 30, "default": 2},
        "mail": {"anyOf": [{"type": "string", "format": "email"}, {"type": "null"}], "default": None},
        "breakfast": {"type": "boolean"},
        "room": {"oneOf": [{"const": "s", "title": "Single"}, {"const": "d", "title": "Double"}], "default": "d"},
        "extras": {"type": "array", "items": {"enum": ["sea view", "parking"]}, "uniqueItems": True},
        "traveller": {"$ref": "#/$defs/Person"},
        "pay": {
            "title": "Payment",
            "oneOf": [
                {
                    "title": "Card",
                    "properties": {"kind": {"const": "card"}, "number": {"type": "string"}},
                    "required": ["kind"],
                },
                {
                    "title": "Cash",
                    "properties": {"kind": {"const": "cash"}, "paid": {"type": "number"}},
                    "required": ["kind"],
                },
            ],
            "default": {"kind": "cash", "paid": 5.5},
        },
        "stops": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
        "labels": {"type": "object", "additionalProperties": {"type": "integer"}},
        "place": {"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}], "items": False},
        "note": {},
    },
    "$defs": {
        "Person": {
            "type": "object",
            "title": "Person",
            "required": ["name"],
            "properties": {
                "name": {"type": "string"},
                "with": {"type": "array", "items": {"$ref": "#/$defs/Person"}},
                "home": {"type": "object", "properties": {"street": {"type": "string", "default": "Main"}}},
            },
        }
    },
}
"""A schema with something of each kind."""

PRESET = {"nights": 2, "room": "d", "traveller": {}, "pay": {"kind": "cash", "paid": 5.5}}
"""What a form of it sends that nobody has filled in."""


@contextlib.contextmanager
def form_page(browser: Browser, *folders: Path) -> Iterator[Page]:
    """Open a page with the form's modules and style; nothing is reached over a network.

    Args:
        browser: it is opened in.
        folders: with more modules that the page may import.
    """

    def answer(route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        route.fulfill(path=next(folder / name for folder in (FORM, *folders) if (folder / name).exists()))

    page = browser.new_page(viewport={"width": 800, "height": 1000})
    page.set_default_timeout(30_000)
    page.route(f"{ORIGIN}/*.*", answer)
    page.route(f"{ORIGIN}/", lambda route: route.fulfill(body=BODY, content_type="text/html"))
    page.goto(f"{ORIGIN}/")
    page.evaluate('async () => { window.schemaForm = (await import("/schema_form.js")).schemaForm; }')
    yield page
    page.close()


def show(page: Page, schema: Any, value: Any = None) -> None:
    page.evaluate(SHOW, json.dumps({"schema": schema} if value is None else {"schema": schema, "value": value}))


def read(page: Page) -> Any:
    return page.evaluate("form.value()")
