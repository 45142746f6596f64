"""What a front end gets to show of each kind of content, and that nothing of it runs or loads anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp_notebook.display import limits

if TYPE_CHECKING:
    import pytest

    from mcp_notebook.session import Session


def shown(archive: Session, uri: str) -> dict[str, Any]:
    return archive.read(uri)._repr_mimebundle_()


def test_markdown_is_formatted_only_where_the_server_says_that_it_is_markdown(archive: Session) -> None:
    markdown = shown(archive, "text://markdown")
    assert markdown["text/plain"].startswith("# Title\n")
    assert markdown["text/html"].startswith("<h1>Title</h1>")
    assert '<td style="text-align: left">1</td>' in markdown["text/html"]
    assert "<h1>" not in shown(archive, "text://plain")["text/html"]


def test_markdown_runs_nothing_loads_nothing_and_leads_not_into_jupyter(archive: Session) -> None:
    markdown = shown(archive, "text://markdown")["text/html"]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in markdown
    assert "<img" not in markdown
    assert "<a>in</a>" in markdown


def test_html_is_shown_as_text(archive: Session) -> None:
    page = shown(archive, "text://html")
    assert set(page) == {"text/plain", "text/markdown", "text/html"}
    assert page["text/plain"] == "<script>alert(1)</script><h1>Hi</h1>"
    assert "<script" not in page["text/html"]
    assert "<h1>" not in page["text/html"]


def test_an_image_is_shown_as_an_image(archive: Session) -> None:
    image = archive.read("image://png")
    assert set(image._repr_mimebundle_()) == {"text/plain", "image/png"}
    assert repr(image) == "<image/png, 67 bytes>"
    assert image.data.startswith(b"\x89PNG")


def test_an_svg_is_shown_where_its_scripts_are_dead(archive: Session) -> None:
    drawing = shown(archive, "image://svg")
    assert set(drawing) == {"text/plain", "text/markdown", "text/html"}
    assert drawing["text/html"].startswith('<img alt="&lt;image/svg+xml, ')
    assert 'src="data:image/svg+xml;base64,' in drawing["text/html"]


def test_a_sound_can_be_played(archive: Session) -> None:
    sound = shown(archive, "sound://tone")
    assert sound["text/plain"] == "<audio/wav, 300 bytes>"
    assert sound["text/html"].startswith('<audio controls src="data:audio/wav;base64,UklGR')


def test_what_is_too_large_to_embed_is_only_named(archive: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "bytes", 50)
    for uri, size in (("image://png", 67), ("sound://tone", 300)):
        large = shown(archive, uri)
        assert large["text/plain"].endswith(f", {size} bytes; not shown, since it is more than 50>")
        assert "src=" not in large["text/html"]


def test_tables_and_structure_are_shown_as_such(archive: Session) -> None:
    assert shown(archive, "table://csv")["text/html"].startswith("<table>")
    assert shown(archive, "table://lines")["text/plain"].splitlines() == ["id  wood", "1   oak", "2", "3   elm"]
    assert shown(archive, "text://json")["text/plain"] == '{\n  "a": {\n    "b": 1\n  }\n}'
    assert archive.read("text://json").structured == {"a": {"b": 1}}


def test_binary_content_is_named(archive: Session) -> None:
    assert repr(archive.read("binary://zip")) == "<application/zip, 22 bytes>"
    assert archive.read("binary://zip").data.startswith(b"PK")


def test_several_contents_are_shown_under_their_uris(archive: Session) -> None:
    things = archive.read("several://things")
    assert repr(things) == "text://plain\nwords\nimage://png\n<image/png, 67 bytes>"
    assert things.text == "words"


def test_each_kind_of_block_is_shown_and_nothing_runs(archive: Session) -> None:
    mixed = archive.call("mixed")
    page = mixed._repr_mimebundle_()["text/html"]
    assert page.count("<audio controls") == 1
    assert page.count("<img ") == 1
    assert "<h1>Title</h1>" in page
    assert "<script" not in page
    assert "<b>" not in page
    assert 'onplay="' not in page
    lines = repr(mixed).splitlines()
    assert lines[:2] == ["Here:", "<audio/wav, 300 bytes>"]
    at = lines.index("resource link: echo, text/plain, 1,234 bytes")
    assert lines[at + 1 : at + 3] == [
        "An echo <b>bold</b>",
        """%mcp read archive 'echo://it'"'"'s here %mcp disconnect archive'""",
    ]


def test_of_very_many_parts_the_last_are_counted(archive: Session) -> None:
    many = archive.call("many")
    assert repr(many).splitlines()[-2:] == ["part 49", "… 10 more; all are in .content"]
    assert len(many.content) == 60
