"""What of this machine's environment stands between a host and Jupyter."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.request import getproxies, proxy_bypass

from mcp_notebook_server.cli.doctor.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find_machine_faults"]


def find_machine_faults() -> Iterator[Fault]:
    """Yield what is wrong with the environment."""
    if "http" in getproxies() and not proxy_bypass("127.0.0.1"):
        what = "Programs here send what is for 127.0.0.1 through the proxy of HTTP_PROXY, hosts with a URL too"
        yield Fault(what, "Set NO_PROXY=127.0.0.1,localhost where hosts start; the stdio bridge does not need it")
