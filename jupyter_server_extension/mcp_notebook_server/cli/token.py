"""`mcp-notebook token`: host tokens for the person who owns this machine's Jupyter.

Knows what is printed: a token once, at its making, on standard output's last line, and never again.
"""

from __future__ import annotations

import sys
from getpass import getpass
from typing import TYPE_CHECKING

from mcp_notebook_server.access import profiles
from mcp_notebook_server.access.tokens import PREFIX, SCOPES, HostToken, Scope, TokenFile, parse_lifetime
from mcp_notebook_server.cli.errors import NoHostToken
from mcp_notebook_server.places import profile_file, tokens_file

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import datetime

__all__ = ["create_token", "keep_token", "list_tokens", "renew_token", "revoke_token"]


def create_token(options: Namespace) -> int:
    """Make a token and print it, or keep it for the stdio bridge."""
    scopes: list[Scope] = [scope for scope in SCOPES if getattr(options, scope)]
    token, secret = TokenFile(tokens_file()).create(
        options.name,
        scopes=scopes,
        kernels=options.kernel,
        notebooks=options.notebook,
        published=options.published,
        lifetime=parse_lifetime(options.expires),
        trusts_host_consent=options.trust_host_consent,
    )
    print(_describe(token))
    if options.profile:
        profiles.write_credential(profile_file(token.name), secret)
        print(f"Kept for the bridge. Give your host this command: mcp-notebook stdio --profile {token.name}")
    else:
        print("Send it as the header `Authorization: Bearer TOKEN`. It is shown only now:")
        print(secret)
    return 0


def list_tokens(_: Namespace) -> int:
    """Print a line per token."""
    tokens = TokenFile(tokens_file())
    lines = [f"{_describe(token)}; {_say_last_use(tokens.last_use.find(token))}" for token in tokens.list()]
    print("\n".join(lines) or "No host tokens. Make one with `mcp-notebook token create NAME`.")
    return 0


def keep_token(options: Namespace) -> int:
    """Keep a token that was made elsewhere for the stdio bridge.

    Raises:
        NoHostToken: if what was given is none.
    """
    secret = (getpass("Host token: ") if sys.stdin.isatty() else sys.stdin.readline()).strip()
    if not secret.startswith(PREFIX):
        raise NoHostToken
    profiles.write_credential(profile_file(options.name), secret)
    print(f"Kept for the bridge. Give your host this command: mcp-notebook stdio --profile {options.name} --url URL")
    return 0


def renew_token(options: Namespace) -> int:
    """Give a token its lifetime again."""
    print(_describe(TokenFile(tokens_file()).renew(options.name)))
    return 0


def revoke_token(options: Namespace) -> int:
    """End a token, and the bridge's copy of it."""
    profiles.revoke_token(TokenFile(tokens_file()), options.name)
    print(f"{options.name}: revoked.")
    return 0


def _describe(token: HostToken) -> str:
    gives: list[str] = []
    if token.scopes:
        gives.append(", ".join(scope for scope in SCOPES if scope in token.scopes))
        gives.append(", ".join([*token.kernels, *token.notebooks]) or "every kernel")
    if token.published:
        gives.append(f"published: {', '.join(token.published)}")
    when = f"expire{'d' if token.has_expired() else 's'} {token.expires:%Y-%m-%d %H:%M} UTC"
    return f"{token.name}: {'; '.join(gives)}; {when}"


def _say_last_use(moment: datetime | None) -> str:
    return f"last used {moment:%Y-%m-%d %H:%M} UTC" if moment is not None else "never used"
