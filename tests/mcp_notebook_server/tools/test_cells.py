"""Notebooks and their cells over MCP, on a Jupyter server that does not share documents."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import nbformat
import pytest
import websocket
from mcp import MCPError

from mcp_notebook_server.access.tokens import TokenFile
from support.jupyter import JupyterServer
from support.mcp import Host, connect, text_of
from support.person import Person
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.fixture(scope="module")
def server() -> Iterator[JupyterServer]:
    with JupyterServer("--MCPNotebookApp.approval_wait=20") as server:
        yield server


def token(server: JupyterServer, name: str, **gives: Any) -> str:
    return TokenFile(server.data_directory / "mcp-notebook" / "tokens.json").create(name, **gives)[1]


@pytest.fixture(scope="module")
def host(server: JupyterServer) -> Iterator[Host]:
    with connect(server.mcp_url, token(server, "writes", scopes=["write", "execute"])) as host:
        yield host


@pytest.fixture
def path(server: JupyterServer, request: pytest.FixtureRequest) -> str:
    """A notebook for one test, in a directory with a space and an umlaut."""
    path = f"my wörk/{request.node.name}.ipynb"
    file = server.notebook_directory / path
    file.parent.mkdir(exist_ok=True)
    cells = [
        nbformat.v4.new_markdown_cell("# Rain", id="title"),
        nbformat.v4.new_code_cell("rain = [1, 2]\nrain", id="data"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), file)
    return path


@pytest.fixture
def kernel(server: JupyterServer, path: str) -> Iterator[str]:
    session: dict[str, Any] = {"path": path, "name": "", "type": "notebook", "kernel": {"name": "python3"}}
    made = server.api("POST", "/api/sessions", session)
    yield made["kernel"]["id"]
    server.api("DELETE", f"/api/sessions/{made['id']}")


def saved(server: JupyterServer, path: str) -> Any:
    return nbformat.read(server.notebook_directory / path, as_version=4)


def sources(server: JupyterServer, path: str) -> list[str]:
    return [cell.source for cell in saved(server, path).cells]


def test_cells_are_inserted_edited_moved_and_deleted_by_id_and_index(
    server: JupyterServer, host: Host, path: str
) -> None:
    first = host.read("insert_cell", notebook=path, source="import math", after="title")
    assert first["index"] == 1
    host.read("insert_cell", notebook=path, source="top", type="raw", at=0)
    edited = host.read("edit_cell", notebook=path, cell=first["id"], old="math", new="cmath")
    assert edited["diff"].splitlines()[-2:] == ["-import math", "+import cmath"]
    assert host.read("move_cell", notebook=path, cell="data", to=1) == {"id": "data", "index": 1}
    assert host.read("delete_cell", notebook=path, cell=0, old="top")["id"]
    assert sources(server, path) == ["rain = [1, 2]\nrain", "# Rain", "import cmath"]
    shown = host.read("read_notebook", notebook=path)
    assert [cell["first_line"] for cell in shown["cells"]] == ["rain = [1, 2]", "# Rain", "import cmath"]


@pytest.mark.parametrize(
    ("tool", "arguments", "problem"),
    [
        ("edit_cell", {"cell": "data", "old": "nope", "new": "x"}, "does not hold 'nope'; nothing was changed"),
        ("edit_cell", {"cell": "data", "old": "rain", "new": "x"}, "holds 'rain' 2 times; nothing was changed"),
        ("edit_cell", {"cell": "nope", "old": "a", "new": "b"}, "There is no cell 'nope'. The notebook has 2"),
        ("delete_cell", {"cell": "data", "old": "# Rain"}, "does not hold '# Rain'"),
        ("move_cell", {"cell": "data", "to": 7}, "There is no cell 7"),
        ("insert_cell", {"source": "x", "at": 3}, "There is no cell 3"),
        ("read_cell", {"cell": -1}, "There is no cell -1"),
        ("run_cell", {"cell": "data"}, "No kernel runs for the notebook"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    server: JupyterServer, host: Host, path: str, tool: str, arguments: dict[str, Any], problem: str
) -> None:
    before = (server.notebook_directory / path).read_bytes()
    answer = host.call(tool, notebook=path, **arguments)
    assert answer.is_error
    assert problem in text_of(answer)
    assert (server.notebook_directory / path).read_bytes() == before


def test_run_cell_writes_what_a_persons_run_writes_and_is_counted(
    server: JupyterServer, host: Host, path: str, kernel: str
) -> None:
    ran = host.read("run_cell", notebook=path, cell="data")
    assert (ran["cell"], ran["state"], ran["result"]) == ("data", "done", "[1, 2]")
    cell = saved(server, path).cells[1]
    assert cell.execution_count == 1
    assert cell.outputs[0].data == {"text/plain": "[1, 2]"}
    assert host.read("execute_code", kernel=kernel, code="Out[1], _, get_ipython().execution_count")["result"] == (
        "([1, 2], [1, 2], 2)"
    )
    host.read("edit_cell", notebook=path, cell="data", old="\nrain", new="\nprint(rain)\n1 / 0")
    failed = host.call("run_cell", notebook=path, cell="data")
    assert failed.is_error
    assert "ZeroDivisionError" in text_of(failed)
    outputs = saved(server, path).cells[1].outputs
    assert [each.output_type for each in outputs] == ["stream", "error"]
    shown = host.read("read_cell", notebook=path, cell="data")
    assert (shown["state"], shown["execution_count"]) == ("error", 2)
    assert shown["error"] == "ZeroDivisionError: division by zero"
    title = host.call("run_cell", notebook=path, cell="title")
    assert "is markdown, and only code cells can be run" in text_of(title)


def test_outputs_are_written_when_nobody_waits_for_the_run_any_more(
    server: JupyterServer, host: Host, path: str, kernel: str
) -> None:
    assert server.kernel_state(kernel)
    host.read(
        "edit_cell", notebook=path, cell="data", old="\nrain", new="\nimport time; time.sleep(0.5); print('late')"
    )
    assert host.read("run_cell", notebook=path, cell="data", wait=0)["state"] in ("queued", "running")
    host.read("move_cell", notebook=path, cell="data", to=0)
    wait_until(lambda: host.read("read_cell", notebook=path, cell=0).get("outputs"), "the outputs")
    assert saved(server, path).cells[0].outputs[0].text == "late\n"


def test_an_image_and_text_that_a_cell_has_shown_are_read_and_linked(
    server: JupyterServer, host: Host, path: str
) -> None:
    notebook = saved(server, path)
    notebook.cells[1].outputs = [
        nbformat.v4.new_output("stream", name="stdout", text="line\n" * 20_000),
        nbformat.v4.new_output("display_data", {"image/png": PIXEL, "text/plain": "<Figure>"}),
    ]
    nbformat.write(notebook, server.notebook_directory / path)
    answer = host.call("read_cell", notebook=path, cell="data")
    assert [block.type for block in answer.content] == ["text", "image", "resource_link", "resource_link"]
    links = [each["link"] for each in (answer.structured_content or {})["outputs"]]
    assert links[0] == f"jupyter://notebooks/{quote(path, safe='')}/cells/data/outputs/0"
    read = [host.portal.call(host.client.read_resource, link).contents[0] for link in links]
    assert read[0].text == "line\n" * 20_000  # type: ignore[union-attr]  # it is text
    assert read[1].blob == PIXEL  # type: ignore[union-attr]  # it is an image
    with pytest.raises(MCPError, match="no such output; it has 2"):
        host.portal.call(host.client.read_resource, links[0][:-1] + "5")


def test_open_notebook_is_read_and_its_change_refused_with_the_name_of_the_extra(
    server: JupyterServer, host: Host, path: str, kernel: str
) -> None:
    channels = f"{server.url}/api/kernels/{kernel}/channels".replace("http", "ws", 1)
    tab = websocket.create_connection(channels, header={"Authorization": f"token {server.token}"}, timeout=30)
    try:
        wait_until(lambda: server.api("GET", f"/api/kernels/{kernel}")["connections"], "the tab's connection")
        listed = {each["path"]: each for each in host.read("list_notebooks")["notebooks"]}
        assert listed[path]["open"]
        assert host.read("read_cell", notebook=path, cell=0)["source"] == "# Rain"
        for tool, arguments in (("insert_cell", {"source": "x"}), ("run_cell", {"cell": "data"})):
            answer = host.call(tool, notebook=path, **arguments)
            assert answer.is_error
            assert "pip install 'mcp-notebook[collaboration]'" in text_of(answer)
    finally:
        tab.close()
    wait_until(lambda: not server.api("GET", f"/api/kernels/{kernel}")["connections"], "the tab to be gone")
    host.read("insert_cell", notebook=path, source="x")
    assert sources(server, path)[-1] == "x"


def test_person_sees_exactly_the_diff_and_what_changed_meanwhile_is_refused(
    server: JupyterServer, host: Host, path: str
) -> None:
    with (
        Person(server) as person,
        connect(server.mcp_url, token(server, "asks")) as asking,
        ThreadPoolExecutor() as pool,
    ):
        edit = {"notebook": path, "cell": "data", "old": "[1, 2]", "new": "[1, 2, 3]"}
        call = pool.submit(asking.call, "edit_cell", **edit)
        question = person.wait_for_approval()
        assert (question["kind"], question["notebook"], question["scope"]) == ("diff", path, "write")
        assert question["text"].splitlines()[-3:] == ["-rain = [1, 2]", "+rain = [1, 2, 3]", " rain"]
        host.read("edit_cell", notebook=path, cell="data", old="\nrain", new="\nrain * 2")
        person.answer(question["id"], "once")
        assert "would not be what they permitted" in text_of(call.result(60))
        assert sources(server, path)[1] == "rain = [1, 2]\nrain * 2"
        again = pool.submit(asking.call, "edit_cell", **edit)
        person.answer(person.wait_for_approval()["id"], "once")
        assert not again.result(60).is_error
        assert sources(server, path)[1] == "rain = [1, 2, 3]\nrain * 2"


def test_person_sees_the_code_of_a_cell_and_no_other_is_run(
    server: JupyterServer, host: Host, path: str, kernel: str
) -> None:
    with (
        Person(server) as person,
        connect(server.mcp_url, token(server, "runs")) as asking,
        ThreadPoolExecutor() as pool,
    ):
        call = pool.submit(asking.call, "run_cell", notebook=path, cell="data")
        question = person.wait_for_approval()
        assert (question["kind"], question["text"], question["kernel"]) == ("code", "rain = [1, 2]\nrain", kernel)
        host.read("edit_cell", notebook=path, cell="data", old="rain = [1, 2]", new="import os")
        person.answer(question["id"], "once")
        assert "would not be what they permitted" in text_of(call.result(60))
        assert saved(server, path).cells[1].execution_count is None


def test_notebooks_are_listed_a_page_at_a_time_and_searched(host: Host, path: str) -> None:
    host.read("edit_cell", notebook=path, cell="data", old="[1, 2]", new='[1, 2]  # für "alle"')
    everything = host.read("list_notebooks", open_only=False, pattern="my *", limit=1)
    assert everything["total"] >= 1
    assert len(everything["notebooks"]) == 1
    assert "path" in everything["notebooks"][0]
    [match] = host.read("search_notebooks", text='für "alle"')["matches"]
    assert match == {"notebook": path, "cell": "data", "line": 1, "text": 'rain = [1, 2]  # für "alle"'}
    pages = host.read("read_notebook", notebook=path, limit=1)
    assert pages["next_cursor"] == "1"
    assert host.read("read_notebook", notebook=path, cursor="1")["cells"][0]["id"] == "data"


def test_token_of_one_notebook_sees_no_other(server: JupyterServer, path: str) -> None:
    (server.notebook_directory / "secret.ipynb").write_text((server.notebook_directory / path).read_text())
    with connect(server.mcp_url, token(server, "narrow", scopes=["write"], notebooks=[path])) as narrow:
        assert [each["path"] for each in narrow.read("list_notebooks", open_only=False)["notebooks"]] == [path]
        assert {each["notebook"] for each in narrow.read("search_notebooks", text="rain")["matches"]} == {path}
        assert narrow.read("read_cell", notebook=path, cell=0)["id"] == "title"
        for other in ("secret.ipynb", f"{path}/../../secret.ipynb", "./secret.ipynb", "no.ipynb"):
            for tool, arguments in (("read_cell", {"cell": 0}), ("insert_cell", {"source": "x"})):
                assert "There is no notebook" in text_of(narrow.call(tool, notebook=other, **arguments))


@pytest.mark.parametrize("trick", ["../outside.ipynb", "a/../secret.ipynb", "%2e%2e/x.ipynb", "x\0.ipynb", ".", ""])
def test_no_path_leads_out(host: Host, server: JupyterServer, trick: str) -> None:
    (server.notebook_directory.parent / "outside.ipynb").write_text("{}")
    for tool, arguments in (("read_cell", {"cell": 0}), ("insert_cell", {"source": "x"}), ("read_notebook", {})):
        answer = host.call(tool, notebook=trick, **arguments)
        assert "There is no notebook" in text_of(answer)
        assert str(server.directory) not in text_of(answer)


def test_hidden_directories_and_files_are_not_listed(server: JupyterServer, host: Host, path: str) -> None:
    copy: Path = server.notebook_directory / ".ipynb_checkpoints" / "copy.ipynb"
    copy.parent.mkdir(exist_ok=True)
    copy.write_text((server.notebook_directory / path).read_text())
    listed = [each["path"] for each in host.read("list_notebooks", open_only=False)["notebooks"]]
    assert path in listed
    assert not [each for each in listed if "copy" in each]
