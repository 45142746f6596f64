"""What a kernel is made ready with before it runs a host's code.

Keeps the person's `_`, `__`, `___` and `Out` theirs when that has a result, and has its end told (`ending`).

Knows IPython's display hook: it stores each result, also of a request that is not to be stored, and is silent when the
person's last cell ended in a semicolon. Refuses to know other languages, which are left alone.
"""

from __future__ import annotations

from typing import Any

from mcp_notebook_server.execution.ending import ENDING

__all__ = ["CELL_SESSION", "SESSION_PREFIX", "find_guard"]

SESSION_PREFIX = "mcp-notebook-host-"
"""How the sessions begin in which hosts' code is sent."""

CELL_SESSION = "mcp-notebook-cell"
"""The session in whose name cells of a notebook are run."""

_GUARD = f"""{ENDING}
def guard(shell):
    hook = shell.displayhook
    if getattr(hook.update_user_ns, "of_mcp_notebook", False):
        return
    store, quiet = hook.update_user_ns, hook.quiet

    def of_a_host():
        return str(hook.parent_header.get("session", "")).startswith({SESSION_PREFIX!r})

    def update_user_ns(result):
        if not of_a_host():
            store(result)

    def is_quiet():
        if not of_a_host():
            return quiet()
        return hook.semicolon_at_end_of_expression(shell.parent_header["content"]["code"])

    update_user_ns.of_mcp_notebook = True
    hook.update_user_ns, hook.quiet = update_user_ns, is_quiet

import sys
if "IPython" in sys.modules and (shell := sys.modules["IPython"].get_ipython()) is not None:
    guard(shell)
    try:
        make_ending(shell)
    except Exception:
        pass  # another kernel's shell, or a system without what it takes: the end is when it is idle
"""

_CODE = f'__import__("builtins").exec({_GUARD!r}, {{"__name__": "_mcp_notebook_guard"}})'


def find_guard(kernel: Any) -> str | None:
    """Return the code that keeps what is the person's; None for a kernel of another language.

    Args:
        kernel: Jupyter's manager of it.
    """
    specification = kernel.kernel_spec
    return _CODE if specification is not None and specification.language.lower() == "python" else None
