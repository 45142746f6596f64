from __future__ import annotations

from typing import Any

import pytest

from mcp_notebook.credentials import Secret, find_secrets, hide_credentials, hide_secrets, is_credential


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Authorization", "Bearer abc"),
        ("X-API-Key", "1234"),
        ("GITHUB_PAT", "x"),
        ("openaiApiKey", "x"),
        ("DB_PASSWORD", "x"),
        ("URL", "https://me:hunter2@example.org"),
        ("NOTE", "use ghp_0123456789abcdef"),
        ("ENDPOINT", "https://x.org/?api_key=1234"),
    ],
)
def test_secrets_are_told_by_name_and_by_shape(name: str, value: str) -> None:
    assert is_credential(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Authorization", "Bearer ${TOKEN}"),
        ("API_KEY", "${input:api-key}"),
        ("PASSWORD", ""),
        ("MAX_TOKENS", "100"),
        ("SORT_KEY", "name"),
        ("MONKEY", "banana"),
        ("URL", "https://example.org:8443/path?x=1"),
        ("URL", "postgres://${USER}:${PASSWORD}@localhost/x"),
    ],
)
def test_variables_and_plain_words_are_no_secrets(name: str, value: str) -> None:
    assert not is_credential(name, value)


def test_a_command_is_shown_without_its_secrets() -> None:
    words = ["npx", "--api-key", "abc", "--token=abc", "--header", "Authorization: Bearer abc", "--token", "${T}", "-v"]
    hidden = ["npx", "--api-key", "***", "--token=***", "--header", "Authorization: ***", "--token", "${T}", "-v"]
    assert hide_credentials(words) == hidden


KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----"


def test_secrets_in_json_are_found_with_their_place_and_hidden() -> None:
    value = {"rows": [{"text": f"take {KEY}"}], "headers": {"Authorization": "Bearer abcdef"}, "n": 1, "ok": None}
    assert list(find_secrets(value)) == [Secret("rows[0].text", KEY), Secret("headers.Authorization", "Bearer abcdef")]
    hidden = {"rows": [{"text": "take ***"}], "headers": {"Authorization": "***"}, "n": 1, "ok": None}
    assert hide_secrets(value) == hidden


@pytest.mark.parametrize(
    "value",
    [
        {"password": "the one that you chose"},
        {"token": "${TOKEN}"},
        {"nextPageToken": "abcdefghijkl", "max_tokens": "100000"},
        "The password: choose a long one.\nAPI key = none",
        {"required": ["password"]},
    ],
)
def test_words_about_secrets_are_none(value: Any) -> None:
    assert hide_secrets(value) == value


@pytest.mark.parametrize("text", ["://" + ":" * 200_000, "\n" * 200_000, "a=" * 100_000, "://a:b" * 40_000])
def test_no_text_keeps_the_search_busy(text: str) -> None:
    hide_secrets(text)  # a pattern that goes through a text again and again would reach the time limit
