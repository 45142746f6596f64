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
    package = _get_package()
    # Sent behind a cell and beside it, both come at once when the cell ends just then: each took half-made modules.
    with package.loading:
        _keep_hooks_still(package)
        old = getattr(package, "agent", None)
        if old is not None:
            if old.secret == parameters["secret"]:
                return
            old.stop()
        make_modules(sources)
        package.agent = sys.modules[f"{PACKAGE}.service"].install(**parameters)  # pyright: ignore[reportAttributeAccessIssue]  made a line before


def make_modules(sources: dict[str, str]) -> None:
    """Make modules in our package.

    Args:
        sources: as in `load`.
    """
    _get_package()
    for name, text in sources.items():
        module = types.ModuleType(f"{PACKAGE}.{name}")
        module.__package__ = PACKAGE
        sys.modules[module.__name__] = module
        exec(compile(text, f"<mcp-notebook agent: {name}>", "exec"), module.__dict__)  # noqa: S102  how an import works


def _get_package() -> Any:
    """Return our package, the same one for all threads; an agent of an older version may have left it."""
    package: Any = sys.modules.setdefault(PACKAGE, types.ModuleType(PACKAGE))
    package.__path__ = []
    package.__dict__.setdefault("loading", threading.Lock())
    package.__dict__.setdefault("quiet", set())
    return package


def _keep_hooks_still(package: Any) -> None:
    """Let the `post_execute` that IPython fires after this very request pass unheard; called under the package's lock.

    A hook would run the person's code, and matplotlib's would publish and close a half-drawn plot, on this thread.
    """
    quiet = package.quiet
    waiting = bool(quiet)
    quiet.add(threading.get_ident())
    if waiting:  # another request's thread has put `trigger` there
        return
    events = sys.modules["IPython"].get_ipython().events
    before = events.__dict__.get("trigger")
    inner = events.trigger

    def trigger(event: str, *arguments: Any, **named: Any) -> None:
        if event != "post_execute" or threading.get_ident() not in quiet:
            inner(event, *arguments, **named)
            return
        with package.loading:
            quiet.discard(threading.get_ident())
            if quiet:
                return
            if before is None:
                del events.trigger
            else:
                events.trigger = before

    events.trigger = trigger
