"""A real Jupyter server for tests: its own process, port, token and directories, and nothing left behind.

Knows how a Jupyter server is started, found ready, asked and ended. Knows nothing of MCP but where its endpoint is.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import httpx
from jupyter_client.blocking.client import BlockingKernelClient

from support.paths import CACHE, SCRIPTS
from support.processes import kill_processes_with
from support.recording import python_path
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LOG_LINES_SHOWN = 40

FRONT_ENDS = ("jupyterlab", "notebook", "notebook_shim", "jupyter_lsp", "jupyter_server_terminals")
"""Extensions that come with JupyterLab; they take a quarter of the server's start."""

COLLABORATION = ("jupyter_server_ydoc", "jupyter_server_fileid")
COLLABORATION_VIEWS = ("@jupyter/collaboration-extension", "@jupyter/docprovider-extension")
"""What jupyter-collaboration brings: it is in the environment of the tests, and off where it is not asked for."""


class JupyterServer:
    """A Jupyter server on loopback, as a context manager.

    Args:
        arguments: more command line arguments, such as "--MappingKernelManager.cull_idle_timeout=5".
        front_ends: whether JupyterLab and Notebook are there, for a browser.
        collaboration: whether documents are shared live, with jupyter-collaboration.
        token: Jupyter's own token; "" turns its authentication off, None makes one.
        environment: more environment variables for the server and its kernels.
    """

    def __init__(
        self,
        *arguments: str,
        front_ends: bool = False,
        collaboration: bool = False,
        token: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.token = secrets.token_hex(16) if token is None else token
        # Short, because a Unix socket's path may have about 100 bytes and kernels put theirs below it.
        short = "/tmp" if Path("/tmp").is_dir() else None  # noqa: S108  mkdtemp makes a private one in it
        self.directory = Path(tempfile.mkdtemp(prefix="mn", dir=short))
        self.runtime_directory = self.directory / "run"
        self.data_directory = self.directory / "data"
        self.notebook_directory = self.directory / "notebooks"
        self.log_file = self.directory / "log"
        self.environment = self._make_environment(environment or {})
        left_out = (*(() if front_ends else FRONT_ENDS), *(() if collaboration else COLLABORATION))
        self._disabled_views = () if collaboration else COLLABORATION_VIEWS
        store = (f"--SQLiteYStore.db_path={self.directory / 'ystore.db'}",) if collaboration else ()
        self._arguments = (*store, *(f"--ServerApp.jpserver_extensions={name}=False" for name in left_out), *arguments)
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def _make_environment(self, more: Mapping[str, str]) -> dict[str, str]:
        # What pytest and the tester's own Jupyter set must not reach the kernels: ipykernel, for one, behaves
        # differently where it sees PYTEST_CURRENT_TEST.
        foreign = ("JUPYTER", "IPYTHON", "PYTEST", "PYTHONPATH", "MPL")
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
        return {
            **inherited,
            "PATH": os.pathsep.join([str(SCRIPTS), os.environ.get("PATH", os.defpath)]),
            "HOME": str(self.directory / "home"),
            "IPYTHONDIR": str(self.directory / "ipython"),
            "JUPYTER_CONFIG_DIR": str(self.directory / "config"),
            "JUPYTER_DATA_DIR": str(self.data_directory),
            "JUPYTER_RUNTIME_DIR": str(self.runtime_directory),
            "JUPYTER_PLATFORM_DIRS": "1",
            "JUPYTER_TOKEN": self.token,
            "MPLCONFIGDIR": str(CACHE / "matplotlib"),  # its font cache takes seconds to build
            **more,
            **python_path(more.get("PYTHONPATH")),
        }

    def __enter__(self) -> Self:
        for directory in (self.notebook_directory, self.directory / "home"):
            directory.mkdir()
        self.data_directory.mkdir()  # jupyter-collaboration does not make it
        views = self.directory / "config" / "labconfig" / "page_config.json"
        views.parent.mkdir(parents=True)
        views.write_text(json.dumps({"disabledExtensions": dict.fromkeys(self._disabled_views, True)}))
        try:
            self._start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, error: object, *_: object) -> None:
        self.stop()
        if error is not None:
            print(self.log_tail())  # noqa: T201  pytest shows it with the failure
        shutil.rmtree(self.directory, ignore_errors=True)

    def _start(self) -> None:
        command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--ServerApp.ip=127.0.0.1"]
        command += ["--ServerApp.port=0", f"--ServerApp.root_dir={self.notebook_directory}"]
        command += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        command += [*(["--IdentityProvider.token="] if not self.token else []), *self._arguments]
        with self.log_file.open("wb") as log:
            self._process = subprocess.Popen(
                command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        info = wait_until(self._find_runtime_info, "the Jupyter server's runtime file")
        self.url = info["url"].rstrip("/")
        wait_until(self._answers, "the Jupyter server's first answer")

    def _find_runtime_info(self) -> dict[str, Any] | None:
        self._check_alive()
        file = self.runtime_directory / f"jpserver-{self.pid}.json"
        try:
            return json.loads(file.read_text())
        except (FileNotFoundError, json.JSONDecodeError):  # not there yet, or half written
            return None

    def _answers(self) -> bool:
        self._check_alive()
        try:
            return self.api("GET", "/api/status") is not None
        except httpx.TransportError:
            return False

    def _check_alive(self) -> None:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError(f"The Jupyter server ended at start. Its log:\n{self.log_tail()}")

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError("The Jupyter server was not started: use it in a with statement.")
        return self._process.pid

    @property
    def mcp_url(self) -> str:
        return f"{self.url}/mcp"

    def log_tail(self) -> str:
        lines = self.log_file.read_text(errors="replace").splitlines() if self.log_file.exists() else []
        return "\n".join(lines[-LOG_LINES_SHOWN:])

    def api(self, method: str, path: str, json: object = None) -> Any:
        """Ask Jupyter's own REST interface; raises httpx.HTTPStatusError for 4xx and 5xx."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        response = httpx.request(method, self.url + path, json=json, headers=headers, timeout=60)
        response.raise_for_status()
        return response.json() if response.content else None

    def start_kernel(self, name: str = "python3") -> str:
        """Start a kernel as a front end does and return its id; `client` waits until it is ready."""
        return self.api("POST", "/api/kernels", {"name": name})["id"]

    def kernel_state(self, kernel_id: str) -> str:
        """What Jupyter tells its front ends: "starting", "idle", "busy" ..."""
        return self.api("GET", f"/api/kernels/{kernel_id}")["execution_state"]

    @contextlib.contextmanager
    def client(self, kernel_id: str) -> Iterator[BlockingKernelClient]:
        """A ready client of a kernel, with a session of its own (two that share one lose each other's replies)."""
        client = BlockingKernelClient(connection_file=str(self.runtime_directory / f"kernel-{kernel_id}.json"))
        client.load_connection_file()
        client.hb_channel.time_to_dead = 10  # a kernel that imports much misses beats, and is alive
        client.start_channels()
        try:
            client.wait_for_ready(timeout=60)
            yield client
        finally:
            client.stop_channels()

    def run_cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `mcp-notebook` as the person does who owns this Jupyter server."""
        command = [str(SCRIPTS / "mcp-notebook"), *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60, check=False)

    def host_token(self, name: str = "host", *flags: str) -> str:
        """Create a host token with the command line."""
        done = self.run_cli("token", "create", name, *flags)
        if done.returncode:
            raise RuntimeError(f"mcp-notebook token create failed:\n{done.stdout}{done.stderr}")
        return done.stdout.split()[-1]

    def start_again(self) -> None:
        """Start it anew after `kill` or `stop`: with the same directories and token, on another port."""
        self._start()

    def kill(self) -> None:
        """End the Jupyter server at once, as a crash does; its kernels stay behind until `stop`."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def end(self) -> None:
        """End the Jupyter server as Control-C does."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=15)

    def stop(self) -> None:
        """End the Jupyter server as Control-C does, then whatever of its environment still lives, hosts too."""
        self.end()
        kill_processes_with("JUPYTER_RUNTIME_DIR", str(self.runtime_directory))
        if self._process is not None:
            self._process.wait()
