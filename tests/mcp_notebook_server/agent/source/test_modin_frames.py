"""Modin's frames, beside the line of pandas that Modin asks for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from support.kernelspecs import get_package

MODIN = "0.37.1"
PANDAS = "2.3.3"


def test_frames_of_modin_are_read_like_those_of_others() -> None:
    packages = [
        get_package(f"{name}-{version}", f"{name}=={version}")
        for name, version in (("modin", MODIN), ("pandas", PANDAS))
    ]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            str(Path(__file__).with_name("like_modin.py")),
        ],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, packages))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
