from __future__ import annotations

import pytest

from mcp_notebook.magics.commands import COMMANDS
from mcp_notebook.usage import read_usage

SERVERS = {"shop"}


def fits(kind: str, word: str) -> bool:
    return kind != "SERVER" or word in SERVERS


@pytest.mark.parametrize(
    ("usage", "words", "kinds"),
    [
        ("%mcp disconnect NAME", [], ["NAME"]),
        ("%mcp disconnect NAME", ["shop"], []),
        ("%mcp read [SERVER] URI [-o NAME]", [], ["SERVER", "URI"]),
        ("%mcp read [SERVER] URI [-o NAME]", ["shop"], ["URI"]),
        ("%mcp read [SERVER] URI [-o NAME]", ["shop", "a://b"], []),
        ("%mcp read [SERVER] URI [-o NAME]", ["a://b"], []),
        ("%mcp export [NAME...] FILE", ["shop", "shop"], ["NAME", "FILE"]),
        ("%mcp connect NAME -- COMMAND ARGS... or NAME URL [-H HEADER]...", ["new"], ["URL"]),
        ("%mcp call [SERVER.]TOOL a=1 b:=JSON row=$name [-o NAME]", [], ["TOOL"]),
        ("%mcp", [], []),
    ],
)
def test_a_usage_says_what_may_come_next(usage: str, words: list[str], kinds: list[str]) -> None:
    assert read_usage(usage).kinds_after(words, fits) == kinds


def test_a_usage_says_what_follows_each_option() -> None:
    usage = read_usage('%mcp x [-H "Header: value"]... [--era auto|legacy] [--live|--save FILE|--diff A B] [--df]')
    assert usage.options == {
        "-H": '"Header: value"',
        "--era": "auto|legacy",
        "--live": None,
        "--save": "FILE",
        "--diff": "A B",
        "--df": None,
    }


def test_arguments_follow_a_tool_only() -> None:
    assert [name for name, command in COMMANDS.items() if read_usage(command.usage).takes_arguments][:1] == ["call"]
    assert not read_usage(COMMANDS["tools"].usage).takes_arguments
