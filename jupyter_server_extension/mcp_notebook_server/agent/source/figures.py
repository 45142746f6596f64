"""matplotlib's figures and axes: how many, how they are labelled. Refuses to draw: the person's cell may be drawing."""

from __future__ import annotations

from typing import Any

from .credentials import hide_credentials
from .objects import class_of, count_items, derives_from, find_base, first_items, is_defined_in, library_member
from .parts import find_field

__all__ = ["find_figure_text"]

_LABEL = 80
_AXES_SHOWN = 9


def find_figure_text(value: Any) -> str:
    """Return what a figure or axes of matplotlib's are; "" for anything else."""
    cls = class_of(value)
    if not is_defined_in(cls, "matplotlib") and not is_defined_in(cls, "mpl_toolkits"):
        return ""
    if _derives(cls, "matplotlib.figure", "FigureBase"):
        axes = _find_kept(value, "_localaxes")
        shown = first_items(list, axes, _AXES_SHOWN) if class_of(axes) is list else []
        count = count_items(list, axes) if class_of(axes) is list else 0
        return f"figure with {count} axes{''.join(f'; {_describe_axes(each)}' for each in shown)}"
    return _describe_axes(value) if _derives(cls, "matplotlib.axes._base", "_AxesBase") else ""


def _derives(cls: Any, module: str, name: str) -> bool:
    base = library_member(module, name)
    return base is not None and derives_from(cls, base)


def _describe_axes(axes: Any) -> str:
    children = _find_kept(axes, "_children")
    drawn = count_items(list, children) if class_of(children) is list else 0
    labels = {
        "": _text(_find_kept(axes, "title")),
        "x: ": _text(_find_kept(axes, "xaxis", "label")),
        "y: ": _text(_find_kept(axes, "yaxis", "label")),
    }
    said = [f"{name}{label!r}" for name, label in labels.items() if label]
    return ", ".join(["axes", *said, f"{drawn} drawn"])


def _text(label: Any) -> str:
    text = _find_kept(label, "_text")
    return hide_credentials(str.__getitem__(text, slice(_LABEL))) if find_base(class_of(text)) is str else ""


def _find_kept(value: Any, *names: str) -> Any:
    """Return what an instance, or one that it keeps, keeps under a name; MISSING if it does not."""
    for name in names:
        value = find_field(value, name)
    return value
