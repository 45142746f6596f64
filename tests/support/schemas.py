"""Values for a JSON Schema, as hypothesis strategies: those that fit, and those that nearly do.

Knows the words of JSON Schema that our tools use; at any other it fails, so that none is passed over. (The library
hypothesis-jsonschema 0.23.1 of 2024 fails with today's hypothesis.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypothesis.strategies import DrawFn, SearchStrategy

    Schema = Mapping[str, Any]

__all__ = ["ANYTHING", "fitting", "nearly_fitting"]

_WORDS = {
    "$defs",
    "$ref",
    "additionalProperties",
    "anyOf",
    "const",
    "default",
    "description",
    "enum",
    "exclusiveMinimum",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "properties",
    "required",
    "type",
}
_LARGE = 10**40
_TEXT = st.text(max_size=40) | st.sampled_from(
    ["../../etc/passwd", "\0", "a\nb", "x" * 3000, "%00", "{}", "'; --", "\ufeff"]
)
_LEAVES = (
    st.none() | st.booleans() | st.integers(-_LARGE, _LARGE) | st.floats(allow_nan=False, allow_infinity=False) | _TEXT
)

ANYTHING: SearchStrategy[Any] = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3), max_leaves=6
)
"""Any value of JSON."""


def fitting(schema: Schema, whole: Schema | None = None, **places: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """Return a strategy for what the schema allows.

    Args:
        schema: or a part of one.
        whole: the schema with the definitions, if it is a part.
        places: what properties of these names take instead, such as the id of a kernel there is.

    Raises:
        NotImplementedError: if the schema says more than is understood here.
    """
    whole = schema if whole is None else whole
    if unknown := set(schema) - _WORDS:
        raise NotImplementedError(f"no values are made for {unknown}")
    if "$ref" in schema:
        return fitting(whole["$defs"][schema["$ref"].rpartition("/")[2]], whole, **places)
    if "anyOf" in schema:
        return st.one_of([fitting(each, whole, **places) for each in schema["anyOf"]])
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "object":
        return _objects(schema, whole, places)
    if schema.get("type") == "array":
        most = schema.get("maxItems", 4)
        return st.lists(fitting(schema["items"], whole, **places), min_size=schema.get("minItems", 0), max_size=most)
    return _leaf(schema)


@st.composite
def nearly_fitting(draw: DrawFn, schema: Schema, **places: SearchStrategy[Any]) -> dict[str, Any]:
    """Draw what fits but for one thing: a property that is missing, one too many, or one with any value."""
    value = dict(cast("dict[str, Any]", draw(fitting(schema, **places))))
    names = [*schema["properties"], "extra"]
    name = draw(st.sampled_from(names))
    if name in value and draw(st.booleans()):
        del value[name]
    else:
        value[name] = draw(ANYTHING)
    return value


def _objects(schema: Schema, whole: Schema, places: Mapping[str, SearchStrategy[Any]]) -> SearchStrategy[Any]:
    made = {
        name: places[name] if name in places else fitting(each, whole, **places)
        for name, each in schema.get("properties", {}).items()
    }
    required = {name: made.pop(name) for name in schema.get("required", ())}
    return st.fixed_dictionaries(required, optional=made)


def _leaf(schema: Schema) -> SearchStrategy[Any]:
    kind = schema.get("type")
    least, most = schema.get("minimum"), schema.get("maximum")
    if kind is None:
        return ANYTHING
    if kind == "string":
        return _TEXT.filter(lambda text: schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text)))
    if kind == "integer":
        edges = st.sampled_from([least if least is not None else -_LARGE, most if most is not None else _LARGE])
        return edges | st.integers(least, most)
    if kind == "number":
        above = schema.get("exclusiveMinimum")
        return st.floats(
            above if above is not None else least,
            most,
            exclude_min=above is not None,
            allow_nan=False,
            allow_infinity=False,
        )
    return {"boolean": st.booleans(), "null": st.none()}[kind]
