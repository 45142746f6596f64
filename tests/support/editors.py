"""An editor in tests: it starts a kernel as VS Code does, with no Jupyter server, and is its parent."""

from __future__ import annotations

import secrets
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Self

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MADE_UP = "python3117jvsc74a57bd0c0ffee"
"""The kind of name that VS Code gives a kernel; no kernelspec has it."""


class EditorKernel:
    """One kernel, as a context manager.

    Args:
        directory: where the connection file is to be.
        environment: of the kernel.
    """

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.file = directory / f"kernel-v3{secrets.token_hex(20)}.json"
        key = secrets.token_hex(16).encode()
        _, info = write_connection_file(str(self.file), key=key, kernel_name=MADE_UP)
        self.info: dict[str, Any] = dict(info)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ipykernel_launcher", f"--f={self.file}"],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.client = BlockingKernelClient(connection_file=str(self.file))

    def __enter__(self) -> Self:
        self.client.load_connection_file()
        self.client.hb_channel.time_to_dead = 30  # a kernel that imports much misses beats, and is alive
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.stop_channels()
        self.kill()
        self.file.unlink(missing_ok=True)  # as VS Code does

    def kill(self) -> None:
        """End it at once, as a crash does; its file stays."""
        self.process.kill()
        self.process.wait()

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None
