"""Kernels that an editor or a console started, with no Jupyter server in front: whether hosts reach them.

Knows their connection files, and which kernels the Jupyter servers have. Refuses to speak with a kernel.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from jupyter_core.paths import jupyter_runtime_dir

from mcp_notebook_server.cli.doctor.fault import Fault
from mcp_notebook_server.cli.doctor.rest import ask_jupyter
from mcp_notebook_server.external.files import find_connection_files, list_directories

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mcp_notebook_server.cli.running import RunningServer
    from mcp_notebook_server.external.files import ConnectionFile

__all__ = ["find_external_faults"]

_SECONDS = 1.0
_YOUNG_SECONDS = 10.0
"""A Jupyter server takes a moment to find a kernel."""

_MOST_NAMED = 3


def find_external_faults(servers: Sequence[RunningServer]) -> Iterator[Fault]:
    """Yield one if there are kernels that no Jupyter server has; nothing where one does not say which it has."""
    files = find_connection_files(list_directories(jupyter_runtime_dir()))
    live = [file for file in files if file.age > _YOUNG_SECONDS and _listens(file)]
    answers: list[Any] = [ask_jupyter(server, "api/kernels") for server in servers] if live else []
    if None in answers:
        return
    known = {kernel["id"] for answer in answers for kernel in answer}
    missed = [file.path.name for file in live if file.kernel_id not in known]
    if missed:
        more = f" and {len(missed) - _MOST_NAMED} more" if len(missed) > _MOST_NAMED else ""
        what = (
            f"Hosts do not reach kernels that an editor or a console started: {', '.join(missed[:_MOST_NAMED])}{more}"
        )
        mend = (
            "Start Jupyter with --ServerApp.allow_external_kernels=True, or choose an existing Jupyter server in the "
            "editor"
        )
        yield Fault(what, mend)


def _listens(file: ConnectionFile) -> bool:
    """Whether somebody listens where a file says; one whose kernel was killed stays."""
    try:
        with socket.create_connection((str(file.info["ip"]), int(file.info["control_port"])), timeout=_SECONDS):
            return True
    except (OSError, ValueError, KeyError, TypeError):
        return False
