from __future__ import annotations

import pytest

from mcp_notebook.credentials import hide_credentials, is_credential


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
