"""Where the Jupyter server of this kernel is, as a browser reaches it.

Knows the file that every Jupyter server writes when it starts, and that a kernel knows who started it. Refuses to know
what is there, and to take the token out of that file.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from jupyter_core.paths import jupyter_runtime_dir

__all__ = ["JupyterPlace", "find_own_place", "list_places"]


@dataclass(frozen=True)
class JupyterPlace:
    """One Jupyter server.

    Attributes:
        url: its address, with a slash at its end and no token in it.
        base_url: the path of that, which holds also where a proxy stands before Jupyter.
        pid: of its process.
    """

    url: str
    base_url: str
    pid: int


def find_own_place() -> JupyterPlace | None:
    """Find the Jupyter server that started this process; None in a terminal, or where its files cannot be seen."""
    parents = (os.environ.get("JPY_PARENT_PID"), str(os.getppid()))  # the first is a handle on Windows
    return next((place for place in list_places() if str(place.pid) in parents), None)


def list_places() -> list[JupyterPlace]:
    """Return the Jupyter servers that this person runs here."""
    found = [_find_place(file) for file in sorted(Path(jupyter_runtime_dir()).glob("jpserver-*.json"))]
    return [place for place in found if place is not None]


def _find_place(file: Path) -> JupyterPlace | None:
    """Read what a Jupyter server wrote; None if that cannot be read, or the server is gone."""
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        place = JupyterPlace(said["url"], said["base_url"], int(said["pid"]))
    except (OSError, ValueError, KeyError):
        return None
    from jupyter_server.utils import check_pid  # noqa: PLC0415  a quarter of a second, and only this command wants it

    return place if check_pid(place.pid) else None
