"""MCP servers from a notebook cell: magics, and the same as a Python API.

    %load_ext mcp_notebook
    %mcp connect time -- python -m mcp_server_time
    %mcp call get_current_time timezone=Asia/Seoul

Knows its public names and imports each at first use: loading the extension must not cost a notebook a second.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from mcp_notebook.config import HTTPServer, OAuthClient, StdioServer
    from mcp_notebook.errors import HostError
    from mcp_notebook.host import aconnect, connect, connect_config
    from mcp_notebook.prompts import PromptResult
    from mcp_notebook.results import ResourceResult, Result
    from mcp_notebook.session import Session

__all__ = [
    "HTTPServer",
    "HostError",
    "OAuthClient",
    "PromptResult",
    "ResourceResult",
    "Result",
    "Session",
    "StdioServer",
    "aconnect",
    "connect",
    "connect_config",
    "load_ipython_extension",
    "unload_ipython_extension",
]

_HOMES = {
    "HTTPServer": "config",
    "HostError": "errors",
    "OAuthClient": "config",
    "PromptResult": "prompts",
    "ResourceResult": "results",
    "Result": "results",
    "Session": "session",
    "StdioServer": "config",
    "aconnect": "host",
    "connect": "host",
    "connect_config": "host",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(ipython: InteractiveShell) -> None:
    """Make `%mcp` known: `%load_ext mcp_notebook`."""
    from mcp_notebook.magics import register  # noqa: PLC0415  IPython need not be there for the Python API

    register(ipython)


def unload_ipython_extension(ipython: InteractiveShell) -> None:
    """Forget `%mcp` and close every connection: `%unload_ext mcp_notebook`."""
    from mcp_notebook.magics import unregister  # noqa: PLC0415  as above

    unregister(ipython)
    if "mcp_notebook.explorer.showing" in sys.modules:  # else no explorer was shown
        import_module("mcp_notebook.explorer.showing").close_explorers()
    if "mcp_notebook.host" in sys.modules:  # else nothing was ever connected
        import_module("mcp_notebook.host").close_host()
    if "mcp_notebook.publishing.publications" in sys.modules:  # else nothing was ever published
        import_module("mcp_notebook.publishing.publications").close_publications()
    if "mcp_notebook.approval.showing" in sys.modules:  # else no inbox was shown
        import_module("mcp_notebook.approval.showing").close_inbox()
    if "mcp_notebook.approval.tap" in sys.modules:  # else nothing was ever asked
        import_module("mcp_notebook.approval.tap").close_tap()
