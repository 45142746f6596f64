"""Conditions, order and figures as narwhals' expressions, which every library understands alike.

NaN is null here, as it is in every answer. Refuses to know when and by whom they are computed.
"""

from __future__ import annotations

import datetime as dt
import decimal
import zoneinfo
from typing import TYPE_CHECKING, Any, cast

from .conditions import check_condition, number_from
from .objects import library_member
from .refusals import Refused
from .searching import refuse_secret
from .tables import find_position

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Expressions"]

_TEMPORARY = "__mcp_notebook_key_"
_CHOICES = ("Categorical", "Enum")
_KINDS = {"Boolean": "flag", "String": "text", "Categorical": "text", "Enum": "text"}

_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "contains": lambda a, b: a.str.contains(b, literal=True),
    "starts_with": lambda a, b: a.str.starts_with(b),
}


class Expressions:
    """What can be said of one frame.

    Args:
        schema: narwhals' types by name.
        orders_choices: whether the library sorts choices in an order of theirs, as pandas does.
    """

    def __init__(self, schema: dict[str, Any], *, orders_choices: bool) -> None:
        self.schema = schema
        self._orders_choices = orders_choices

    def counts(self) -> list[Any]:
        """Return the expressions of how many rows there are, and how many nulls of each column."""
        nulls = [self._column(name).is_null().cast(_narwhals("Int64")).sum() for name in self.schema]
        return [_narwhals("len")().alias("rows"), *(each.alias(f"nulls{at}") for at, each in enumerate(nulls))]

    def ends(self, names: list[str]) -> list[Any]:
        """Return the expressions of least and greatest of each of these columns."""
        columns = [self._column(name) for name in names]
        pairs = [(each.min().alias(f"min{at}"), each.max().alias(f"max{at}")) for at, each in enumerate(columns)]
        return [end for pair in pairs for end in pair]

    def ranked(self, name: str) -> bool:
        """Whether least and greatest of a column say something."""
        dtype = self.schema[name]
        return bool(dtype.is_numeric() or dtype.is_temporal() or _name(dtype) == "String")

    def add_keys(self, frame: Any, keys: list[dict[str, Any]]) -> tuple[Any, list[str]]:
        """Return the frame with what it can be sorted by, and the names of that.

        Args:
            frame: of narwhals.
            keys: as in the contract.

        Raises:
            Refused: kind "bad_argument" or "unknown_column".
        """
        names: list[str] = []
        temporary: dict[str, Any] = {}
        for number, key in enumerate(keys):
            name = self.find(key["column"])
            refuse_secret(name)
            self._refuse_objects(name)
            names.append(name if self._is_plain(name) else f"{_TEMPORARY}{number}")
            if names[-1] != name:
                temporary[names[-1]] = self._column(name)
        return frame.with_columns(**temporary) if temporary else frame, names

    def condition(self, condition: dict[str, Any]) -> Any:
        """Return a condition; nulls pass as they do everywhere.

        Raises:
            Refused: kind "bad_argument" or "unknown_column".
        """
        op, value = condition["op"], condition.get("value")
        check_condition(op, value)
        name = self.find(condition["column"])
        column = self._column(name)
        if op in ("is_null", "not_null"):
            return column.is_null() if op == "is_null" else ~column.is_null()
        refuse_secret(name)
        self._refuse_objects(name)
        passed: Any = None
        for each in cast("list[Any]", value) if op in ("in", "not_in") else [value]:
            operand = _operand(op, each, self.schema[name], name)
            this = _COMPARISONS[{"in": "=", "not_in": "=", "!=": "="}.get(op, op)](column, operand)
            passed = this if passed is None else passed | this
        no = _narwhals("lit")(value=False)
        passed = no if passed is None else _narwhals("when")(column.is_null()).then(no).otherwise(passed)
        return ~passed if op in ("!=", "not_in") else passed

    def find(self, name: str) -> str:
        """Return the name, if there is such a column.

        Raises:
            Refused: kind "unknown_column".
        """
        return list(self.schema)[find_position(list(self.schema), name)]

    def _refuse_objects(self, name: str) -> None:
        if _name(self.schema[name]) == "Object":
            raise Refused(
                "bad_argument",
                f"Column {name!r} holds Python objects, which only their own code could compare; only `is_null` and "
                "`not_null` can be asked of it.",
            )

    def _is_plain(self, name: str) -> bool:
        # Not even pandas takes every NaN for null: those of Arrow's columns are numbers to it.
        dtype = self.schema[name]
        return self._orders_choices if _name(dtype) in _CHOICES else not dtype.is_float()

    def _column(self, name: str) -> Any:
        column = _narwhals("col")(name)
        if self._is_plain(name):
            return column
        if self.schema[name].is_float():
            return _narwhals("when")(~column.is_nan()).then(column)
        return column.cast(_narwhals("String"))


def _narwhals(name: str) -> Any:
    return library_member("narwhals", name)


def _name(dtype: Any) -> str:
    return (dtype if isinstance(dtype, type) else type(dtype)).__name__


def _operand(op: str, value: Any, dtype: Any, name: str) -> Any:
    kind = "number" if dtype.is_numeric() else _KINDS.get(_name(dtype), _name(dtype).lower())
    try:
        operand = _typed(kind, value, dtype)
    except (ValueError, ArithmeticError):
        operand = None
    if operand is None or (op in ("contains", "starts_with") and kind != "text"):
        raise Refused("bad_argument", f"`{op}` {value!r} does not suit column {name!r}, which is {dtype}.")
    return operand


def _typed(kind: str, value: Any, dtype: Any) -> Any:  # noqa: PLR0911  one for each kind
    if kind == "number":
        number = number_from(value)
        return decimal.Decimal(str(number)) if number is not None and _name(dtype) == "Decimal" else number
    if kind == "flag":
        return value if type(value) is bool else None
    if type(value) is not str:
        return None
    if kind == "text":
        return value
    if kind == "date":
        return dt.date.fromisoformat(value)
    if kind == "datetime":
        moment = dt.datetime.fromisoformat(value.replace("Z", "+00:00"))  # noqa: FURB162  Python 3.9 knows no Z
        zone = dtype.time_zone
        if zone is None:
            return moment if moment.tzinfo is None else None
        # Polars compares moments of one zone only.
        return moment.replace(tzinfo=_zone(zone)) if moment.tzinfo is None else moment.astimezone(_zone(zone))
    return None


def _zone(name: str) -> dt.tzinfo | None:
    """Return a zone by its name, or by its offset, as PyArrow has them, too.

    Raises:
        ValueError: neither.
    """
    try:
        return zoneinfo.ZoneInfo(name)
    except zoneinfo.ZoneInfoNotFoundError:
        return dt.datetime.strptime(name, "%z").tzinfo
