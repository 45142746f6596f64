"""What holds for all tests of the agent's source: it is asked in this process, in which no cell runs."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]  pytest calls it
    """The tests themselves compute all the time, for which the agent would stand back; that has tests of its own."""
    monkeypatch.setattr("mcp_notebook_server.agent.source.guest._REST", 0.0)
