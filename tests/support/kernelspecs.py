"""Kernel specs on each line of ipykernel that we promise to work with."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from support.paths import CACHE

if TYPE_CHECKING:
    from support.jupyter import JupyterServer

NEWEST = "python3"
"""The spec that the installed ipykernel brings itself."""

IPYKERNEL_6 = "ipykernel-6.31"
"""The last line without subshells, still the one that many people have."""

LINES = (NEWEST, IPYKERNEL_6)


def add_kernelspecs(server: JupyterServer) -> None:
    """Let a Jupyter server start kernels of every line, by the names above."""
    directory = server.data_directory / "kernels" / IPYKERNEL_6
    directory.mkdir(parents=True, exist_ok=True)
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python (ipykernel 6.31)",
        "language": "python",
        "env": {"PYTHONPATH": str(_get_ipykernel_6())},
    }
    (directory / "kernel.json").write_text(json.dumps(spec))


def _get_ipykernel_6() -> Path:
    """The directory with ipykernel 6.31, downloaded at first use; its requirements are this environment's."""
    target = CACHE / "kernels" / IPYKERNEL_6
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as unfinished:
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", f"{unfinished}/done"]
            subprocess.run([*pip, "ipykernel==6.31.0"], check=True)
            Path(unfinished, "done").rename(target)
    return target
