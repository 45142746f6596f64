"""The operations on dataframes, by name or path. Knows how one is found anew; refuses to know any library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .exports import can_export
from .frames import FrameReader, OtherFrame, find_frame
from .narwhals_frames import EngineReader, describe_engine, read_engine
from .objects import class_of, type_name
from .pandas_copies import copy_pandas
from .paths import parse_path
from .refusals import Changed, Refused, read_steadily
from .tables import describe_table, read_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from .engines import Engine
    from .guest import Slice
    from .variables import Variables

__all__ = ["describe_dataframe", "read_dataframe"]

_NAMES_SHOWN = 20
_DEEPEST = 200_000
"""Rows that are sorted beside a running cell. It goes on meanwhile: numpy sorts numbers without Python's lock (measured
on a million: 140 ms, and no stop longer than the machine's own). But others' reads wait for the rest that follows."""


def describe_dataframe(
    variables: Variables, work: Slice, name: str, sample: Any = None, *, paid: bool = False
) -> dict[str, Any]:
    """Return what the tool of that name says.

    Args:
        variables: of the kernel.
        work: paused between pieces.
        name: of the frame, or a path.
        sample: as in the contract.
        paid: whether what may cost a cluster's money may be computed, for which the person has to grant it.
    """

    def describe() -> dict[str, Any]:
        if type(_find(variables, name)) is OtherFrame:
            return describe_engine(EngineReader(lambda: _open(variables, name), work, paid=paid), sample)
        return describe_table(open_reader(), sample)

    open_reader = _opener(variables, work, name)
    return read_steadily(f"`{name}`", describe)


def read_dataframe(variables: Variables, work: Slice, name: str, *, paid: bool = False, **page: Any) -> dict[str, Any]:
    """Return what the tool of that name says; `paid` as above. `linked` is there if the rest can be had as a file."""

    def read() -> dict[str, Any]:
        if type(_find(variables, name)) is OtherFrame:
            return read_engine(EngineReader(lambda: _open(variables, name), work, paid=paid), **page)
        _check_depth(variables, **page)
        return read_table(open_reader(), **page)

    open_reader = _opener(variables, work, name)
    answer = read_steadily(f"`{name}`", read)
    if "next_offset" in answer and can_export(variables.get(parse_path(name))):
        answer["linked"] = True
    return answer


def _check_depth(variables: Variables, *, sort: Any = None, offset: int = 0, limit: int = 0, **_: Any) -> None:
    """Refuse what sorts many rows in one piece, beside a cell whose processor that takes."""
    if sort and offset + limit > _DEEPEST and variables.running() is not None:
        raise Refused(
            "busy",
            f"Sorting {offset + limit} rows would hold up the running cell. Ask again when it is done; until then the "
            f"first {_DEEPEST} rows in order can be had, and others by sorting the other way round.",
        )


def _opener(variables: Variables, work: Slice, name: str) -> Callable[[], FrameReader]:
    """Return what gives a reader for each try: after the first, of a copy, where the frame is not large."""
    tried = False

    def open_reader() -> FrameReader:
        nonlocal tried
        found = _find(variables, name)
        if type(found) is OtherFrame:  # a moment ago it was none
            raise Changed
        copied = copy_pandas(found) if tried else None
        tried = True
        del found
        return FrameReader(lambda: _find(variables, name) if copied is None else copied, work)

    return open_reader


def _find(variables: Variables, name: str) -> Any:
    value = variables.get(parse_path(name))
    frame = find_frame(value)
    if frame is None:
        kind = type_name(class_of(value))
        raise Refused("not_a_dataframe", f"`{name}` is a {kind}, not a dataframe. {_name_frames(variables)}")
    return frame


def _open(variables: Variables, name: str) -> Engine:
    engine = _find(variables, name).open()
    if engine.in_process and variables.running() is not None:
        raise Refused("busy", f"`{name}` is computed in the kernel's own thread. Ask again when its cell is done.")
    return engine


def _name_frames(variables: Variables) -> str:
    frames = [name for name in variables.names() if find_frame(variables.find(name)) is not None]
    return f"Dataframes here: {', '.join(frames[:_NAMES_SHOWN])}." if frames else "There is no dataframe here."
