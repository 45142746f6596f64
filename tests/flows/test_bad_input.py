"""Input that is wrong gets the specification's answer: no error of the server's own, and nothing it should not say."""

from __future__ import annotations

import json
import os
import random
import re
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from support.bare import ERAS, BareHost
from support.crowd import META
from support.jupyter import JupyterServer
from support.malformed import make_request
from support.raw_connection import RawConnection
from support.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

MALFORMED = int(os.environ.get("MALFORMED", "2000"))
"""`make malformed` sends a hundred thousand."""

UNLIMITED = [f"--MCPNotebookApp.limits={name}=None" for name in ("calls", "bytes", "sessions", "concurrent_calls")]
PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602


class Bed:
    """A Jupyter server with a kernel, and a host that may do everything."""

    def __init__(self, server: JupyterServer, host: BareHost, token: str) -> None:
        self.server = server
        self.host = host
        self.token = token
        self.kernel = server.start_kernel()
        with server.client(self.kernel):
            pass  # ready
        cells = [new_code_cell("1"), new_code_cell("2")]
        server.api("PUT", "/api/contents/two.ipynb", {"type": "notebook", "content": new_notebook(cells=cells)})
        host.call("modern", "list_variables", {"kernel": self.kernel})  # now it has an agent, with secrets of its own
        self.secrets = Secrets(server, token)


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    with JupyterServer(*UNLIMITED) as server:
        token = server.host_token("host", "--write", "--execute")
        with BareHost(server, token) as host:
            yield Bed(server, host, token)


def message(**changed: Any) -> bytes:
    """A request of both eras with something changed."""
    whole = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": META}} | changed
    return json.dumps({name: value for name, value in whole.items() if value is not ...}).encode()


DEEP = b"[" * 100_000
BODIES: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "malformed JSON": (b'{"jsonrpc"', (PARSE_ERROR,)),
    "bad UTF-8": (b'{"jsonrpc": "\xff"}', (PARSE_ERROR,)),
    "a null byte": (b"\0" + message(), (PARSE_ERROR,)),
    "nothing": (b"", (PARSE_ERROR,)),
    "100,000 deep": (DEEP, (PARSE_ERROR,)),
    "100,000 deep and closed": (
        message(params=...)[:-1] + b', "params": ' + DEEP + b"]" * 100_000 + b"}",
        (PARSE_ERROR,),
    ),
    "a number of 5,000 digits": (message()[:-1] + b', "more": ' + b"9" * 5000 + b"}", (PARSE_ERROR,)),
    # What is JSON and no request is -32600; the SDK says -32602 of it in the legacy era.
    "a number": (b"5", (INVALID_REQUEST, INVALID_PARAMS)),
    "null": (b"null", (INVALID_REQUEST, INVALID_PARAMS)),
    "a batch": (b"[" + message() + b"]", (INVALID_REQUEST, INVALID_PARAMS)),
    "no jsonrpc": (message(jsonrpc=...), (INVALID_REQUEST, INVALID_PARAMS)),
    "another jsonrpc": (message(jsonrpc="1.0"), (INVALID_REQUEST, INVALID_PARAMS)),
    "params in a list": (message(params=[1]), (INVALID_REQUEST, INVALID_PARAMS)),
    "a method that is a number": (message(method=5), (INVALID_REQUEST, INVALID_PARAMS)),
}


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("wrong", BODIES)
def test_a_body_that_is_no_request_is_told_so(bed: Bed, wrong: str, era: str) -> None:
    body, codes = BODIES[wrong]
    said = bed.host.send(era, body, Mcp_Method="tools/list")
    assert (said.status, said.code in codes) == (400, True), said
    assert "id" in said.answer
    assert said.answer["id"] is None
    bed.secrets.check(said.text)


@pytest.mark.parametrize("identity", [None, {}, [], 1.5, True], ids=str)
def test_an_id_that_can_be_none_is_never_taken_for_a_request(bed: Bed, identity: Any) -> None:
    assert bed.host.send("modern", message(id=identity), Mcp_Method="tools/list").status == 400
    # The SDK takes it for a notification in the legacy era; what matters is that nothing was done.
    assert bed.host.send("legacy", message(id=identity)).text == ""


def test_an_unknown_method_is_not_found(bed: Bed) -> None:
    for era, status in (("legacy", 200), ("modern", 404)):
        said = bed.host.ask(era, "no/such/method", {})
        assert (said.status, said.code) == (status, METHOD_NOT_FOUND)


@pytest.mark.parametrize("era", ERAS)
def test_a_notification_is_accepted_without_a_word(bed: Bed, era: str) -> None:
    body = message(id=..., method="notifications/cancelled", params={"requestId": 99, "_meta": META})
    said = bed.host.send(era, body, Mcp_Method="notifications/cancelled")
    assert (said.status, said.text) == (202, "")


WRONG_PARAMS: dict[str, tuple[str, dict[str, Any]]] = {
    "unknown tool": ("tools/call", {"name": "no_such_tool", "arguments": {}}),
    "arguments in a list": ("tools/call", {"name": "list_kernels", "arguments": [1]}),
    "unknown resource": ("resources/read", {"uri": "jupyter://no/such"}),
    "a file of the machine": ("resources/read", {"uri": "file:///etc/passwd"}),
    "a resource of no kernel": ("resources/read", {"uri": "jupyter://kernels/nobody/variables/x"}),
    "an address that is none": ("resources/read", {"uri": "http://["}),
    "unknown prompt": ("prompts/get", {"name": "no_such_prompt"}),
    "a prompt without its arguments": ("prompts/get", {"name": "analyze_dataframe"}),
    "a prompt of no notebook": (
        "prompts/get",
        {"name": "continue_analysis", "arguments": {"notebook": "../../etc/passwd"}},
    ),
    "completion of nothing": (
        "completion/complete",
        {"ref": {"type": "ref/prompt", "name": "no_such"}, "argument": {"name": "x", "value": ""}},
    ),
}


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("wrong", WRONG_PARAMS)
def test_wrong_parameters_are_told_so(bed: Bed, wrong: str, era: str) -> None:
    said = bed.host.ask(era, *WRONG_PARAMS[wrong])
    assert (said.status, said.code) == (200 if era == "legacy" else 400, INVALID_PARAMS), said
    bed.secrets.check(said.text)


WRONG_ARGUMENTS: dict[str, tuple[str, dict[str, Any], str]] = {
    "missing": ("execute_code", {"kernel": "{kernel}"}, "code: Field required"),
    "of a wrong type": ("execute_code", {"kernel": "{kernel}", "code": 5}, "code: Input should be a valid string"),
    "one condition for a list": (
        "read_dataframe",
        {"kernel": "{kernel}", "name": "df", "where": {"column": "price", "op": ">", "value": 1}},
        'where: Input should be a valid list (All must hold, such as [{{"column": "price", "op": ',
    ),
    "a condition of other names": (
        "read_dataframe",
        {"kernel": "{kernel}", "name": "df", "where": [{"name": "price", "op": ">"}]},
        "where.0.column: Field required; where.0.name: Extra inputs are not permitted (All must hold",
    ),
    "one too many": ("execute_code", {"kernel": "{kernel}", "code": "1", "timeout": 5}, "timeout: Extra inputs"),
    "negative seconds": ("execute_code", {"kernel": "{kernel}", "code": "1", "wait": -5}, "greater than or equal to 0"),
    "a day's seconds": ("execute_code", {"kernel": "{kernel}", "code": "1", "wait": 999999}, "less than or equal to"),
    "an unknown kernel": (
        "execute_code",
        {"kernel": "nobody", "code": "1"},
        "There is no kernel 'nobody'. Running: {kernel}",
    ),
    "no kernel": ("execute_code", {"kernel": "", "code": "1"}, "There is no kernel"),
    "a path of the machine": ("list_variables", {"kernel": "../../etc/passwd"}, "There is no kernel"),
    "a cell out of range": ("read_cell", {"notebook": "two.ipynb", "cell": 99}, "cell"),
    "a cell before the first": ("read_cell", {"notebook": "two.ipynb", "cell": -1}, "cell"),
    "an unknown cell": ("read_cell", {"notebook": "two.ipynb", "cell": "nothing"}, "cell"),
    "a notebook outside": ("read_notebook", {"notebook": "../../etc/passwd"}, "There is no notebook"),
    "a notebook with a NUL": ("read_notebook", {"notebook": "two.ipynb\0"}, "There is no notebook"),
    "an unknown run": ("read_execution", {"execution": "nothing"}, "There is no execution"),
    "a kernel's own exception": ("execute_code", {"kernel": "{kernel}", "code": "1/0"}, "ZeroDivisionError"),
}


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("wrong", WRONG_ARGUMENTS)
def test_wrong_arguments_are_an_error_of_the_tool(bed: Bed, wrong: str, era: str) -> None:
    tool, arguments, words = WRONG_ARGUMENTS[wrong]
    given = {name: bed.kernel if value == "{kernel}" else value for name, value in arguments.items()}
    said = bed.host.call(era, tool, given)
    assert (said.status, said.is_error) == (200, True), said
    assert words.format(kernel=bed.kernel) in said.answer["result"]["content"][0]["text"]


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("pattern", ["../../etc/*", "/etc/*", "*/../../*", "[", "\0"])
def test_a_pattern_lists_nothing_outside(bed: Bed, pattern: str, era: str) -> None:
    said = bed.host.call(era, "list_notebooks", {"pattern": pattern, "open_only": False})
    assert said.status == 200
    assert said.answer["result"].get("structuredContent", {}).get("notebooks", []) == []
    bed.secrets.check(said.text)


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("Accept", "text/html", 406),
        ("Accept", "application/json", 406),
        ("Content_Type", "", 400),
        ("Content_Type", "text/plain", 400),
        ("MCP_Protocol_Version", "1999-01-01", 400),
        ("MCP_Protocol_Version", "2099-01-01", 400),
    ],
)
def test_wrong_headers_are_refused(bed: Bed, header: str, value: str, status: int, era: str) -> None:
    said = bed.host.send(era, message(), **({"Mcp_Method": "tools/list"} | {header: value}))
    assert said.status == status
    assert "<html" not in said.text.lower()


@pytest.mark.parametrize("header", ["Mcp_Method", "Mcp_Name"])
@pytest.mark.parametrize("value", ["", "other", "=?base64?!!?="])
def test_headers_that_differ_from_the_message_are_a_mismatch(bed: Bed, header: str, value: str) -> None:
    params = {"name": "list_kernels", "arguments": {}, "_meta": META}
    headers = {"Mcp_Method": "tools/call", "Mcp_Name": "list_kernels"} | {header: value}
    said = bed.host.send("modern", message(method="tools/call", params=params), **headers)
    assert (said.status, said.code) == (400, -32020)


@pytest.mark.parametrize("verb", ["GET", "DELETE", "PUT", "PATCH", "OPTIONS"])
def test_what_is_no_post_is_refused_in_few_words(bed: Bed, verb: str) -> None:
    modern = bed.host.send("modern", b"", verb)
    assert (modern.status, modern.text) == (405, "")
    sessionless = bed.host.send("legacy", b"", verb, Mcp_Session_Id="")
    assert sessionless.status == (400 if verb in ("GET", "DELETE") else 405)
    assert sessionless.answer["error"]["message"]


def test_a_flood_of_malformed_requests_is_answered_with_nothing_worse_than_a_refusal(bed: Bed) -> None:
    place = urlsplit(bed.server.url)
    dice = random.Random(1)  # noqa: S311 - the same requests in every run
    found: Counter[int | None] = Counter()
    with RawConnection((str(place.hostname), int(place.port or 0))) as connection:
        for number in range(MALFORMED):
            request = make_request(dice, bed.token, bed.host.session, place.netloc)
            answered = connection.send(request)
            status = answered[0] if answered else None
            found[status] += 1
            assert status is None or status < 500, (number, request, answered)
            bed.secrets.check(answered[1].decode(errors="replace") if answered else "")
    print(dict(found))  # noqa: T201 - `make malformed` shows it
    assert bed.host.call("modern", "list_kernels", {}).status == 200
    assert bed.host.call("legacy", "list_kernels", {}).status == 200  # its session has outlived all that
    assert found[None] < MALFORMED / 5  # most are answered, and not hung up on
    assert {200, 202, 400, 403, 404, 405, 406} <= set(found)


def test_nothing_of_all_that_left_a_traceback_or_a_token_in_the_log(bed: Bed) -> None:
    """The last one: it reads what the others left."""
    log = bed.server.log_file.read_text(errors="replace")
    assert not re.search(r"Traceback|^\[[EC] ", log, re.MULTILINE), log[-5000:]
    assert bed.token not in log
    assert bed.server.token not in log
