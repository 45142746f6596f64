"""`mcp-notebook doctor` finds each fault that is planted, says in a line how to mend it, and is silent about health."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook, writes

from mcp_notebook_server.access.tokens import PREFIX, TokenFile
from mcp_notebook_server.cli.main import main
from support.jupyter import JupyterServer
from support.kernelspecs import IPYKERNEL_6, add_kernelspecs

Run = Callable[..., tuple[int, list[str]]]

CLASH = """\
from jupyter_server.base.handlers import JupyterHandler

class Page(JupyterHandler):
    def get(self):
        self.finish("mine")

def _jupyter_server_extension_points():
    return [{"module": "clashing"}]

def _load_jupyter_server_extension(app):
    app.web_app.add_handlers(".*$", [(app.base_url + "mcp/?", Page)])
"""


@pytest.fixture(scope="module")
def healthy() -> Iterator[JupyterServer]:
    with JupyterServer() as server:
        yield server


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's own folders with nothing wrong in them but that no Jupyter runs: a token, and its profile."""
    for name in ("JUPYTER_PLATFORM_DIRS", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    folders = {"JUPYTER_RUNTIME_DIR": "run", "JUPYTER_DATA_DIR": "data", "IPYTHONDIR": "ipython", "HOME": "home"}
    for name, folder in folders.items():
        (tmp_path / folder).mkdir()
        monkeypatch.setenv(name, str(tmp_path / folder))
    monkeypatch.chdir(tmp_path / "home")
    assert main(["token", "create", "mine", "--profile"]) == 0
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: str) -> tuple[int, list[str]]:
        capsys.readouterr()
        code = main(["doctor", *words])
        said = capsys.readouterr().out
        assert PREFIX not in said
        return code, said.splitlines()

    return run


def let_run(bare: Path, server: JupyterServer, **changes: object) -> None:
    """Have a Jupyter server be this person's."""
    name = f"jpserver-{server.pid}.json"
    said = json.loads((server.runtime_directory / name).read_text())
    (bare / "run" / name).write_text(json.dumps(said | changes))


def test_where_nothing_is_wrong_that_is_said(run: Run, bare: Path, healthy: JupyterServer) -> None:
    let_run(bare, healthy)
    code, lines = run()
    assert lines == [f"Nothing is wrong: {healthy.url}/mcp takes hosts in. Profiles: mine."]
    assert code == 0


def expect(found: tuple[int, list[str]], what: str, mend: str) -> None:
    """One line says both."""
    code, lines = found
    assert code == 1
    halves = [line.partition(" -> ") for line in lines]
    assert [what in one and mend in other for one, _, other in halves].count(True) == 1, lines


def test_no_jupyter_server(run: Run) -> None:
    expect(run(), "No Jupyter server of yours runs here", "jupyter lab")


def test_several_jupyter_servers(run: Run, bare: Path, healthy: JupyterServer) -> None:
    let_run(bare, healthy)
    (bare / "run" / "jpserver-0.json").write_text(
        json.dumps({"url": f"{healthy.url}/", "pid": healthy.pid, "root_dir": "/x", "token": healthy.token})
    )
    expect(run(), "Several Jupyter servers run", "--url URL")


def test_a_jupyter_server_that_does_not_answer(run: Run, bare: Path, healthy: JupyterServer) -> None:
    let_run(bare, healthy, url="http://127.0.0.1:9/")
    expect(run(), "does not answer at http://127.0.0.1:9/", "Look at its log")


def test_an_address_that_others_reach_without_tls(run: Run, bare: Path, healthy: JupyterServer) -> None:
    let_run(bare, healthy, hostname="0.0.0.0")  # noqa: S104 - nobody listens there
    expect(run(), "listens on 0.0.0.0 without TLS", "--ServerApp.certfile")


def test_a_page_whose_origin_is_blocked(run: Run, bare: Path, healthy: JupyterServer) -> None:
    let_run(bare, healthy)
    expect(run("--origin", "https://app.example"), "refuses pages of the origin", "allow_origin=https://app.example")
    assert run("--origin", healthy.url)[0] == 0


def test_a_missing_extension(run: Run, bare: Path) -> None:
    with JupyterServer("--ServerApp.jpserver_extensions=mcp_notebook_server=False") as server:
        let_run(bare, server)
        expect(run(), "runs without the extension", "jupyter server extension enable mcp_notebook_server")


def test_a_closed_endpoint(run: Run, bare: Path) -> None:
    with JupyterServer(token="") as server:
        let_run(bare, server)
        expect(run(), "is closed, because Jupyter runs without authentication", "Start Jupyter with its token")


def test_a_clash_of_paths(run: Run, bare: Path) -> None:
    (bare / "clashing.py").write_text(CLASH)
    environment = {"PYTHONPATH": str(bare)}
    # Extensions are loaded in the order of their names, and the first one to claim a path has it.
    with JupyterServer("--ServerApp.jpserver_extensions=clashing=True", environment=environment) as server:
        let_run(bare, server)
        expect(run(), "Something else answers at", "--MCPNotebookApp.path=mcp-notebook-server")


def test_an_endpoint_elsewhere(run: Run, bare: Path) -> None:
    with JupyterServer("--MCPNotebookApp.path=tools") as server:
        let_run(bare, server)
        expect(run(), f"is not at {server.url}/mcp", "--url")


def test_a_token_that_is_not_known(run: Run, bare: Path) -> None:
    TokenFile(bare / "data" / "mcp-notebook" / "tokens.json").revoke("mine")
    expect(run(), "The profile 'mine' has a token that is not known", "mcp-notebook token create mine --profile")


def test_an_expired_token(run: Run, bare: Path) -> None:
    file = bare / "data" / "mcp-notebook" / "tokens.json"
    content = json.loads(file.read_text())
    content["tokens"][0]["expires"] = "2020-01-01T00:00:00+00:00"
    file.write_text(json.dumps(content))
    expect(run(), "expired on 2020-01-01", "mcp-notebook token renew mine")


def test_no_token_at_all(run: Run) -> None:
    assert main(["token", "revoke", "mine"]) == 0
    expect(run(), "There is no host token yet", "mcp-notebook config HOST")


def test_a_broken_file_of_tokens(run: Run, bare: Path) -> None:
    (bare / "data" / "mcp-notebook" / "tokens.json").write_text("{")
    expect(run(), "The file of host tokens cannot be read", "Move it away")


def test_a_profile_that_others_can_read(run: Run, bare: Path) -> None:
    profile = bare / "run" / "mcp-notebook" / "profiles" / "mine"
    profile.chmod(0o644)
    expect(run(), f"Others on this machine can read {profile}", f"chmod 600 {profile}")


def test_a_token_in_a_file_that_people_commit(run: Run) -> None:
    Path(".mcp.json").write_text(json.dumps({"mcpServers": {"x": {"headers": {"a": f"Bearer {PREFIX}{'x' * 30}"}}}}))
    expect(run(), "A host token stands in .mcp.json as it is", "mcp-notebook token revoke NAME")


def test_a_hosts_entry_whose_command_and_profile_are_gone(run: Run) -> None:
    entry = {"command": "/gone/mcp-notebook", "args": ["stdio", "--profile", "gone"]}
    Path(".mcp.json").write_text(json.dumps({"mcpServers": {"jupyter": entry}}))
    found = run()
    expect(
        found, "/gone/mcp-notebook start, which is not there", "mcp-notebook config claude-code --name jupyter --write"
    )
    expect(found, "the profile 'gone', which is not there", "--profile gone")


@pytest.mark.parametrize(("version", "mend"), [("6.29.0", "ipykernel>=6.31"), ("", "-m pip install ipykernel")])
def test_a_kernel_whose_ipykernel_is_old_or_not_there(run: Run, bare: Path, version: str, mend: str) -> None:
    packages = bare / "packages"
    if version:
        (packages / f"ipykernel-{version}.dist-info").mkdir(parents=True)
        (packages / f"ipykernel-{version}.dist-info" / "METADATA").write_text(f"Name: ipykernel\nVersion: {version}\n")
    python = bare / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} {"" if version else "-S"} "$@"\n')  # -S: without site-packages
    python.chmod(0o755)
    spec = {
        "argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "old",
        "language": "python",
        "env": {"PYTHONPATH": str(packages)},
    }
    directory = bare / "data" / "kernels" / "old"
    directory.mkdir(parents=True)
    (directory / "kernel.json").write_text(json.dumps(spec))
    expect(run(), "The kernel 'old' has ", mend)


def test_a_kernel_whose_python_is_gone(run: Run, bare: Path) -> None:
    add_kernelspecs(bare / "data")
    file = bare / "data" / "kernels" / IPYKERNEL_6 / "kernel.json"
    file.write_text(file.read_text().replace(sys.executable, "/gone/python"))
    expect(run(), "cannot start: its Python, /gone/python, does not run", f"jupyter kernelspec remove {IPYKERNEL_6}")


def test_nest_asyncio_in_an_open_notebook_and_at_ipythons_start(run: Run, bare: Path, healthy: JupyterServer) -> None:
    let_run(bare, healthy)
    notebook = new_notebook(cells=[new_code_cell("import nest_asyncio\nnest_asyncio.apply()")])
    (healthy.notebook_directory / "nested.ipynb").write_text(writes(notebook))
    kernel = healthy.start_kernel()
    session = {"path": "nested.ipynb", "name": "", "type": "notebook", "kernel": {"id": kernel}}
    healthy.api("POST", "/api/sessions", session)
    startup = bare / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("import nest_asyncio; nest_asyncio.apply()\n")
    found = run()
    healthy.api("DELETE", f"/api/kernels/{kernel}")
    expect(found, "The notebook nested.ipynb uses nest_asyncio", "use `await`")
    expect(found, "00.py brings nest_asyncio into every kernel", "use `await`")


@pytest.mark.parametrize(
    ("line", "what", "mend"),
    [
        ({"refused": "no token"}, "sent no token", "Set the variable"),
        (
            {"refused": "origin", "said": "https://a.example"},
            "of the origin https://a.example",
            "--ServerApp.allow_origin=",
        ),
        ({"refused": "host", "said": "lab.local"}, "by the name lab.local", "--ServerApp.local_hostnames=lab.local"),
        ({"refused": "Jupyter token"}, "sent Jupyter's own token", "mcp-notebook token create"),
        ({"refused": "expired token", "token": "vs"}, "the token vs, which has expired", "mcp-notebook token renew vs"),
    ],
)
def test_a_host_that_was_refused_of_late(run: Run, bare: Path, line: dict[str, str], what: str, mend: str) -> None:
    now = datetime.now(UTC)
    lines = [{"time": when.isoformat(), **line} for when in (now - timedelta(hours=2), now, now)]
    (bare / "data" / "mcp-notebook" / "audit.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in lines) + "{")
    expect(run(), what, mend)


def test_a_proxy_that_takes_what_is_for_this_machine(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    expect(run(), "through the proxy of HTTP_PROXY", "NO_PROXY=127.0.0.1")


def test_a_kernel_of_an_editor_that_hosts_do_not_reach(run: Run, bare: Path, healthy: JupyterServer) -> None:
    let_run(bare, healthy)
    with socket.create_server(("127.0.0.1", 0)) as kernel:
        file = bare / "run" / "kernel-v3c0ffee.json"
        file.write_text(json.dumps({"ip": "127.0.0.1", "control_port": kernel.getsockname()[1], "key": "k"}))
        assert run()[0] == 0  # a Jupyter server may be about to find it
        os.utime(file, (0, 0))
        expect(run(), "Hosts do not reach kernels that an editor", "--ServerApp.allow_external_kernels=True")
    assert run()[0] == 0  # the file of one that was killed
