"""What a Jupyter server of this person says of itself over its own REST interface.

Knows that one with a password does not say it. Refuses to know what is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from mcp_notebook_server.cli.running import RunningServer

__all__ = ["ask_jupyter"]

_SECONDS = 10


def ask_jupyter(server: RunningServer, path: str) -> Any | None:
    """Return what it answers, as JSON; None if it has a password, or does not answer, which another look says."""
    headers = {"Authorization": f"token {server.token}"}
    try:
        answer = httpx.get(f"{server.url}{path}", headers=headers, timeout=_SECONDS, trust_env=False)
        return answer.raise_for_status().json()
    except (httpx.HTTPError, ValueError):
        return None
