"""What no host may ever read in an answer: paths of the machine, tokens, tracebacks of the Jupyter server."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from support.paths import CHECKOUT

if TYPE_CHECKING:
    from support.jupyter import JupyterServer


class Secrets:
    """The secrets of one Jupyter server.

    Args:
        server: whose.
        tokens: of its hosts.
    """

    def __init__(self, server: JupyterServer, *tokens: str) -> None:
        nonces = [file.read_text() for file in server.runtime_directory.glob("mcp-notebook/*/nonce")]
        agents = [json.loads(file.read_text()) for file in server.runtime_directory.glob("mcp-notebook/*/agent.json")]
        secrets = [*tokens, server.token, *nonces, *(each["secret"] for each in agents)]
        paths = [str(server.directory), str(CHECKOUT), sys.prefix, sys.base_prefix, "site-packages", "root:x:0:0"]
        self._words = [each for each in (*secrets, *paths, "Traceback (most recent call last)") if each]

    def check(self, answer: str) -> None:
        """Raise AssertionError if something of that is in an answer."""
        found = [word for word in self._words if word in answer]
        assert not found, (found, answer)
