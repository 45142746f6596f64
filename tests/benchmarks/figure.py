"""One figure, its floor and its bar; how figures are shown and kept."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """A measured value.

    Attributes:
        name: what was measured.
        value: the median.
        unit: of value and floor.
        floor: what cannot be beaten, measured in turns with the value.
        bar: the promise, in words.
        met: whether it is kept; None for a figure that promises nothing.
    """

    name: str
    value: float
    unit: str
    floor: float
    bar: str = ""
    met: bool | None = None

    @property
    def ratio(self) -> float:
        return self.value / self.floor


def show(figure: Figure) -> str:
    """One line of the table."""
    verdict = {None: "", True: "ok", False: "MISSED"}[figure.met]
    numbers = f"{figure.value:12.2f} {figure.floor:12.2f} {figure.ratio:8.2f}  {figure.unit:<9}"
    return f"{figure.name:<58}{numbers} {figure.bar:<12} {verdict}".rstrip()


HEADING = f"{'':<58}{'value':>12} {'floor':>12} {'ratio':>8}  {'unit':<9} bar"


def write(figures: Iterable[Figure], file: Path) -> None:
    """Keep the figures as JSON."""
    rows = [asdict(figure) | {"ratio": figure.ratio} for figure in figures]
    file.write_text(json.dumps(rows, indent=1) + "\n")
