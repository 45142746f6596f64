"""A pandas DataFrame over memory of our own, for one that changes faster than it is read in pieces.

Knows how much is copied within about one slice of the agent's work. The copy is dropped with the answer, and in it are
none of the person's objects.
"""

from __future__ import annotations

from typing import Any

from .arrays import is_array
from .cells import to_cell
from .pandas_frames import PandasFrame, is_readable
from .stored_numbers import numpy

__all__ = ["copy_pandas"]

_CELLS = 100_000
_OBJECTS = 2_000
_BYTES = 2 << 20


def copy_pandas(frame: PandasFrame) -> PandasFrame | None:
    """Return the same frame, copied; None if that takes long, or it cannot be read safely."""
    if frame.rows * frame.width > _CELLS or (frame.size or 0) > _BYTES:
        return None
    axes, blocks = frame.parts  # those of one moment: the running cell may go on while one of them is copied
    if not all(is_readable(values) for _, values in blocks):
        return None
    if sum(values.size for _, values in blocks if _is_of_objects(values)) > _OBJECTS:
        return None
    return PandasFrame(_Parts(axes, [_Block(places, _copy(values)) for places, values in blocks]))


class _Parts:
    """Stands for a frame, and for what pandas keeps its parts in."""

    _blknos = _blklocs = None

    def __init__(self, axes: list[Any], blocks: list[_Block]) -> None:
        self.axes = axes
        self.blocks = blocks

    @property
    def _mgr(self) -> _Parts:
        return self


class _Block:
    """Stands for pandas' block of columns."""

    def __init__(self, places: Any, values: Any) -> None:
        self.mgr_locs = places
        self.values = values


def _is_of_objects(values: Any) -> bool:
    return is_array(values) and values.dtype.kind == "O"


def _copy(values: Any) -> Any:
    if not _is_of_objects(values):
        return values.copy()
    plain = numpy("empty")(values.size, dtype=object)
    plain[:] = [each if type(each) is str else to_cell(each) for each in values.ravel().tolist()]
    return plain.reshape(values.shape)
