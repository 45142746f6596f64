from __future__ import annotations

import pytest

from mcp_notebook.unfinished_uri import Hole, find_hole

TEMPLATE = "shelf://{shelf}/items/{+item}{?format}"


@pytest.mark.parametrize(
    ("typed", "hole"),
    [
        ("", Hole(None, "", "shelf://", {})),
        ("she", Hole(None, "", "shelf://", {})),
        ("shelf://", Hole("shelf", "", "shelf://", {})),
        ("shelf://to", Hole("shelf", "to", "shelf://", {})),
        ("shelf://tools/", Hole(None, "", "shelf://tools/items/", {"shelf": "tools"})),
        ("shelf://tools/items/ha", Hole("item", "ha", "shelf://tools/items/", {"shelf": "tools"})),
        ("shelf://tools/bin", None),
        ("http://x", None),
    ],
)
def test_the_place_in_a_template_is_found(typed: str, hole: Hole | None) -> None:
    assert find_hole(TEMPLATE, typed) == hole


def test_a_template_without_variables_is_text() -> None:
    assert find_hole("shelf://rules", "shelf") == Hole(None, "", "shelf://rules", {})
    assert find_hole("shelf://rules", "shelf://rules") is None
