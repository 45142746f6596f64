"""What is on record after a host's calls: who, what, how it ended; and what is not, whatever the call was."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import httpx
import jsonschema
import pytest
import yaml
from mcp import MCPError
from mcp_types import Implementation, PromptReference
from websocket import create_connection

from mcp_notebook_server.addresses import link_to_query
from mcp_notebook_server.audit import EVENT_SCHEMA, EVENT_SCHEMA_ID
from support.cells import run_cell
from support.mcp import MODES, connect
from support.person import Person
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.jupyter import JupyterServer
    from support.mcp import Host

SECRET = "hunter2-der-Geheime"  # noqa: S105 - a test's
SETUP = f"import pandas\nrate = 0.25\nnote = {SECRET!r}\nframe = pandas.DataFrame({{'who': [{SECRET!r}], 'n': [1]}})"
SQL = f"select who from frame where who = '{SECRET}'"  # noqa: S608 - nobody else's words are in it
FORGED = 'rate\n{"time": "2026-01-01T00:00:00+00:00", "token": "somebody", "name": "list_kernels"}'


@pytest.fixture(scope="module")
def kernel(jupyter_server: JupyterServer) -> str:
    kernel_id = jupyter_server.start_kernel()
    with jupyter_server.client(kernel_id) as client:
        run_cell(client, SETUP)
    return kernel_id


@pytest.fixture(params=MODES)
def host(request: pytest.FixtureRequest, jupyter_server: JupyterServer, host_token: str) -> Iterator[Host]:
    info = Implementation(name="Auditee\n", version="9")
    with connect(jupyter_server.mcp_url, host_token, mode=request.param, client_info=info) as host:
        yield host


def records(jupyter_server: JupyterServer) -> list[dict[str, Any]]:
    """All that is on record, once every call that was counted is: reads are both a moment after their answer."""
    file = jupyter_server.data_directory / "mcp-notebook" / "audit.jsonl"
    looks: list[tuple[float, int]] = []

    def is_settled() -> bool:
        looks.append((count_calls(jupyter_server), len(file.read_text().splitlines())))
        return looks[-3:] == [looks[-1]] * 3 and looks[-1][0] == looks[-1][1]

    wait_until(is_settled, "every call to be on record")
    return [json.loads(line) for line in file.read_text().splitlines()]


def count_calls(jupyter_server: JupyterServer) -> float:
    metrics = httpx.get(f"{jupyter_server.url}/metrics", headers={"Authorization": f"Bearer {jupyter_server.token}"})
    counted = [line for line in metrics.text.splitlines() if line.startswith("mcp_notebook_calls_total{")]
    return sum(float(line.rpartition(" ")[2]) for line in counted)


def test_each_call_is_one_record(jupyter_server: JupyterServer, host: Host, kernel: str) -> None:
    answer = host.call("inspect_variable", kernel=kernel, path="rate")
    record = records(jupyter_server)[-1]
    jsonschema.validate(record, yaml.safe_load(EVENT_SCHEMA.read_text()))
    assert record["bytes"] == len(answer.content[0].text)  # type: ignore[union-attr]  # it is text
    assert 0 < record["seconds"] < 10
    assert {name: record[name] for name in ("method", "name", "token", "host", "arguments", "outcome")} == {
        "method": "tools/call",
        "name": "inspect_variable",
        "token": "reader",
        "host": "Auditee\n 9",
        "arguments": {"kernel": kernel, "path": "rate"},
        "outcome": "ok",
    }


def test_everything_that_reads_is_on_record(jupyter_server: JupyterServer, host: Host, kernel: str) -> None:
    before = len(records(jupyter_server))
    client, call = host.client, host.portal.call
    call(client.list_resources)
    call(client.read_resource, f"jupyter://kernels/{kernel}/variables/rate")
    call(client.get_prompt, "analyze_dataframe", {"kernel": kernel, "name": "frame"})
    reference = PromptReference(name="analyze_dataframe")
    call(client.complete, reference, {"name": "name", "value": SECRET}, {"kernel": kernel})
    with pytest.raises(MCPError):
        host.call("no_such_tool", kernel=kernel)
    found = [(each["method"], each["name"], each["outcome"]) for each in records(jupyter_server)[before:]]
    assert found == [
        ("resources/list", "", "ok"),
        ("resources/read", "", "ok"),
        ("prompts/get", "analyze_dataframe", "ok"),
        ("completion/complete", "", "ok"),
        ("tools/call", "no_such_tool", "error"),
    ]


def test_failure_is_named(jupyter_server: JupyterServer, host: Host) -> None:
    host.call("inspect_variable", kernel="nobody", path="rate")
    assert (records(jupyter_server)[-1]["outcome"], records(jupyter_server)[-1]["error"]) == ("error", "UnknownKernel")
    with pytest.raises(MCPError):
        host.portal.call(host.client.read_resource, "jupyter://kernels/nobody/variables/rate")
    assert records(jupyter_server)[-1]["error"] == "UnknownKernel"
    assert records(jupyter_server)[-1]["arguments"] == {"kernel": "nobody", "name": "rate"}


def test_no_value_and_no_code_is_on_record(jupyter_server: JupyterServer, host: Host, kernel: str) -> None:
    before = len(records(jupyter_server))
    assert SECRET in host.read("inspect_variable", kernel=kernel, path="note")["text"]
    where = [{"column": "who", "op": "=", "value": SECRET}]
    assert SECRET in str(host.read("read_dataframe", kernel=kernel, name="frame", where=where)["rows"])
    assert SECRET in str(host.read("query_dataframe", kernel=kernel, sql=SQL)["rows"])
    assert SECRET in str(host.portal.call(host.client.read_resource, link_to_query(kernel, SQL).uri))
    host.call("inspect_variable", kernel=kernel, path="rate", **{SECRET: SECRET})
    host.portal.call(host.client.get_prompt, "analyze_dataframe", {"kernel": kernel, "name": "frame", "goal": SECRET})
    made = records(jupyter_server)[before:]
    assert len(made) == 6
    assert SECRET not in json.dumps(made)
    code = {"length": len(SQL), "sha256": hashlib.sha256(SQL.encode()).hexdigest()[:16]}
    assert [made[2]["arguments"]["sql"], made[3]["arguments"]["sql"]] == [code, code]
    assert SECRET not in jupyter_server.log_file.read_text()


def test_line_cannot_be_forged_by_an_argument(jupyter_server: JupyterServer, host: Host, kernel: str) -> None:
    before = len(records(jupyter_server))
    host.call("inspect_variable", kernel=kernel, path=FORGED)
    with pytest.raises(MCPError):
        host.call(FORGED)
    made = records(jupyter_server)[before:]
    assert [each["token"] for each in made] == ["reader", "reader"]
    assert made[0]["arguments"]["path"] == FORGED
    assert made[1]["name"] == FORGED


def test_call_is_an_event_of_jupyters(jupyter_server: JupyterServer, host: Host, kernel: str) -> None:
    url = jupyter_server.url.replace("http", "ws") + "/api/events/subscribe"
    listening = create_connection(url, header=[f"Authorization: token {jupyter_server.token}"], timeout=10)
    host.call("inspect_variable", kernel=kernel, path="rate")
    event = json.loads(listening.recv())
    listening.close()
    assert event["schema_id"] == EVENT_SCHEMA_ID
    record = records(jupyter_server)[-1]
    assert {name: event[name] for name in record} == record


def test_calls_and_refusals_are_counted_without_anybodys_words(
    jupyter_server: JupyterServer, host: Host, kernel: str
) -> None:
    with pytest.raises(MCPError):
        host.call("made_up_by_a_host")
    host.call("inspect_variable", kernel=kernel, path="rate")
    assert httpx.post(jupyter_server.mcp_url).status_code == 403
    own = {"Authorization": f"token {jupyter_server.token}"}
    metrics = httpx.get(f"{jupyter_server.url}/metrics", headers=own).text
    assert 'mcp_notebook_calls_total{method="tools/call",name="inspect_variable",outcome="ok"}' in metrics
    assert 'mcp_notebook_calls_total{method="tools/call",name="unknown",outcome="error"}' in metrics
    assert 'mcp_notebook_call_duration_seconds_count{method="tools/call",name="inspect_variable"}' in metrics
    assert 'mcp_notebook_refusals_total{reason="no token",status="403"}' in metrics
    assert not [word for word in ("made_up_by_a_host", "reader", kernel) if word in metrics]


def test_what_a_person_granted_says_by_which_grant(jupyter_server: JupyterServer, host: Host, kernel: str) -> None:
    code = f"answer = {SECRET!r}"
    with Person(jupyter_server) as person:
        running = host.portal.start_task_soon(host.client.call_tool, "execute_code", {"kernel": kernel, "code": code})
        person.answer(person.wait_for_approval()["id"], "hour")
        assert running.result(30).is_error is False
        grant = person.grants()[-1]["id"]
        record = records(jupyter_server)[-1]
        assert (record["name"], record["outcome"], record["granted_by"]) == ("execute_code", "ok", grant)
        assert record["arguments"]["code"]["length"] == len(code)
        assert SECRET not in json.dumps(record)
        assert not [each for each in records(jupyter_server) if each["name"] != "execute_code" and "granted_by" in each]
        person.revoke(grant)
