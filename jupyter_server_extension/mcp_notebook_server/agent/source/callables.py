"""Functions and classes: what they are called with and what they say they do, read from what Python compiled.

Annotations are left out: from Python 3.14 on, getting them runs code.
"""

from __future__ import annotations

import types
from typing import Any

from .objects import by_id, class_of, find_base, find_in_classes, is_class, type_name

__all__ = ["find_callable_text"]

_VARIADIC = 4
_KEYWORDS = 8
_NAMES_SHOWN = 30
_LINE = 200

_type_name: Any = type.__dict__["__name__"]

_BUILTIN = by_id(
    types.BuiltinFunctionType, types.WrapperDescriptorType, types.MethodDescriptorType, types.MethodWrapperType
)


def find_callable_text(value: Any, *, full: bool) -> str:
    """Return how a function or class is declared; "" if the value is neither.

    Args:
        value: of the person's.
        full: with the first line of its documentation and, of a class, the names of what it defines.
    """
    cls = class_of(value)
    if cls is types.FunctionType:
        return f"<function {_signature(value)}>{_documentation(value.__doc__) if full else ''}"
    if cls is types.MethodType:
        inner: Any = types.MethodType.__dict__["__func__"].__get__(value)
        return f"<method {_signature(inner)}>" if class_of(inner) is types.FunctionType else "<method>"
    if id(cls) in _BUILTIN:
        return f"<function {value.__name__}>"
    if is_class(value):
        return _declaration(value) if full else f"<class {type_name(value)}>"
    return ""


def _signature(function: Any) -> str:
    """Return name and parameters; defaults are shown as ..., since they may be any values."""
    code = function.__code__
    count = code.co_argcount
    names: list[str] = list(code.co_varnames)
    defaults = len(function.__defaults__ or ())
    shown = [name + ("=..." if i >= count - defaults else "") for i, name in enumerate(names[:count])]
    if code.co_posonlyargcount > 0:
        shown.insert(code.co_posonlyargcount, "/")
    rest = names[count : count + code.co_kwonlyargcount]
    extra = names[count + code.co_kwonlyargcount :]
    if code.co_flags & _VARIADIC:
        shown.append("*" + extra.pop(0))
    elif rest:
        shown.append("*")
    optional: Any = function.__kwdefaults__ or {}
    shown += [name + ("=..." if name in optional else "") for name in rest]
    if code.co_flags & _KEYWORDS:
        shown.append("**" + extra[0])
    name: Any = function.__name__
    return f"{name}({', '.join(shown)})"


def _documentation(text: Any) -> str:
    if find_base(class_of(text)) is not str:
        return ""
    line = str.strip(str.__getitem__(text, slice(2 * _LINE))).partition("\n")[0][:_LINE]
    return f"\n{line}" if line else ""


def _declaration(cls: Any) -> str:
    bases = [type_name(base) for base in type.__dict__["__bases__"].__get__(cls) if base is not object]
    own: Any = type.__dict__["__dict__"].__get__(cls)
    initialise = find_in_classes(cls, "__init__")
    called = f"\n{_signature(initialise)}" if class_of(initialise) is types.FunctionType else ""
    names = [name for name, _ in list(own.items()) if class_of(name) is str and not name.startswith("_")]
    defines = (
        f"\ndefines: {', '.join(names[:_NAMES_SHOWN])}{', ...' if len(names) > _NAMES_SHOWN else ''}" if names else ""
    )
    head = f"<class {type_name(cls)}{'(' + ', '.join(bases) + ')' if bases else ''}>"
    said = _documentation(own.get("__doc__"))
    if said.startswith(f"\n{_type_name.__get__(cls)}("):  # what dataclasses write there has values of defaults
        said = ""
    return f"{head}{said}{called}{defines}"
