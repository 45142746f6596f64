"""What a host can follow, and the addresses of that.

Knows addresses. Refuses to know whether there is anything there.
"""

from __future__ import annotations

from dataclasses import dataclass

from mcp_notebook_server.addresses import CELL, CELL_OUTPUT, KERNEL, NOTEBOOK

__all__ = ["FOLLOWED", "Topic", "find_topic"]

FOLLOWED = (KERNEL, NOTEBOOK, CELL, CELL_OUTPUT)
"""Templates of the addresses that can be followed."""


@dataclass(frozen=True)
class Topic:
    """Something that changes.

    Attributes:
        kernel: id of a kernel whose state it is; empty for a notebook.
        notebook: path of the notebook; empty for a kernel.
        cell: id of one of its cells; empty for all of it.
        outputs_only: whether it is what the cell shows, and not its source.
    """

    kernel: str = ""
    notebook: str = ""
    cell: str = ""
    outputs_only: bool = False


def find_topic(uri: str) -> Topic | None:
    """Return what an address stands for, a kernel as the host calls it; None if that cannot be followed."""
    for template in FOLLOWED:
        found = template.match(uri)
        if found is not None:
            return Topic(
                kernel=str(found.get("kernel", "")),
                notebook=str(found.get("notebook", "")).strip("/"),
                cell=str(found.get("cell", "")),
                outputs_only=template is CELL_OUTPUT,
            )
    return None
