"""A host without the right asks, a person answers on the page, the host goes on; and all who try to get around that."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from mcp import MCPError
from mcp_types import INVALID_PARAMS, ElicitResult, InputRequiredResult

from support.jupyter import JupyterServer
from support.mcp import MODES, Host, connect, text_of
from support.person import Person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mcp_types import CallToolResult

ADD = "print(40 + 2)"


class Bed:
    """A Jupyter server, a kernel on it, a person, and hosts of new tokens."""

    def __init__(self, server: JupyterServer) -> None:
        self.server = server
        self.kernel = server.start_kernel()
        with server.client(self.kernel):
            self.person = Person(server)
        self._tokens = 0

    def token(self, *flags: str) -> str:
        self._tokens += 1
        return self.server.host_token(f"host-{self._tokens}", *flags)

    def connect(self, mode: str = "auto", *flags: str, **options: Any) -> Any:
        return connect(self.server.mcp_url, self.token(*flags), mode=mode, **options)

    def run(self, host: Host, code: str = ADD) -> CallToolResult:
        return host.call("execute_code", kernel=self.kernel, code=code)

    def run_soon(self, host: Host, code: str = ADD) -> Any:
        async def run() -> CallToolResult:
            return await host.client.call_tool("execute_code", {"kernel": self.kernel, "code": code})

        return host.portal.start_task_soon(run)

    def decline_all(self) -> None:
        for approval in self.person.approvals():
            self.person.answer(approval["id"], "decline")


def make_bed(*arguments: str) -> Iterator[Bed]:
    with JupyterServer(*arguments) as server:
        bed = Bed(server)
        with bed.person:
            yield bed


@pytest.fixture(scope="module")
def hasty_server() -> Iterator[Bed]:
    yield from make_bed("--MCPNotebookApp.approval_wait=0")


@pytest.fixture(scope="module")
def patient_server() -> Iterator[Bed]:
    yield from make_bed("--MCPNotebookApp.approval_wait=30")


@pytest.fixture
def hasty(hasty_server: Bed) -> Iterator[Bed]:
    """Calls return the link at once."""
    yield hasty_server
    hasty_server.decline_all()


@pytest.fixture
def patient(patient_server: Bed) -> Iterator[Bed]:
    """Calls wait for the answer."""
    yield patient_server
    patient_server.decline_all()


def request_in(result: CallToolResult) -> str:
    """The id of the question to which a host was sent."""
    assert result.is_error
    found = re.search(r"mcp-notebook/\?approval=([0-9a-f]{32}) \(request \1\)", text_of(result))
    assert found, text_of(result)
    return found[1]


def check_ran(result: CallToolResult, printed: str = "42") -> None:
    assert not result.is_error, text_of(result)
    assert text_of(result) == printed


@pytest.mark.parametrize("mode", MODES)
def test_the_link_leads_to_the_page_and_the_same_call_then_goes_through_once(hasty: Bed, mode: str) -> None:
    with hasty.connect(mode) as host:
        refused = hasty.run(host)
        asked = request_in(refused)
        link = re.search(r"https?://\S+", text_of(refused))
        assert link
        assert 'id="approvals"' in hasty.person.browser.get(link[0]).text
        [approval] = hasty.person.approvals()
        assert (approval["id"], approval["text"], approval["kernel"]) == (asked, ADD, hasty.kernel)
        assert request_in(hasty.run(host)) == asked
        assert hasty.person.answer(asked, "once").status_code == 200
        check_ran(hasty.run(host))
        assert request_in(hasty.run(host)) != asked


@pytest.mark.parametrize("mode", MODES)
def test_a_call_waits_for_the_answer_and_then_runs(patient: Bed, mode: str) -> None:
    with patient.connect(mode) as host:
        calling = patient.run_soon(host)
        approval = patient.person.wait_for_approval()
        assert not calling.done()
        patient.person.answer(approval["id"], "once")
        check_ran(calling.result(30))
    assert patient.person.approvals() == []


@pytest.mark.parametrize("mode", MODES)
def test_a_host_is_told_that_the_person_declined_now_and_when_it_repeats_the_call(patient: Bed, mode: str) -> None:
    with patient.connect(mode) as host:
        calling = patient.run_soon(host)
        patient.person.answer(patient.person.wait_for_approval()["id"], "decline")
        for result in (calling.result(30), patient.run(host)):
            assert result.is_error
            assert "the person declined" in text_of(result)


@pytest.mark.parametrize("mode", MODES)
def test_a_host_with_url_mode_is_sent_to_the_page_and_its_call_goes_on(patient: Bed, mode: str) -> None:
    shown: list[Any] = []

    async def show(_: object, question: Any) -> ElicitResult:
        shown.append(question)
        patient.person.answer(question.url.partition("approval=")[2], "once")
        return ElicitResult(action="accept")

    with patient.connect(mode, elicitation_callback=show) as host:
        check_ran(patient.run(host))
    [question] = shown
    assert question.mode == "url"
    assert question.url.startswith(patient.person.page)
    assert "execute_code" in question.message


@pytest.mark.parametrize("mode", MODES)
def test_a_host_that_answers_its_own_elicitation_gets_nothing(patient: Bed, mode: str) -> None:
    answered = threading.Event()

    async def accept(*_: object) -> ElicitResult:
        answered.set()
        return ElicitResult(action="accept", content={"answer": "for a day"})

    with patient.connect(mode, elicitation_callback=accept) as host:
        calling = patient.run_soon(host)
        assert answered.wait(10)
        approval = patient.person.wait_for_approval()
        assert patient.person.grants() == []
        assert not calling.done()
        patient.person.answer(approval["id"], "decline")
        assert "the person declined" in text_of(calling.result(30))


@pytest.mark.parametrize("mode", MODES)
def test_a_no_that_came_through_the_host_ends_the_question(patient: Bed, mode: str) -> None:
    async def decline(*_: object) -> ElicitResult:
        return ElicitResult(action="decline")

    with patient.connect(mode, elicitation_callback=decline) as host:
        assert "the person declined" in text_of(patient.run(host))
    assert patient.person.approvals() == []


@pytest.mark.parametrize("mode", MODES)
def test_a_form_counts_for_a_token_that_trusts_its_host(patient: Bed, mode: str) -> None:
    async def fill_in(_: object, question: Any) -> ElicitResult:
        assert question.mode == "form"
        assert ADD in question.message
        return ElicitResult(action="accept", content={"answer": "once"})

    with patient.connect(mode, "--trust-host-consent", elicitation_callback=fill_in) as host:
        check_ran(patient.run(host))


class Round:
    """The first half of a modern host's call: it was told to ask, and has the sealed state."""

    def __init__(self, bed: Bed, host: Host) -> None:
        self._bed = bed
        first = self.call(host)
        assert isinstance(first, InputRequiredResult)
        self.state = first.request_state or ""
        [approval] = bed.person.approvals()
        self.asked = approval["id"]

    def call(self, host: Host, code: str = ADD, state: str | None = None) -> Any:
        async def call() -> Any:
            return await host.client.session.call_tool(
                "execute_code",
                {"kernel": self._bed.kernel, "code": code},
                request_state=state,
                input_responses={"approval": ElicitResult(action="accept")} if state else None,
                allow_input_required=True,
            )

        return host.portal.call(call)

    def check_refused(self, host: Host, state: str, code: str = ADD) -> None:
        with pytest.raises(MCPError, match="Invalid or expired requestState") as caught:
            self.call(host, code, state)
        assert caught.value.code == INVALID_PARAMS


async def never_called(*_: object) -> ElicitResult:
    raise AssertionError("the rounds are made by hand here")


def test_a_sealed_state_is_good_for_its_own_call_only(hasty: Bed) -> None:
    with (
        hasty.connect(elicitation_callback=never_called) as host,
        hasty.connect(elicitation_callback=never_called) as other,
    ):
        first = Round(hasty, host)
        assert first.asked not in first.state
        hasty.person.answer(first.asked, "once")
        first.check_refused(host, first.state[:-2] + ("AA" if not first.state.endswith("AA") else "BB"))
        first.check_refused(host, first.asked)
        first.check_refused(host, first.state, code="print('another')")
        first.check_refused(other, first.state)
        check_ran(first.call(host, state=first.state))
        request_in(first.call(host, state=first.state))  # the same once more: nobody has permitted that


def test_what_was_approved_is_what_runs_and_nothing_else(hasty: Bed) -> None:
    other_kernel = hasty.server.start_kernel()
    with hasty.connect() as host, hasty.connect() as other:
        asked = request_in(hasty.run(host))
        hasty.person.answer(asked, "once")
        request_in(hasty.run(host, ADD + " "))
        request_in(host.call("execute_code", kernel=hasty.kernel, code=ADD, wait=31))
        request_in(host.call("execute_code", kernel=other_kernel, code=ADD))
        request_in(hasty.run(other))
        check_ran(host.call("execute_code", kernel=hasty.kernel[:8], code=ADD))
    hasty.server.api("DELETE", f"/api/kernels/{other_kernel}")


def test_a_grant_for_an_hour_holds_for_its_token_and_kernel_until_it_is_revoked(hasty: Bed) -> None:
    other_kernel = hasty.server.start_kernel()
    with hasty.connect() as host, hasty.connect() as other:
        hasty.person.answer(request_in(hasty.run(host)), "hour")
        check_ran(hasty.run(host))
        check_ran(hasty.run(host, "print('more')"), "more")
        request_in(hasty.run(other))
        request_in(host.call("execute_code", kernel=other_kernel, code=ADD))
        [grant] = hasty.person.grants()
        assert (grant["scope"], grant["kernel"], grant["duration"]) == ("execute", hasty.kernel, "hour")
        assert "digest" not in grant
        assert hasty.person.revoke(grant["id"]).status_code == 200
        assert hasty.person.revoke(grant["id"]).status_code == 404
        request_in(hasty.run(host))
    hasty.server.api("DELETE", f"/api/kernels/{other_kernel}")


def test_a_token_that_says_so_runs_without_asking(hasty: Bed) -> None:
    with hasty.connect("auto", "--execute") as host:
        check_ran(hasty.run(host))
    assert hasty.person.approvals() == []


def test_a_token_that_is_revoked_while_it_waits_runs_nothing_and_its_grants_are_gone(patient: Bed) -> None:
    with connect(patient.server.mcp_url, patient.server.host_token("ends")) as host:
        calling = patient.run_soon(host)
        patient.person.answer(patient.person.wait_for_approval()["id"], "always")
        check_ran(calling.result(30))
        calling = patient.run_soon(host, "marked = True")
        check_ran(calling.result(30), "It ran and showed nothing.")
    assert [grant["token"] for grant in patient.person.grants()] == ["ends"]
    patient.server.run_cli("token", "revoke", "ends")
    assert patient.person.grants() == []
    with connect(patient.server.mcp_url, patient.server.host_token("ends")) as host:
        calling = patient.run_soon(host)
        approval = patient.person.wait_for_approval()
        patient.server.run_cli("token", "revoke", "ends")
        assert patient.person.answer(approval["id"], "always").status_code == 404
        assert patient.person.approvals() == []
        with pytest.raises((MCPError, AssertionError)):  # told so, or cut off
            check_ran(calling.result(30))
    assert patient.person.grants() == []


def test_questions_are_bounded_and_only_what_can_be_read_is_asked(hasty: Bed) -> None:
    with hasty.connect() as host:
        for number in range(10):
            request_in(hasty.run(host, f"print({number})"))
        assert "10 questions wait for the person already" in text_of(hasty.run(host, "print('one more')"))
        assert "Do it in smaller parts" in text_of(hasty.run(host, "#" * 20_001))
    with hasty.connect() as other:
        request_in(hasty.run(other))


def test_what_cannot_run_is_not_asked_about(hasty: Bed) -> None:
    with hasty.connect() as host:
        assert "There is no kernel 'nope'" in text_of(host.call("execute_code", kernel="nope", code=ADD))
        assert "It takes kernel, code, wait" in text_of(host.call("execute_code", kernel=hasty.kernel, cod=ADD))
    assert hasty.person.approvals() == []


HTML = "<img src=x onerror=alert(1)>"


def test_names_and_code_travel_to_the_page_as_text(hasty: Bed) -> None:
    with hasty.connect() as host:
        request_in(hasty.run(host, f"# {HTML} \u202e"))
    answer = hasty.person.browser.get(f"{hasty.person.page}/api/approvals")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.json()["approvals"][0]["text"] == f"# {HTML} \u202e"
    assert HTML not in hasty.person.browser.get(f"{hasty.person.page}/?approval={HTML}").text


def check_closed(response: httpx.Response, *statuses: int) -> None:
    assert response.status_code in statuses, response.text


API = ("approvals", "grants", "events")


def test_nobody_answers_but_the_person_who_is_logged_in(hasty: Bed) -> None:
    page = hasty.person.page
    with hasty.connect() as host:
        asked = request_in(hasty.run(host))
    host_token = hasty.token("--execute")
    answer = {"answer": "always"}
    for headers in ({}, {"Authorization": f"Bearer {host_token}"}, {"Authorization": f"token {host_token}"}):
        for path in API:
            check_closed(httpx.get(f"{page}/api/{path}", headers=headers), 403)
        check_closed(httpx.post(f"{page}/api/approvals/{asked}", headers=headers, json=answer), 403)
        check_closed(httpx.delete(f"{page}/api/grants/{asked}", headers=headers), 403)
    check_closed(httpx.get(f"{page}/?token={host_token}"), 403)
    check_closed(httpx.get(f"{page}/", headers={"Authorization": f"Bearer {host_token}"}), 403)
    login = httpx.get(f"{page}/?approval={asked}")
    assert (login.status_code, "/login?next=" in login.headers["location"]) == (302, True)
    assert asked in [approval["id"] for approval in hasty.person.approvals()]


@pytest.mark.parametrize(
    ("headers", "with_token"),
    [
        ({}, False),
        ({"X-XSRFToken": "guessed"}, False),
        ({"Origin": "https://evil.example"}, True),
        ({"Origin": "null"}, True),
        ({"Host": "evil.example"}, True),
    ],
    ids=["no XSRF token", "a guessed one", "another origin", "no origin", "another name"],
)
def test_a_page_of_somebody_else_cannot_click(hasty: Bed, headers: dict[str, str], *, with_token: bool) -> None:
    with hasty.connect() as host:
        asked = request_in(hasty.run(host))
    where = f"{hasty.person.page}/api/approvals/{asked}"
    sent = {**(hasty.person.headers if with_token else {}), **headers}
    check_closed(hasty.person.browser.post(where, json={"answer": "always"}, headers=sent), 403, 404)
    # a form needs no permission of the browser to be sent, and Jupyter takes its token from there, too
    check_closed(hasty.person.browser.post(where, data={"answer": "always"}, headers=headers), 400, 403, 404)
    assert asked in [approval["id"] for approval in hasty.person.approvals()]
    assert hasty.person.grants() == []


def test_no_foreign_page_may_frame_this_one(hasty: Bed) -> None:
    policy = hasty.person.browser.get(f"{hasty.person.page}/").headers["content-security-policy"]
    assert "frame-ancestors 'self'" in policy
    assert "default-src 'self'" in policy
    for path in API[:2]:
        headers = hasty.person.browser.get(f"{hasty.person.page}/api/{path}").headers
        assert "frame-ancestors 'self'" in headers["content-security-policy"]


def test_an_answer_that_is_none_and_a_question_that_is_none_are_told_so(hasty: Bed) -> None:
    with hasty.connect() as host:
        asked = request_in(hasty.run(host))
    assert hasty.person.answer(asked, "forever").status_code == 400
    assert hasty.person.answer("0" * 32, "once").status_code == 404
    assert hasty.person.answer(asked, "decline").status_code == 200
    assert "waits no more" in hasty.person.answer(asked, "always").json()["message"]


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
