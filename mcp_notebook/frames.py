"""Tables and tabular documents as data frames of pandas and polars.

Knows which function of these libraries reads what. Refuses to import either before it is asked for, and to guess where
a library cannot read something: its words are passed on.
"""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from mcp_notebook.display import Table
from mcp_notebook.errors import PackageMissing, TableUnreadable

if TYPE_CHECKING:
    from collections.abc import Generator

    import pandas as pd
    import polars as pl

    from mcp_notebook.documents import Document

__all__ = ["LIBRARY_FORMATS", "to_pandas", "to_polars"]

LIBRARY_FORMATS = frozenset({"CSV", "TSV", "Parquet", "Arrow"})
"""The formats that the libraries read; the others are JSON, whose values have their types already."""

_SEPARATORS = {"CSV": ",", "TSV": "\t"}
_ARROW_FILE = b"ARROW1"  # the first bytes of Arrow's file format, which its stream format has not


def to_pandas(source: Table | Document) -> pd.DataFrame:
    """Give a table, or a document that has one, as a pandas data frame.

    Raises:
        TableUnreadable: pandas cannot read it.
        PackageMissing: pyarrow is needed for it, and is not there.
    """
    import pandas as pd  # noqa: PLC0415  a second to import, and only this needs it

    if isinstance(source, Table):
        return pd.DataFrame([list(row) for row in source.rows], columns=list(source.columns))
    with _worded(source):
        return _read_pandas(source)


def _read_pandas(document: Document) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415  as above

    data = io.BytesIO(document.data)
    if document.format == "Parquet":
        return cast("Any", pd).read_parquet(data)  # partly untyped
    if document.format == "Arrow":
        return _read_arrow(document.data)
    return pd.read_csv(data, sep=_SEPARATORS[document.format or "CSV"])


def _read_arrow(data: bytes) -> pd.DataFrame:
    from pyarrow import ipc  # noqa: PLC0415  optional

    arrow = cast("Any", ipc)  # not typed
    reader = arrow.open_file(data) if data.startswith(_ARROW_FILE) else arrow.open_stream(data)
    return reader.read_pandas()


def to_polars(source: Table | Document) -> pl.DataFrame:
    """Give a table, or a document that has one, as a polars data frame.

    Raises:
        TableUnreadable: polars cannot read it.
        PackageMissing: polars is not there.
    """
    with _worded(source):
        return _read_polars(source)


def _read_polars(source: Table | Document) -> pl.DataFrame:
    import polars as pl  # noqa: PLC0415  optional

    if isinstance(source, Table):
        rows = [list(row) for row in source.rows]
        return pl.DataFrame(rows, list(source.columns), orient="row", strict=False, infer_schema_length=None)
    data = io.BytesIO(source.data)
    if source.format == "Parquet":
        return pl.read_parquet(data)
    if source.format == "Arrow":
        return pl.read_ipc(data) if source.data.startswith(_ARROW_FILE) else pl.read_ipc_stream(data)
    return pl.read_csv(data, separator=_SEPARATORS[source.format or "CSV"], infer_schema_length=None)


@contextmanager
def _worded(source: Table | Document) -> Generator[None]:
    """Turn what the libraries raise into one sentence."""
    kind = "a table" if isinstance(source, Table) else source.format or "a table"
    try:
        yield
    except ImportError as error:
        package = "polars" if error.name == "polars" else "pyarrow"
        raise PackageMissing(package, ".polars()" if package == "polars" else f"Reading {kind}") from None
    except Exception as error:  # each library has errors of its own, polars' are not even ValueErrors
        raise TableUnreadable(kind, str(error) or type(error).__name__) from error
