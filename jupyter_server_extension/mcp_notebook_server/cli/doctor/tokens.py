"""The host tokens, and what the bridge keeps of them.

Knows the private files. Refuses to print a token.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from mcp_notebook_server.access.profiles import read_credential
from mcp_notebook_server.access.tokens import TokenFile
from mcp_notebook_server.cli.doctor.fault import Fault
from mcp_notebook_server.places import profile_file, tokens_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["find_token_faults", "list_profiles"]


def find_token_faults() -> Iterator[Fault]:
    """Yield what is wrong with tokens and profiles."""
    tokens = TokenFile(tokens_file())
    try:
        there = tokens.list()
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"The file of host tokens cannot be read ({type(error).__name__}): {tokens_file()}"
        yield Fault(what, "Move it away, and make the tokens anew with `mcp-notebook token create NAME`")
        return
    profiles = list_profiles()
    if not there and not profiles:
        yield Fault("There is no host token yet", "Run `mcp-notebook config HOST`, which makes one for that host")
    for name in profiles:
        yield from _look_at_profile(name, tokens)
    for file in (tokens_file(), *(profile_file(name) for name in profiles)):
        yield from _look_at_mode(file)


def list_profiles() -> list[str]:
    """Return the names for which the bridge keeps a credential."""
    directory = profile_file("x").parent
    return (
        sorted(file.name for file in directory.iterdir() if not file.name.startswith(".")) if directory.exists() else []
    )


def _look_at_profile(name: str, tokens: TokenFile) -> Iterator[Fault]:
    try:
        token = tokens.find(read_credential(profile_file(name)))
    except (OSError, ValueError, KeyError, TypeError):
        yield Fault(f"The profile {name!r} cannot be read", f"Remove {profile_file(name)} and make it anew")
        return
    if token is None:
        what = f"The profile {name!r} has a token that is not known here (revoked, or of another Jupyter)"
        yield Fault(what, f"Run `mcp-notebook token create {name} --profile`, unless it is for another machine")
    elif token.has_expired():
        what = f"The token of the profile {name!r} expired on {token.expires:%Y-%m-%d}"
        yield Fault(what, f"Run `mcp-notebook token renew {token.name}`")


def _look_at_mode(file: Path) -> Iterator[Fault]:
    if os.name != "posix" or not file.exists():
        return
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        yield Fault(f"Others on this machine can read {file}", f"chmod 600 {file}")
