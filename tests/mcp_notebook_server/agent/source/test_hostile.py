"""Whatever the person keeps in variables, none of its code runs, and every answer comes soon."""
# What each generated object does if its code is run: BEHAVIOURS; where it is kept: KEPT.

from __future__ import annotations

import collections
import contextlib
import dataclasses
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_notebook_server.agent.source.refusals import Refused

from .shells import ask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RAN: list[str] = []
"""What ran although it must not."""

SPECIAL = [
    "__repr__",
    "__str__",
    "__len__",
    "__iter__",
    "__getitem__",
    "__contains__",
    "__getattr__",
    "__getattribute__",
    "__hash__",
    "__eq__",
    "__bool__",
    "__int__",
    "__float__",
    "__index__",
    "__format__",
    "__sizeof__",
    "__dir__",
    "__reduce__",
    "__array__",
    "__dataframe__",
    "__call__",
    "__lt__",
    "_repr_html_",
    "_repr_mimebundle_",
    "__instancecheck__",
    "__subclasscheck__",
    "__missing__",
    "keys",
    "items",
    "shape",
    "dtype",
    "columns",
    "index",
]


def trap(name: str) -> Any:
    def run(*_: Any, **__: Any) -> Any:
        RAN.append(name)
        print("ran", name)  # noqa: T201  what a host must not cause
        raise RuntimeError(name)

    return run


def make_class(bases: tuple[type, ...] = (), metaclass: type = type, **members: Any) -> Any:
    traps = {name: trap(name) for name in SPECIAL if name not in members}
    return metaclass("Hostile", bases, traps | members)


class Descriptor:
    def __get__(self, *_: object) -> Any:
        return trap("descriptor")()


def metaclass() -> Any:
    special = ("__repr__", "__eq__", "__hash__", "__getattribute__", "__instancecheck__", "__call__")
    return type("Meta", (type,), {name: trap(f"metaclass {name}") for name in special})


def new(cls: Any) -> Any:
    """Make an instance although its class cannot be called or looked at."""
    return object.__new__(cls)


def cyclic() -> Any:
    rows: list[Any] = [1]
    rows.append({"rows": rows, "pair": (rows, rows)})
    return rows


def deep() -> Any:
    inner: Any = 0
    for _ in range(100_000):
        inner = [inner]
    return inner


def with_hostile_key() -> Any:
    def equals(*_: object) -> bool:
        RAN.append("key __eq__")  # also when the dictionary is made, which the test forgives
        return False

    cls: Any = type("Key", (), {"__hash__": lambda _: hash("wanted"), "__eq__": equals, "__repr__": trap("key")})
    return {cls(): 1, "wanted": 2}


def with_hostile_field() -> Any:
    """Make a record that keeps something under a key of the person's own, which says to be the name of a field."""
    members = {"__hash__": lambda _: hash("wanted"), "__eq__": trap("key __eq__"), "__repr__": trap("key")}
    value: Any = new(dataclasses.make_dataclass("Record", ["wanted"]))
    vars(value)[type("Key", (str,), members)("wanted")] = 1
    return value


def quiet(cls: Any = object) -> Any:
    """Make an instance that numpy and pandas take in without tripping over it themselves."""
    members = {name: trap(name) for name in ("__repr__", "__str__", "__eq__", "__hash__", "__getattr__", "__bool__")}
    return new(type("Quiet", (cls,), members))


def object_array() -> Any:
    array = np.empty(3, dtype=object)
    array[1] = quiet()
    return array


HOSTILE: dict[str, Callable[[], Any]] = {
    "special methods": lambda: new(make_class()),
    "property": lambda: new(make_class(shape=property(trap("property")), text=property(trap("property")))),
    "__class__": lambda: new(make_class(__class__=property(trap("__class__")))),
    "__dict__": lambda: new(make_class(__dict__=property(trap("__dict__")))),
    "descriptor": lambda: new(make_class(text=Descriptor())),
    "metaclass": lambda: new(metaclass()("Hostile", (), {"__repr__": trap("repr")})),
    "class of a metaclass": lambda: metaclass()("Hostile", (), {}),
    "dict subclass": lambda: dict.__new__(make_class((dict,))),
    "list subclass": lambda: list.__new__(make_class((list,))),
    "str subclass": lambda: str.__new__(make_class((str,)), "text"),
    "int subclass": lambda: int.__new__(make_class((int,)), 3),
    "tuple subclass": lambda: tuple.__new__(make_class((tuple,)), (1, 2)),
    "float subclass": lambda: float.__new__(make_class((float,)), 1.5),
    "frame subclass": lambda: new(make_class((pd.DataFrame,))),
    "array subclass": lambda: np.zeros((2, 2)).view(type("Hostile", (np.ndarray,), {"__repr__": trap("repr")})),
    "in containers": lambda: {"a": [new(make_class())], "b": (new(make_class()),)},
    "in a frame": lambda: pd.DataFrame({"o": object_array(), "n": [1, 2, 3]}),
    "in an array": object_array,
    "cyclic": cyclic,
    "deep": deep,
    "defaultdict": lambda: collections.defaultdict(trap("default factory"), a=1),
    "key": with_hostile_key,
    "key among fields": with_hostile_field,
    "huge text": lambda: "x" * 100_000_000,
    "huge number": lambda: 1 << 10_000_000,
    "huge list": lambda: [0] * 10_000_000,
    "huge array": lambda: np.broadcast_to(np.zeros(1), (10**6, 10**6)),
    "wide frame": lambda: pd.DataFrame(np.zeros((3, 3000))),
}


def seconds_to_answer(value: Any, op: str, arguments: dict[str, Any]) -> float:
    began = time.thread_time()  # on a busy machine more passes; what sleeps or waits is code of the value, and in RAN
    try:
        ask({"value": value}, op, **arguments)
    except Refused as refusal:
        assert refusal.kind in ("bad_path", "not_a_dataframe")  # noqa: PT017  a refusal is a good answer, too
    return time.thread_time() - began


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_code_of_a_value_runs(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    value = HOSTILE[kind]()
    RAN.clear()
    for op, arguments in (
        ("list_variables", {}),
        ("list_variables", {"type": "Hostile"}),
        ("inspect_variable", {"path": "value", "max_chars": 20_000}),
        ("inspect_variable", {"path": "value.shape"}),
        ("inspect_variable", {"path": "value.text"}),
        ("inspect_variable", {"path": 'value["wanted"]'}),
        ("inspect_variable", {"path": "value[0]"}),
        ("describe_dataframe", {"name": "value"}),
        ("read_dataframe", {"name": "value"}),
    ):
        assert seconds_to_answer(value, op, arguments) < 1
    assert RAN == []
    assert capsys.readouterr().out == ""


def never_return() -> None:
    while True:
        pass


BEHAVIOURS: dict[str, Callable[[], Any]] = {
    "raises": lambda: 1 // 0,
    "sleeps": lambda: time.sleep(60),
    "prints": lambda: print("ran"),  # noqa: T201  what a host must not cause
    "changes things": lambda: globals().clear(),
    "never returns": never_return,
}

BASES: dict[str, Callable[[Any], Any]] = {
    "object": object.__new__,
    "dict": dict.__new__,
    "list": list.__new__,
    "str": lambda cls: str.__new__(cls, "text"),
    "int": lambda cls: int.__new__(cls, 3),
    "tuple": lambda cls: tuple.__new__(cls, (1, "two")),
    "set": set.__new__,
    "deque": collections.deque.__new__,
    "array": lambda cls: np.ndarray.__new__(cls, (2, 2)),
    "frame": lambda cls: turn_into(pd.DataFrame({"a": [1]}), cls),
}
"""Makes an instance of a class that derives from the base of that name."""

CLASSES: dict[str, type] = {
    "object": object,
    "dict": dict,
    "list": list,
    "str": str,
    "int": int,
    "tuple": tuple,
    "set": set,
    "deque": collections.deque,
    "array": np.ndarray,
    "frame": pd.DataFrame,
}

KEPT: list[Callable[[Any], Any]] = [
    lambda value: value,
    lambda value: [value, value],
    lambda value: {"wanted": value, "rows": [(value,)]},
    lambda value: Plain(value),  # noqa: PLW0108  a class would not be one of these
    lambda value: type.__call__(collections.ChainMap, {"a": value}),
    type,
]

PATHS = ("value", "value.text", 'value["wanted"]', "value[0]")


class Plain:
    """Keeps something, as a person's object does."""

    def __init__(self, value: Any) -> None:
        self.text = value


def turn_into(value: Any, cls: Any) -> Any:
    """Make a value one of another class, without running any of its code."""
    object.__setattr__(value, "__class__", cls)
    return value


def generate(behaviour: str) -> Iterator[tuple[str, Any]]:
    """Objects that have one special method, property or descriptor each that behaves so, of each base."""
    for base, make in BASES.items():
        for name in (*SPECIAL, "__class__", "__dict__", "text"):

            def run(*_: Any, _name: str = name, **__: Any) -> Any:
                RAN.append(f"{base}.{_name}")  # noqa: B023  it runs at once or never
                return BEHAVIOURS[behaviour]()

            member = property(run) if name in ("__class__", "__dict__", "text", "shape", "dtype") else run
            meta = type("Meta", (type,), {name: run}) if name in ("__eq__", "__hash__", "__instancecheck__") else type
            yield f"{base}.{name}", make(meta("Hostile", (CLASSES[base],), {name: member}))


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_no_code_of_a_thousand_generated_objects_runs(behaviour: str, capsys: pytest.CaptureFixture[str]) -> None:
    objects = list(generate(behaviour))
    assert len(objects) * len(BEHAVIOURS) > 1000
    RAN.clear()
    slowest = 0.0
    for index, (name, value) in enumerate(objects):
        for kept in (KEPT[0], KEPT[1 + index % (len(KEPT) - 1)]):
            namespace = {"value": kept(value)}
            began = time.thread_time()
            ask_all(namespace)
            slowest = max(slowest, time.thread_time() - began)
            assert RAN == [], name
    assert slowest < 1
    assert capsys.readouterr().out == ""


def ask_all(namespace: dict[str, Any]) -> None:
    """Ask for whatever a host could, of the variable `value`; a refusal is a good answer, too."""
    assert ask(namespace, "list_variables")["total"] == 1
    for path in PATHS:
        with contextlib.suppress(Refused):
            ask(namespace, "inspect_variable", path=path)
    with contextlib.suppress(Refused):
        ask(namespace, "read_dataframe", name="value")


def test_array_of_ten_gigabytes_is_looked_at_and_not_read() -> None:
    namespace = {
        "zeros": np.zeros((10_000, 125_000)),
        "empty": np.empty(10 * 2**30, dtype="u1"),
        "rows": [np.zeros(10**9)],
    }
    began = time.thread_time()
    assert ask(namespace, "list_variables")["total"] == 3
    assert ask(namespace, "inspect_variable", path="zeros")["size"] == 10**10
    assert ask(namespace, "inspect_variable", path="zeros[-1, -1]")["text"] == "0.0"
    assert ask(namespace, "inspect_variable", path="zeros[5]")["shape"] == [125_000]
    assert "float64 array of shape (1000000000,)" in ask(namespace, "inspect_variable", path="rows")["text"]
    assert time.thread_time() - began < 1


def test_cycles_are_shown_as_such() -> None:
    rows: list[Any] = [1]
    rows.append(rows)
    named: dict[str, Any] = {"rows": rows}
    named["self"] = named
    node = SimpleNamespace(next=None)
    node.next = node
    namespace = {"rows": rows, "named": named, "node": node}
    texts = {name: ask(namespace, "inspect_variable", path=name)["text"] for name in namespace}
    assert texts == {
        "rows": "[1, [<cycle>]]",
        "named": "{'rows': [1, [<cycle>]], 'self': {<cycle>}}",
        "node": "types.SimpleNamespace(next=types.SimpleNamespace(<cycle>))",
    }


def test_missing_key_of_a_defaultdict_does_not_make_it() -> None:
    value = collections.defaultdict(list, a=1)
    with pytest.raises(Refused, match="Keys: 'a'"):
        ask({"value": value}, "inspect_variable", path='value["b"]')
    assert dict(value) == {"a": 1}


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.complex_numbers()
    | st.datetimes()
    | st.decimals(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner, inner),
)


@given(VALUES)
def test_any_plain_value_can_be_listed_and_inspected(value: Any) -> None:
    namespace = {"value": value}
    assert ask(namespace, "list_variables")["total"] == 1
    found = ask(namespace, "inspect_variable", path="value")
    assert len(found["text"]) <= 4000
