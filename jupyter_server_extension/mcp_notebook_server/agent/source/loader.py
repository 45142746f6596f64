"""The first thing to run in the kernel: makes modules of the sources that came with it and installs the agent.

Knows IPython's event hooks and `sys.modules`. It runs by itself, before any other module of the agent exists, inside a
function and a namespace of its own: the person's names, history and outputs are not touched.
"""

from __future__ import annotations

import sys
import threading
import types
from typing import Any

__all__ = ["load", "make_modules"]

PACKAGE = "_mcp_notebook_agent"


def load(sources: dict[str, str], **parameters: Any) -> None:
    """Install the agent in place of an older one; do nothing if this very one is there already, sent in two ways.

    Args:
        sources: module names and texts, each after those it imports.
        parameters: for `service.install`.
    """
    _keep_hooks_still()
    old = getattr(sys.modules.get(PACKAGE), "agent", None)
    if old is not None:
        if old.secret == parameters["secret"]:
            return
        old.stop()
    package = make_modules(sources)
    package.agent = sys.modules[f"{PACKAGE}.service"].install(**parameters)  # pyright: ignore[reportAttributeAccessIssue]


def make_modules(sources: dict[str, str]) -> Any:
    """Make a package of modules and return it.

    Args:
        sources: as in `load`.
    """
    package: Any = types.ModuleType(PACKAGE)
    package.__path__ = []
    sys.modules[PACKAGE] = package
    for name, text in sources.items():
        module = types.ModuleType(f"{PACKAGE}.{name}")
        module.__package__ = PACKAGE
        sys.modules[module.__name__] = module
        exec(compile(text, f"<mcp-notebook agent: {name}>", "exec"), module.__dict__)  # noqa: S102  how an import works
    return package


def _keep_hooks_still() -> None:
    """Let the `post_execute` that IPython fires after this very request pass unheard.

    A hook would run the person's code, and matplotlib's would publish and close a half-drawn plot, on this thread.
    """
    events = sys.modules["IPython"].get_ipython().events
    mine = threading.get_ident()
    before = events.__dict__.get("trigger")
    inner = events.trigger

    def trigger(event: str, *arguments: Any, **named: Any) -> None:
        if event != "post_execute" or threading.get_ident() != mine:
            inner(event, *arguments, **named)
        elif before is None:
            del events.trigger
        else:
            events.trigger = before

    events.trigger = trigger
