"""The magics in real kernels, on both lines of ipykernel, as a front end sees them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import nbformat
import psutil
import pytest
from nbclient import NotebookClient

from mcp_notebook.magics.commands import COMMANDS
from support.cells import finish_cell, start_cell
from support.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from support.cells import FinishedCell
    from support.notebook import Notebook

CONNECT_TIME = "%mcp connect time -- python -m mcp_server_time"


def result_of(cell: FinishedCell) -> dict[str, str]:
    """The MIME bundle of the cell's value."""
    (result,) = cell.of_type("execute_result")
    return result["data"]


def red_lines(cell: FinishedCell) -> list[str]:
    """What a failed cell shows, without the colours."""
    (error,) = cell.of_type("error")
    assert "Traceback" not in "".join(error["traceback"])
    return [re.sub(r"\x1b\[\d+m", "", line) for line in error["traceback"]]


def load_again(notebook: Notebook) -> tuple[float, list[str]]:
    """Load the extension as for the first time; return the seconds that it took and the modules that came with it."""
    notebook.run_well("%unload_ext mcp_notebook")
    notebook.run_well("import sys; [sys.modules.pop(m) for m in list(sys.modules) if m.startswith('mcp_notebook')]")
    cell = notebook.run_well(
        "before = set(sys.modules)\n"
        "import time; began = time.perf_counter()\n"
        "%load_ext mcp_notebook\n"
        "took = time.perf_counter() - began\n"
        "import json; print(json.dumps([took, sorted(set(sys.modules) - before)]))"
    )
    took, modules = json.loads(cell.text)
    return took, modules


@pytest.mark.alone
def test_loading_the_extension_is_quick_and_imports_nothing_of_mcp(notebook: Notebook) -> None:
    times, (modules, *_) = zip(*(load_again(notebook) for _ in range(3)), strict=True)
    assert min(times) <= 0.060  # the quickest: whatever else runs on the machine only adds
    light = ["display", "magics", "magics.assignment", "magics.matcher", "settings", "unseen"]
    assert modules == ["mcp_notebook", *(f"mcp_notebook.{module}" for module in light)]
    cell = notebook.run_well(
        "print([m for m in ('mcp', 'mcp_types', 'anyio.from_thread', 'pandas') if m in sys.modules])"
    )
    assert cell.text == "[]\n"


def test_a_notebook_connects_calls_and_disconnects(notebook: Notebook) -> None:
    connected = result_of(notebook.run_well(CONNECT_TIME))
    assert connected["text/plain"] == "<Session time: open, modern, 2 tools>"
    assert "python -m mcp_server_time" in result_of(notebook.run_well("%mcp"))["text/plain"]
    assert "get_current_time" in result_of(notebook.run_well("%mcp tools time"))["text/html"]
    answer = result_of(notebook.run_well("%mcp call get_current_time timezone=Asia/Seoul"))
    assert json.loads(answer["text/plain"])["timezone"] == "Asia/Seoul"
    assert notebook.run_well("print(_.structured['timezone'])").text == "Asia/Seoul\n"
    assert notebook.run_well("%mcp disconnect time").text == "Disconnected from time.\n"
    assert notebook.run_well("%mcp").text.startswith("Nothing is connected.")
    assert notebook.process.children() == []


def test_results_are_kept_by_each_way_of_assigning(used_notebook: Notebook) -> None:
    cell = used_notebook.run_well(
        "one = %mcp call get_current_time timezone=Asia/Seoul\n"
        "two << %mcp call time.get_current_time timezone=UTC\n"
        "%mcp call get_current_time timezone=Europe/Berlin -o three --raw\n"
        "zone = 'Asia/Tokyo'\n"
        "%mcp call get_current_time timezone=$zone -o four\n"
        "text = '''\nfive << %mcp call x\n'''\n"
        "for found in (one, two, four): print(found.structured['timezone'])\n"
        "print(three['structuredContent']['timezone'], text.strip())"
    )
    assert cell.text == "Asia/Seoul\nUTC\nAsia/Tokyo\nEurope/Berlin five << %mcp call x\n"
    assert cell.of_type("execute_result") == []


@pytest.mark.parametrize(
    "body",
    [
        '{"source_timezone": "Asia/Seoul", "time": "12:00", "target_timezone": "UTC"}',
        "source_timezone: Asia/Seoul\ntime: '12:00'\ntarget_timezone: UTC",
    ],
    ids=["JSON", "YAML"],
)
def test_a_cell_magic_takes_its_arguments_from_below(used_notebook: Notebook, body: str) -> None:
    used_notebook.run_well(f"%%mcp call convert_time -o converted\n{body}")
    assert used_notebook.run_well("print(converted.structured['time_difference'])").text == "-9.0h\n"


USER_ERRORS = {
    "%mcp conect x": "MCP: %mcp has no command 'conect'. Did you mean 'connect'? Usage: %mcp help [COMMAND]",
    "%mcp call get_current_time 'oops": (
        "MCP: This line cannot be read: the quote ' is never closed. Usage: %mcp help"
    ),
    "%mcp connect x -- no-such-command": (
        "MCP: x: there is no command 'no-such-command' in this kernel's environment or on PATH. Install it, or give "
        "its whole path."
    ),
    "%mcp connect x http://127.0.0.1:9/mcp": (
        "MCP: x: nothing answers at http://127.0.0.1:9/mcp (connection refused). Is the server running, and the "
        "address right?"
    ),
    "%mcp connect x http://127.0.0.1:9/mcp -H 'Authorization: Bearer ${NO_SUCH_VARIABLE}'": (
        "MCP: x's header Authorization needs the environment variable NO_SUCH_VARIABLE, which is not set. Set it "
        "before Jupyter starts, or in a cell: import os; os.environ['NO_SUCH_VARIABLE'] = ..."
    ),
    "%mcp connect x": (
        "MCP: Say a URL, or -- and a command, as this notebook has no server object 'x'. Usage: %mcp connect NAME -- "
        'COMMAND ARGS... or NAME URL [-H "Header: value"]... [--sse] or OBJECT [--era auto|legacy|modern] or --config '
        "[FILE] [NAME...|--all] or [NAME] --registry SERVER"
    ),
    "%mcp tools -s rain": ("MCP: No tool has 'rain' in its name or description. %mcp tools shows all."),
    "%mcp tool get_curent_time": (
        "MCP: No connected server has a tool 'get_curent_time'. Did you mean 'time.get_current_time'?"
    ),
    "%mcp tool": "MCP: Say which tool. Usage: %mcp tool [SERVER.]TOOL",
    "%mcp help cal": "MCP: %mcp has no command 'cal'. Did you mean 'call'? Usage: %mcp help [COMMAND]",
    "%mcp disconnect tim": "MCP: There is no server 'tim'. Connected: time. Did you mean 'time'?",
    "%mcp call get_curent_time": (
        "MCP: No connected server has a tool 'get_curent_time'. Did you mean 'time.get_current_time'?"
    ),
    "%mcp call get_current_time": (
        "MCP: get_current_time needs the argument 'timezone'. get_current_time takes timezone: string."
    ),
    "%mcp call get_current_time timezon=UTC": (
        "MCP: get_current_time has no argument 'timezon'. Did you mean 'timezone'? get_current_time "
        "takes timezone: string."
    ),
    "%mcp call get_current_time timezone:=1": (
        "MCP: get_current_time: argument 'timezone' is 1, but must be string. get_current_time takes timezone: string."
    ),
    "%mcp call get_current_time timezone=$nowhere": (
        "MCP: get_current_time: argument 'timezone' is $nowhere, but this notebook has no 'nowhere'. For the text "
        "itself write timezone='$nowhere'."
    ),
    "%mcp call get_current_time timezone=Nowhere": (
        "MCP: time.get_current_time failed: Error executing tool get_current_time: Invalid timezone: 'No time zone "
        "found with key Nowhere'"
    ),
    "%mcp call get_current_time timezone=UTC --timeout soon": (
        "MCP: Argument --timeout: invalid float value: 'soon'. Usage: %mcp call [SERVER.]TOOL a=1 b:=JSON row=$name "
        "[-o NAME] [--df] [--raw] [--timeout SECONDS]"
    ),
}


def test_each_user_error_is_one_red_line_and_fails_the_cell(used_notebook: Notebook) -> None:
    shown = {line: red_lines(used_notebook.run(line)) for line in USER_ERRORS}
    assert shown == {line: [sentence] for line, sentence in USER_ERRORS.items()}


def test_a_server_that_dies_at_start_shows_its_last_words(notebook: Notebook) -> None:
    cell = notebook.run("%mcp connect x -- python -c \"import sys; print('no licence', file=sys.stderr); sys.exit(3)\"")
    assert red_lines(cell) == [
        "MCP: x: the server ended before it was connected (its process exited with code 3); its last words:",
        "  | no licence",
    ]
    assert cell.text == ""
    notebook.run_well(CONNECT_TIME)


def test_a_server_that_prints_rubbish_puts_nothing_into_the_notebook(notebook: Notebook) -> None:
    code = "import mcp_server_time, sys; print('hello, I am a server'); sys.argv = ['x']; mcp_server_time.main()"
    cell = notebook.run_well(f'%mcp connect time -- python -u -c "{code}"')
    assert cell.text == ""
    assert notebook.run_well("%mcp call get_current_time timezone=UTC -o x").text == ""


def test_an_interrupt_cancels_the_call_and_the_next_cell_runs(
    notebook: Notebook, directory: Path, workshop_command: list[str]
) -> None:
    notebook.run_well(f"%mcp connect workshop -- {' '.join(workshop_command)}")
    waiting = start_cell(notebook.client, "%mcp call wait")
    wait_until((directory / "waiting").exists, "the call to begin")
    notebook.manager.interrupt_kernel()
    cell = finish_cell(notebook.client, waiting)
    assert cell.reply["ename"] == "Interrupted"
    assert len(cell.reply["traceback"]) == 1
    wait_until((directory / "cancelled").exists, "the server to see the cancellation")
    assert result_of(notebook.run_well("%mcp call add a=1 b=2"))["text/plain"] == "3"


def test_an_interrupted_connect_leaves_no_process(notebook: Notebook) -> None:
    silent = start_cell(notebook.client, '%mcp connect x -- python -c "import time; time.sleep(600)"')
    (server,) = wait_until(notebook.process.children, "the server's process")
    notebook.manager.interrupt_kernel()
    assert finish_cell(notebook.client, silent).reply["ename"] == "Interrupted"
    psutil.wait_procs([server], timeout=10)
    assert not server.is_running()
    notebook.run_well(CONNECT_TIME)


def test_progress_is_one_line_that_changes(notebook: Notebook, directory: Path, workshop_command: list[str]) -> None:
    notebook.run_well(f"%mcp connect workshop -- {' '.join(workshop_command)}")
    counting = start_cell(notebook.client, "%mcp call count steps=2 -o x")
    shown = notebook.client.get_iopub_msg(timeout=20)
    while shown["msg_type"] != "display_data":
        shown = notebook.client.get_iopub_msg(timeout=20)
    assert shown["content"]["data"]["text/plain"] == "count: 50 % (1 of 2) step 1"
    (directory / "go1").touch()
    (directory / "go2").touch()
    cell = finish_cell(notebook.client, counting)
    assert cell.of_type("update_display_data")[-1]["data"]["text/plain"] == "count: done (2 of 2) step 2"


def test_top_level_await_works_beside_the_magics(notebook: Notebook) -> None:
    cell = notebook.run_well(
        "import mcp_notebook\n"
        "session = await mcp_notebook.aconnect('time', ['python', '-m', 'mcp_server_time'])\n"
        "result = await session.acall('get_current_time', timezone='UTC')\n"
        "print(result.structured['timezone'])"
    )
    assert cell.text == "UTC\n"
    notebook.run_well("%mcp call get_current_time timezone=UTC -o again")


def test_it_works_beside_nest_asyncio_and_queued_cells_run(notebook: Notebook) -> None:
    notebook.run_well("import nest_asyncio; nest_asyncio.apply()")
    codes = [
        CONNECT_TIME,
        "%mcp call get_current_time timezone=UTC -o x",
        "y = await session.acall('get_current_time', timezone='UTC')",
        "print('queued')",
    ]
    codes[1] += "\nfrom mcp_notebook.host import get_host; session = get_host().get('time')"
    queued = [start_cell(notebook.client, code) for code in codes]
    cells = [finish_cell(notebook.client, message) for message in queued]
    assert [cell.reply["status"] for cell in cells] == ["ok"] * len(codes), [cell.reply for cell in cells]
    assert cells[-1].text == "queued\n"


def test_history_and_the_namespace_stay_the_persons(notebook: Notebook) -> None:
    before = json.loads(notebook.run_well("import json; print(json.dumps(sorted(globals())))").text)
    notebook.run_well(f"{CONNECT_TIME}\n%mcp call get_current_time timezone=UTC -o x")
    after = json.loads(notebook.run_well("print(json.dumps(sorted(globals())))").text)
    assert {name for name in set(after) - set(before) if not name.startswith("_")} == {"x"}


def test_help_says_what_there_is(used_notebook: Notebook) -> None:
    (payload,) = used_notebook.run_well("%mcp?").reply["payload"]
    shown = payload["data"]["text/plain"]
    assert "%mcp connect NAME -- COMMAND ARGS..." in shown
    assert [name for name in COMMANDS if not re.search(rf"%mcp [a-z|]*{name}", shown)] == []
    assert result_of(used_notebook.run_well("%mcp help disconnect"))["text/plain"].splitlines() == [
        "Close a connection and end its process.",
        "%mcp disconnect NAME... or --all",
        "For example:",
        "%mcp disconnect time",
    ]
    table = result_of(used_notebook.run_well("%mcp help"))["text/plain"].splitlines()
    assert len(table) == 1 + len(COMMANDS)
    assert max(map(len, table)) <= 200


def test_unloading_closes_everything(notebook: Notebook) -> None:
    notebook.run_well(CONNECT_TIME)
    notebook.run_well("%unload_ext mcp_notebook")
    assert notebook.process.children() == []
    assert (
        notebook.run_well("import threading; print([t.name for t in threading.enumerate() if 'mcp' in t.name])").text
        == "[]\n"
    )
    notebook.run_well("%load_ext mcp_notebook")
    notebook.run_well(CONNECT_TIME)


def test_a_lost_server_is_said_and_comes_back_when_it_is_named(notebook: Notebook) -> None:
    notebook.run_well(CONNECT_TIME)
    (server,) = notebook.process.children()
    server.kill()
    psutil.wait_procs([server], timeout=10)
    wait_until(lambda: "time    lost" in result_of(notebook.run_well("%mcp"))["text/plain"], "the loss to be noticed")
    assert red_lines(notebook.run("%mcp call get_current_time timezone=UTC")) == [
        "MCP: No connected server has a tool 'get_current_time': there are no tools. (time is lost: %mcp restart time)"
    ]
    assert notebook.run_well("%mcp call time.get_current_time timezone=UTC").text == (
        "MCP: time was disconnected (its process was killed by SIGKILL), so it was connected to again.\n"
    )
    notebook.run_well("%mcp call get_current_time timezone=UTC")


def test_it_works_where_nobody_can_answer(tmp_path: Path) -> None:
    """nbclient, as nbconvert and papermill use it: no front end, no stdin."""
    lines = [
        "%load_ext mcp_notebook",
        CONNECT_TIME,
        "x = %mcp call get_current_time timezone=UTC",
        "x.structured['timezone']",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(line) for line in lines])
    environment = {"PATH": os.environ["PATH"], "IPYTHONDIR": str(tmp_path), "HOME": str(tmp_path)}
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute(env=environment)
    assert notebook.cells[-1].outputs[0]["data"]["text/plain"] == "'UTC'"


@pytest.mark.parametrize("how", ["shutdown", "restart", "kill"])
def test_the_end_of_the_kernel_ends_its_servers(notebook: Notebook, how: str) -> None:
    notebook.run_well(CONNECT_TIME)
    servers = notebook.process.children(recursive=True)
    assert servers
    if how == "restart":
        notebook.manager.restart_kernel()
    else:
        notebook.manager.shutdown_kernel(now=how == "kill")
    _, alive = psutil.wait_procs(servers, timeout=10)
    assert alive == []


def test_it_works_in_terminal_ipython(tmp_path: Path) -> None:
    lines = ["%load_ext mcp_notebook", CONNECT_TIME, "x = %mcp call get_current_time timezone=Asia/Seoul"]
    lines += ["print('zone', x.structured['timezone'])", "%mcp call nothing", "exit"]
    script = tmp_path / "session.ipy"
    script.write_text("\n".join(lines[:4]))
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", str(script)],
        env={"IPYTHONDIR": str(tmp_path / "ipython"), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "zone Asia/Seoul" in done.stdout, done.stdout + done.stderr
    assert done.stderr == ""
