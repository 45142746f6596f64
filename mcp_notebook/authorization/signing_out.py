"""Signing out: what is kept of a server is forgotten, and its authorization server is told, where it wants to know.

Knows token revocation (RFC 7009). Refuses to wait long for it: what counts here is that nothing is kept.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import httpx2
from anyio.to_thread import run_sync

from mcp_notebook.authorization.addresses import may_ask
from mcp_notebook.authorization.store import Store, default_file

if TYPE_CHECKING:
    from mcp_notebook.authorization.store import Kept

__all__ = ["sign_out"]

_REVOKE_SECONDS = 5.0


async def sign_out(url: str) -> bool:
    """Sign out of a server.

    Args:
        url: of the server.

    Returns:
        Whether anybody was signed in.

    Raises:
        OSError: the file of what is kept cannot be read or written.
        ValueError: it is not of its format.
    """
    kept = await run_sync(Store(default_file()).forget, url)
    if kept is None or kept.tokens is None:
        return False
    with contextlib.suppress(httpx2.HTTPError, httpx2.InvalidURL):
        await _revoke(kept, url)
    return True


async def _revoke(kept: Kept, url: str) -> None:
    endpoint = (kept.metadata or {}).get("revocation_endpoint")
    tokens, client = kept.tokens or {}, kept.client or {}
    if not isinstance(endpoint, str) or not may_ask(endpoint, url):
        return
    form = {"token": tokens.get("refresh_token") or tokens.get("access_token"), "client_id": client.get("client_id")}
    if client.get("client_secret"):
        form["client_secret"] = client["client_secret"]
    async with httpx2.AsyncClient(timeout=_REVOKE_SECONDS) as http:
        await http.post(endpoint, data=form)
