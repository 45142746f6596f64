"""Values of the standard library and of known libraries, as `inspect_variable` shows them."""

from __future__ import annotations

import base64
import collections
import dataclasses
import datetime as dt
import decimal
import enum
import functools
import io
import os
import pathlib
import re
import sys
import types
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
import pydantic
import pytest
import scipy.sparse
from IPython.core.display import Image as EncodedImage
from matplotlib.figure import Figure
from PIL import Image
from sklearn.linear_model import LinearRegression

from mcp_notebook_server.agent.source.credentials import HIDDEN
from mcp_notebook_server.agent.source.refusals import Refused

from .shells import ask, ask_shell

mpl.use("agg")


def inspect(value: Any, path: str = "value", **arguments: Any) -> dict[str, Any]:
    return ask({"value": value}, "inspect_variable", path=path, **arguments)


def text_of(value: Any, path: str = "value") -> str:
    return inspect(value, path)["text"].replace(f"{__name__}.", "")


class Point(NamedTuple):
    x: int
    y: Any


class Color(enum.Enum):
    RED = 1


class Level(enum.IntEnum):
    HIGH = 3


@dataclasses.dataclass
class Run:
    name: str
    losses: list[float]
    password: str = "plain-words"  # noqa: S105  what must be hidden
    internal: str = dataclasses.field(default="not for repr", repr=False)


@dataclasses.dataclass(slots=True)
class Slim:
    name: str


class Settings(pydantic.BaseModel):
    rate: float = 0.5
    api_key: str = "plain-words"
    key: pydantic.SecretStr = pydantic.SecretStr("hunter2")


class Oops(ValueError):
    pass


def train(data: Any, /, rate: float = 0.1, *more: Any, deep: bool, shallow: bool = True, **rest: Any) -> None:
    """Fit it.

    And more.
    """


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Point(1, [2]), "Point(x=1, y=[2])"),
        (Color.RED, "Color.RED(1)"),
        (Level.HIGH, "Level.HIGH(3)"),
        (Run("a", [0.5]), f"Run(name='a', losses=[0.5], password='{HIDDEN}', internal=<not shown>)"),
        (Slim("a"), "Slim(name='a')"),
        (object.__new__(Slim), "Slim()"),
        (object.__new__(Run), "Run()"),
        (types.SimpleNamespace(a=1), "types.SimpleNamespace(a=1)"),
        (Oops("bad", 3), "Oops('bad', 3)"),
        (functools.partial(int, base=2), "functools.partial(<class int>, (), {'base': 2})"),
        (dt.timedelta(days=1), "datetime.timedelta(days=1)"),
        (decimal.Decimal("1.50"), "1.50"),
        (pathlib.PurePosixPath("/a/b"), "/a/b"),
        (range(2, 9, 3), "range(2, 9, 3)"),
        (re.compile("a+"), "re.compile('a+')"),
        (collections.deque([1, 2]), "collections.deque([1, 2])"),
        (collections.defaultdict(list, a=[1]), "collections.defaultdict{'a': [1]}"),
        (collections.OrderedDict(b=1, a=2), "collections.OrderedDict{'b': 1, 'a': 2}"),
        (collections.ChainMap({"a": 1}, {"b": 2}), "collections.ChainMap(maps=[{'a': 1}, {'b': 2}])"),
        ({"a": [Point(1, None)], "b": frozenset([1])}, "{'a': [Point(x=1, y=None)], 'b': frozenset({1})}"),
        ([os, {"e": os.environ}], "[<module>, {'e': <not shown>}]"),
        (np.float32(1.5), "1.5"),
        (np.arange(4.0).reshape(2, 2), "float64 array of shape (2, 2): [[0.0, 1.0], [2.0, 3.0]]"),
        (np.arange(200), "int64 array of shape (200,): " + ", ".join(map(str, range(20))) + ", ..."),
        (np.array(["a", "ghp_" + "a" * 30]), f"<U34 array of shape (2,): 'a', '{HIDDEN}'"),
        (np.ma.masked_array([1, 2], [True, False]), "int64 numpy.ma.MaskedArray of shape (2,)"),
        (np.zeros(2, dtype=[("a", "i4")]), "[('a', '<i4')] array of shape (2,)"),
        ({"w": np.zeros(2)}, "{'w': float64 array of shape (2,): 0.0, 0.0}"),
        (scipy.sparse.csr_array(np.eye(3)), "<scipy.sparse._csr.csr_array: csr_array with 3 stored>"),
    ],
)
def test_value_is_written(value: Any, text: str) -> None:
    assert text_of(value).replace("numpy.ma.core.", "numpy.ma.").replace("numpy.matrixlib.", "numpy.") == text


def test_fields_are_those_that_the_text_does_not_say() -> None:
    assert [field["name"] for field in inspect(Run("a", [0.5]))["fields"]] == ["internal"]
    assert "fields" not in inspect(Slim("a"))
    assert "fields" not in inspect(types.SimpleNamespace(a=Run("a", [])))


def test_a_text_that_is_cut_leaves_the_fields_to_be_looked_at() -> None:
    found = inspect(Run("a" * 200, [0.5]), max_chars=100)
    assert found["truncated"]
    assert [field["name"] for field in found["fields"]] == ["name", "losses", "password", "internal"]


def test_a_record_whose_parts_are_too_many_to_write_says_so() -> None:
    for length in range(1, 150):
        found = inspect(types.SimpleNamespace(losses=[[]] * length, last=1))
        assert ("last=1" in found["text"]) is not found["truncated"]
        assert found["truncated"] is ("fields" in found)


def test_function_and_class_show_how_they_are_called() -> None:
    assert text_of(train) == "<function train(data, /, rate=..., *more, deep, shallow=..., **rest)>\nFit it."
    assert "<class Run>" in text_of(Run)
    assert "__init__(self, name, losses, password=..., internal=...)" in text_of(Run)


def test_secrets_of_a_model_are_hidden() -> None:
    found = str(inspect(Settings()))
    assert "plain-words" not in found
    assert "hunter2" not in found
    assert "rate=0.5" in found


def test_estimator_shows_parameters_and_what_was_fitted() -> None:
    model: Any = LinearRegression(fit_intercept=False).fit(np.eye(3), np.arange(3.0))
    found = inspect(model)
    assert "LinearRegression(" in found["text"]
    assert "fit_intercept=False" in found["text"]
    assert {"coef_", "intercept_"} <= {field["name"] for field in found["fields"]}
    assert "fit_intercept" not in {field["name"] for field in found["fields"]}, "the text says it"
    assert text_of(model, "value.coef_").startswith("float64 array of shape (3,): ")


def test_figure_says_what_is_on_it_and_is_not_drawn() -> None:
    figure = Figure()
    axes: Any = figure.subplots()
    axes.plot([1, 2])
    axes.set_title("Rain")
    axes.set_xlabel("day")
    assert text_of(figure) == "<matplotlib.figure.Figure: figure with 1 axes; axes, 'Rain', x: 'day', 1 drawn>"
    assert "Rain" in text_of(axes)
    assert figure.stale


def png(side: int = 2) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (side, side), "red").save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "1", "P", "CMYK", "I", "F"])
def test_image_is_shown_as_one_and_small_enough_to_be_sent(mode: str) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (900, 1200, 3), dtype="u1"))
    image = inspect(noise.convert(mode))["image"]
    assert image["mime"] == "image/png"
    assert len(image["data"]) < 600_000
    shown = Image.open(io.BytesIO(base64.b64decode(image["data"])))
    shown.load()
    assert max(shown.size) <= 512


def test_encoded_image_is_shown_as_it_is() -> None:
    for value in (png(), EncodedImage(data=png())):
        assert base64.b64decode(inspect(value)["image"]["data"]) == png()
    assert "image" not in inspect(png() * 400_000)
    assert "image" not in inspect(b"plain")


def test_image_in_foreign_memory_or_a_file_is_not_touched() -> None:
    foreign = Image.frombuffer("L", (2, 2), bytearray(4), "raw", "L", 0, 1)
    assert "image" not in inspect(foreign)
    assert "image" not in inspect(Image.open(io.BytesIO(png())))


def test_tensor_is_described_and_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    # No such library is installed here: a stand-in with the attributes that torch documents, under its name.
    library = types.ModuleType("torch")
    facts = {"__module__": "torch", "shape": (2, 3), "dtype": "torch.float32", "device": "cuda:0", "nbytes": 24}
    tensor = type("Tensor", (), facts)
    library.Tensor = tensor  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch", library)
    found = inspect(tensor())
    assert (found["shape"], found["size"]) == ([2, 3], 24)
    assert "dtype torch.float32 device cuda:0" in found["text"]


def test_elements_over_foreign_or_closed_memory_are_never_touched() -> None:
    foreign = np.frombuffer(bytearray(16))
    assert text_of(foreign) == "float64 array of shape (2,)"
    assert text_of(foreign[1:]) == "float64 array of shape (1,)"
    assert text_of(np.arange(4)[1:][1:]) == "int64 array of shape (2,): 2, 3"
    with pytest.raises(Refused):
        inspect(foreign, "value[0]")


NAMESPACE_PATHS = (
    'value["here"]',
    "value.__globals__",
    'value["shell"].user_ns',
    'value["shell"]',
    'value["history"]',
    'value["environment"]._data',
    'value["environment"]',
    'value["module"]',
    'value["function"].__globals__',
    'value["function"].__closure__',
    'value["modules"]',
)


@pytest.mark.parametrize("path", NAMESPACE_PATHS)
def test_what_is_left_out_is_not_reached_by_another_way(path: str) -> None:
    shell: Any = types.SimpleNamespace(user_ns_hidden={}, kernel=None)
    shell.user_ns = {"_private": 1, "In": ["the history"], "secret": "the secret"}
    kept: dict[str, Any] = {
        "here": shell.user_ns,
        "shell": shell,
        "history": shell.user_ns["In"],
        "environment": os.environ,
    }
    shell.user_ns["value"] = {**kept, "module": os, "function": train, "modules": sys.modules}
    with pytest.raises(Refused) as refusal:
        ask_shell(shell, "inspect_variable", path=path)
    assert refusal.value.kind == "bad_path"
    listed = str([ask_shell(shell, "list_variables"), ask_shell(shell, "inspect_variable", path="value")])
    assert "the history" not in listed
    assert "the secret" not in listed
    assert os.environ["PATH"] not in listed


def test_copy_of_the_environment_shows_its_names_only() -> None:
    copy = dict(os.environ) | {"HOME": "/home/somebody", "PATH": "/bin"}
    frame = pd.DataFrame({"a": [1]})
    frame.attrs["environment"] = copy
    answers = [inspect(copy), inspect(copy, 'value["HOME"]'), inspect({"env": copy}), inspect(frame, "value._attrs")]
    assert "/home/somebody" not in str(answers)
    assert HIDDEN in answers[1]["text"]


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        (b"\nsk-abcdefghijklmnopqrstuvwxyz", "abcdefghijkl"),
        ("Authorization: Bearer abcdefghijklmnop", "abcdefghijkl"),
        ("Server=x;Password=hunter2;", "hunter2"),
        ("redis://:hunter2@host", "hunter2"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2", "hunter2"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.hunter2", "hunter2"),
        ({"x-api-key": "hunter2"}, "hunter2"),
        ([("token", {"jwt": ["hunter2"]})], "hunter2"),
    ],
)
def test_credential_in_a_value_is_hidden(secret: Any, shown: str) -> None:
    namespace = {"plain": secret, "nested": {"rows": [secret]}, "kept": types.SimpleNamespace(a=secret)}
    answers = [ask(namespace, "list_variables")]
    answers += [ask(namespace, "inspect_variable", path=path) for path in (*namespace, "kept.a")]
    assert shown not in str(answers)
