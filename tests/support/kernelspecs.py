"""Kernel specs on each line of ipykernel that we promise to work with."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from support.paths import CACHE, alone_in_cache
from support.recording import python_path

NEWEST = "python3"
"""The spec that the installed ipykernel brings itself."""

IPYKERNEL_6 = "ipykernel-6.31"
"""The last line without subshells, still the one that many people have."""

LINES = (NEWEST, IPYKERNEL_6)
"""The two between which most differs."""

_VERSIONS = {IPYKERNEL_6: "6.31.0", "ipykernel-7.0": "7.0.1", "ipykernel-7.3": "7.3.0"}

EVERY_LINE = (NEWEST, *_VERSIONS)


def add_kernelspecs(data_directory: Path) -> None:
    """Let a Jupyter server with this data directory start kernels of `LINES`, by the names above."""
    directory = data_directory / "kernels" / IPYKERNEL_6
    directory.mkdir(parents=True, exist_ok=True)
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python (ipykernel 6.31)",
        "language": "python",
        "env": python_path(get_ipykernel(IPYKERNEL_6)),
    }
    (directory / "kernel.json").write_text(json.dumps(spec))


def get_ipykernel(line: str) -> Path:
    """The directory with an ipykernel."""
    return get_package(line, f"ipykernel=={_VERSIONS[line]}")


def get_package(name: str, requirement: str) -> Path:
    """The directory of this name with a package, downloaded at first use; what it requires is this environment's."""
    target = CACHE / "kernels" / name
    with alone_in_cache("kernels"):
        if target.exists():
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as unfinished:
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", f"{unfinished}/done"]
            subprocess.run([*pip, requirement], check=True)
            Path(unfinished, "done").rename(target)
    return target
