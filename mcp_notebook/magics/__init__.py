"""The door: `%mcp` and `%%mcp`, and what `%load_ext mcp_notebook` registers.

Knows IPython's way of calling a magic. Refuses to import anything that is not there already: the commands, and with
them everything else, are imported when the first `%mcp` line runs.
"""

from __future__ import annotations

from typing import Any

from IPython.core.magic import no_var_expand

from mcp_notebook.magics.assignment import AssignByArrow

__all__ = ["register", "unregister"]


def register(shell: Any) -> None:
    """Make `%mcp`, `%%mcp` and `name << %mcp ...` known to a shell (IPython's, which is not typed)."""

    @no_var_expand
    def mcp(line: str, cell: str | None = None) -> Any:
        """Use MCP servers from this notebook.

        %mcp                                    what is connected
        %mcp connect NAME -- COMMAND ARGS...    start a server and connect to it
        %mcp connect NAME URL [-H "Header: value"]... [--era auto|legacy|modern]
        %mcp tools [SERVER]                     what the servers can do
        %mcp call [SERVER.]TOOL a=1 b:=JSON row=$name [-o NAME] [--df] [--raw] [--timeout SECONDS]
        %%mcp call [SERVER.]TOOL [-o NAME]      the arguments below, as JSON or YAML
        %mcp disconnect NAME
        %mcp help [COMMAND]

        x = %mcp call ...   and   x << %mcp call ...   keep the result instead of showing it.
        """
        from mcp_notebook.magics.commands import run  # noqa: PLC0415  the door is light, see above

        return run(shell, line, cell)

    shell.register_magic_function(mcp, "line_cell", "mcp")
    shell.input_transformer_manager.token_transformers.append(AssignByArrow)


def unregister(shell: Any) -> None:
    """Take back what `register` did."""
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("mcp", None)
    transformers = shell.input_transformer_manager.token_transformers
    if AssignByArrow in transformers:
        transformers.remove(AssignByArrow)
