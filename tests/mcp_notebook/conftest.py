"""Servers to connect to, and kernels to connect from."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from mcp_notebook.config import HTTPServer, StdioServer
from mcp_notebook.host import get_host
from mcp_notebook.opening import open_session
from mcp_notebook.wire import WireLog
from support.kernelspecs import LINES
from support.notebook import Notebook, notebook_with_extension
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mcp_notebook.session import Session

WORKSHOP = Path(__file__).with_name("workshop_server.py")
ARCHIVE = Path(__file__).with_name("archive_server.py")


@pytest.fixture(params=["legacy", "auto"])
def era(request: pytest.FixtureRequest) -> Any:
    """Each protocol era in turn: the workshop speaks both, so "auto" is the modern one."""
    return request.param


@pytest.fixture
def directory() -> Iterator[Path]:
    """A short private directory, where the workshop says what it does."""
    with tempfile.TemporaryDirectory(prefix="mn") as name:
        yield Path(name)


@pytest.fixture
def children() -> Callable[[], list[psutil.Process]]:
    """Asks for the processes that this one has started since the test began, whatever other tests have left running."""
    before = psutil.Process().children()
    return lambda: [child for child in psutil.Process().children() if child not in before]


@pytest.fixture
def workshop_command(directory: Path) -> list[str]:
    """The command that starts the workshop over stdio."""
    return [sys.executable, str(WORKSHOP), "stdio", str(directory)]


@pytest.fixture
def workshop_process(directory: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The workshop over HTTP; its URL is in the directory's file "url"."""
    process = subprocess.Popen([sys.executable, str(WORKSHOP), "http", str(directory)])
    try:
        wait_until((directory / "url").exists, "the workshop's port")
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def workshop_url(workshop_process: subprocess.Popen[bytes], directory: Path) -> str:
    """The URL of the workshop over HTTP."""
    assert workshop_process.poll() is None
    return (directory / "url").read_text()


@pytest.fixture(params=["stdio", "http"])
def workshop(request: pytest.FixtureRequest, connect: Callable[..., Session], era: Any) -> Session:
    """A session with the workshop, over each transport, in each era."""
    if request.param == "stdio":
        command = request.getfixturevalue("workshop_command")
        return connect("workshop", StdioServer(command[0], tuple(command[1:]), era=era))
    return connect("workshop", HTTPServer(request.getfixturevalue("workshop_url"), era=era))


@pytest.fixture(scope="module", params=["legacy", "auto"])
def archive(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A session with the archive (resources of every kind, and prompts), in each era; nothing changes it."""
    directory = tmp_path_factory.mktemp("archive")
    definition = StdioServer(sys.executable, (str(ARCHIVE), str(directory)), era=request.param)
    with open_session("archive", definition, WireLog) as session:
        yield session


@pytest.fixture
def connect() -> Iterator[Callable[..., Session]]:
    """`Host.connect` of this process; closes all sessions afterwards."""
    yield get_host().connect
    get_host().close()


@pytest.fixture(params=LINES)
def notebook(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Notebook]:
    """A fresh kernel on each line of ipykernel, with the extension loaded."""
    with notebook_with_extension(request.param, tmp_path) as notebook:
        yield notebook


@pytest.fixture(scope="module", params=LINES)
def used_notebook(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """One kernel on each line, connected to `time`, for the tests that leave it so."""
    with notebook_with_extension(request.param, tmp_path_factory.mktemp("kernel")) as notebook:
        notebook.run_well("%mcp connect time -- python -m mcp_server_time")
        yield notebook
