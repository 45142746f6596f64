"""A host without the right asks, a person answers on the page, the host goes on."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any

import pytest
from mcp import MCPError
from mcp_types import ElicitResult

from support.asking import ADD, Bed, check_ran, make_bed, request_in
from support.mcp import MODES, connect, text_of
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator


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


def test_arguments_that_change_while_the_person_answers_do_not_run(patient: Bed) -> None:
    with patient.connect() as host:
        waiting = patient.run_soon(host)
        asked = patient.person.wait_for_approval()["id"]
        changed = [patient.run_soon(host, f"print({number})") for number in range(2)]
        assert patient.person.answer(asked, "once").status_code == 200
        changed += [patient.run_soon(host, f"print({number})") for number in range(2, 4)]
        check_ran(waiting.result(30))
        wait_until(lambda: patient.decline_all() or all(call.done() for call in changed), "the others to be declined")
        assert all(call.result().is_error for call in changed)  # some perhaps because the first one ran


def test_one_yes_for_once_runs_one_of_the_calls_that_wait_for_it(patient: Bed) -> None:
    with patient.connect() as host:
        calls = [patient.run_soon(host) for _ in range(3)]
        with patient.person.watch() as heard:
            waiting = ((each, [call for call in each["calls"] if call.get("approval")]) for each in heard)
            shown = next(each for each, those in waiting if len(those) == len(calls))
        [approval] = shown["approvals"]
        assert patient.person.answer(approval["id"], "once").status_code == 200
        ran, *asked = sorted((call.result(30) for call in calls), key=lambda result: bool(result.is_error))
        check_ran(ran)
        assert all(request_in(result) != approval["id"] for result in asked)


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
