"""What a person can set, and what Jupyter's log tells them."""

import os
import signal

import httpx

from support.jupyter import JupyterServer
from support.mcp import connect


def test_the_endpoint_moves_where_the_person_puts_it() -> None:
    with JupyterServer("--MCPNotebookApp.path=agents/mcp", "--ServerApp.base_url=/user/me/") as jupyter:
        token = jupyter.host_token()
        with connect(f"{jupyter.url}/agents/mcp", token) as host:
            assert host.read("list_kernels") == {"kernels": []}
        assert httpx.post(f"{jupyter.url}/mcp", json={}).status_code in (403, 404)


def test_a_path_that_somebody_else_answers_is_said_at_start() -> None:
    with JupyterServer("--MCPNotebookApp.path=api/me") as jupyter:
        log = jupyter.log_file.read_text()
    assert "Something else (IdentityHandler) answers at /api/me, too" in log
    assert "--MCPNotebookApp.path=" in log


def test_the_usual_path_is_not_taken_for_somebody_elses(jupyter_server: JupyterServer) -> None:
    assert "Something else" not in jupyter_server.log_file.read_text()


def test_a_server_without_authentication_says_that_the_endpoint_stays_closed() -> None:
    with JupyterServer(token="") as jupyter:
        assert "stays closed, because Jupyter runs without authentication" in jupyter.log_file.read_text()


def test_jupyters_own_token_opens_the_endpoint_where_the_person_said_so() -> None:
    with (
        JupyterServer("--MCPNotebookApp.accept_jupyter_token=True") as jupyter,
        connect(jupyter.mcp_url, jupyter.token) as host,
    ):
        assert host.read("list_kernels") == {"kernels": []}


def test_a_host_that_listens_is_told_when_the_server_stops() -> None:
    with JupyterServer() as jupyter, connect(jupyter.mcp_url, jupyter.host_token()) as host:

        async def listen() -> list[object]:
            async with host.client.listen(tools_list_changed=True) as subscription:
                os.kill(jupyter.pid, signal.SIGTERM)
                return [event async for event in subscription]

        assert host.portal.call(listen) == []
