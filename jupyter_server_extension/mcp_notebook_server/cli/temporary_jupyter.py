"""A Jupyter server of our own for a while: on loopback, with its own port, token and directories, and no trace after.

Knows how a Jupyter server is started, found ready, asked and ended. Refuses to know what it is used for.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import httpx
import psutil
from jupyter_client.blocking.client import BlockingKernelClient

from mcp_notebook_server.cli.errors import JupyterDidNotStart
from mcp_notebook_server.cli.interruption import hold_signals

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["TemporaryJupyter"]

_START_TIMEOUT = 60
_MISSED_BEATS = 10
"""Seconds without a heartbeat before a kernel is dead: on a busy machine one that imports much misses some."""
_STOP_TIMEOUT = 10
_LOG_LINES = 15
_SHORT = 20
"""Characters of a temporary directory's path that leave room for ours below it."""


class TemporaryJupyter:
    """A Jupyter server as a context manager; everything of it lies in one temporary directory.

    Args:
        application: the module to run: `jupyter_server`, or `jupyterlab` for the front end, too.
        environment: more environment variables for it and its kernels.

    Attributes:
        directory: where all of it lies; `notebooks`, `data` and `runtime` lie in it.
        environment: its environment variables; may be changed until it starts.
        token: Jupyter's own.
        url: where it answers, with a slash at the end; empty until it has started.
    """

    def __init__(self, application: str, environment: dict[str, str]) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="mcpn", dir=_short_temporary_directory()))
        self.notebooks = self.directory / "notebooks"
        self.data = self.directory / "data"
        self.runtime = self.directory / "run"
        self.token = secrets.token_hex(24)
        self.url = ""
        self._application = application
        self._log = self.directory / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self.environment = {
            **os.environ,
            "IPYTHONDIR": str(self.directory / "ipython"),
            "JUPYTER_CONFIG_DIR": str(self.directory / "config"),
            "JUPYTER_DATA_DIR": str(self.data),
            "JUPYTER_RUNTIME_DIR": str(self.runtime),
            "JUPYTER_TOKEN": self.token,
            "MPLCONFIGDIR": str(self.directory / "matplotlib"),
            "NPM_CONFIG_CACHE": str(self.directory / "npm"),  # extensions of Jupyter ask npm where it is
            **environment,
        }

    def __enter__(self) -> Self:
        try:
            self.notebooks.mkdir()
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._stop()
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)

    def ask(self, method: str, path: str, content: object = None) -> Any:
        """Ask Jupyter's REST interface and return its JSON; None if it answers nothing.

        Raises:
            httpx.HTTPError: if it refuses or cannot be reached.
        """
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = httpx.request(method, self.url + path, json=content, headers=headers, timeout=30, trust_env=False)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def open_notebook(self, path: str) -> str:
        """Start a kernel for the notebook at `path`, as a front end does, and return the kernel's id."""
        session = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        return self.ask("POST", "api/sessions", session)["kernel"]["id"]

    @contextmanager
    def client(self, kernel_id: str) -> Generator[BlockingKernelClient]:
        """Yield a ready client of a kernel."""
        client = BlockingKernelClient(connection_file=str(self.runtime / f"kernel-{kernel_id}.json"))
        client.load_connection_file()
        client.hb_channel.time_to_dead = _MISSED_BEATS
        client.start_channels()
        try:
            client.wait_for_ready(timeout=_START_TIMEOUT)
            yield client
        finally:
            client.stop_channels()

    def wait(self) -> None:
        """Wait until it ends by itself."""
        if self._process is not None:
            self._process.wait()

    def _start(self) -> None:
        command = [sys.executable, "-m", self._application, "--no-browser", "--ServerApp.ip=127.0.0.1"]
        command += ["--ServerApp.port=0", f"--ServerApp.root_dir={self.notebooks}"]
        if os.name == "posix" and os.geteuid() == 0:
            command.append("--allow-root")
        with self._log.open("wb") as log, hold_signals():
            # A session of its own: Control-C reaches us alone, and we end it in good order.
            self._process = subprocess.Popen(  # noqa: S603 - our own Python and words of our own
                command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + _START_TIMEOUT
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
                raise JupyterDidNotStart(lines[-_LOG_LINES:])
            time.sleep(0.05)

    def _answers(self) -> bool:
        """Whether it has said where it is, and answers there."""
        with suppress(StopIteration, json.JSONDecodeError, httpx.TransportError):
            information = next(self.runtime.glob("jpserver-*.json"))
            self.url = json.loads(information.read_text(encoding="utf-8"))["url"]
            return self.ask("GET", "api/status") is not None
        return False

    def _stop(self) -> None:
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(_STOP_TIMEOUT)
        if process.poll() is None:
            process.kill()
        process.wait()
        self._end_kernels()

    def _end_kernels(self) -> None:
        """End the kernels that Jupyter left behind: all, if it was killed, which a stop while it restarts one comes to.

        `jupyter_client` 8.10 then raises InvalidStateError in its shutdown, and Jupyter stays. A kernel ends itself
        when its parent is gone, but looks for that once a second only, and in a container not always sees it.
        """
        kernels = [process for process in psutil.process_iter(["cmdline"]) if self._is_kernel(process.info["cmdline"])]
        for kernel in kernels:
            with suppress(psutil.NoSuchProcess):
                kernel.kill()
        psutil.wait_procs(kernels, timeout=_STOP_TIMEOUT)

    def _is_kernel(self, command: list[str] | None) -> bool:
        """Whether a process with this command line was told a connection file of ours; None if it may not be asked."""
        return any(Path(word).parent == self.runtime for word in command or [])


def _short_temporary_directory() -> str:
    """Return where to make ours: a Unix socket's path may have about 100 bytes, and kernels have theirs below it."""
    usual = tempfile.gettempdir()
    return usual if len(usual) <= _SHORT or os.name != "posix" else "/tmp"  # noqa: S108 - mkdtemp makes a private one in it
