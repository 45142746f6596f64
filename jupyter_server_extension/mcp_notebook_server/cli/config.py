"""`mcp-notebook config HOST`: what a person puts into a host's file so that it reaches Jupyter.

Knows which way fits: a host on this machine starts the bridge, whose credential lies in a private file; for a Jupyter
elsewhere it gets the URL, and the token in a variable. No token is ever printed or written here.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from jupyter_server.utils import url_path_join

from mcp_notebook_server.access.profiles import write_credential
from mcp_notebook_server.access.tokens import DEFAULT_LIFETIME, TokenFile
from mcp_notebook_server.cli.errors import HostReadsNoVariables, UnknownHost
from mcp_notebook_server.cli.host_files import dump_content, merge_file
from mcp_notebook_server.hosts import (
    HOSTS,
    VARIABLE,
    HostFormat,
    find_bridge_environment,
    make_bridge_command,
    write_command,
    write_url,
)
from mcp_notebook_server.places import profile_file, tokens_file

if TYPE_CHECKING:
    from argparse import Namespace

__all__ = ["write_config"]


def write_config(options: Namespace) -> int:
    """Print the entry of a host, or put it into the host's file; what else is to be said goes to standard error.

    Args:
        options: `host`, `name` of the server in its file, `profile` (None: named as the host), `notebook`, `published`,
            `url` of an endpoint elsewhere or None, `write`, `file` (None: the host's own).

    Raises:
        UnknownHost, HostReadsNoVariables, HostFileUnchangeable: what they say.
    """
    if options.host not in HOSTS:
        raise UnknownHost(options.host, list(HOSTS))
    host = HOSTS[options.host]
    file = Path(options.file) if options.file else host.find_file()
    content = _make_url_entry(host, options) if options.url else _make_command_entry(host, options)
    if not options.write:
        print(dump_content(content, toml=host.toml), end="")
        _say(f"This goes into {file} of {host.title}; --write puts it there. See {host.source}")
        return 0
    copy = merge_file(file, content, toml=host.toml)
    _say(f"{file} has it." + (f" As it was, it is kept in {copy}." if copy else ""))
    return 0


def _make_command_entry(host: HostFormat, options: Namespace) -> dict[str, Any]:
    profile = options.profile or "-".join(word for word in (options.host, options.published) if word)
    _ensure_profile(profile, options.published)
    place = ["--notebook", options.notebook] if options.notebook else []
    place += ["--published", options.published] if options.published else []
    return write_command(host, options.name, make_bridge_command(profile, *place), find_bridge_environment())


def _make_url_entry(host: HostFormat, options: Namespace) -> dict[str, Any]:
    if host.bearer is None:
        raise HostReadsNoVariables(host.title)
    url: str = options.url
    below = f"notebooks/{quote(options.notebook)}" if options.notebook else ""
    below = f"published/{quote(options.published, safe='')}" if options.published else below
    content = write_url(host, options.name, url_path_join(url, below))
    where = "VS Code asks for it once" if "inputs" in content else f"put it into the variable {VARIABLE}"
    _say(f"The token is not in there: make it with `mcp-notebook token create NAME` where Jupyter runs; {where}.")
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        _say(
            "Beware: over http:// to another machine, the token can be read on the way. Use https:// or an SSH tunnel."
        )
    return content


def _ensure_profile(profile: str, published: str | None) -> None:
    """Make a token for the bridge to present, if there is none of that name.

    Args:
        profile: its name.
        published: the published server that it may call, and nothing else; None for one that may read.
    """
    if profile_file(profile).exists():
        return
    names = [] if published is None else [published]
    token, secret = TokenFile(tokens_file()).create(profile, scopes=(), lifetime=DEFAULT_LIFETIME, published=names)
    write_credential(profile_file(token.name), secret)
    may = "read; more is asked of you when wanted" if published is None else f"call {published}, and nothing else"
    _say(f"Made the profile {profile!r}, until {token.expires:%Y-%m-%d}: it may {may}.")


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)
