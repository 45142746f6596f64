"""The operations on dataframes, by name or path. Knows how one is found anew; refuses to know any library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .frames import FrameReader, find_frame
from .objects import class_of, type_name
from .paths import parse_path
from .refusals import Refused, read_steadily
from .tables import describe_table, read_table

if TYPE_CHECKING:
    from .frames import Frame
    from .guest import Slice
    from .variables import Variables

__all__ = ["describe_dataframe", "read_dataframe"]

_NAMES_SHOWN = 20


def describe_dataframe(variables: Variables, work: Slice, name: str, sample: Any = None) -> dict[str, Any]:
    """Return what the tool of that name says."""
    return read_steadily(f"`{name}`", lambda: describe_table(_reader(variables, name, work), sample))


def read_dataframe(variables: Variables, work: Slice, name: str, **page: Any) -> dict[str, Any]:
    """Return what the tool of that name says."""
    return read_steadily(f"`{name}`", lambda: read_table(_reader(variables, name, work), **page))


def _reader(variables: Variables, name: str, work: Slice) -> FrameReader:
    path = parse_path(name)

    def find() -> Frame:
        value = variables.get(path)
        frame = find_frame(value)
        if frame is None:
            kind = type_name(class_of(value))
            raise Refused("not_a_dataframe", f"`{name}` is a {kind}, not a dataframe. {_name_frames(variables)}")
        return frame

    return FrameReader(find, work)


def _name_frames(variables: Variables) -> str:
    frames = [name for name in variables.names() if find_frame(variables.find(name)) is not None]
    return f"Dataframes here: {', '.join(frames[:_NAMES_SHOWN])}." if frames else "There is no dataframe here."
