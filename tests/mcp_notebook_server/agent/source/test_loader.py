"""The agent's source, sent behind a cell and beside it: when the cell ends just then, both come at once."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from mcp_notebook_server.agent.bundle import bundle_agent

if TYPE_CHECKING:
    from pathlib import Path

TIMES = 3

TWICE_AT_ONCE = """
import json, os, sys, threading
from IPython.core.interactiveshell import InteractiveShell

events = InteractiveShell.instance().events
heard, failed = [], []
events.register("post_execute", lambda: heard.append(threading.get_ident()))

def arrive(source, begin, directory):
    begin.wait()
    try:
        exec(source, {})
        assert os.path.exists(os.path.join(directory, "agent.json"))
    except BaseException as error:
        failed.append(f"{type(error).__name__}: {error}")
    events.trigger("post_execute")

for source, directory in json.load(sys.stdin):
    begin = threading.Barrier(2)
    both = [threading.Thread(target=arrive, args=(source, begin, directory)) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()

print(json.dumps({"failed": failed, "heard": len(heard), "left": "trigger" in vars(events)}))
"""


def test_source_that_arrives_twice_at_once_installs_one_agent(places: Path) -> None:
    told: list[tuple[str, str]] = []
    for number in range(TIMES):
        directory = places / str(number)
        directory.mkdir()
        (directory / "nonce").write_text("n")
        source = bundle_agent(directory=str(directory), sockets=str(directory), nonce="n", secret=str(number))
        told.append((source, str(directory)))
    run = subprocess.run(
        [sys.executable, "-c", TWICE_AT_ONCE],
        input=json.dumps(told),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"IPYTHONDIR": str(places), "HOME": str(places)},
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == {"failed": [], "heard": 0, "left": False}
