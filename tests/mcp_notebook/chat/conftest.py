"""A weather server, a scripted model in each wire format, and a policy of the test's own."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mcp_notebook.approval.policy import get_policy, new_rule
from mcp_notebook.approval.providers import AnthropicModel, OpenAIModel, set_provider
from mcp_notebook.chat import toolbox
from mcp_notebook.config import StdioServer
from mcp_notebook.host import get_host
from support.model_server import ModelServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mcp_notebook.session import Session

WEATHER = Path(__file__).with_name("weather_server.py")


@pytest.fixture(autouse=True)
def private(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No files, rules and typing of anybody else's."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.setattr(toolbox, "_let_through", set[str]())
    yield
    for rule in get_policy().rules:
        get_policy().revoke(rule)
    set_provider(None)


@pytest.fixture(scope="module")
def weather() -> Iterator[Session]:
    """A session with the weather server, for all tests of a module."""
    yield get_host().connect("weather", StdioServer(sys.executable, (str(WEATHER),)))
    get_host().close()


@pytest.fixture(params=["anthropic", "openai"])
def model(request: pytest.FixtureRequest) -> Iterator[ModelServer]:
    """The model of this notebook, in each wire format."""
    with ModelServer() as server:
        if request.param == "anthropic":
            set_provider(AnthropicModel(["poet-1"], server.url))
        else:
            set_provider(OpenAIModel(["poet-1"], f"{server.url}/v1"))
        yield server


@pytest.fixture
def decide(tmp_path: Path) -> Callable[..., None]:
    """Says what calls are answered: a rule, or answers one after the other."""

    def decide(*decisions: str, tool: str | None = None) -> None:
        decision = decisions[0]
        if len(decisions) > 1:
            file = tmp_path / "answers.json"
            file.write_text(json.dumps([{"action": one} for one in decisions]))
            decision = f"replay:{file}"
        get_policy().add(new_rule("call", decision, None, tool, "session"))

    return decide
