"""`%mcp hide` in the kernel that is read: what it names is not there for any host."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from mcp_notebook_server.errors import ReadRefused

if TYPE_CHECKING:
    from .conftest import Desk

SETUP = """
import pandas
secret_frame = pandas.DataFrame({"a": [1]})
secret_number, plain = 1, 2
"""


async def refused(desk: Desk, op: str, **arguments: Any) -> str:
    with pytest.raises(ReadRefused) as refusal:
        await desk.ask(op, **arguments)
    return str(refusal.value)


def test_hidden_names_are_not_there_whether_hidden_before_or_after_the_first_read(open_desk: Any) -> None:
    async def run() -> None:
        async with open_desk() as desk, desk.person() as person:
            await person.run(SETUP)
            await person.run("%load_ext mcp_notebook\n%mcp hide 'secret_n*'")
            assert await desk.names() == ["plain", "secret_frame"]
            await person.run("%mcp hide 'secret_*' draft")
            assert await desk.names() == ["plain"]
            assert (await desk.ask("list_variables"))["total"] == 1
            for op, arguments in (
                ("inspect_variable", {"path": "secret_number"}),
                ("inspect_variable", {"path": "secret_frame.columns"}),
                ("read_dataframe", {"name": "secret_frame"}),
            ):
                assert "There are: plain." in await refused(desk, op, **arguments)
            assert "There is no dataframe here." in await refused(desk, "describe_dataframe", name="plain")
            listed = await person.run("%mcp hide\nprint(get_ipython().mcp_notebook_hidden)")
            assert listed == "['secret_n*', 'secret_*', 'draft']\n"

    asyncio.run(run())
