"""Every tool, driven from its own schema: what fits is understood, what does not is told so, and nothing else comes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcp_notebook_server.access.tokens import TokenFile
from mcp_notebook_server.resources import TEMPLATES
from mcp_notebook_server.tools import TOOLS
from support.bare import ERAS, BareHost
from support.cells import run_cell
from support.jupyter import JupyterServer
from support.reads import SETUP
from support.schemas import ANYTHING, fitting, nearly_fitting
from support.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import SearchStrategy

    from support.bare import Said

EXAMPLES = 15
FEW = {"query_dataframe": 3}
"""A tool that starts a process each time gets fewer."""

ALTERING = {tool.name for tool in TOOLS if tool.scope != "read"} - {
    "execute_code",
    "read_execution",
    "cancel_execution",
}
"""What would end or change the bed: the host that may only read is told to ask its person."""

UNKNOWN = st.sampled_from(["", "nobody", "../../etc/passwd", "\0", "k" * 3000, "*", "é"])
CODE = st.text(st.characters(exclude_characters="!%?;\n\r", codec="utf-8"), min_size=1, max_size=30)
"""Nothing that IPython would give to a shell or a magic."""


class Bed:
    """A Jupyter server with a kernel that holds things, and two hosts, one of which may do more than read."""

    def __init__(self, server: JupyterServer, reader: BareHost, doer: BareHost, tokens: list[str]) -> None:
        self.server = server
        self.reader = reader
        self.doer = doer
        self.kernel = server.start_kernel()
        with server.client(self.kernel) as client:
            run_cell(client, SETUP)
        # Queued: Jupyter may not have heard yet that the cell above has ended.
        code = {"kernel": self.kernel, "code": "print(1)", "when_busy": "queue"}
        self.execution = doer.call("modern", "execute_code", code).answer["result"]["structuredContent"]["execution"]
        self.secrets = Secrets(server, *tokens)

    def places(self) -> dict[str, SearchStrategy[Any]]:
        """What of this bed an argument may name, or of none."""
        return {
            "kernel": st.sampled_from([self.kernel, self.kernel, self.kernel[:8]]) | UNKNOWN,
            "execution": st.just(self.execution) | UNKNOWN,
            "name": st.sampled_from(["frame", "weights"]) | UNKNOWN,
            "path": st.sampled_from(["frame", "settings['rate']", "weights[0]", "a[", "x.y" * 500]) | UNKNOWN,
            "code": CODE,
            "wait": st.sampled_from([0, 0.01]),
            "sql": st.sampled_from(["select * from frame", "select", "copy frame to '/tmp/x'"]) | UNKNOWN,
        }

    def call(self, era: str, tool: str, arguments: Any) -> Said:
        host = self.reader if tool in ALTERING else self.doer
        said = host.call(era, tool, arguments)
        result = said.answer.get("result", {})
        if tool in ("execute_code", "read_execution"):  # whose text and outputs are of the code
            assert "structuredContent" in result or result.get("isError") or said.code
        else:
            self.secrets.check(said.text)
        return said


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    with JupyterServer("--MCPNotebookApp.approval_wait=0") as server:
        file = TokenFile(server.data_directory / "mcp-notebook" / "tokens.json")
        _, reader = file.create("reader")
        _, doer = file.create("doer", scopes=["write", "execute"])
        with BareHost(server, reader) as reading, BareHost(server, doer) as doing:
            yield Bed(server, reading, doing, [reader, doer])


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_arguments_that_fit_are_understood_and_answered_as_promised(bed: Bed, tool: Any) -> None:
    definition = tool.definition
    checker = jsonschema.Draft202012Validator(definition.output_schema)

    @settings(max_examples=FEW.get(tool.name, EXAMPLES))
    @given(st.sampled_from(ERAS), fitting(definition.input_schema, **bed.places()))
    def check(era: str, arguments: Any) -> None:
        said = bed.call(era, tool.name, arguments)
        assert said.status == 200
        result = said.answer["result"]
        assert "cannot be called so" not in result["content"][0]["text"]
        assert "failed inside" not in result["content"][0]["text"]
        if result.get("structuredContent"):
            checker.validate(result["structuredContent"])

    check()


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_arguments_that_nearly_fit_are_told_so(bed: Bed, tool: Any) -> None:
    checker = jsonschema.Draft202012Validator(tool.definition.input_schema)

    @settings(max_examples=EXAMPLES)
    @given(st.sampled_from(ERAS), nearly_fitting(tool.definition.input_schema, **bed.places()) | ANYTHING)
    def check(era: str, arguments: Any) -> None:
        said = bed.call(era, tool.name, arguments)
        assert said.status in (200, 400)
        if not checker.is_valid(arguments) and arguments is not None:
            assert said.is_error or said.code == -32602, said
        assert "failed inside" not in said.text

    check()


@settings(max_examples=60)
@given(st.sampled_from(ERAS), st.sampled_from(TEMPLATES), st.data())
def check_resource(bed: Bed, era: str, template: Any, data: Any) -> None:
    parts = (
        st.sampled_from([bed.kernel, bed.execution, "frame", "weights", "0", "csv"]) | UNKNOWN | st.text(max_size=20)
    )

    def fill(found: re.Match[str]) -> str:
        names = found[1].lstrip("?").split(",")
        if found[1].startswith("?"):
            return "?" + "&".join(f"{name}={data.draw(parts)}" for name in names)
        return str(data.draw(parts))

    uri = re.sub(r"\{([^}]*)\}", fill, template.uri_template)
    for method in ("resources/read", "resources/subscribe", "resources/unsubscribe"):
        said = bed.doer.ask(era, method, {"uri": uri})
        assert said.status < 500
        assert "result" in said.answer or said.code in (-32602, -32601), (uri, said)
        bed.secrets.check(said.text)


def test_addresses_of_any_kind_are_read_or_refused(bed: Bed) -> None:
    check_resource(bed)


@settings(max_examples=60)
@given(st.sampled_from(ERAS), st.sampled_from(["prompts/get", "completion/complete"]), ANYTHING, ANYTHING)
def check_words(bed: Bed, era: str, method: str, name: Any, more: Any) -> None:
    prompt = name if isinstance(name, str) else "analyze_dataframe"
    params: dict[str, Any] = {"name": prompt, "arguments": more}
    if method == "completion/complete":
        params = {
            "ref": {"type": "ref/prompt", "name": "analyze_dataframe"},
            "argument": {"name": "kernel", "value": more},
        }
    said = bed.doer.ask(era, method, params)
    assert said.status < 500
    assert "result" in said.answer or said.code == -32602, said
    bed.secrets.check(said.text)


def test_prompts_and_completion_take_any_words(bed: Bed) -> None:
    check_words(bed)


def test_no_argument_travels_in_a_header() -> None:
    # Else the server must give the SDK the tools' schemas, so that it compares header and argument.
    assert "x-mcp-header" not in json.dumps([tool.definition.input_schema for tool in TOOLS])


def test_nothing_of_all_that_left_a_traceback_in_the_log(bed: Bed) -> None:
    """The last one: it reads what the others left."""
    log = bed.server.log_file.read_text(errors="replace")
    assert "Traceback" not in log, log[-5000:]
    assert json.loads(bed.server.api("GET", "/api/status") and "true")
