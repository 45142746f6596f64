"""Values of known libraries: how each says its shape, its size and what it is, touching no element.

One function for each kind; this lists them. Dataframes and series are known to `frames`. A library is never imported
for it, and its methods are called only on objects of exactly its own classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .arrays import ArrayLook
from .figures import find_figure_text
from .images import find_image_text
from .objects import class_of, is_defined_in, library_member, library_of
from .parts import get_fields

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Known", "find_known"]

_MANY = 100
_TENSOR_LIBRARIES = ("jax", "jaxlib", "tensorflow")
_PICTURE_LIBRARIES = ("PIL", "IPython", "matplotlib", "mpl_toolkits")


class Known:
    """What is said of a value.

    Attributes:
        text: a line.
        shape: lengths; None if it has none.
        size: bytes; None if unknown.
    """

    def __init__(self, text: str, shape: list[int] | None = None, size: Any = None) -> None:
        self.text = text
        self.shape = shape
        self.size = size


def find_known(value: Any) -> Known | None:
    """Return what is said of a value of a known library; None for any other."""
    cls = class_of(value)
    if cls is ArrayLook:
        return Known(value.kind, list(value.shape), value.size)
    find = _KINDS.get(library_of(cls))
    return None if find is None else find(cls, value)


def _sparse(cls: Any, value: Any) -> Known | None:
    """Look at a sparse array of scipy's, in what the instance keeps."""
    if not is_defined_in(cls, "scipy"):
        return None
    fields = get_fields(value, _MANY)
    shape: Any = fields.get("_shape")
    looks = [each for each in fields.values() if class_of(each) is ArrayLook]
    if class_of(shape) is not tuple or not (looks or "_dict" in fields):
        return None
    stored: Any = fields.get("data")
    known = f" with {stored.count} stored" if class_of(stored) is ArrayLook and len(stored.shape) == 1 else ""
    return Known(f"{cls.__name__}{known}", list(shape), sum(look.size for look in looks))


def _torch(cls: Any, value: Any) -> Known | None:
    """Look at a tensor of torch's by what its class keeps in C: its shape is there wherever its elements are."""
    tensors = (library_member("torch", "Tensor"), library_member("torch.nn.parameter", "Parameter"))
    if not any(cls is each for each in tensors if each is not None):
        return None
    said = {name: getattr(value, name, None) for name in ("dtype", "device")}
    text = " ".join(["tensor", *(f"{name} {each}" for name, each in said.items() if each is not None)])
    size: Any = getattr(value, "nbytes", None)
    return Known(text, list(value.shape), size)


def _tensor(cls: Any, value: Any) -> Known | None:
    """Look at an array of jax or a tensor of tensorflow: shape and element type, wherever its elements are."""
    if not any(is_defined_in(cls, library) for library in _TENSOR_LIBRARIES):
        return None
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if shape is None or dtype is None:
        return None
    return Known(f"{getattr(dtype, 'name', dtype)} {cls.__name__}", [int(each) for each in shape])


def _xarray(cls: Any, value: Any) -> Known | None:
    """Look at a DataArray, Dataset or Variable of xarray's: dimensions and names; data on a disk stay there."""
    if not is_defined_in(cls, "xarray"):
        return None
    if cls.__name__ == "Dataset":
        names = ", ".join(map(str, list(value.data_vars)[:_MANY]))
        sizes = ", ".join(f"{name} {length}" for name, length in value.sizes.items())
        return Known(f"dataset of {names or 'no variables'} over {sizes or 'no dimensions'}")
    if cls.__name__ in ("DataArray", "Variable"):
        return Known(f"{value.dtype} over {', '.join(map(str, value.dims))}", list(value.shape), value.nbytes)
    return None


def _picture(_: Any, value: Any) -> Known | None:
    text = find_image_text(value) or find_figure_text(value)
    return Known(text) if text else None


_KINDS: dict[str, Callable[[Any, Any], Known | None]] = {
    "scipy": _sparse,
    "torch": _torch,
    **dict.fromkeys(_TENSOR_LIBRARIES, _tensor),
    "xarray": _xarray,
    **dict.fromkeys(_PICTURE_LIBRARIES, _picture),
}
"""By the library in which the value's own class is defined."""
