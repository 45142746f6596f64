"""Dask's dataframes. Computed in this process while no cell runs; on a distributed client they cost."""

from __future__ import annotations

import warnings
from typing import Any

from .objects import class_of, library_member, type_name
from .pandas_frames import PandasFrame, make_different

__all__ = ["DaskFrame", "rows_of_pandas"]

_LIBRARIES = ("dask", "pandas", "numpy", "pyarrow", "operator", "builtins", "functools", "toolz", "cytoolz", "fsspec")
_REMOTE = ("s3://", "gs://", "gcs://", "az://", "abfs://", "http://", "https://", "hdfs://")


class DaskFrame:
    """One look at a frame.

    Args:
        frame: of Dask.
    """

    lazy = True
    nan_is_null = True
    rows = None
    size = None

    def __init__(self, frame: Any) -> None:
        # narwhals says on every use that its Dask part will move; the person's cell would show that.
        warnings.filterwarnings("ignore", "Dask support is moving", FutureWarning)
        names = list(frame.columns)
        different = make_different([str(each) for each in names])
        self.native = frame if names == different else frame.rename(columns=dict(zip(names, different)))  # noqa: B905  Python 3.9 has no strict
        operands = [each for node in frame.expr.walk() for each in node.operands]
        self.runs_code = "This frame calls functions of the person's." if any(map(_is_foreign, operands)) else ""
        elsewhere = _has_client()
        self.in_process = not elsewhere
        remote = any(type(each) is str and each.startswith(_REMOTE) for each in operands)
        self.costly = "This frame is computed by a Dask cluster." if elsewhere else ""
        self.costly = self.costly or ("This frame reads over the network." if remote else "")

    def fetch(self, query: Any, offset: int, limit: int, seconds: float) -> list[Any]:  # noqa: ARG002  cannot be ended
        """Return rows, as tuples."""
        page = query.head(offset + limit, npartitions=-1, compute=False).compute()
        return rows_of_pandas(page, offset, limit)


def rows_of_pandas(frame: Any, offset: int, limit: int) -> list[Any]:
    """Return rows of pandas' frame, as tuples of JSON values."""
    page = PandasFrame(frame.reset_index(drop=True))
    rows = range(min(offset, page.rows), min(offset + limit, page.rows))
    return list(zip(*(page.take(column, "", rows) for column in range(page.width))))  # noqa: B905  as above


def _has_client() -> bool:
    current = library_member("distributed.client", "_get_global_client")
    return current is not None and current() is not None


def _is_foreign(operand: Any) -> bool:
    """Whether it is something that can be called, and is not a library's."""
    if not callable(operand):
        return False
    module = getattr(operand, "__module__", None) or type_name(class_of(operand))
    return str(module).partition(".")[0] not in _LIBRARIES
