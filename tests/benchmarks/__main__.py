"""Measure, print a table, write bench.json; exit 1 if a bar is missed.

Arguments choose the parts: reading, listing, frames, tools, cells, executing, speed, loading, calling, sessions,
flooding, publishing, changing.
Without any, all of them but the last, which reads ten thousand times each and takes an hour.
"""

# ruff: noqa: T201  the table is what this prints
from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from benchmarks.calling import measure_calling
from benchmarks.cell_speed import measure_cell_speed
from benchmarks.cells import measure_cells
from benchmarks.changing import measure_changing
from benchmarks.executing import measure_executing
from benchmarks.figure import HEADING, show, write
from benchmarks.flooding import measure_flooding
from benchmarks.frames import measure_frames, measure_listing_of_tools
from benchmarks.listing import measure_listing
from benchmarks.loading import measure_loading
from benchmarks.publishing import measure_publishing
from benchmarks.reading import measure_reading
from benchmarks.sessions import measure_sessions
from support.echo import make_echo_server
from support.paths import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.figure import Figure
    from support.jupyter import JupyterServer


LONG = "changing"

PARTS: dict[str, Callable[[JupyterServer, str], Iterator[Figure]]] = {
    "reading": measure_reading,
    "listing": measure_listing,
    "frames": measure_frames,
    "tools": measure_listing_of_tools,
    "cells": measure_cells,
    "executing": measure_executing,
    "speed": measure_cell_speed,
    "loading": lambda server, _: measure_loading(server),
    "calling": lambda *_: measure_calling(),
    "sessions": lambda *_: measure_sessions(),
    "flooding": lambda *_: measure_flooding(),
    "publishing": measure_publishing,
    LONG: measure_changing,
}


def main(chosen: Sequence[str]) -> int:
    figures: list[Figure] = []
    print(HEADING)
    with make_echo_server() as server:
        token = server.host_token("bench", "--read")
        for part in chosen or [part for part in PARTS if part != LONG]:
            for figure in PARTS[part](server, token):
                figures.append(figure)
                print(show(figure), flush=True)
    write(figures, CHECKOUT / "bench.json")
    missed = [figure.name for figure in figures if figure.met is False]
    print(f"\nMissed: {', '.join(missed)}" if missed else "\nEvery bar is met.")
    return 1 if missed else 0


sys.exit(main(sys.argv[1:]))
