"""A host hears when a kernel's state, a notebook or a cell has changed: in both eras, not too often."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

import pytest
from mcp import MCPError
from nbformat.v4 import new_code_cell, new_notebook, new_output

from mcp_notebook_server.access.tokens import TokenFile
from support.cells import Gate, finish_cell, run_cell, start_cell
from support.ears import follow, rouse
from support.jupyter import JupyterServer
from support.mcp import MODES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_client.blocking.client import BlockingKernelClient

    from support.ears import Ear

NOTEBOOK, OTHER_NOTEBOOK = "mine.ipynb", "other.ipynb"
SETTLE = 0.4
"""Seconds between two notifications of one address."""


class Bed:
    """A Jupyter server, two notebooks with their kernels, and tokens."""

    def __init__(self, server: JupyterServer, stack: ExitStack) -> None:
        self.server = server
        self._stack = stack
        self.clients: dict[str, BlockingKernelClient] = {}
        self.tokens = TokenFile(server.data_directory / "mcp-notebook" / "tokens.json")
        _, self.token = self.tokens.create("host")
        self.kernel, self.other = (self._start(path) for path in (NOTEBOOK, OTHER_NOTEBOOK))
        self.kernel_uri = f"jupyter://kernels/{self.kernel}"
        self.notebook_uri = f"jupyter://notebooks/{NOTEBOOK}"

    def _start(self, path: str) -> str:
        self.save(path, "1")
        kernel_id = self.server.start_kernel()
        session = {"path": path, "name": "", "type": "notebook", "kernel": {"id": kernel_id}}
        self.server.api("POST", "/api/sessions", session)
        self.clients[kernel_id] = self._stack.enter_context(self.server.client(kernel_id))
        return kernel_id

    def save(self, path: str = NOTEBOOK, *sources: str, shown: str = "") -> None:
        """Save a notebook of cells a, b ... as a front end does; what is shown, the last shows."""
        cells = [new_code_cell(source, id="abcdef"[place]) for place, source in enumerate(sources or ("1", "2"))]
        if shown:
            cells[-1]["outputs"] = [new_output("stream", text=shown)]
        self.server.api("PUT", f"/api/contents/{path}", {"type": "notebook", "content": new_notebook(cells=cells)})

    def state(self, ear: Ear) -> str:
        """A kernel's state, as the host reads it."""
        [contents] = ear.host.portal.call(ear.host.client.read_resource, self.kernel_uri).contents
        return json.loads(getattr(contents, "text", ""))["state"]

    def text(self, ear: Ear) -> str:
        """The notebook, as the host reads it."""
        [contents] = ear.host.portal.call(ear.host.client.read_resource, self.notebook_uri).contents
        return getattr(contents, "text", "")

    def run(self, kernel: str | None = None) -> None:
        run_cell(self.clients[kernel or self.kernel], "1")


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    with JupyterServer() as server, ExitStack() as stack:
        yield Bed(server, stack)


@pytest.mark.parametrize("mode", MODES)
def test_a_kernel_that_gets_busy_and_idle_is_heard(bed: Bed, mode: str, gate: Gate) -> None:
    with follow(bed.server.mcp_url, bed.token, mode, bed.kernel_uri) as ear:
        rouse(ear, bed.kernel_uri, bed.run)
        while bed.state(ear) != "idle":
            ear.next()
        cell = start_cell(bed.clients[bed.kernel], gate.code)
        while bed.state(ear) != "busy":
            ear.next()
        gate.open()
        finish_cell(bed.clients[bed.kernel], cell)
        while bed.state(ear) != "idle":  # the last change is never lost
            ear.next()


@pytest.mark.parametrize("mode", MODES)
def test_a_kernel_is_followed_by_its_notebooks_name_to_its_end(bed: Bed, mode: str) -> None:
    path = f"{mode}.ipynb"
    kernel, uri = bed._start(path), f"jupyter://kernels/{path}"
    with follow(bed.server.mcp_url, bed.token, mode, uri) as ear:
        rouse(ear, uri, lambda: bed.run(kernel))
        bed.server.api("DELETE", f"/api/kernels/{kernel}")
        ear.until(uri)


@pytest.mark.parametrize("mode", MODES)
def test_a_notebook_that_is_saved_renamed_and_deleted_is_heard(bed: Bed, mode: str) -> None:
    before, after = f"a {mode}.ipynb", f"dir {mode}/ü.ipynb"
    uris = [f"jupyter://notebooks/{name}" for name in (f"a%20{mode}.ipynb", f"dir%20{mode}%2F%C3%BC.ipynb")]
    bed.server.api("PUT", f"/api/contents/dir {mode}", {"type": "directory"})
    with follow(bed.server.mcp_url, bed.token, mode, *uris) as ear:
        rouse(ear, uris[0], lambda: bed.save(before))
        bed.server.api("PATCH", f"/api/contents/{before}", {"path": after})
        ear.until(uris[1])
        bed.save(before)
        ear.until(uris[0])
        bed.server.api("PATCH", f"/api/contents/dir {mode}", {"path": f"elsewhere {mode}"})  # with what is in it
        ear.until(uris[1])
        bed.server.api("DELETE", f"/api/contents/{before}")
        ear.until(uris[0])


@pytest.mark.parametrize("mode", MODES)
def test_of_the_cells_only_what_changed_is_told(bed: Bed, mode: str) -> None:
    bed.save(NOTEBOOK, "1", "2")
    a, b = f"{bed.notebook_uri}/cells/a", f"{bed.notebook_uri}/cells/b"
    shown = f"{b}/outputs/0"
    with follow(bed.server.mcp_url, bed.token, mode, bed.notebook_uri, a, b, shown) as ear:
        assert ear.honoured == [bed.notebook_uri, a, b, shown]
        rouse(ear, bed.notebook_uri, lambda: bed.save(NOTEBOOK, "1", "2"))
        bed.save(NOTEBOOK, "10", "2")
        heard = [ear.next()]
        while a not in heard:
            heard.append(ear.next())
        assert {b, shown}.isdisjoint(heard)
        bed.save(NOTEBOOK, "10", "2", shown="2")
        heard = ear.drain()
        while not {b, shown} <= set(heard):
            heard.append(ear.next())
        assert a not in heard
        bed.save(NOTEBOOK, "10")  # the other cell is gone
        heard = ear.drain()
        while not {b, shown} <= set(heard):
            heard.append(ear.next())


@pytest.mark.parametrize("mode", MODES)
def test_a_flood_is_a_few_notifications_and_the_last_change_is_among_them(bed: Bed, mode: str) -> None:
    with follow(bed.server.mcp_url, bed.token, mode, bed.notebook_uri, bed.kernel_uri) as ear:
        rouse(ear, bed.kernel_uri, bed.run)
        began = time.monotonic()
        for number in range(12):
            bed.run()
            bed.save(NOTEBOOK, str(number))
        bed.save(NOTEBOOK, "'the last'")
        told = [ear.next()]
        while told[-1] != bed.notebook_uri or "the last" not in bed.text(ear):
            told.append(ear.next())
        assert told.count(bed.notebook_uri) <= (time.monotonic() - began) / SETTLE + 2
        assert told.count(bed.kernel_uri) <= (time.monotonic() - began) / SETTLE + 2
        while bed.state(ear) != "idle":
            ear.next()


def test_a_session_may_stop_following(bed: Bed) -> None:
    with follow(bed.server.mcp_url, bed.token, "legacy", bed.notebook_uri, bed.kernel_uri) as ear:
        rouse(ear, bed.notebook_uri, bed.save)
        ear.unsubscribe(bed.notebook_uri)
        ear.unsubscribe("jupyter://notebooks/never%20followed.ipynb")
        rouse(ear, bed.kernel_uri, bed.run)  # what was on its way has come: a stream keeps its order
        ear.drain()
        bed.save(NOTEBOOK, "unheard")
        rouse(ear, bed.kernel_uri, bed.run)
        assert bed.notebook_uri not in ear.drain()


NOT_FOLLOWED = ["jupyter://kernels/{kernel}/variables/x", "jupyter://executions/x/outputs/0", "file:///etc/passwd", ""]


@pytest.mark.parametrize("uri", NOT_FOLLOWED)
def test_what_cannot_be_followed_is_told_so(bed: Bed, uri: str) -> None:
    uri = uri.format(kernel=bed.kernel)
    with (
        follow(bed.server.mcp_url, bed.token, "legacy") as ear,
        pytest.raises(MCPError, match="Variables cannot") as raised,
    ):
        ear.subscribe(uri)
    assert raised.value.error.code == -32602
    with follow(bed.server.mcp_url, bed.token, "auto", uri, bed.kernel_uri) as ear:
        assert ear.honoured == [bed.kernel_uri]


def bindings(bed: Bed) -> dict[str, tuple[str, dict[str, Any]]]:
    """By name: the endpoint, and what the token is bound to."""
    everything, url = {}, bed.server.mcp_url
    return {
        "token for a kernel": (url, {"kernels": [bed.kernel]}),
        "token for a notebook": (url, {"notebooks": [NOTEBOOK]}),
        "address of a kernel": (f"{url}/kernels/{bed.kernel}", everything),
        "address of a notebook": (f"{url}/notebooks/{NOTEBOOK}", everything),
    }


@pytest.mark.parametrize(
    ("bound", "mode"),
    [
        ("token for a kernel", "auto"),
        ("token for a kernel", "legacy"),
        ("token for a notebook", "auto"),
        ("address of a kernel", "auto"),
        ("address of a notebook", "auto"),
        ("address of a notebook", "legacy"),
    ],
)
def test_who_is_bound_hears_of_nothing_else(bed: Bed, bound: str, mode: str) -> None:
    url, binding = bindings(bed)[bound]
    _, token = bed.tokens.create(f"{bound} {mode}".replace(" ", "-"), **binding)
    foreign = [
        f"jupyter://kernels/{bed.other}",
        f"jupyter://kernels/{OTHER_NOTEBOOK}",
        f"jupyter://notebooks/{OTHER_NOTEBOOK}",
        f"jupyter://notebooks/{OTHER_NOTEBOOK}/cells/a",
        f"jupyter://notebooks/x%2F..%2F{OTHER_NOTEBOOK}",
    ]
    own = [bed.kernel_uri, bed.notebook_uri]
    with follow(url, token, mode, *own, *(foreign if mode == "auto" else [])) as ear:
        if mode == "legacy":
            for uri in foreign:
                with pytest.raises(MCPError, match="There is no"):
                    ear.subscribe(uri)
        assert ear.honoured == own
        rouse(ear, bed.notebook_uri, bed.save)
        bed.save(OTHER_NOTEBOOK, "unheard")
        bed.run(bed.other)
        rouse(ear, bed.kernel_uri, bed.run)
        assert set(ear.drain()) <= set(own)


@pytest.mark.parametrize("mode", MODES)
def test_revocation_ends_it(bed: Bed, mode: str) -> None:
    name = f"revoked-{mode}"
    _, token = bed.tokens.create(name)
    url, uri = bed.server.mcp_url, bed.notebook_uri
    with follow(url, bed.token, mode, bed.kernel_uri) as other, follow(url, token, mode, uri, bed.kernel_uri) as ear:
        rouse(ear, uri, bed.save)
        bed.tokens.revoke(name)
        rouse(other, bed.kernel_uri, bed.run)  # who counts is looked at before each notification
        assert bed.kernel_uri not in ear.drain()
        assert mode == "legacy" or ear.ended.wait(20)


def test_the_jupyter_server_stops_while_hosts_follow(bed: Bed) -> None:
    """The last one: it stops it, and reads what all of them left."""
    url, uris = bed.server.mcp_url, (bed.kernel_uri, bed.notebook_uri)
    ended = False
    # Whoever is still connected may find that the server has gone.
    with suppress(Exception), follow(url, bed.token, "legacy", *uris), follow(url, bed.token, "auto", *uris) as ear:
        bed.server.stop()
        ended = ear.ended.wait(20)
    assert ended
    assert bed.server._process
    assert bed.server._process.returncode == 0  # it was not killed
    log = bed.server.log_file.read_text()
    assert "Traceback" not in log, log[-5000:]
