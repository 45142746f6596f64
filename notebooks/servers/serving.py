"""Serve an SDK server over Streamable HTTP from this notebook, in a thread of its own."""

import asyncio
import logging
import socket
import threading
from typing import Self

import uvicorn

# To the SDK's server a client that hangs up in the middle of a stream is an error, with a traceback, in whichever cell
# runs by then; here clients do that on purpose.
logging.getLogger("mcp.server.streamable_http").setLevel(logging.CRITICAL)


class Serving:
    """One instance of a server, at a free port of this machine, as a context manager.

    Args:
        server: an `MCPServer`.
        **options: of its `streamable_http_app`.

    Attributes:
        url: where it is.
    """

    def __init__(self, server, **options) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))  # from here on requests are kept until it is ready
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/mcp"
        app = server.streamable_http_app(**options)
        # No configuration of logging: that is the whole process's, and would let the server before speak up.
        config = uvicorn.Config(app, log_config=None, log_level="critical", timeout_graceful_shutdown=1)
        self._uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.run(self._uvicorn.serve(sockets=[self._socket]))

    def close(self) -> None:
        """End it, and wait until it has ended."""
        self._uvicorn.should_exit = True
        self._thread.join()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
