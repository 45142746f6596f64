from __future__ import annotations

import subprocess
import sys

import mcp_notebook
from mcp_notebook.magics.commands import COMMANDS


def test_the_public_names_are_these() -> None:
    assert mcp_notebook.__all__ == [
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
    assert dir(mcp_notebook) == sorted(mcp_notebook.__all__)
    for name in mcp_notebook.__all__:
        assert getattr(mcp_notebook, name).__module__.startswith("mcp_notebook")


def test_importing_the_package_imports_nothing_else() -> None:
    code = (
        "import sys, mcp_notebook; print([m for m in sys.modules if 'mcp' in m or m in ('pandas', 'anyio', 'IPython')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['mcp_notebook']\n"


def test_each_command_has_a_usage_that_begins_with_its_name() -> None:
    for name, command in COMMANDS.items():
        assert command.usage.startswith(f"%mcp {name}".strip())
        assert command.summary


def test_each_command_has_an_example() -> None:
    for name, command in COMMANDS.items():
        assert f"%mcp {name}".strip() in command.example
