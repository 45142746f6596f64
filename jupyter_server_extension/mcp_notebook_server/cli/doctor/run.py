"""All the looks that the doctor takes, one after the other.

Knows their order, and what a person reads. Refuses to know what is looked at: each look is a module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_notebook_server.cli.doctor.entries import find_entry_faults
from mcp_notebook_server.cli.doctor.external import find_external_faults
from mcp_notebook_server.cli.doctor.kernels import find_kernel_faults
from mcp_notebook_server.cli.doctor.machine import find_machine_faults
from mcp_notebook_server.cli.doctor.nesting import find_nesting_faults
from mcp_notebook_server.cli.doctor.refused import find_refusal_faults
from mcp_notebook_server.cli.doctor.servers import find_server_faults
from mcp_notebook_server.cli.doctor.tokens import find_token_faults, list_profiles
from mcp_notebook_server.cli.running import list_running_servers

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from mcp_notebook_server.cli.doctor.fault import Fault
    from mcp_notebook_server.cli.running import RunningServer

__all__ = ["run_doctor"]


def run_doctor(options: Namespace) -> int:
    """Print what is wrong, a line each; return 1 if anything is.

    Args:
        options: `origin`: of a page that is to use the endpoint, or None.
    """
    servers = list_running_servers()
    faults = list(_look(servers, options.origin))
    for fault in faults:
        print(f"- {fault}")
    if not faults:
        names = ", ".join(list_profiles()) or "none"
        print(f"Nothing is wrong: {servers[0].url}mcp takes hosts in. Profiles: {names}.")
    return 1 if faults else 0


def _look(servers: list[RunningServer], origin: str | None) -> Iterator[Fault]:
    yield from find_server_faults(servers, origin)
    yield from find_token_faults()
    yield from find_entry_faults()
    yield from find_kernel_faults()
    yield from find_external_faults(servers)
    yield from find_nesting_faults(servers)
    yield from find_refusal_faults()
    yield from find_machine_faults()
