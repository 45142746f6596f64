"""The command `mcp-notebook`."""

from mcp_notebook_server.cli.main import main

__all__ = ["main"]
