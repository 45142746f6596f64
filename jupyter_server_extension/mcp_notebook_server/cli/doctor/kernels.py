"""The kernels that Jupyter can start: whether each has an ipykernel that works with us.

Knows kernel specs, and asks each one's Python what is installed. Refuses to start a kernel.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from jupyter_client.kernelspec import KernelSpecManager

from mcp_notebook_server.cli.doctor.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find_kernel_faults"]

_SECONDS = 20
_OLDEST_IPYKERNEL = (6, 31)
_OLDEST_PYTHON = (3, 9)

_ASK = """\
import json, sys
from importlib.metadata import version
try: found = version("ipykernel")
except Exception: found = ""
print(json.dumps([list(sys.version_info[:2]), found]))
"""


def find_kernel_faults() -> Iterator[Fault]:
    """Yield what is wrong with Python's kernel specs; those of other languages are never read."""
    specs: dict[str, Any] = KernelSpecManager().get_all_specs()
    for name, found in specs.items():
        spec: dict[str, Any] = found["spec"]
        if "ipykernel" in " ".join(spec["argv"]):
            yield from _look_at(name, spec)


def _look_at(name: str, spec: dict[str, Any]) -> Iterator[Fault]:
    python: str = spec["argv"][0]
    if python in ("python", "python3"):  # jupyter_client starts its own then
        python = sys.executable
    environment = {**os.environ, **spec.get("env", {})}
    try:
        said = subprocess.run(  # noqa: S603 - the program that Jupyter itself would start
            [python, "-c", _ASK], env=environment, capture_output=True, text=True, timeout=_SECONDS, check=True
        )
        version, ipykernel = json.loads(said.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        mend = f"Take it away with `jupyter kernelspec remove {name}`, or install it anew"
        yield Fault(f"The kernel {name!r} cannot start: its Python, {python}, does not run", mend)
        return
    if tuple(version) < _OLDEST_PYTHON:
        what = f"The kernel {name!r} is Python {version[0]}.{version[1]}, whose variables cannot be read"
        yield Fault(what, "Use Python 3.9 or later for it")
    if not ipykernel:
        yield Fault(f"The kernel {name!r} has no ipykernel", f"{python} -m pip install ipykernel")
    elif tuple(int(part) for part in ipykernel.split(".")[:2]) < _OLDEST_IPYKERNEL:
        yield Fault(f"The kernel {name!r} has ipykernel {ipykernel}", f"{python} -m pip install 'ipykernel>=6.31'")
