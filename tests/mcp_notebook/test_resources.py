"""Resources and templates, from a server in a process of its own, in both eras."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from mcp_notebook.config import StdioServer
from mcp_notebook.errors import (
    MissingArgument,
    TemplateUnreadable,
    UnknownArgument,
    UnknownResource,
    WrongArgument,
)
from mcp_notebook.resources import fill_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_notebook.session import Session


def test_all_pages_of_the_list_are_there_and_searchable(archive: Session) -> None:
    assert len(archive.resources) == 22
    assert archive.resources.names[0] == "table://csv"
    assert [row[0] for row in archive.resources.search("ORDERS parquet")] == ["table://orders.parquet?version=2"]
    assert repr(archive.resources).startswith("<22 resources: table://csv, table://orders.csv, ")
    shown = archive.resources._repr_mimebundle_()["text/plain"]
    assert shown.splitlines()[0].split() == ["resource", "type", "size", "what", "it", "is"]


def test_resources_and_templates_can_be_awaited(archive: Session) -> None:
    async def ask() -> tuple[int, int, str]:
        resources, templates = await archive.alist_resources(), await archive.alist_templates()
        return len(resources), len(templates), (await archive.aread("echo://{word}", word="x")).text

    assert asyncio.run(ask()) == (22, 3, "echo://x")


def test_a_template_is_filled_in(archive: Session) -> None:
    assert archive.templates.names == ("echo://{word}{?times}", "folder://{/path*}", "exotic://{word:3}")
    assert archive.read("echo://{word}{?times}", word="a b/ü").text == "echo://a%20b%2F%C3%BC"
    assert archive.read("echo://{word}{?times}", {"word": "x"}, times=3).text == "echo://x?times=3"
    assert archive.read("echo://{word}{?times}", word="x", times=None).text == "echo://x"
    assert archive.read("folder://{/path*}", path=["a", "b"]).text == "folder:///a/b"


def test_a_timeout_and_a_variable_of_that_name_are_kept_apart() -> None:
    assert fill_in("x://{timeout}", {"timeout": 5}) == "x://5"


def test_a_server_without_resources_has_none(connect: Callable[..., Session], era: Any) -> None:
    time = connect("time", StdioServer("python", ("-m", "mcp_server_time"), era=era))
    assert (len(time.resources), len(time.templates), len(time.prompts)) == (0, 0, 0)
    with pytest.raises(UnknownResource) as unknown:
        time.read("x://y")
    assert str(unknown.value) == "time has no resource 'x://y': there are no resources. See %mcp."


def test_an_unknown_resource_is_said_with_what_there_is(archive: Session) -> None:
    with pytest.raises(UnknownResource) as unknown:
        archive.read("table://order.csv")
    assert str(unknown.value) == "archive has no resource 'table://order.csv'. Did you mean 'table://orders.csv'?"


TEMPLATE_ERRORS: list[tuple[str, dict[str, Any], type[Exception], str]] = [
    (
        "echo://{word}{?times}",
        {},
        MissingArgument,
        "echo://{word}{?times} needs the argument 'word'. echo://{word}{?times} takes word: string, times?: string.",
    ),
    (
        "echo://{word}",
        {"wort": "x", "word": "x"},
        UnknownArgument,
        "echo://{word} has no argument 'wort'. Did you mean 'word'? echo://{word} takes word: string.",
    ),
    (
        "echo://{word}",
        {"word": object()},
        WrongArgument,
        (
            "echo://{word}: argument 'word' cannot be sent: a object has no evident JSON form; pass numbers, text, "
            "lists or dicts. echo://{word} takes word: string."
        ),
    ),
    (
        "text://plain",
        {"word": "x"},
        UnknownArgument,
        "text://plain has no argument 'word'. text://plain takes no arguments.",
    ),
    (
        "exotic://{word:3}",
        {"word": "x"},
        TemplateUnreadable,
        (
            "The template exotic://{word:3} cannot be filled in (Prefix modifier {var:N} is not supported (in 'word:3' "
            "at position 9)). Give the whole URI instead."
        ),
    ),
]


@pytest.mark.parametrize(("uri", "values", "kind", "sentence"), TEMPLATE_ERRORS)
def test_what_does_not_fit_a_template_is_said(
    uri: str, values: dict[str, Any], kind: type[Exception], sentence: str
) -> None:
    with pytest.raises(kind) as wrong:
        fill_in(uri, values)
    assert str(wrong.value) == sentence
