"""What ends a sign-in, and what does not."""

from __future__ import annotations

import pytest

from mcp_notebook.authorization.callback import BadCallback, Callback, read_callback

ENDED = "http://127.0.0.1:1/callback?"


@pytest.mark.parametrize(
    "address",
    [f"{ENDED}code=c&state=s&iss=https://i", "code=c&state=s&iss=https://i", f" {ENDED}iss=https://i&state=s&code=c\n"],
)
def test_the_address_is_read_however_it_was_copied(address: str) -> None:
    assert read_callback(address, "s") == Callback("c", "s", "https://i")


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("", "not the end of this sign-in"),
        ("nonsense", "not the end of this sign-in"),
        (f"{ENDED}code=c", "not the end of this sign-in"),
        (f"{ENDED}code=c&state=other", "not the end of this sign-in"),
        (f"{ENDED}error=access_denied&state=other", "not the end of this sign-in"),
        (f"{ENDED}error=access_denied&error_description=The%20owner%20said%20no&state=s", "^The owner said no$"),
        (f"{ENDED}error=access_denied&state=s", "^access_denied$"),
        (f"{ENDED}state=s", "holds no code"),
    ],
)
def test_what_does_not_end_it_says_why(address: str, problem: str) -> None:
    with pytest.raises(BadCallback, match=problem):
        read_callback(address, "s")
