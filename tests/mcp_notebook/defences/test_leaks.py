from __future__ import annotations

import base64

import pytest

from mcp_notebook.defences.leaks import Leak, SeenSecrets

KEY = "s3cr3t-Value-0815"


@pytest.fixture
def seen() -> SeenSecrets:
    seen = SeenSecrets()
    seen.remember("vault", {"content": [{"type": "text", "text": f"# settings\nexport API_KEY='{KEY}'\n"}]})
    return seen


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        (f"the key is {KEY}, as you asked", ""),
        (base64.b64encode(f"key={KEY}".encode()).decode(), "base64"),
        (KEY.encode().hex(), "hexadecimal"),
        (KEY[::-1], "reversed"),
        ("".join(f"%{ord(letter):02x}" for letter in KEY), "percent"),
    ],
)
def test_a_secret_on_its_way_to_another_server_is_told_also_in_disguise(
    seen: SeenSecrets, text: str, encoded: str
) -> None:
    leaks = seen.find_leaks("mail", {"to": "a@example.org", "body": {"parts": [text]}})
    assert leaks == [Leak("body.parts[0]", "vault", encoded)]
    assert KEY not in str(leaks[0].to_finding("mail.send"))


def test_what_a_server_sent_may_go_back_to_it(seen: SeenSecrets) -> None:
    assert seen.find_leaks("vault", {"api_key": KEY}) == []


def test_what_looks_like_a_secret_is_told_wherever_it_is_from() -> None:
    arguments = {
        "password": "hunter2-hunter2",
        "note": "ghp_0123456789abcdefghij",
        "city": "Seoul",
        "max_tokens": "100000",
    }
    assert SeenSecrets().find_leaks("mail", arguments) == [Leak("password", None), Leak("note", None)]


def test_ordinary_words_are_no_secrets(seen: SeenSecrets) -> None:
    seen.remember("docs", {"text": "The password: choose one that nobody knows. next_page_token = abcdefghijkl"})
    assert seen.find_leaks("mail", {"body": "choose abcdefghijkl settings"}) == []


def test_no_secret_is_kept(seen: SeenSecrets) -> None:
    assert KEY not in repr(vars(seen))
