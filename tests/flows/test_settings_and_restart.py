"""What a restart keeps of what a person permitted, and what their settings decide for every token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest
from mcp import MCPError
from mcp_types import INVALID_PARAMS, ElicitResult

from support.asking import ADD, check_ran, request_in
from support.crowd import INITIALIZE
from support.jupyter import JupyterServer
from support.mcp import Host, connect, text_of
from support.person import Person

if TYPE_CHECKING:
    from collections.abc import Iterator

SESSION = {"path": "rain.ipynb", "type": "notebook", "name": "", "kernel": {"name": "python3"}}
CALL = {"kernel": "rain.ipynb", "code": ADD}


class Before(NamedTuple):
    """What there was before the Jupyter server was stopped and started again with another setting.

    Attributes:
        server: the same, with another process.
        passing, lasting: tokens with a permission for a day, and for ever.
        asking: a token that has asked.
        request: of the question that it waits for.
        state: sealed, of another call of its.
        session: of the legacy era, of its, too.
    """

    server: JupyterServer
    passing: str
    lasting: str
    asking: str
    request: str
    state: str
    session: str


@pytest.fixture(scope="module")
def before() -> Iterator[Before]:
    with JupyterServer("--MCPNotebookApp.approval_wait=0") as server:
        passing, lasting, asking = map(server.host_token, ("passing", "lasting", "asking"))
        server.api("POST", "/api/sessions", SESSION)
        with Person(server) as person:
            for token, duration in ((passing, "day"), (lasting, "always")):
                with connect(server.mcp_url, token) as host:
                    person.answer(request_in(host.call("execute_code", **CALL)), duration)
            assert len(person.grants()) == 2
        with connect(server.mcp_url, asking) as host:
            request = request_in(host.call("execute_code", **CALL))
        with connect(server.mcp_url, asking, elicitation_callback=never_called) as host:
            state = call_by_hand(host, "print('sealed')").request_state
        session = send(server, asking, "initialize", INITIALIZE).headers["mcp-session-id"]
        assert send(server, asking, "ping", {}, session).status_code == 200
        server.stop()
        server._arguments = ("--MCPNotebookApp.approval_wait=0", "--MCPNotebookApp.read=deny")
        server._start()
        kernel = server.api("POST", "/api/sessions", SESSION)["kernel"]["id"]
        with server.client(kernel):
            yield Before(server, passing, lasting, asking, request, state, session)


async def never_called(*_: object) -> ElicitResult:
    raise AssertionError("the rounds are made by hand here")


def call_by_hand(host: Host, code: str, state: str | None = None) -> Any:
    """Call as a modern host does that shows links: once to be told to ask, once more with the sealed state."""

    async def call() -> Any:
        return await host.client.session.call_tool(
            "execute_code",
            {**CALL, "code": code},
            request_state=state,
            input_responses={"approval": ElicitResult(action="accept")} if state else None,
            allow_input_required=True,
        )

    return host.portal.call(call)


def send(
    server: JupyterServer, token: str, method: str, params: dict[str, Any], session: str | None = None
) -> httpx.Response:
    headers = {"Accept": "application/json, text/event-stream", "Authorization": f"Bearer {token}"}
    headers |= {"Mcp-Session-Id": session} if session else {}
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return httpx.post(server.mcp_url, headers=headers, json=message, timeout=30)


def test_a_restart_keeps_tokens_and_lasting_grants_and_forgets_the_rest(before: Before) -> None:
    server = before.server
    assert (server.data_directory / "mcp-notebook" / "grants.json").stat().st_mode & 0o777 == 0o600
    with Person(server) as person:
        assert [(grant["token"], grant["notebook"]) for grant in person.grants()] == [("lasting", "rain.ipynb")]
        assert person.approvals() == []
        with connect(server.mcp_url, before.lasting) as host:
            check_ran(host.call("execute_code", **CALL))
        with connect(server.mcp_url, before.passing) as host:
            request_in(host.call("execute_code", **CALL))


def test_a_question_of_before_a_restart_is_no_more_and_is_asked_again(before: Before) -> None:
    with Person(before.server) as person, connect(before.server.mcp_url, before.asking) as host:
        answer = person.answer(before.request, "always")
        assert (answer.status_code, "waits no more" in answer.json()["message"]) == (404, True)
        request = request_in(host.call("execute_code", **CALL))
        assert request != before.request
        assert person.answer(request, "once").status_code == 200
        check_ran(host.call("execute_code", **CALL))


def test_a_state_sealed_before_a_restart_is_refused_and_the_call_begins_anew(before: Before) -> None:
    with connect(before.server.mcp_url, before.asking, elicitation_callback=never_called) as host:
        with pytest.raises(MCPError, match="Invalid or expired requestState") as refused:
            call_by_hand(host, "print('sealed')", before.state)
        assert refused.value.code == INVALID_PARAMS
        assert call_by_hand(host, "print('sealed')").request_state not in (None, before.state)


def test_a_session_of_before_a_restart_is_told_to_begin_anew(before: Before) -> None:
    answer = send(before.server, before.asking, "ping", {}, before.session)
    assert (answer.status_code, "Session not found" in answer.text) == (404, True)
    assert send(before.server, before.asking, "initialize", INITIALIZE).status_code == 200


def test_what_the_person_denies_nobody_reads_by_any_way(before: Before) -> None:
    with connect(before.server.mcp_url, before.passing) as host:
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
