"""What a restart keeps of what a person permitted, and what their settings decide for every token."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from mcp import MCPError

from support.asking import ADD, check_ran, request_in
from support.jupyter import JupyterServer
from support.mcp import connect, text_of
from support.person import Person

if TYPE_CHECKING:
    from collections.abc import Iterator


SESSION = {"path": "rain.ipynb", "type": "notebook", "name": "", "kernel": {"name": "python3"}}
CALL = {"kernel": "rain.ipynb", "code": ADD}


@pytest.fixture(scope="module")
def restarted_server() -> Iterator[tuple[JupyterServer, str, str]]:
    """A server that was stopped after two grants, one for a day and one for ever, and started with another setting."""
    with JupyterServer("--MCPNotebookApp.approval_wait=0") as server:
        tokens = server.host_token("passing"), server.host_token("lasting")
        server.api("POST", "/api/sessions", SESSION)
        with Person(server) as person:
            for token, duration in zip(tokens, ("day", "always"), strict=True):
                with connect(server.mcp_url, token) as host:
                    person.answer(request_in(host.call("execute_code", **CALL)), duration)
            assert len(person.grants()) == 2
        server.stop()
        server._arguments = ("--MCPNotebookApp.approval_wait=0", "--MCPNotebookApp.read=deny")
        server._start()
        kernel = server.api("POST", "/api/sessions", SESSION)["kernel"]["id"]
        with server.client(kernel):
            yield server, *tokens


def test_a_restart_keeps_lasting_grants_and_forgets_the_rest(restarted_server: tuple[JupyterServer, str, str]) -> None:
    server, passing, lasting = restarted_server
    assert (server.data_directory / "mcp-notebook" / "grants.json").stat().st_mode & 0o777 == 0o600
    with Person(server) as person:
        assert [(grant["token"], grant["notebook"]) for grant in person.grants()] == [("lasting", "rain.ipynb")]
        assert person.approvals() == []
        with connect(server.mcp_url, lasting) as host:
            check_ran(host.call("execute_code", **CALL))
        with connect(server.mcp_url, passing) as host:
            request_in(host.call("execute_code", **CALL))


def test_what_the_person_denies_nobody_reads_by_any_way(restarted_server: tuple[JupyterServer, str, str]) -> None:
    server, token, _ = restarted_server
    with connect(server.mcp_url, token) as host:
        assert "MCPNotebookApp.read = deny" in text_of(host.call("list_variables", kernel="rain.ipynb"))
        for method, arguments in (
            ("read_resource", ["jupyter://kernels/rain.ipynb/variables/x"]),
            ("list_resources", []),
            ("get_prompt", ["analyze_dataframe", {"kernel": "rain.ipynb", "name": "x"}]),
        ):
            with pytest.raises(MCPError, match="switched off"):
                host.portal.call(getattr(host.client, method), *arguments)


def test_the_setting_allow_lets_every_token_run_code_and_no_page_is_asked() -> None:
    with JupyterServer("--MCPNotebookApp.execute=allow") as server:
        kernel = server.start_kernel()
        with server.client(kernel), connect(server.mcp_url, server.host_token("reads", "--read")) as host:
            check_ran(host.call("execute_code", kernel=kernel, code=ADD))
            with Person(server) as person:
                assert (person.approvals(), person.grants()) == ([], [])


def test_the_settings_deny_and_ask_hold_whatever_the_token_says() -> None:
    settings = ("--MCPNotebookApp.execute=deny", "--MCPNotebookApp.write=deny", "--MCPNotebookApp.read=ask")
    with JupyterServer(*settings) as server:
        with connect(server.mcp_url, server.host_token("all", "--write", "--execute")) as host:
            refused = host.call("execute_code", kernel="any", code=ADD)
            assert refused.is_error
            assert "MCPNotebookApp.execute = deny" in text_of(refused)
            assert host.read("list_kernels") == {"kernels": []}  # every token gives read, so nobody is asked
        with Person(server) as person:
            assert person.approvals() == []
