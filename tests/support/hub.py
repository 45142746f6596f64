"""A real JupyterHub for tests: hub, proxy and the Jupyter servers of two people, on loopback, and nothing left behind.

Everybody gives the same password (DummyAuthenticator), and each person's server is a process with a home of its own
(SimpleLocalProcessSpawner).
"""

from __future__ import annotations

import contextlib
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Self

import httpx

from support.jupyter import COLLABORATION, FRONT_ENDS
from support.node import node_command
from support.paths import SCRIPTS
from support.processes import kill_processes_with
from support.recording import python_path
from support.waiting import wait_until

BASE_URL = "/hubs/"

_CONFIG = """\
import json, os
c = get_config()
c.JupyterHub.bind_url = {url!r}
c.JupyterHub.hub_bind_url = {hub_url!r}
c.ConfigurableHTTPProxy.api_url = {proxy_url!r}
c.ConfigurableHTTPProxy.command = {proxy!r}
c.ConfigurableHTTPProxy.auth_token = {secret!r}
c.JupyterHub.db_url = "sqlite:///" + {directory!r} + "/hub.sqlite"
c.JupyterHub.cookie_secret_file = {directory!r} + "/cookie_secret"
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = {secret!r}
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = {directory!r} + "/{{username}}"
c.Spawner.cmd = [{python!r}, "-m", "jupyterhub.singleuser"]
c.Spawner.args = {arguments!r}
record = os.environ.get("MCP_NOTEBOOK_RECORD", "")
c.Spawner.environment = {{"MCP_TEST_BED": {directory!r}, "MCP_NOTEBOOK_RECORD": record}}
c.Spawner.http_timeout = c.Spawner.start_timeout = 60
c.JupyterHub.services = [{{"name": "tester", "api_token": {secret!r}}}]
scopes = ["admin:users", "admin:servers", "access:servers"]
c.JupyterHub.load_roles = [{{"name": "tester", "scopes": scopes, "services": ["tester"]}}]
"""


class Hub:
    """A JupyterHub, as a context manager.

    Args:
        people: whose servers run.
    """

    def __init__(self, *people: str) -> None:
        self._people = people
        short = "/tmp" if Path("/tmp").is_dir() else None  # noqa: S108  mkdtemp makes a private one in it
        self.directory = Path(tempfile.mkdtemp(prefix="mh", dir=short))
        self._secret = secrets.token_hex(16)
        port, hub, proxy = _find_free_ports(3)
        self._origin = f"http://127.0.0.1:{port}"
        self._ports = (hub, proxy)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.__exit__(sys.exc_info()[1])
            raise
        return self

    def __exit__(self, error: object, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)  # the hub ends its proxy and the servers
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=15)
        kill_processes_with("MCP_TEST_BED", str(self.directory))
        if error is not None and (log := self.directory / "log").exists():
            print(log.read_text(errors="replace")[-6000:])  # noqa: T201  pytest shows it with the failure
        shutil.rmtree(self.directory, ignore_errors=True)

    def _start(self) -> None:
        left_out = [f"--ServerApp.jpserver_extensions={name}=False" for name in (*FRONT_ENDS, *COLLABORATION)]
        config = self.directory / "config.py"
        config.write_text(
            _CONFIG.format(
                url=self._origin + BASE_URL,
                hub_url=f"http://127.0.0.1:{self._ports[0]}",
                proxy_url=f"http://127.0.0.1:{self._ports[1]}",
                proxy=node_command("configurable-http-proxy", "bin/configurable-http-proxy"),
                secret=self._secret,
                directory=str(self.directory),
                python=sys.executable,
                arguments=["--allow-root", *left_out],
            )
        )
        foreign = ("JUPYTER", "IPYTHON", "PYTEST", "PYTHONPATH", "MPL", "CONFIGPROXY")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        environment |= {"MCP_TEST_BED": str(self.directory), "HOME": str(self.directory)}
        environment |= python_path()
        environment["PATH"] = os.pathsep.join([str(SCRIPTS), environment.get("PATH", os.defpath)])
        with (self.directory / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "-f", str(config)],
                cwd=self.directory,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(self._answers, "JupyterHub's first answer", seconds=60)
        for person in self._people:
            self.api("POST", f"hub/api/users/{person}")
            self.api("POST", f"hub/api/users/{person}/server")
        wait_until(lambda: all(map(self._is_ready, self._people)), "the servers of all people", seconds=90)

    def _answers(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError("JupyterHub ended at its start.")
        with contextlib.suppress(httpx.HTTPError):
            return self.api("GET", "hub/api/users") == []
        return False

    def _is_ready(self, person: str) -> bool:
        return any(server["ready"] for server in self.api("GET", f"hub/api/users/{person}")["servers"].values())

    def api(self, method: str, path: str, json: object = None) -> Any:
        """Ask the hub, or the server of somebody, with a right to both; raises httpx.HTTPStatusError for 4xx, 5xx."""
        headers = {"Authorization": f"token {self._secret}"}
        url = f"{self._origin}{BASE_URL}{path}"
        response = httpx.request(method, url, json=json, headers=headers, timeout=60)
        response.raise_for_status()
        return response.json() if response.content else None

    def mcp_url(self, person: str) -> str:
        """The endpoint of somebody's server, as everybody reaches it: through the proxy."""
        return f"{self._origin}{BASE_URL}user/{person}/mcp"

    def environment(self, person: str) -> dict[str, str]:
        """What a terminal of that person has."""
        kept = ("PATH", "LANG", "VIRTUAL_ENV")
        inherited = {name: os.environ[name] for name in kept if name in os.environ}
        return {**inherited, "HOME": str(self.directory / person), "MCP_TEST_BED": str(self.directory)}

    def run_cli(self, person: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `mcp-notebook` in a terminal of that person."""
        command = [str(SCRIPTS / "mcp-notebook"), *arguments]
        environment = self.environment(person)
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def _find_free_ports(count: int) -> list[int]:
    """Below those that a system hands out itself: one of these was somebody else's before the hub had started."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(20_000, 32_768)  # noqa: S311  no secret
        with contextlib.suppress(OSError), socket.socket() as one:
            one.bind(("127.0.0.1", port))
            if port not in found:
                found.append(port)
    return found
