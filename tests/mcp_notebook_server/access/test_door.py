"""The rules of the door, case by case; tests/flows/test_door.py knocks over HTTP."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mcp_notebook_server.access.door import Door, Knock, Refusal
from mcp_notebook_server.access.tokens import TokenFile

JUPYTER_TOKEN = "jupyters-own"  # noqa: S105 - a test's
KNOCK = Knock(
    host="localhost:8888",
    host_is_ours=True,
    origin=None,
    authorization=None,
    has_query_token=False,
    peer="127.0.0.1",
)


@pytest.fixture
def tokens(tmp_path: Path) -> TokenFile:
    return TokenFile(tmp_path / "tokens.json")


@pytest.fixture
def door(tokens: TokenFile) -> Door:
    return Door(tokens=tokens, jupyter_token=JUPYTER_TOKEN, jupyter_authenticates=True)


@pytest.fixture
def knock(tokens: TokenFile) -> Knock:
    """A knock with a good host token."""
    _, secret = tokens.create("one")
    return replace(KNOCK, authorization=f"Bearer {secret}")


def refusal(door: Door, knock: Knock) -> Refusal:
    with pytest.raises(Refusal) as caught:
        door.admit(knock)
    return caught.value


def test_a_host_token_is_let_in(door: Door, knock: Knock) -> None:
    assert door.admit(knock).name == "one"


def test_the_scheme_is_read_without_regard_to_case(door: Door, knock: Knock) -> None:
    assert door.admit(replace(knock, authorization=(knock.authorization or "").replace("Bearer", "bearer")))


def test_no_token_is_told_how_to_get_one(door: Door) -> None:
    refused = refusal(door, KNOCK)
    assert refused.status == 403
    assert "mcp-notebook token create NAME" in refused.message


def test_a_token_in_the_url_is_told_where_it_belongs(door: Door) -> None:
    assert "ends up in logs" in refusal(door, replace(KNOCK, has_query_token=True)).message


@pytest.mark.parametrize("scheme", ["Bearer", "token"])
def test_jupyters_own_token_is_told_that_it_is_too_much(door: Door, scheme: str) -> None:
    assert "Jupyter's own token" in refusal(door, replace(KNOCK, authorization=f"{scheme} {JUPYTER_TOKEN}")).message


def test_jupyters_own_token_is_let_in_where_the_person_said_so(door: Door) -> None:
    admitted = replace(door, accept_jupyter_token=True).admit(replace(KNOCK, authorization=f"Bearer {JUPYTER_TOKEN}"))
    assert admitted.scopes == {"read", "write", "execute"}


def test_a_revoked_token_is_told_that_it_is_not_known(door: Door, knock: Knock) -> None:
    door.tokens.revoke("one")
    assert "not known" in refusal(door, knock).message


def test_an_expired_token_is_told_how_to_renew_it(door: Door) -> None:
    _, secret = door.tokens.create("old", lifetime=timedelta(0))
    assert "token renew old" in refusal(door, replace(KNOCK, authorization=f"Bearer {secret}")).message


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Basic eDp5", "mcpn_bare", "Bearer ünïcode", "Bearer \0"]
)
def test_what_is_no_token_is_refused(door: Door, authorization: str) -> None:
    assert refusal(door, replace(KNOCK, authorization=authorization)).status == 403


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "", "http://localhost", "http://localhost:8888.evil.example", "http://["]
)
def test_a_foreign_origin_is_refused_whatever_the_token(door: Door, knock: Knock, origin: str) -> None:
    assert "origin" in refusal(door, replace(knock, origin=origin)).message


@pytest.mark.parametrize("origin", ["http://localhost:8888", "https://LOCALHOST:8888"])
def test_our_own_origin_is_let_in(door: Door, knock: Knock, origin: str) -> None:
    assert door.admit(replace(knock, origin=origin))


def test_an_origin_the_person_allowed_is_let_in(door: Door, knock: Knock) -> None:
    elsewhere = replace(knock, origin="https://hub.example")
    assert replace(door, allow_origin="https://hub.example").admit(elsewhere)
    assert replace(door, allow_origin_pattern=r"https://.*\.example$").admit(elsewhere)
    assert refusal(replace(door, allow_origin="https://other.example"), elsewhere)


def test_a_name_that_is_not_ours_is_refused(door: Door, knock: Knock) -> None:
    refused = refusal(door, replace(knock, host="evil.example", host_is_ours=False))
    assert "'evil.example'" in refused.message


def test_where_jupyter_asks_nobody_the_door_is_closed_even_with_a_token(door: Door, knock: Knock) -> None:
    refused = refusal(replace(door, jupyter_authenticates=False), knock)
    assert "closed because Jupyter runs without authentication" in refused.message


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", None])
def test_an_open_door_lets_this_machine_in_without_a_token(door: Door, peer: str | None) -> None:
    assert replace(door, allow_open=True).admit(replace(KNOCK, peer=peer)).name == "open"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:8888", "192.0.2.7:8888", "[", ""])
def test_an_open_door_is_closed_to_those_who_come_under_another_name(door: Door, host: str) -> None:
    """A page whose name was made to lead here, where remote access is allowed; or anybody, behind a proxy."""
    assert refusal(replace(door, allow_open=True), replace(KNOCK, host=host)).status == 403


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8888", "127.0.0.1:8888", "[::1]:8888"])
def test_an_open_door_knows_the_names_of_this_machine(door: Door, host: str) -> None:
    assert replace(door, allow_open=True).admit(replace(KNOCK, host=host)).name == "open"


@pytest.mark.parametrize("peer", ["192.0.2.7", "2001:db8::7", "fe80::1%eth0"])
def test_an_open_door_asks_others_for_a_token(door: Door, peer: str) -> None:
    assert refusal(replace(door, allow_open=True), replace(KNOCK, peer=peer)).status == 403
