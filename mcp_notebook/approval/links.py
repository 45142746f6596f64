"""Where an address leads, made plain before a person opens it.

Knows how a URL hides its host: a name and password before an @, letters of other alphabets, characters that are not
seen, numbers in place of a name. Fetches nothing.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, quote, urlsplit

from mcp_notebook.approval.question import Link

__all__ = ["UnusableLink", "read_link"]

_MAX_CHARACTERS = 4000
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_MANY_LABELS = 5


class UnusableLink(ValueError):
    """An address that nobody should open; `str()` says why."""


def read_link(url: str) -> Link:
    """Read an address that a server wants opened.

    Raises:
        UnusableLink: it is none for a browser, or so long that it could not be shown in full.
    """
    if len(url) > _MAX_CHARACTERS:
        raise UnusableLink(f"it has more than {_MAX_CHARACTERS:,} characters")
    if re.search(r"[\x00-\x20\x7f\\]", url):
        raise UnusableLink("it holds blanks, control characters or backslashes, which browsers read differently")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        ascii_host = _to_ascii(host or "")
    except ValueError as error:
        raise UnusableLink(f"it is malformed: {error}") from None
    if parts.scheme not in ("https", "http") or not ascii_host:
        raise UnusableLink("it is no https address")
    shown_host = f"[{ascii_host}]" if ":" in ascii_host else ascii_host
    where = shown_host if port is None else f"{shown_host}:{port}"
    return Link(_in_ascii(parts, where), where, tuple(_warnings(parts, host or "", ascii_host)))


def _to_ascii(host: str) -> str:
    """Write a host as DNS has it, in which letters that only look alike differ."""
    if ":" in host:
        return str(ipaddress.ip_address(host.partition("%")[0]))
    return host if host.isascii() else host.encode("idna").decode()


def _in_ascii(parts: SplitResult, where: str) -> str:
    """Write the whole address so that everything in it is seen."""
    user, at, _ = parts.netloc.rpartition("@")
    safe = "%/:?#[]@!$&'()*+,;=~-._"
    rest = parts._replace(netloc=f"{quote(user, safe)}{at}{where}").geturl()
    return quote(rest, safe)


def _warnings(parts: SplitResult, host: str, ascii_host: str) -> list[str]:
    found: list[str] = []
    if "@" in parts.netloc:
        found.append(f"what stands before the @ is not where it leads; that is {ascii_host}.")
    if not host.isascii() or "xn--" in ascii_host:
        found.append("the host has letters of another alphabet, which can look like other ones.")
    if _is_number(ascii_host) and ascii_host not in _LOOPBACK:
        found.append("the host is a number, not a name.")
    if parts.scheme == "http" and ascii_host not in _LOOPBACK:
        found.append("it is not encrypted (http).")
    if ascii_host in _LOOPBACK:
        found.append("it leads to the computer that your browser runs on.")
    if ascii_host.count(".") >= _MANY_LABELS:
        found.append(f"the host is the end of the name: {'.'.join(ascii_host.split('.')[-2:])}.")
    return found


def _is_number(host: str) -> bool:
    """Whether a browser reads a host as an IP address: also `2130706433` and `0x7f.1`."""
    return ":" in host or all(re.fullmatch(r"0x[0-9a-f]*|\d+", label) for label in host.lower().rstrip(".").split("."))
