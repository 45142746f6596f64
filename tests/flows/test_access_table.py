"""Every address and every tool against every kind of token; a tool that is new must say its arguments here."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

import httpx
import pytest
from mcp import MCPError
from mcp_types import PromptReference, ResourceTemplateReference

from mcp_notebook_server.access.tokens import TokenFile
from mcp_notebook_server.dashboard.handlers import make_routes
from mcp_notebook_server.tools import TOOLS
from support.cells import run_cell
from support.jupyter import JupyterServer
from support.mcp import MODES, connect, text_of
from support.person import Person

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTEBOOK, OTHER_NOTEBOOK = "mine.ipynb", "other.ipynb"
ARGUMENTS: dict[str, dict[str, Any]] = {
    "list_kernels": {},
    "list_variables": {},
    "inspect_variable": {"path": "rate"},
    "describe_dataframe": {"name": "frame"},
    "read_dataframe": {"name": "frame"},
    "query_dataframe": {"sql": "select * from frame"},
    "execute_code": {"code": "1 + 1"},
    "read_execution": {"execution": "{execution}"},
    "cancel_execution": {"execution": "{execution}"},
    "list_kernelspecs": {},
    "start_kernel": {},
    "interrupt_kernel": {},
    "restart_kernel": {},
    "shutdown_kernel": {},
    "list_notebooks": {},
    "read_notebook": {},
    "search_notebooks": {"text": "1"},
    "read_cell": {"cell": "a"},
    "insert_cell": {"source": "1"},
    "edit_cell": {"cell": "a", "old": "1", "new": "1"},
    "move_cell": {"cell": "a", "to": 0},
    "delete_cell": {"cell": "a", "old": "1"},
    "run_cell": {"cell": "a"},
}
SCOPES = {tool.name: tool.scope for tool in TOOLS}
TAKES_KERNEL = {tool.name for tool in TOOLS if "kernel" in tool.arguments.model_fields}
OF_ONE_NOTEBOOK = {
    tool.name for tool in TOOLS if "notebook" in tool.arguments.model_fields and tool.name != "start_kernel"
}
LISTING = ("list_kernels", "list_notebooks", "search_notebooks")
NOT_AT_ONE_KERNEL = ("list_kernelspecs", "start_kernel")
ALTERING = ("start_kernel", "restart_kernel", "shutdown_kernel", "delete_cell")
"""Tools that the bed would not survive: those who may use them do so in tools/test_kernel_control.py, test_cells.py."""

HTTP = httpx.Client(timeout=60)  # one for all: making one takes longer than a call
ADDRESSES = ("all kernels", "one kernel", "one notebook")
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "table", "version": "0"},
}
RECIPES: dict[str, dict[str, list[Any]]] = {
    "read-only": {},
    "write": {"scopes": ["write"]},
    "execute": {"scopes": ["execute"]},
    "all scopes": {"scopes": ["write", "execute"]},
    "bound to the kernel": {"scopes": ["execute"], "kernels": ["{kernel}"]},
    "bound to the notebook": {"scopes": ["execute"], "notebooks": [NOTEBOOK]},
    "bound to another kernel": {"scopes": ["execute"], "kernels": ["{other}"]},
    "bound to another notebook": {"scopes": ["execute"], "notebooks": [OTHER_NOTEBOOK]},
}


class Bed(NamedTuple):
    """A Jupyter server with two notebooks' kernels."""

    server: JupyterServer
    kernel: str
    other: str
    tokens: dict[str, str]
    execution: str
    notebook: str = NOTEBOOK

    def url(self, address: str) -> str:
        paths = {"one kernel": f"/kernels/{self.kernel}", "one notebook": f"/notebooks/{quote(self.notebook, safe='')}"}
        return self.server.mcp_url + paths.get(address, "")

    def call(self, address: str, tool: str, headers: dict[str, str], query: str = "") -> httpx.Response:
        filled = {"{execution}": self.execution}
        arguments = {name: filled.get(value, value) for name, value in ARGUMENTS[tool].items()}
        if address == "all kernels" and tool in TAKES_KERNEL:
            arguments["kernel"] = self.kernel
        if address != "one notebook" and tool in OF_ONE_NOTEBOOK:
            arguments["notebook"] = NOTEBOOK
        params = {"name": tool, "arguments": arguments, "_meta": META}
        own = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2026-07-28"}
        own |= {"Mcp-Method": "tools/call", "Mcp-Name": tool}
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        return HTTP.post(self.url(address) + query, headers=own | headers, json=message)


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    with JupyterServer("--MCPNotebookApp.approval_wait=0", front_ends=True) as server:
        kernels = [start(server, NOTEBOOK), start(server, OTHER_NOTEBOOK)]
        tokens: dict[str, str] = {}
        for recipe, gives in RECIPES.items():
            bound = [each.format(kernel=kernels[0], other=kernels[1]) for each in gives.get("kernels", [])]
            _, tokens[recipe] = tokens_of(server).create(recipe.replace(" ", "-"), **{**gives, "kernels": bound})
        with connect(server.mcp_url, tokens["execute"]) as host:
            execution = host.read("execute_code", kernel=kernels[0], code="1")["execution"]
        yield Bed(server, *kernels, tokens, execution)


def tokens_of(server: JupyterServer) -> TokenFile:
    """The file that `mcp-notebook token` writes, without starting that a dozen times."""
    return TokenFile(server.data_directory / "mcp-notebook" / "tokens.json")


def start(server: JupyterServer, notebook: str) -> str:
    kernel_id = server.start_kernel()
    session = {"path": notebook, "name": "", "type": "notebook", "kernel": {"id": kernel_id}}
    server.api("POST", "/api/sessions", session)
    cells = [{"cell_type": "code", "source": "1", "metadata": {}, "outputs": [], "execution_count": None, "id": "a"}]
    content = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    server.api("PUT", f"/api/contents/{notebook}", {"type": "notebook", "content": content})
    with server.client(kernel_id) as client:
        run_cell(client, "import pandas\nrate = 0.25\nframe = pandas.DataFrame({'a': [1]})")
    return kernel_id


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture(scope="module")
def refused_knocks(bed: Bed) -> dict[str, tuple[dict[str, str], str]]:
    """Headers and query of those whom no host's address lets in."""
    server = bed.server
    tokens = tokens_of(server)
    _, revoked = tokens.create("revoked", scopes=["execute"])
    tokens.revoke("revoked")
    _, expired = tokens.create("expired", scopes=["execute"], lifetime=timedelta(0))
    _, in_url = tokens.create("in-url", scopes=["execute"])
    login = httpx.get(f"{server.url}/api/kernels", headers=bearer(server.token)).cookies  # HTTP would keep them
    return {
        "no token": ({}, ""),
        "wrong": (bearer("mcpn_guessed"), ""),
        "expired": (bearer(expired), ""),
        "revoked": (bearer(revoked), ""),
        "Jupyter's token": (bearer(server.token), ""),
        "Jupyter's token in its scheme": ({"Authorization": f"token {server.token}"}, ""),
        "Jupyter's cookie": ({"Cookie": "; ".join(f"{name}={value}" for name, value in login.items())}, ""),
        "Jupyter's token in the URL": ({}, f"?token={server.token}"),
        "host token in the URL": ({}, f"?token={in_url}"),
    }


def test_no_tool_at_any_address_answers_those_who_are_not_let_in(
    bed: Bed, refused_knocks: dict[str, tuple[dict[str, str], str]]
) -> None:
    for knock, (headers, query) in refused_knocks.items():
        for address, tool in product(ADDRESSES, SCOPES):
            answer = bed.call(address, tool, headers, query)
            assert answer.status_code == 403, (knock, address, tool)
            assert "token" in answer.json()["error"]["message"]
            assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("recipe", RECIPES)
def test_each_tool_does_what_the_token_gives_and_no_more(bed: Bed, recipe: str, address: str) -> None:
    scopes = {"read", *RECIPES[recipe].get("scopes", [])}
    for tool, scope in SCOPES.items():
        if tool in ALTERING and scope in scopes:
            continue
        answer = bed.call(address, tool, bearer(bed.tokens[recipe]))
        if address == "one kernel" and tool in NOT_AT_ONE_KERNEL:
            assert "There is no tool" in answer.json()["error"]["message"]
            continue
        assert answer.status_code == 200
        result = answer.json()["result"]
        text = result["content"][0]["text"]
        if "another" in recipe and tool in LISTING:
            assert not result.get("isError")
            assert bed.kernel not in json.dumps(result)
            assert NOTEBOOK not in json.dumps(result)
        elif "another" in recipe and tool == "list_kernelspecs":
            assert not result.get("isError")
        elif "another" in recipe:
            assert result["isError"], (tool, text)
            assert re.search("There is no (kernel|execution|notebook)|which this address stands for", text), tool
        elif scope in scopes:
            assert not result.get("isError"), (tool, text)
        else:
            assert result["isError"]
            assert "/mcp-notebook/" in text  # the link to the page


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("recipe", ["bound to the kernel", "bound to the notebook"])
def test_bound_token_finds_its_own_kernel_and_no_trace_of_another(bed: Bed, recipe: str, mode: str) -> None:
    with connect(bed.server.mcp_url, bed.tokens[recipe], mode=mode) as host:
        client, call = host.client, host.portal.call
        template = ResourceTemplateReference(uri="jupyter://kernels/{kernel}/variables/{name}")
        prompt = PromptReference(name="continue_analysis")
        found = [
            host.read("list_kernels"),
            call(client.list_resources).model_dump(mode="json"),
            call(client.list_resource_templates).model_dump(mode="json"),
            call(client.list_prompts).model_dump(mode="json"),
            call(client.complete, template, {"name": "kernel", "value": ""}).model_dump(mode="json"),
            call(client.complete, prompt, {"name": "notebook", "value": ""}).model_dump(mode="json"),
            host.call("list_variables", kernel=bed.other).model_dump(mode="json"),
            host.call("list_variables", kernel=bed.other[:6]).model_dump(mode="json"),
        ]
        assert [each for each in found if bed.kernel in str(each)]
        assert not [each for each in found[:6] if bed.other in str(each) or OTHER_NOTEBOOK in str(each)]
        assert all(each["is_error"] and "rate" not in str(each) for each in found[6:])
        other = call(client.complete, template, {"name": "name", "value": ""}, {"kernel": bed.other})
        assert other.completion.values == []
        for uri in ("variables/rate", "dataframes/frame"):
            with pytest.raises(MCPError, match="There is no kernel"):
                call(client.read_resource, f"jupyter://kernels/{bed.other}/{uri}")
        with pytest.raises(MCPError, match="There is no kernel"):
            call(client.get_prompt, "analyze_dataframe", {"kernel": bed.other, "name": "frame"})
        with pytest.raises(MCPError, match="There is no notebook"):
            call(client.get_prompt, "continue_analysis", {"notebook": OTHER_NOTEBOOK})


TRICKS = [
    f"./{OTHER_NOTEBOOK}",
    f"/{OTHER_NOTEBOOK}",
    f"{OTHER_NOTEBOOK}/",
    f"x/../{OTHER_NOTEBOOK}",
    f"{NOTEBOOK}/../{OTHER_NOTEBOOK}",
    f"{OTHER_NOTEBOOK}\0",
    OTHER_NOTEBOOK.upper(),
    OTHER_NOTEBOOK.replace("o", "\uff4f"),  # fullwidth, which NFKC folds
    OTHER_NOTEBOOK.replace("o", "o\u200b"),
    "../" * 8 + "etc/passwd",
    f"{NOTEBOOK}\n{OTHER_NOTEBOOK}",
]


def test_no_way_of_writing_a_notebooks_name_leads_a_bound_token_elsewhere(bed: Bed) -> None:
    token = bed.tokens["bound to the notebook"]
    with connect(bed.server.mcp_url, token) as host:
        for trick in TRICKS:
            assert host.call("inspect_variable", kernel=trick, path="rate").is_error, trick
            for tool in OF_ONE_NOTEBOOK:
                answer = host.call(tool, notebook=trick, **ARGUMENTS[tool])
                assert answer.is_error, (tool, trick)
                assert "There is no notebook" in text_of(answer)
            with pytest.raises(MCPError, match="There is no notebook"):
                host.portal.call(host.client.get_prompt, "continue_analysis", {"notebook": trick})


@pytest.mark.parametrize("trick", TRICKS)
def test_no_way_of_writing_a_notebooks_name_in_the_address_does_either(bed: Bed, trick: str) -> None:
    where = bed._replace(notebook=trick)
    answer = where.call("one notebook", "inspect_variable", bearer(bed.tokens["bound to the notebook"]))
    if answer.status_code == 200:
        assert "which this address stands for" in answer.json()["result"]["content"][0]["text"]
    else:
        assert answer.status_code in (400, 404)


CLOSED = (
    "/api/kernels",
    "/api/sessions",
    "/api/contents",
    "/api/me",
    "/api/terminals",
    "/terminals/1",
    "/lab",
    "/tree",
    "/files/mine.ipynb",
    "/metrics",
    "/mcp-notebook/",
    "/mcp-notebook/api/approvals",
    "/mcp-notebook/api/grants",
)


@pytest.mark.parametrize("path", CLOSED)
def test_host_token_opens_nothing_else(bed: Bed, path: str) -> None:
    token = bed.tokens["all scopes"]
    ways: list[tuple[dict[str, str], str]] = [
        (bearer(token), ""),
        ({"Authorization": f"token {token}"}, ""),
        ({}, f"?token={token}"),
    ]
    for headers, query in ways:
        answer = HTTP.get(bed.server.url + path + query, headers=headers)
        assert answer.status_code in (302, 403, 404)
        assert "/login" in answer.headers.get("location", "/login")
        own = HTTP.get(bed.server.url + path, headers=bearer(bed.server.token))
        HTTP.cookies.clear()  # Jupyter has just logged us in
        assert own.status_code != answer.status_code or path == "/terminals/1"


METHODS = ("get", "post", "put", "patch", "delete")
EXAMPLES = {"approval": "abc", "grant": "abc", "call": "abc", "pause": "0" * 32, "name": "nobody"}
"""Ids in the page's routes: of nothing that there is, so that whoever is let in changes nothing."""


def page_routes() -> list[tuple[str, str]]:
    """Each method of each route of the page, as the extension gives them to Jupyter."""
    found: list[tuple[str, str]] = []
    for pattern, handler, _ in make_routes("mcp-notebook", None):  # type: ignore[arg-type]  # nothing is asked of it
        path = re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda group: EXAMPLES[group[1]], pattern).removesuffix("?")
        query = "?origin=http://127.0.0.1" if path.endswith("snippets") else ""
        found += [(method.upper(), path + query) for method in METHODS if method in vars(handler)]
    return found


@pytest.fixture(scope="module")
def person(bed: Bed) -> Iterator[Person]:
    with Person(bed.server) as person:
        yield person


def knock(client: httpx.Client, bed: Bed, method: str, path: str, headers: dict[str, str], query: str = "") -> int:
    """The status of an answer, whose body may never end."""
    address = bed.server.url + path + (query if "?" not in path else query.replace("?", "&"))
    with client.stream(method, address, headers=headers, json=None if method == "GET" else {}) as answer:
        return answer.status_code


@pytest.mark.parametrize(("method", "path"), page_routes())
def test_the_page_answers_whom_jupyter_let_in_from_its_own_pages_and_nobody_else(
    bed: Bed, person: Person, refused_knocks: dict[str, tuple[dict[str, str], str]], method: str, path: str
) -> None:
    token, changes = bed.tokens["all scopes"], method != "GET"
    strangers = {**refused_knocks, "host token": (bearer(token), "")}
    strangers |= {"host token in Jupyter's scheme": ({"Authorization": f"token {token}"}, "")}
    own = {name: strangers.pop(name) for name in list(strangers) if name.startswith("Jupyter's")}
    for name, (headers, query) in strangers.items():
        status = knock(HTTP, bed, method, path, headers, query)
        assert status == (302 if path.endswith("/") and not (query or headers) else 403), name
    for name, (headers, query) in own.items():  # who shows Jupyter's token may do all that Jupyter does
        refused = knock(HTTP, bed, method, path, headers, query) in (302, 403)
        HTTP.cookies.clear()  # Jupyter has just logged us in
        assert refused == (changes and "cookie" in name), name
    forged: dict[str, dict[str, str]] = {"nothing": {}, "guessed": {"X-XSRFToken": "guessed"}}
    for name, headers in forged.items():
        assert (knock(person.browser, bed, method, path, headers) == 403) == changes, name
    assert knock(person.browser, bed, method, path, person.headers) not in (302, 403)
    if changes:
        foreign = {**person.headers, "Origin": "https://evil.example"}
        assert knock(person.browser, bed, method, path, foreign) in (403, 404)
