"""Measure, print a table, write bench.json; exit 1 if a bar is missed."""

# ruff: noqa: T201  the table is what this prints
from __future__ import annotations

import sys
from itertools import chain

from benchmarks.calling import measure_calling
from benchmarks.cell_speed import measure_cell_speed
from benchmarks.figure import HEADING, show, write
from benchmarks.loading import measure_loading
from benchmarks.reading import measure_reading
from support.echo import make_echo_server
from support.paths import CHECKOUT


def main() -> int:
    figures = []
    print(HEADING)
    with make_echo_server() as server:
        token = server.host_token("bench", "--read")
        for figure in chain(
            measure_reading(server, token),
            measure_cell_speed(server, token),
            measure_loading(server),
            measure_calling(),
        ):
            figures.append(figure)
            print(show(figure), flush=True)
    write(figures, CHECKOUT / "bench.json")
    missed = [figure.name for figure in figures if figure.met is False]
    print(f"\nMissed: {', '.join(missed)}" if missed else "\nEvery bar is met.")
    return 1 if missed else 0


sys.exit(main())
