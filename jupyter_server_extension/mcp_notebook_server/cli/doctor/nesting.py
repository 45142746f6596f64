"""nest_asyncio, where a person's kernels take it in: notebooks that are open, and what IPython runs at its start.

Knows why it matters: applied and then used, it makes ipykernel 7.3 and later lose cells that wait (DESIGN decision 14).
Refuses to look into a kernel for it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.paths import get_ipython_dir

from mcp_notebook_server.cli.doctor.fault import Fault
from mcp_notebook_server.cli.doctor.rest import ask_jupyter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mcp_notebook_server.cli.running import RunningServer

__all__ = ["find_nesting_faults"]

_APPLIES = re.compile(r"^[^#\n]*\bnest_asyncio\b[^#\n]*$", re.MULTILINE)
_MEND = "Take it out, and use `await` in the cell: IPython has a loop there"


def find_nesting_faults(servers: Sequence[RunningServer]) -> Iterator[Fault]:
    """Yield the places where nest_asyncio comes in."""
    for file in sorted(Path(get_ipython_dir()).glob("profile_*/startup/*.py")):
        if _APPLIES.search(file.read_text(encoding="utf-8", errors="replace")):
            yield Fault(f"{file} brings nest_asyncio into every kernel, which can lose cells that wait", _MEND)
    for server in servers:
        for path in _list_open_notebooks(server):
            if server.root_directory is not None and _is_nesting(server.root_directory / path):
                yield Fault(f"The notebook {path} uses nest_asyncio, which can lose cells that wait", _MEND)


def _list_open_notebooks(server: RunningServer) -> list[str]:
    sessions: list[dict[str, Any]] = ask_jupyter(server, "api/sessions") or []
    return sorted({session["path"] for session in sessions if session.get("type") == "notebook"})


def _is_nesting(file: Path) -> bool:
    try:
        cells: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return any(_APPLIES.search(source) for source in sources)
