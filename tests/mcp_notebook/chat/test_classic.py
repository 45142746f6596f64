"""The classic example as people tell it, as a notebook that nbval compares output by output."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from support.paths import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

NOTEBOOKS = CHECKOUT / "tests" / "notebooks"


def test_what_is_the_weather_in_seoul(tmp_path: Path) -> None:
    sanitized = ["--nbval-sanitize-with", str(NOTEBOOKS / "sanitize.cfg")]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval", *sanitized]
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])  # noqa: PTH120  it is a link
    environment = {**os.environ, "HOME": str(tmp_path), "IPYTHONDIR": str(tmp_path), "PATH": path}
    environment = {name: value for name, value in environment.items() if not name.startswith(("JUPYTER", "PYTEST"))}
    done = subprocess.run(
        [*command, str(NOTEBOOKS / "asking_a_model.ipynb")],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
