"""What the page is given and may ask for, without a browser: who is let in, tokens by HTTP, snippets that work."""

from __future__ import annotations

import asyncio
import json
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from filelock import FileLock
from mcp import Client, StdioServerParameters

from support.mcp import connect
from support.person import Person

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from support.jupyter import JupyterServer

ROUTES = [
    ("GET", "state"),
    ("GET", "events"),
    ("GET", "approvals"),
    ("POST", "approvals/abc"),
    ("DELETE", "pauses/" + "0" * 32),
    ("GET", "grants"),
    ("DELETE", "grants/abc"),
    ("POST", "tokens"),
    ("POST", "tokens/victim/renew"),
    ("DELETE", "tokens/victim"),
    ("POST", "calls/abc/interrupt"),
    ("GET", "snippets?origin=http://127.0.0.1"),
]


@pytest.fixture(scope="module")
def person(jupyter_server: JupyterServer) -> Iterator[Person]:
    with Person(jupyter_server) as person:
        yield person


@pytest.fixture(scope="module")
def victim(jupyter_server: JupyterServer) -> str:
    """A token that nobody else may touch, with all scopes."""
    return jupyter_server.host_token("victim", "--write", "--execute")


@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_nobody_but_a_person_who_is_logged_in_is_answered(
    jupyter_server: JupyterServer, person: Person, victim: str, method: str, route: str
) -> None:
    address = f"{jupyter_server.url}/mcp-notebook/api/{route}"
    assert httpx.request(method, address, json={}).status_code == 403
    for headers in ({"Authorization": f"Bearer {victim}"}, {"Authorization": f"token {victim}"}):
        assert httpx.request(method, address, json={}, headers=headers).status_code == 403
    if method != "GET":  # of another page, without what only ours knows
        assert person.browser.request(method, address, json={}).status_code == 403
    assert "victim" in jupyter_server.run_cli("token", "list").stdout


def create(person: Person, wanted: Mapping[str, Any]) -> httpx.Response:
    return person.browser.post(f"{person.page}/api/tokens", json=dict(wanted), headers=person.headers)


def test_a_token_for_the_bridge_is_kept_and_never_shown(jupyter_server: JupyterServer, person: Person) -> None:
    answer = create(person, {"name": "bridged", "profile": True, "expires": "1h"}).json()
    assert answer["secret"] is None
    profile = jupyter_server.runtime_directory / "mcp-notebook" / "profiles" / "bridged"
    kept = json.loads(profile.read_text())["token"]
    assert kept not in json.dumps(answer)
    [token] = [each for each in answer["tokens"] if each["name"] == "bridged"]
    assert (token["scopes"], token["profile"], token["expired"]) == (["read"], True, False)
    person.browser.delete(f"{person.page}/api/tokens/bridged", headers=person.headers).raise_for_status()
    assert not profile.exists()


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"name": "../evil"}, "'../evil' cannot be a token's name"),
        ({"name": "a", "expires": "soon"}, "'soon' is not a duration"),
        ({"name": "a", "scopes": ["everything"]}, "scopes.0"),
        ({"name": "a", "surprise": 1}, "surprise"),
        ({}, "name: Field required"),
    ],
)
def test_what_is_no_token_is_said(person: Person, wanted: Mapping[str, Any], says: str) -> None:
    answer = create(person, wanted)
    assert answer.status_code == 400
    assert says in answer.json()["message"]


def test_an_unknown_token_cannot_be_renewed_or_revoked(person: Person) -> None:
    for method, route in (("POST", "tokens/nobody/renew"), ("DELETE", "tokens/nobody")):
        answer = person.browser.request(method, f"{person.page}/api/{route}", headers=person.headers)
        assert answer.status_code == 404
        assert "There is no token named 'nobody'" in answer.json()["message"]


def test_a_file_that_another_process_holds_is_said_and_the_page_can_try_again(
    jupyter_server: JupyterServer, person: Person, victim: str
) -> None:
    assert victim
    with FileLock(jupyter_server.data_directory / "mcp-notebook" / "tokens.lock"):
        answer = person.revoke_token("victim")
        assert (answer.status_code, "Nothing was changed; try again" in answer.json()["message"]) == (503, True)
    renewed = person.browser.post(f"{person.page}/api/tokens/victim/renew", headers=person.headers)
    assert renewed.status_code == 200


@pytest.mark.parametrize("origin", ["javascript:alert(1)", "http://me/path", "http://me?x", "http://a b", ""])
def test_an_origin_is_nothing_but_an_origin(person: Person, origin: str) -> None:
    answer = person.browser.get(f"{person.page}/api/snippets", params={"origin": origin})
    assert answer.status_code == 400


def snippets(person: Person, server: JupyterServer, **place: str) -> dict[str, Any]:
    origin = server.url.removesuffix("/")
    answer = person.browser.get(f"{person.page}/api/snippets", params={"origin": origin, **place})
    return answer.raise_for_status().json()


def test_a_notebooks_address_is_one_that_answers(jupyter_server: JupyterServer, person: Person, victim: str) -> None:
    path = "sub/my analysis 100%.ipynb"
    session = {"path": path, "type": "notebook", "name": "", "kernel": {"name": "python3"}}
    kernel = jupyter_server.api("POST", "/api/sessions", session)["kernel"]["id"]
    url = snippets(person, jupyter_server, notebook=path)["url"]
    assert url == f"{jupyter_server.mcp_url}/notebooks/sub/my%20analysis%20100%25.ipynb"
    with connect(url, victim) as host:
        assert [each["id"] for each in host.read("list_kernels")["kernels"]] == [kernel]


def test_the_python_that_is_shown_runs_as_it_is(jupyter_server: JupyterServer, person: Person, victim: str) -> None:
    [python] = [each for each in snippets(person, jupyter_server)["http"] if each["host"] == "Python"]
    environment = {**jupyter_server.environment, "JUPYTER_MCP_TOKEN": victim}
    command = [sys.executable, "-c", python["text"]]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert "kernels" in ran.stdout, ran.stderr


def test_the_command_that_hosts_are_given_reaches_this_jupyter(jupyter_server: JupyterServer, person: Person) -> None:
    create(person, {"name": "pasted", "profile": True})
    given = snippets(person, jupyter_server)["stdio"]
    entries = [read_entry(each["host"], each["text"].replace("YOUR_PROFILE", "pasted")) for each in given]
    assert len(entries) == 4
    [(command, *arguments), environment] = entries[0]
    assert all(entry == entries[0] for entry in entries)  # each in its own dialect

    async def ask() -> None:
        bridge = StdioServerParameters(command=command, args=arguments, env=environment)
        async with Client(bridge) as client:
            assert not (await client.call_tool("list_kernels", {})).is_error

    asyncio.run(ask())


def read_entry(host: str, text: str) -> tuple[list[str], dict[str, str]]:
    """What a host would start, and with which variables."""
    if host == "Claude Code":
        words = shlex.split(text)
        dashes = words.index("--")
        return words[dashes + 1 :], dict(each.split("=", 1) for each in words[:dashes] if "=" in each)
    said = json.loads(text)
    entry = (said.get("servers") or said["mcpServers"])["jupyter"]
    return [entry["command"], *entry["args"]], entry["env"]
