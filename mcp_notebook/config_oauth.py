"""What a notebook is registered as with an authorization server, as configuration files of hosts say it.

Knows Claude Code's words (`oauth`, also Gemini CLI's) and Cursor's (`auth`). Refuses to know what is done with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from mcp_notebook.config import OAuthClient

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["read_oauth", "write_oauth"]


def read_oauth(entry: Mapping[str, Any]) -> OAuthClient | None:
    """Read it from a server's entry; None if that says nothing of it.

    Raises:
        ValueError: it cannot be used; a clause that follows the server's name.
    """
    said = next((entry[key] for key in ("oauth", "auth") if isinstance(entry.get(key), dict)), None)
    if said is None:  # some hosts write `true`, or a token's kind
        return None
    words = cast("dict[str, Any]", said)
    scopes: Any = words.get("scopes") or words.get("scope") or []
    port = words.get("callbackPort")
    client = OAuthClient(
        client_id=_read_text(words, "clientId", "CLIENT_ID"),
        client_secret=_read_text(words, "clientSecret", "CLIENT_SECRET"),
        scopes=tuple(scopes.split() if isinstance(scopes, str) else map(str, scopes)),
        callback_port=port if isinstance(port, int) else None,
    )
    return None if client == OAuthClient() else client


def write_oauth(client: OAuthClient | None, *, for_cursor: bool) -> dict[str, Any]:
    """Return the part of a server's entry that says it; empty if there is nothing to say."""
    if client is None:
        return {}
    said: dict[str, Any] = {"clientId": client.client_id, "clientSecret": client.client_secret}
    if for_cursor:  # it comes back to an address of its own
        said = {"CLIENT_ID": client.client_id, "CLIENT_SECRET": client.client_secret, "scopes": list(client.scopes)}
    else:
        said |= {"scopes": " ".join(client.scopes), "callbackPort": client.callback_port}
    words = {name: value for name, value in said.items() if value}
    return {"auth" if for_cursor else "oauth": words} if words else {}


def _read_text(words: Mapping[str, Any], *names: str) -> str | None:
    name = next((name for name in names if words.get(name)), None)
    if name is None:
        return None
    if not isinstance(words[name], str):
        raise ValueError(f'has "{name}" that is no text')  # noqa: TRY004  a file's text, no type
    return words[name]
