"""The form on schemas of others: public MCP servers' tools, the JSON Schema Test Suite, a rude server."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from explorer_corpus.instances import new_instance
from explorer_corpus.soup import new_schema, new_value
from mcp_notebook.problems import find_problems
from support.schema_form import form_page, read, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

CORPUS = Path(__file__).parents[1] / "explorer_corpus"
SERVERS: dict[str, Any] = json.loads((CORPUS / "servers.json").read_text())
TOOLS: dict[str, dict[str, Any]] = {
    f"{server}.{name}": schema for server, listed in SERVERS.items() for name, schema in listed["tools"].items()
}
GROUPS: list[dict[str, Any]] = json.loads((CORPUS / "json_schema_test_suite.json").read_text())
SET_EACH = """(schema, values) => values.map((value) => {
  const form = schemaForm({ schema });
  form.setValue(value);
  return form.value();
})"""
SHOW_EACH = """(schema, values) => values.map((value) => {
  const form = schemaForm({ schema });
  form.check();
  form.setValue(value);
  const shown = form.value();
  form.check();
  form.showErrors([{ pointer: "/a/0/b", message: "x" }, { pointer: "", message: "y" }]);
  return shown;
})"""
FILL_EACH = """(schema, values) => values.map((value) => {
  const form = schemaForm({ schema });
  document.body.replaceChildren(form.element);
  fill(form, value);
  return { value: form.value(), problems: form.check() };
})"""


@pytest.fixture(scope="module")
def formed(browser: Browser) -> Iterator[Page]:
    """A page with the form's modules, and what fills it in."""
    with form_page(browser, CORPUS) as page:
        page.evaluate('async () => { window.fill = (await import("/fill.js")).fill; }')
        yield page


def run_each(page: Page, code: str, jobs: list[tuple[Any, list[Any]]]) -> list[list[Any]]:
    """Call a function of JavaScript for each schema and its values, all at once.

    As JSON, since Playwright's own way loses what is called __proto__.
    """
    called = f"(text) => JSON.stringify(JSON.parse(text).map(([schema, values]) => ({code})(schema, values)))"
    return json.loads(page.evaluate(called, json.dumps(jobs)))


def find_defaults(schema: Any) -> Iterator[Any]:
    """Find all that a schema has as a default anywhere, or that can be nothing else."""
    if isinstance(schema, dict):
        yield from (schema[word] for word in ("default", "const") if word in schema)
        yield from schema["enum"] if len(schema.get("enum", ())) == 1 else ()
    for one in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from find_defaults(one)


def find_more(got: Any, wanted: Any) -> Iterator[Any]:
    """Find what was sent besides what was filled in; what was not sent or is another value is found, too."""
    if isinstance(got, dict) and isinstance(wanted, dict):
        yield from (f"no {name}" for name in wanted if name not in got)
        yield from (value for name, value in got.items() if name not in wanted)
        for name in wanted.keys() & got.keys():
            yield from find_more(got[name], wanted[name])
    elif isinstance(got, list) and isinstance(wanted, list) and len(got) == len(wanted):
        for one, other in zip(got, wanted, strict=True):
            yield from find_more(one, other)
    elif got != wanted:
        yield {"got": got, "wanted": wanted}


def find_instances(name: str, schema: dict[str, Any]) -> list[Any]:
    """Find what a person might send: what is required, everything, some of it."""
    random = Random(name)  # noqa: S311  the same each time
    made = [new_instance(schema, schema, random, share) for share in (0, 1, 0.5, 0.5)]
    return [each for each in made if Draft202012Validator(schema).is_valid(each)]


INSTANCES = {name: find_instances(name, schema) for name, schema in TOOLS.items()}


def test_the_corpus_is_of_many_servers_and_something_is_sent_to_each_tool() -> None:
    assert len(SERVERS) >= 10
    assert [name for name, instances in INSTANCES.items() if not instances] == []


def test_arguments_that_are_shown_come_back_unchanged(formed: Page) -> None:
    shown = run_each(formed, SET_EACH, [(schema, INSTANCES[name]) for name, schema in TOOLS.items()])
    for name, got in zip(TOOLS, shown, strict=True):
        assert got == INSTANCES[name], name


def test_what_is_filled_in_by_hand_is_sent_and_validates_and_what_is_left_empty_is_absent(formed: Page) -> None:
    filled = run_each(formed, FILL_EACH, [(schema, INSTANCES[name]) for name, schema in TOOLS.items()])
    for (name, schema), each in zip(TOOLS.items(), filled, strict=True):
        defaults = [*find_defaults(schema)]
        for wanted, got in zip(INSTANCES[name], each, strict=True):
            assert [one for one in find_more(got["value"], wanted) if one not in defaults] == [], name
            assert find_problems(got["value"], schema) == [], name
            assert got["problems"] == [], name


def test_every_instance_of_the_official_suite_comes_back_unchanged_valid_or_not(formed: Page) -> None:
    jobs = [(group["schema"], [*group["valid"], *group["invalid"]]) for group in GROUPS]
    for (_, instances), group, shown in zip(jobs, GROUPS, run_each(formed, SET_EACH, jobs), strict=True):
        assert shown == instances, group["group"]


@pytest.mark.parametrize("seed", range(3))
def test_any_value_comes_back_unchanged_whatever_the_schema(formed: Page, seed: int) -> None:
    random = Random(seed)  # noqa: S311  the same each time
    jobs = [(new_schema(random), [new_value(random), new_value(random)]) for _ in range(100)]
    for (schema, values), shown in zip(jobs, run_each(formed, SHOW_EACH, jobs), strict=True):
        assert shown == values, schema


SHOWN = """form.element.textContent +
  [...form.element.querySelectorAll("input, textarea")].map((one) => one.value).join()"""
EVIL = "<img src=x onerror='window.ran=1'><script>window.ran=1</script>\u202e\u200b"
LONG = "x" * 1_000_000
RUDE: dict[str, Any] = {
    "names": {
        "properties": {EVIL: {"title": EVIL, "description": EVIL, "default": EVIL}, "__proto__": {"type": "string"}}
    },
    "choices": {
        "properties": {
            "a": {"enum": [EVIL, EVIL + "2"], "enumNames": [EVIL]},
            "b": {"oneOf": [{"title": EVIL}, {"const": EVIL}]},
        }
    },
    "a megabyte": {
        "properties": {
            LONG: {"title": LONG, "description": LONG, "default": LONG, "examples": [LONG]},
            "e": {"enum": [LONG, "b"]},
        }
    },
    "wide": {
        "properties": {f"p{at}": {"type": "string"} for at in range(20_000)},
        "required": [f"q{at}" for at in range(20_000)],
    },
    "many choices": {
        "properties": {"a": {"enum": [*range(50_000)]}, "b": {"anyOf": [{"const": at} for at in range(50_000)]}}
    },
    "many branches": {"oneOf": [{"type": "object", "title": str(at)} for at in range(10_000)]},
    "many items": {"type": "array", "minItems": 1_000_000_000},
    "itself": {"$ref": "#"},
    "all of itself": {"allOf": [{"$ref": "#"}, {"$ref": "#"}]},
    "any of itself": {
        "anyOf": [{"$ref": "#"}, {"type": "object", "properties": {"a": {"$ref": "#"}}}],
        "default": {"a": {"a": {}}},
    },
    "a default of itself": {"oneOf": [{"$ref": "#", "default": {"a": 0}}, {"minimum": 1}, {"type": "array"}]},
    "without end": {
        "type": "object",
        "properties": {name: {"$ref": "#"} for name in "abcdefgh"},
        "required": [*"abcdefgh"],
    },
    "doubling": {
        "$ref": "#/$defs/d0",
        "$defs": {f"d{at}": {"allOf": [{"$ref": f"#/$defs/d{at + 1}"}] * 2} for at in range(60)},
    },
    "a pattern": {"properties": {"a": {"type": "string", "pattern": "^(a+)+$", "default": "a" * 50 + "b"}}},
    "no schema": {
        "type": 3,
        "properties": [1],
        "required": "x",
        "enum": {},
        "oneOf": 5,
        "items": "y",
        "title": [],
        "description": {},
    },
    "no words": {
        "properties": {
            "a": {"type": ["string", 5], "minLength": "x", "default": {"b": 1}},
            "b": 3,
            "c": None,
            "d": {"enum": []},
        }
    },
}


@pytest.mark.parametrize("name", RUDE)
def test_a_rude_schema_is_shown_as_text_and_bounded_and_a_value_still_comes_back(bare: Page, name: str) -> None:
    show(bare, RUDE[name])
    assert bare.evaluate("form.element.querySelectorAll('*').length") < 40_000
    assert bare.evaluate("form.element.querySelectorAll('img, script, iframe, svg, a').length + (window.ran ?? 0)") == 0
    text = bare.evaluate(SHOWN)
    assert len(text) < 2_000_000
    assert "\u202e" not in text
    assert "\u200b" not in text
    value = {"a": {"a": [EVIL, {"p1": "x"}]}, "p2": "y", "q3": 5, "b": None, EVIL: EVIL}
    bare.evaluate("(value) => form.setValue(value)", value)
    assert read(bare) == value
    bare.evaluate("form.check()")
