"""The comparison with pandas, on the line of pandas that many kernels still have."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from support.kernelspecs import get_package

VERSION = "2.3.3"

_RUN = """
import sys, pandas, pytest
assert pandas.__version__ == sys.argv[1], pandas.__version__
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", *sys.argv[2:]]))
"""


def test_frames_of_an_older_pandas_are_read_like_those_of_a_newer_one() -> None:
    directory = get_package(f"pandas-{VERSION}", f"pandas=={VERSION}")
    compared = Path(__file__).with_name("test_like_pandas.py")
    done = subprocess.run(
        [sys.executable, "-c", _RUN, VERSION, str(compared)],
        env=os.environ | {"PYTHONPATH": str(directory)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
