"""Those who try to get around asking: another call, another host, another page, too much at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from mcp import MCPError
from mcp_types import INVALID_PARAMS, ElicitResult, InputRequiredResult

from support.asking import ADD, Bed, check_ran, make_bed, request_in
from support.mcp import Host, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def hasty_server() -> Iterator[Bed]:
    yield from make_bed("--MCPNotebookApp.approval_wait=0")


@pytest.fixture
def hasty(hasty_server: Bed) -> Iterator[Bed]:
    """Calls return the link at once."""
    yield hasty_server
    hasty_server.decline_all()


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


@pytest.fixture
def host(hasty: Bed) -> Iterator[Host]:
    """One that shows links."""
    with hasty.connect(elicitation_callback=never_called) as host:
        yield host


@pytest.fixture
def first(hasty: Bed, host: Host) -> Round:
    """The first half of its call, and the person has said yes to that."""
    first = Round(hasty, host)
    hasty.person.answer(first.asked, "once")
    return first


def test_a_sealed_state_that_is_altered_or_made_up_is_refused(host: Host, first: Round) -> None:
    assert first.asked not in first.state
    first.check_refused(host, first.state[:-2] + ("AA" if not first.state.endswith("AA") else "BB"))
    first.check_refused(host, first.asked)
    check_ran(first.call(host, state=first.state))


def test_a_sealed_state_with_other_arguments_is_refused(host: Host, first: Round) -> None:
    first.check_refused(host, first.state, code="print('another')")


def test_a_sealed_state_of_another_token_is_refused(hasty: Bed, first: Round) -> None:
    with hasty.connect(elicitation_callback=never_called) as other:
        first.check_refused(other, first.state)


def test_a_sealed_state_that_is_replayed_permits_nothing_once_more(host: Host, first: Round) -> None:
    check_ran(first.call(host, state=first.state))
    request_in(first.call(host, state=first.state))  # nobody has permitted that


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
    before = hasty.person.grants()
    where = f"{hasty.person.page}/api/approvals/{asked}"
    sent = {**(hasty.person.headers if with_token else {}), **headers}
    check_closed(hasty.person.browser.post(where, json={"answer": "always"}, headers=sent), 403, 404)
    # a form needs no permission of the browser to be sent, and Jupyter takes its token from there, too
    check_closed(hasty.person.browser.post(where, data={"answer": "always"}, headers=headers), 400, 403, 404)
    assert asked in [approval["id"] for approval in hasty.person.approvals()]
    assert hasty.person.grants() == before


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
