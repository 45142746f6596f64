"""Which Jupyter servers this person runs, and which of them a command means.

Knows the file that every Jupyter server writes when it starts. Refuses to ask them anything.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from jupyter_core.paths import jupyter_runtime_dir
from jupyter_server.utils import check_pid

from mcp_notebook_server.cli.errors import NoJupyterServer, SeveralJupyterServers

__all__ = ["RunningServer", "choose_server", "list_running_servers"]


@dataclass(frozen=True)
class RunningServer:
    """One Jupyter server.

    Attributes:
        url: its address with its base URL, and a slash at the end.
        root_directory: the folder that it shows; None if it does not say.
        pid: of its process.
        token: Jupyter's own; empty if it has none.
        listens_on: the address that it is bound to.
        is_secure: whether it speaks TLS.
    """

    url: str
    root_directory: Path | None
    pid: int
    token: str
    listens_on: str = ""
    is_secure: bool = False


def list_running_servers() -> list[RunningServer]:
    """Return those whose processes live."""
    # Jupyter's own list_running_servers does the same, but lives in a module whose import takes longer than all the
    # rest of the bridge's start (1.3 s of 2.1 s, most of it a grammar of IRIs), and hosts wait for that at every start.
    files = sorted(Path(jupyter_runtime_dir()).glob("jpserver-*.json"))
    found = [_read_server(file) for file in files]
    return [server for server in found if server is not None and check_pid(server.pid)]


def choose_server(
    servers: list[RunningServer], notebook: str | None = None, before: RunningServer | None = None
) -> RunningServer:
    """Return the one that is meant.

    Args:
        servers: those that run.
        notebook: path below the folder of the one that is meant; None says nothing about it.
        before: the one that was meant until it ended; None if there was none.

    Raises:
        NoJupyterServer: if none runs.
        SeveralJupyterServers: if nothing says which.
    """
    if not servers:
        raise NoJupyterServer
    candidates = servers
    if notebook is not None and len(candidates) > 1:
        with_it = [
            server for server in candidates if server.root_directory and (server.root_directory / notebook).is_file()
        ]
        candidates = with_it or candidates
    if before is not None and len(candidates) > 1:
        candidates = [server for server in candidates if server.root_directory == before.root_directory] or candidates
    if len(candidates) > 1:
        raise SeveralJupyterServers([server.url for server in candidates])
    return candidates[0]


def _read_server(file: Path) -> RunningServer | None:
    """Read what a Jupyter server wrote; None while it writes, or when it has just ended."""
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        return RunningServer(
            url=said["url"],
            root_directory=Path(said["root_dir"]) if said.get("root_dir") else None,
            pid=int(said["pid"]),
            token=said.get("token", ""),
            listens_on=said.get("hostname", ""),
            is_secure=bool(said.get("secure")),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
