"""Dask's dataframes. Computed in this process while no cell runs; on a distributed client they cost.

A plan is read operand by operand: it may hold what the libraries below define, and nothing else that could be called.
Columns of Python objects are neither compared nor sorted, for that would call the objects' own code.
"""

from __future__ import annotations

import functools
import importlib
import types
from typing import Any

from .engines import Engine, tell_apart, to_rows
from .objects import class_of, comes_from, library_member
from .pandas_frames import PandasFrame
from .refusals import Refused

__all__ = ["DaskFrame", "name_objects", "rows_of_pandas"]

_LIBRARIES = (
    *("dask", "distributed", "pandas", "numpy", "pyarrow", "toolz", "cytoolz", "fsspec", "tlz"),
    *("builtins", "operator", "functools", "datetime", "decimal", "uuid", "pathlib", "zoneinfo", "pytz"),
)
_REMOTE = ("s3://", "gs://", "gcs://", "az://", "abfs://", "http://", "https://", "hdfs://")
_CALLED = ("dask", "distributed", "pandas", "operator")
"""Those of them whose objects that can be called keep no functions of others."""

_BUNDLES = ("Delayed", "Aggregation")
"""Dask's classes that keep functions of the person's where they are not looked for."""

_DEEPEST = 100_000
"""Rows up to the end of the deepest page: those before it come along."""


class DaskFrame(Engine):
    """One look at a frame.

    Args:
        frame: of Dask.
    """

    library = "Dask"
    orders_choices = True

    def __init__(self, frame: Any) -> None:
        names = list(frame.columns)
        named = tell_apart(frame, names, lambda different: frame.rename(columns=dict(zip(names, different))))  # noqa: B905  Python 3.9 has no strict
        self.native = _without_notice(named)
        meta = frame._meta  # noqa: SLF001  an empty frame of pandas; the public way computes nothing either, but copies
        self.objects = name_objects(meta)
        operands = [each for node in frame.expr.walk() for each in node.operands]
        foreign = _has_foreign_types(meta) or any(map(_is_foreign, operands))
        self.runs_code = "This frame calls functions of the person's, or may do so." if foreign else ""
        self._client = _find_client()
        self.in_process = self._client is None
        remote = any(type(each) is str and each.startswith(_REMOTE) for each in operands)
        self.costly = "" if self.in_process else "This frame is computed by a Dask cluster."
        self.costly = self.costly or ("This frame reads over the network." if remote else "")

    @classmethod
    def sort(cls, frame: Any, names: list[str], descending: list[bool], rows: int) -> Any:
        """Return the first rows in order, equals as they stand.

        Only so many of each partition are moved. Dask's own `sort_values` moves all, and fails where it finds no
        quantiles, as among infinities.
        """
        pandas = library_member("pandas", "DataFrame")

        def first(frame: Any) -> Any:
            # By one column at a time, the last one first: by several, pandas fails where Arrow has both 0.0 and -0.0.
            for name, falls in zip(reversed(names), reversed(descending)):  # noqa: B905  Python 3.9 has no strict
                order = {"ascending": not falls, "na_position": "last", "kind": "stable"}
                frame = frame.map_partitions(pandas.sort_values, name, **order, meta=frame)
            return frame.map_partitions(pandas.head, rows, meta=frame)

        native = frame.to_native()
        choices = [name for name in names if str(native.dtypes[name]).startswith("dictionary")]  # Arrow's have no order
        native = native.astype(dict.fromkeys(choices, "string[pyarrow]")) if choices else native
        found = first(first(native).repartition(npartitions=1))
        return library_member("narwhals", "from_native")(_without_notice(found))

    def fetch(self, query: Any, offset: int, limit: int, seconds: float) -> list[Any]:
        """Return rows, as tuples; in this process it cannot be ended."""
        if offset + limit > _DEEPEST:
            raise Refused("not_supported", f"Dask's pages end at row {_DEEPEST}. Ask with `where` or `sort` instead.")
        page = query.head(offset + limit, npartitions=-1, compute=False)
        if self._client is None:
            return rows_of_pandas(page.compute(scheduler="synchronous"), offset, limit)
        computing = self._client.compute(page)
        try:
            # What comes from another process lies in the memory of a message, which may not be read as one's own.
            return rows_of_pandas(computing.result(timeout=seconds).copy(), offset, limit)
        except TimeoutError:
            raise self.refuse_slow(seconds) from None
        finally:
            computing.cancel()


def _without_notice(frame: Any) -> Any:
    """Return narwhals' own frame of it: its public way says on each use that its Dask part will move.

    The person's cell would show that, and no filter of warnings is of one thread only before Python 3.14.
    """
    try:
        version = importlib.import_module("narwhals._utils").Version.MAIN
        return importlib.import_module("narwhals._dask.dataframe").DaskLazyFrame(frame, version=version)
    except (ImportError, AttributeError, TypeError):  # it has moved, and says nothing any more
        return frame


def rows_of_pandas(frame: Any, offset: int, limit: int) -> list[Any]:
    """Return rows of pandas' frame, as tuples of JSON values."""
    page = PandasFrame(frame.reset_index(drop=True))
    rows = range(min(offset, page.rows), min(offset + limit, page.rows))
    return to_rows(page.take(column, "", rows) for column in range(page.width))


def name_objects(frame: Any) -> frozenset[str]:
    """Return the columns of pandas' frame that only code of their cells could compare, or may be so."""
    return frozenset(name for name, dtype in zip(frame.columns, frame.dtypes) if _holds_objects(dtype))  # noqa: B905  as above


def _holds_objects(dtype: Any) -> bool:
    if type(dtype) is not library_member("pandas", "CategoricalDtype"):
        return comes_from(type(dtype), "numpy") and dtype.kind == "O"
    # Dask does not look at categories that its partitions have yet to find.
    return dtype.categories is None or _holds_objects(dtype.categories.dtype)


def _has_foreign_types(frame: Any) -> bool:
    known = ("numpy", "pandas", "pyarrow")
    known_types = all(any(comes_from(type(dtype), each) for each in known) for dtype in frame.dtypes)
    return type(frame) is not library_member("pandas", "DataFrame") or not known_types


def _find_client() -> Any:
    current = library_member("distributed.client", "_get_global_client")
    return None if current is None else current()


def _is_foreign(operand: Any) -> bool:  # noqa: PLR0911  one for each kind
    """Whether a part of a plan is, or holds, anything but data and functions of known libraries."""
    cls = class_of(operand)
    if cls is dict:
        return any(map(_is_foreign, operand.values()))
    if cls in (list, tuple, set, frozenset):
        return any(map(_is_foreign, operand))
    if cls is functools.partial:
        return any(map(_is_foreign, (operand.func, operand.args, operand.keywords)))
    if cls is types.MethodType:
        return _is_foreign(operand.__func__)
    if cls in (types.FunctionType, types.BuiltinFunctionType, type):
        return str(operand.__module__).partition(".")[0] not in _LIBRARIES
    if cls is library_member("numpy", "ufunc"):
        return operand is not library_member("numpy", operand.__name__)  # one can be made of any function
    if cls.__name__ in _BUNDLES or not any(
        comes_from(cls, each) for each in (_CALLED if callable(operand) else _LIBRARIES)
    ):
        return True
    if library_member("dask._task_spec", "GraphNode") in cls.__mro__:
        return any(map(_is_foreign, (getattr(operand, each, None) for each in ("func", "args", "kwargs", "value"))))
    return False
