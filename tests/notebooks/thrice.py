"""The tutorials, output by output, three times in a row on each line of ipykernel; then their hidden answers.

    PYTHONPATH=tests python tests/notebooks/thrice.py

Knows how nbval is told the kernel, and that nothing of the tester's Jupyter may be seen. Refuses to know the notebooks.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from support.kernelspecs import LINES, NEWEST, add_kernelspecs
from support.paths import CHECKOUT
from support.tutorials import NOTEBOOKS, TUTORIALS

TIMES = 3
HERE = Path(__file__).parent


def run(what: str, *arguments: str, **environment: str) -> bool:
    """Run pytest, and say how it ended and how long it took."""
    pytest = [sys.executable, "-m", "pytest", "-q", "--numprocesses", os.environ.get("WORKERS", "2")]
    begun = time.monotonic()
    foreign = ("JUPYTER", "IPYTHON", "PYTEST")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    done = subprocess.run([*pytest, *arguments], env={**inherited, **environment}, cwd=CHECKOUT, check=False)
    say = "passed" if done.returncode == 0 else "FAILED"
    print(f"== {what}: {say}, {time.monotonic() - begun:.0f} s", flush=True)  # noqa: T201  it is a command
    return done.returncode == 0


def run_notebooks(kernel: str, time_of_it: int) -> bool:
    """Compare every output of every notebook, in a home of its own."""
    nbval = ["--nbval", "--nbval-kernel-name", kernel, "--nbval-sanitize-with", str(HERE / "sanitize.cfg")]
    with tempfile.TemporaryDirectory() as home:
        data = Path(home, "kernels")
        add_kernelspecs(data)
        what = f"{len(TUTORIALS)} notebooks on {'the newest ipykernel' if kernel == NEWEST else kernel}"
        files = ["--dist", "loadfile", str(NOTEBOOKS)]
        return run(f"{what}, time {time_of_it} of {TIMES}", *nbval, *files, HOME=home, JUPYTER_PATH=str(data))


def main() -> int:
    """Run everything, also after a failure; the exit status says whether all passed."""
    passed = [run_notebooks(kernel, one + 1) for kernel in LINES for one in range(TIMES)]
    passed.append(run("hidden answers", str(HERE / "answers.py")))
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
