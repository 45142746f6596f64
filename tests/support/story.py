"""All that the host side does, as the cells of one notebook, each of which must succeed."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from support.paths import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

SERVERS = CHECKOUT / "tests" / "mcp_notebook"
PYTHON = sys.executable


def story(directory: Path) -> list[str]:
    """The cells.

    Args:
        directory: of the tester's, for what the cells write.
    """
    configuration = {
        "mcpServers": {"archive": {"command": PYTHON, "args": [str(SERVERS / "archive_server.py"), str(directory)]}}
    }
    (directory / "mcp.json").write_text(json.dumps(configuration))
    return [
        f"%mcp connect workshop -- {PYTHON} {SERVERS / 'workshop_server.py'} stdio {directory}",
        f"%mcp connect --config {directory / 'mcp.json'} --all",
        (
            "from mcp.server.mcpserver import MCPServer\nmine = MCPServer('mine')\n"
            "@mine.tool()\ndef double(n: int) -> int:\n    return 2 * n"
        ),
        "%mcp connect mine",
        "%mcp",
        "%mcp tools -s add",
        "%mcp tool workshop.add",
        "total = %mcp call workshop.add a=1 b:=2\nassert total.structured == {'result': 3}, total.structured",
        "four << %mcp call double n=2\nassert '4' in four.text",
        '%%mcp call saw -o sawn\n{"boards": [{"wood": "oak"}]}',
        "assert sawn.structured['boards'][0]['wood'] == 'oak'",
        (
            "import mcp_notebook\n"
            "with mcp_notebook.connect('again', mine) as session:\n"
            "    assert session.tools.double(n=21).structured == {'result': 42}"
        ),
        (
            "from mcp_notebook.host import get_host\n"
            "answer = await get_host().get('workshop').acall('add', a=2, b=3)\n"
            "assert answer.structured == {'result': 5}"
        ),
        "%mcp resources archive",
        "%mcp prompts archive",
        "%mcp log workshop",
        "assert 'add' in get_ipython().complete('', '%mcp call workshop.a', 20)[1][0]",
        "%mcp export workshop " + str(directory / "written.json"),
        "%mcp disconnect mine",
        "%unload_ext mcp_notebook",
    ]
