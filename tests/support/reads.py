"""The reads that a host makes while a person works, in turn."""

from __future__ import annotations

from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.mcp import Host

SETUP = """
import numpy, pandas
weights = numpy.arange(12.0).reshape(3, 4)
frame = pandas.DataFrame({"city": ["Oslo", "Lima"] * 50, "rain": range(100)})
settings = {"rate": 0.1}
"""
"""A cell that makes what is read."""

READS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("list_variables", {}),
    ("inspect_variable", {"path": "weights"}),
    ("inspect_variable", {"path": 'settings["rate"]'}),
    ("describe_dataframe", {"name": "frame"}),
    ("read_dataframe", {"name": "frame", "limit": 5}),
)


def read_all(host: Host, kernel_id: str, times: int = len(READS)) -> Iterator[dict[str, Any]]:
    """Make `times` reads, each when the caller asks for the next; every one must succeed."""
    for name, arguments in islice(cycle(READS), times):
        yield host.read(name, kernel=kernel_id, **arguments)
