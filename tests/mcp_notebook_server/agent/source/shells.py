"""The agent's operations on a namespace in this process: what they answer needs no kernel."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from mcp_notebook_server.agent.source.guest import Guest, Slice
from mcp_notebook_server.agent.source.operations import Operations
from mcp_notebook_server.agent.source.refusals import Refused


def ask(namespace: dict[str, Any], op: str, **arguments: Any) -> dict[str, Any]:
    """Return what a host would get, through JSON as it would."""
    return ask_shell(SimpleNamespace(user_ns=namespace, user_ns_hidden={}, kernel=None), op, **arguments)


def ask_shell(shell: Any, op: str, **arguments: Any) -> dict[str, Any]:
    """Return the same of a shell's namespace."""
    work = Slice(Guest())
    work.begin(100)  # seconds, for a busy machine; what a host waits for is ten
    try:
        return json.loads(json.dumps(Operations(shell).run(op, arguments, work), allow_nan=False))
    finally:
        work.end()


def refuse(namespace: dict[str, Any], op: str, **arguments: Any) -> Refused:
    with pytest.raises(Refused) as refusal:
        ask(namespace, op, **arguments)
    return refusal.value


def read(frame: Any, **page: Any) -> dict[str, Any]:
    return ask({"frame": frame}, "read_dataframe", name="frame", **page)


def describe(frame: Any, **arguments: Any) -> dict[str, Any]:
    return ask({"frame": frame}, "describe_dataframe", name="frame", **arguments)
