"""Which addresses a server may have this computer ask, where signing in leads from one to the next.

A server that nobody trusts yet names them all, and this computer may see networks that the server does not. Knows
addresses as they are written. Refuses to look names up: what a name stands for can change the moment after.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

__all__ = ["may_ask"]


def may_ask(url: str, server_url: str) -> bool:
    """Whether an address may be asked on a server's word.

    It is of the server itself; or both are on this computer; or it is encrypted, and no number or name of a private
    network.

    Args:
        url: the address.
        server_url: of the server.
    """
    asked, own = urlsplit(url), urlsplit(server_url)
    if (asked.scheme, asked.netloc) == (own.scheme, own.netloc):
        return True
    host = asked.hostname or ""
    if _is_loopback(host) and _is_loopback(own.hostname or ""):
        return True
    return asked.scheme == "https" and not _is_private(host)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal"))
