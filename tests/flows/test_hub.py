"""Under a JupyterHub, behind its proxy and below its base URL, each person's hosts reach only their own kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from mcp import StdioServerParameters

from support.hub import Hub
from support.mcp import MODES, connect
from support.paths import SCRIPTS
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

PEOPLE = ("ada", "bob")


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    with Hub(*PEOPLE) as hub:
        yield hub


@pytest.fixture(scope="module")
def tokens(hub: Hub) -> dict[str, str]:
    """A host token of each person, made in their own terminals."""
    made = {person: hub.run_cli(person, "token", "create", "mine", "--execute") for person in PEOPLE}
    return {person: done.stdout.split()[-1] for person, done in made.items()}


@pytest.fixture(scope="module")
def kernels(hub: Hub) -> dict[str, str]:
    return {person: hub.api("POST", f"user/{person}/api/kernels")["id"] for person in PEOPLE}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("person", PEOPLE)
def test_a_host_reads_the_kernels_of_its_person_and_no_others(
    hub: Hub, tokens: dict[str, str], kernels: dict[str, str], person: str, mode: str
) -> None:
    (other,) = set(PEOPLE) - {person}
    with connect(hub.mcp_url(person), tokens[person], mode=mode) as host:
        assert [kernel["id"] for kernel in host.read("list_kernels")["kernels"]] == [kernels[person]]

        def is_readable() -> bool:
            result = host.call("list_variables", kernel=kernels[person])
            return not result.is_error

        wait_until(is_readable, "the kernel to be read")
        assert host.call("list_variables", kernel=kernels[other]).is_error


@pytest.mark.parametrize("person", PEOPLE)
def test_the_token_of_one_is_refused_at_the_server_of_another(hub: Hub, tokens: dict[str, str], person: str) -> None:
    (other,) = set(PEOPLE) - {person}
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    for url in (hub.mcp_url(other), f"{hub.mcp_url(other)}/kernels/x"):
        answer = httpx.post(url, json=ping, headers={"Authorization": f"Bearer {tokens[person]}"}, timeout=30)
        assert answer.status_code == 403
        assert "This host token is not known" in answer.json()["error"]["message"]
        assert answer.headers.get_list("set-cookie") == []


def test_without_a_token_nobody_is_sent_to_a_login(hub: Hub) -> None:
    answer = httpx.post(hub.mcp_url("ada"), json={"jsonrpc": "2.0", "id": 1, "method": "ping"}, timeout=30)
    assert answer.status_code == 403
    assert "This endpoint needs a host token" in answer.json()["error"]["message"]
    assert "set-cookie" not in answer.headers


def test_the_bridge_of_a_person_finds_that_persons_server(hub: Hub, kernels: dict[str, str]) -> None:
    hub.run_cli("ada", "token", "create", "bridge", "--profile")
    words = ["stdio", "--profile", "bridge"]
    bridge = StdioServerParameters(command=str(SCRIPTS / "mcp-notebook"), args=words, env=hub.environment("ada"))
    with connect(bridge) as host:
        assert [kernel["id"] for kernel in host.read("list_kernels")["kernels"]] == [kernels["ada"]]


def test_the_page_on_which_people_answer_is_below_the_base_url(hub: Hub, tokens: dict[str, str]) -> None:
    assert hub.api("GET", "user/ada/mcp-notebook/api/state") is not None
    headers = {"Authorization": f"Bearer {tokens['ada']}"}
    answer = httpx.get(hub.mcp_url("ada").replace("/mcp", "/mcp-notebook/api/state"), headers=headers, timeout=30)
    assert answer.status_code == 403  # a host's token is none of the page's


def test_the_doctor_finds_nothing_wrong_in_a_persons_terminal(hub: Hub, tokens: dict[str, str]) -> None:
    assert tokens
    done = hub.run_cli("bob", "doctor")
    assert (done.returncode, done.stdout[:16]) == (0, "Nothing is wrong"), done.stdout
