"""The agent's source as one text to be sent. Knows its modules and their order; refuses to know how it travels."""

from __future__ import annotations

import ast
import base64
import io
import tokenize
import zlib
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["READER", "bundle_agent", "bundle_reader", "bundle_worker", "read_sources"]

_LOADER = "loader"
_AGENT = "service"
_WORKER = "query_worker"
_OVER_SHELL = "over_shell"

READER = f'__import__("sys").modules["_mcp_notebook_agent.{_OVER_SHELL}"].answer'
"""The function that reads, once what `bundle_reader` returns has run."""

_READ_HERE = """
package = _get_package()
with package.loading:
    _keep_hooks_still(package)
    if getattr(package, "reader", None) != {mark!r}:
        make_modules({sources!r})
        package.reader = {mark!r}
"""


def bundle_agent(**parameters: Any) -> str:
    """Return one line of Python that installs the agent and leaves no name behind.

    Args:
        parameters: for `service.install`; they must have a `repr` that is Python.
    """
    return _pack(f"{_read(_LOADER)}\nload({read_sources()!r}, **{parameters!r})\n")


@cache
def bundle_reader() -> str:
    """Return one line of Python that makes the modules for reading over the shell, unless these are there."""
    sources = read_sources(_OVER_SHELL)
    mark = zlib.crc32(repr(sources).encode())
    return _pack(_read(_LOADER) + _READ_HERE.format(mark=mark, sources=sources))


@cache
def bundle_worker() -> str:
    """Return one line of Python that is the whole of a worker, which then reads its job from standard input."""
    start = f'make_modules({read_sources(_WORKER)!r})\nsys.modules[PACKAGE + ".{_WORKER}"].run()\n'
    return _pack(f"{_read(_LOADER)}\n{start}")


def _pack(program: str) -> str:
    packed = base64.b64encode(zlib.compress(program.encode(), 9)).decode()
    text = f'__import__("zlib").decompress(__import__("base64").b64decode("{packed}"))'
    return f'__import__("builtins").exec({text}, {{"__name__": "_mcp_notebook_agent_loader"}})'


@cache
def read_sources(root: str = _AGENT) -> dict[str, str]:
    """Return the texts of a module and of all that it needs, by name, each after those it imports.

    What is alike has like names and stands together, where it can: then all is a seventieth shorter when compressed.
    """
    texts: dict[str, str] = {}
    waiting = [root]
    while waiting:
        name = waiting.pop()
        if name not in texts:
            texts[name] = _read(name)
            waiting.extend(_imported_by(texts[name]))
    ordered: dict[str, str] = {}

    def add(name: str) -> None:
        for imported in sorted(_imported_by(texts[name])):
            if imported not in ordered:
                add(imported)
        ordered[name] = texts[name]

    for name in sorted(texts):
        if name not in ordered:
            add(name)
    return ordered


def _read(name: str) -> str:
    return _strip(_directory().joinpath(f"{name}.py").read_text(encoding="utf-8"))


def _directory() -> Any:
    return files("mcp_notebook_server.agent") / "source"


def _strip(text: str) -> str:
    """Leave out what is for readers, comments, docstrings and types, so that less travels; lines keep their numbers."""
    lines = _strip_annotations(text)
    for token in tokenize.generate_tokens(io.StringIO("\n".join(lines)).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            first, last = node.lineno - 1, node.end_lineno or node.lineno
            lines[first:last] = [" " * node.col_offset + '""', *[""] * (last - first - 1)]
    for node in ast.parse(text).body:
        if _is_for_readers(node):
            first, last = node.lineno - 1, node.end_lineno or node.lineno
            lines[first:last] = [""] * (last - first)
    return "\n".join(map(_narrow, lines)) + "\n"


def _narrow(line: str) -> str:
    """Return a line with one space for each level of indentation; no text but docstrings goes over lines."""
    rest = line.lstrip(" ")
    return " " * ((len(line) - len(rest)) // 4) + rest


def _strip_annotations(text: str) -> list[str]:
    """Return the lines of a module without the types of arguments, results and what has a value."""
    lines = [line.encode() for line in text.splitlines()]
    marks: list[tuple[int, int, int]] = []
    for node in ast.walk(ast.parse(text)):
        kind = _find_annotation(node)
        if kind is not None and kind.lineno == kind.end_lineno and kind.end_col_offset is not None:
            row = kind.lineno - 1
            sign = b" ->" if isinstance(node, ast.FunctionDef) else b":"
            marks.append((row, lines[row].rindex(sign, 0, kind.col_offset), kind.end_col_offset))
    for row, start, end in sorted(marks, reverse=True):
        lines[row] = lines[row][:start] + lines[row][end:]
    return [line.decode() for line in lines]


def _find_annotation(node: ast.AST) -> ast.expr | None:
    if isinstance(node, ast.arg) or (isinstance(node, ast.AnnAssign) and node.value is not None):
        return node.annotation
    return node.returns if isinstance(node, ast.FunctionDef) else None


def _is_for_readers(node: ast.stmt) -> bool:
    """Whether a statement of a module is there for type checkers and linters only."""
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    return isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id == "__all__" for to in node.targets)


def _imported_by(text: str) -> set[str]:
    """Return the modules that a module imports when it runs, which is not those it imports for types."""
    imports = [node for node in ast.parse(text).body if isinstance(node, ast.ImportFrom) and node.level]
    return {node.module for node in imports if node.module}
