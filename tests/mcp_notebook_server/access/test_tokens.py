"""Host tokens: what the file keeps, what it forgets, what it refuses."""

import json
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import pytest
from filelock import FileLock

from mcp_notebook_server.access.errors import (
    FileHeld,
    InvalidDuration,
    InvalidTokenName,
    TokenNameTaken,
    UnknownTokenName,
)
from mcp_notebook_server.access.tokens import PREFIX, HostToken, TokenFile, parse_lifetime


@pytest.fixture
def tokens(tmp_path: Path) -> TokenFile:
    return TokenFile(tmp_path / "mcp-notebook" / "tokens.json")


def test_a_created_token_is_found_by_its_string_and_only_its_hash_is_kept(tokens: TokenFile) -> None:
    created, secret = tokens.create("claude-code", scopes=["execute"])
    assert tokens.find(secret) == created
    assert created.scopes == {"read", "execute"}
    assert secret not in tokens.file.read_text()
    assert stat.S_IMODE(tokens.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(tokens.file.parent.stat().st_mode) == 0o700


def test_another_string_finds_nothing(tokens: TokenFile) -> None:
    _, secret = tokens.create("one")
    assert tokens.find(secret + "x") is None
    assert tokens.find("") is None


def test_without_a_file_there_are_no_tokens(tokens: TokenFile) -> None:
    assert tokens.list() == []
    assert tokens.find("mcpn_x") is None


def test_a_revoked_token_is_unknown_at_once_to_another_reader_of_the_file(tokens: TokenFile) -> None:
    reader = TokenFile(tokens.file)
    _, secret = tokens.create("one")
    assert reader.find(secret) is not None
    tokens.revoke("one")
    assert reader.find(secret) is None


def test_a_renewed_token_keeps_its_string_and_gets_its_lifetime_again(tokens: TokenFile) -> None:
    created, secret = tokens.create("one", lifetime=timedelta(hours=2))
    renewed = tokens.renew("one")
    assert renewed.expires > created.expires
    assert renewed.lifetime == timedelta(hours=2)
    assert tokens.find(secret) == renewed


def test_a_token_expires_when_its_time_is_over(tokens: TokenFile) -> None:
    created, _ = tokens.create("one", lifetime=timedelta(hours=2))
    assert not created.has_expired(datetime.now(UTC) + timedelta(hours=1))
    assert created.has_expired(datetime.now(UTC) + timedelta(hours=3))


def test_a_name_is_taken_once(tokens: TokenFile) -> None:
    tokens.create("one")
    with pytest.raises(TokenNameTaken, match="token revoke one"):
        tokens.create("one")


@pytest.mark.parametrize("name", ["", "../up", "a/b", "-x", "a b", ".hidden", "x" * 65, "ä"])
def test_a_name_that_could_not_be_a_file_is_refused(tokens: TokenFile, name: str) -> None:
    with pytest.raises(InvalidTokenName):
        tokens.create(name)


def test_an_unknown_name_is_answered_with_those_there_are(tokens: TokenFile) -> None:
    tokens.create("one")
    with pytest.raises(UnknownTokenName, match="There are: one"):
        tokens.revoke("two")
    with pytest.raises(UnknownTokenName, match="There are: one"):
        tokens.renew("two")


def test_what_is_written_is_what_is_read(tokens: TokenFile) -> None:
    created, _ = tokens.create("one", kernels=["k"], notebooks=["a.ipynb"], trusts_host_consent=True)
    assert HostToken.from_json(json.loads(json.dumps(created.as_json()))) == created
    assert created.is_bound


@pytest.mark.parametrize(
    ("text", "lifetime"),
    [
        ("45m", timedelta(minutes=45)),
        ("12h", timedelta(hours=12)),
        ("30d", timedelta(days=30)),
        (" 2w ", timedelta(weeks=2)),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, lifetime: timedelta) -> None:
    assert parse_lifetime(text) == lifetime


@pytest.mark.parametrize("text", ["", "30", "d", "0d", "-1d", "1.5h", "1y", "999999999d"])
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(InvalidDuration, match="30d, 12h, 45m or 2w"):
        parse_lifetime(text)


def test_tokens_made_and_revoked_at_the_same_time_are_all_made_and_all_revoked(tokens: TokenFile) -> None:
    names = [f"t{i}" for i in range(16)]
    for name in names[:8]:
        tokens.create(name)

    def change(name: str) -> None:
        own = TokenFile(tokens.file)  # as another process has
        own.revoke(name) if name in names[:8] else own.create(name)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(change, names))
    assert sorted(token.name for token in tokens.list()) == sorted(names[8:])


def test_a_process_that_holds_the_file_stops_nobody_for_long_and_nothing_is_changed(tokens: TokenFile) -> None:
    tokens.create("kept")
    with FileLock(tokens.file.with_suffix(".lock")):
        for change in (tokens.create, tokens.revoke):
            with pytest.raises(FileHeld, match="Nothing was changed; try again"):
                change("kept")
    assert [token.name for token in tokens.list()] == ["kept"]
    tokens.revoke("kept")


@pytest.mark.alone
def test_how_long_a_refusal_takes_says_nothing_about_the_token(tokens: TokenFile) -> None:
    _, secret = tokens.create("one")
    nearly, far = secret[:-1] + "~", PREFIX + "~" * (len(secret) - len(PREFIX))
    taken: dict[str, list[float]] = {nearly: [], far: []}
    for _ in range(2000):  # in turns, so that whatever else happens happens to both
        for guess, times in taken.items():
            began = time.perf_counter()
            assert tokens.find(guess) is None
            times.append(time.perf_counter() - began)
    assert 0.8 < median(taken[nearly]) / median(taken[far]) < 1.25
