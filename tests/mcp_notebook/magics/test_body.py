from __future__ import annotations

import sys

import pytest

from mcp_notebook.magics.body import read_body

ROWS = [{"wood": "oak"}]


@pytest.mark.parametrize(
    ("body", "arguments"),
    [
        ('{"rows": [$rows, 1], "text": "$rows", "price": "$5"}', {"rows": [ROWS, 1], "text": "$rows", "price": "$5"}),
        ('{"rows":$rows}', {"rows": ROWS}),
        ("rows: $rows\nprice: $5\nplace: ${HOME}", {"rows": ROWS, "price": "$5", "place": "${HOME}"}),
        ("  \n", {}),
    ],
)
def test_dollar_is_an_object_wherever_it_stands_without_quotes(body: str, arguments: object) -> None:
    assert read_body(body, {"rows": ROWS}) == arguments


def test_the_loader_of_others_is_left_alone() -> None:
    import yaml  # noqa: PLC0415  as `read_body` does

    read_body("rows: $rows", {"rows": ROWS})
    assert yaml.safe_load("rows: $rows") == {"rows": "$rows"}


def test_what_is_neither_json_nor_yaml_is_one_sentence() -> None:
    with pytest.raises(ValueError, match=r"neither JSON \(Expecting .*\) nor YAML \(while parsing .*\)$") as wrong:
        read_body('{"a": [', {})
    assert "\n" not in str(wrong.value)


def test_without_yaml_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert read_body('{"a": 1}', {}) == {"a": 1}
    with pytest.raises(ValueError, match=r"for YAML and for \$name run %pip install PyYAML$"):
        read_body("a: 1", {})
