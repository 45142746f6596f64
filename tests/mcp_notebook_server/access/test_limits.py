"""Which limits a person may set; tests/flows/test_narrowing.py runs into them over HTTP."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from mcp_notebook_server.access.errors import InvalidLimits
from mcp_notebook_server.access.limits import DEFAULTS, Limits
from mcp_notebook_server.access.visits import Visits

VISITS = Visits(cast("Any", SimpleNamespace(live=())), lambda _: None, idle_timeout=1800)


@pytest.mark.parametrize("settings", [{}, dict(DEFAULTS), dict.fromkeys(DEFAULTS), {"calls": "5 per 2 minutes"}])
def test_any_limit_may_be_left_out_or_lifted(settings: dict[str, Any]) -> None:
    assert Limits(settings, VISITS)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"calls": "often"}, "calls: 'often' is not a rate such as '100/second'. There are: calls, bytes"),
        ({"bytes": 5}, "bytes: 5 is not a rate"),
        ({"sessions": 0}, "sessions: 0 is not a whole number above 0"),
        ({"concurrent_calls": True}, "concurrent_calls: True is not a whole number above 0"),
        ({"speed": 9}, "speed: there is no such limit"),
    ],
)
def test_what_is_not_understood_is_said_with_what_there_is(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidLimits) as caught:
        Limits(settings, VISITS)
    assert words in str(caught.value)
