"""A real Jupyter Kernel Gateway for tests: kernels that run elsewhere than the Jupyter server whose they are."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Self

import httpx

from support.paths import SCRIPTS
from support.processes import kill_processes_with
from support.recording import python_path
from support.waiting import wait_until


class Gateway:
    """A kernel gateway on loopback, as a context manager; `url` is there once it answers, and asks for `token`."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="mg"))
        self.token = secrets.token_hex(16)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        foreign = ("JUPYTER", "IPYTHON", "PYTEST", "PYTHONPATH", "MPL", "KG_")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        places = {
            "HOME": self.directory,
            "IPYTHONDIR": self.directory / "ipython",
            "JUPYTER_CONFIG_DIR": self.directory / "config",
            "JUPYTER_DATA_DIR": self.directory / "data",
            "JUPYTER_RUNTIME_DIR": self.directory / "run",
        }
        environment = {**inherited, **{name: str(place) for name, place in places.items()}, "KG_AUTH_TOKEN": self.token}
        environment |= python_path()
        environment["PATH"] = os.pathsep.join([str(SCRIPTS), environment.get("PATH", os.defpath)])
        command = [sys.executable, "-m", "kernel_gateway", f"--KernelGatewayApp.port={self.url.rpartition(':')[2]}"]
        with (self.directory / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *command,
                    "--KernelGatewayApp.ip=127.0.0.1",
                    "--KernelGatewayApp.port_retries=0",
                    "--JupyterWebsocketPersonality.list_kernels=True",
                ],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            wait_until(self._answers, "the kernel gateway's first answer", seconds=60)
        except BaseException:
            self.__exit__(sys.exc_info()[1])
            raise
        return self

    def __exit__(self, error: object, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=10)
        kill_processes_with("JUPYTER_RUNTIME_DIR", str(self.directory / "run"))
        if error is not None:
            print((self.directory / "log").read_text(errors="replace")[-4000:])  # noqa: T201  pytest shows it
        shutil.rmtree(self.directory, ignore_errors=True)

    def _answers(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError("The kernel gateway ended at its start.")
        with contextlib.suppress(httpx.TransportError):
            headers = {"Authorization": f"token {self.token}"}
            return httpx.get(f"{self.url}/api", headers=headers, timeout=10).is_success
        return False
