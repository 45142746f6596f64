"""Where a link leads is plain, however a server writes it."""

from __future__ import annotations

import pytest

from mcp_notebook.approval.links import UnusableLink, read_link


def test_an_ordinary_address_is_shown_as_it_is() -> None:
    link = read_link("https://example.org/login?state=a%20b")
    assert (link.url, link.host, link.warnings) == ("https://example.org/login?state=a%20b", "example.org", ())


@pytest.mark.parametrize(
    ("url", "host", "word"),
    [
        ("https://accounts.google.com@evil.example/login", "evil.example", "before the @"),
        ("https://accounts.google.com%2F@evil.example", "evil.example", "before the @"),
        ("https://\u0430\u0440\u0440\u04cf\u0435.com/", "xn--80ak6aa92e.com", "another alphabet"),
        ("https://xn--80ak6aa92e.com/", "xn--80ak6aa92e.com", "another alphabet"),
        ("https://2130706433/", "2130706433", "a number"),
        ("https://0x7f.1/", "0x7f.1", "a number"),
        ("https://[2001:db8::1]:8443/", "[2001:db8::1]:8443", "a number"),
        ("http://example.org/", "example.org", "not encrypted"),
        ("http://localhost:8888/lab", "localhost:8888", "your browser runs on"),
        ("https://login.bank.com.session.id.evil.example/", "login.bank.com.session.id.evil.example", "evil.example"),
    ],
)
def test_an_address_that_hides_its_host_is_warned_of(url: str, host: str, word: str) -> None:
    link = read_link(url)
    assert link.host == host
    assert word in " ".join(link.warnings)
    assert link.url.isascii()


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,<script>",
        "file:///etc/passwd",
        "https://",
        "https://a\\@evil.example/",
        "https://a.example/\nb",
        "https://[::1",
        "https://a.example:99999999/",
        "https://a.example/" + "a" * 5000,
        "//a.example",
    ],
)
def test_what_no_browser_should_open_is_refused(url: str) -> None:
    with pytest.raises(UnusableLink):
        read_link(url)


def test_letters_that_are_not_seen_are_shown_as_numbers() -> None:
    assert read_link("https://example.org/\u202epdf\u200b").url == "https://example.org/%E2%80%AEpdf%E2%80%8B"
