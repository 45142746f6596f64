"""The Jupyter server that tutorials start for somebody else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil

from support.paths import CHECKOUT

START = """
from servers.somebody import SomebodysJupyter
import psutil
somebody = SomebodysJupyter("walk.ipynb")
print(somebody.directory, *[child.pid for child in psutil.Process().children()])
"""


def test_nothing_of_it_is_left_when_the_kernel_ends_before_the_last_cell() -> None:
    command = [sys.executable, "-c", START]
    done = subprocess.run(command, cwd=CHECKOUT / "notebooks", capture_output=True, text=True, timeout=100, check=True)
    directory, *children = done.stdout.splitlines()[-1].split()
    assert children
    assert not any(psutil.pid_exists(int(child)) for child in children)
    assert not Path(directory).exists()
