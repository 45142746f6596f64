"""A Jupyter server extension: running kernels as an MCP server, on Jupyter's own port."""

from __future__ import annotations

from typing import Any

from mcp_notebook_server._version import __version__

__all__ = ["__version__"]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:  # pyright: ignore[reportUnusedFunction]  # Jupyter calls it by this name
    from mcp_notebook_server.app import MCPNotebookApp  # noqa: PLC0415 - the command line never needs the SDK

    return [{"module": "mcp_notebook_server", "app": MCPNotebookApp}]
