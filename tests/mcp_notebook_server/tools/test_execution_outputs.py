"""What code shows, as a host gets it: in few words, images beside them, links to what is too large."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import psutil
import pytest
from mcp import MCPError

from support.mcp import MODES, Host, connect, text_of
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mcp_types import CallToolResult

    from support.jupyter import JupyterServer

    Run = Callable[[str], CallToolResult]

DISPLAY = "from IPython.display import *\n"
PICTURE = """
import io, numpy, matplotlib.image
pixels = numpy.random.default_rng(0).random((700, 900, 3))
file = io.BytesIO()
matplotlib.image.imsave(file, pixels, format="png")
Image(data=file.getvalue())
"""


@pytest.fixture(scope="module")
def kernel(jupyter_server: JupyterServer) -> str:
    return jupyter_server.start_kernel()


@pytest.fixture(scope="module")
def token(jupyter_server: JupyterServer) -> str:
    return jupyter_server.host_token("shows", "--execute")


@pytest.fixture(scope="module")
def host(jupyter_server: JupyterServer, token: str) -> Iterator[Host]:
    with connect(jupyter_server.mcp_url, token) as host:
        yield host


@pytest.fixture
def run(host: Host, kernel: str) -> Run:
    return lambda code: host.call("execute_code", kernel=kernel, code=code)


def test_a_table_of_pandas_comes_as_a_compact_table(run: Run) -> None:
    result = run("import pandas\npandas.DataFrame({'city': ['Rome', 'Oslo'], 'rain': [0.5, 1.5]})")
    assert text_of(result) == "||city|rain|\n|---|---|---|\n|0|Rome|0.5|\n|1|Oslo|1.5|"
    assert result.structured_content["outputs"][0]["mime"] == "text/html"


def test_html_comes_as_its_words(run: Run) -> None:
    assert text_of(run(f"{DISPLAY}HTML('<style>b {{}}</style><h1>Sum</h1><b>4</b> &lt; 5')")) == "Sum\n4 < 5"


def test_a_small_image_comes_as_it_is(run: Run) -> None:
    png = base64.b64encode(b"\x89PNG\r\n\x1a\nabc").decode()
    result = run(f"{DISPLAY}import base64\nImage(data=base64.b64decode({png!r}), format='png')")
    assert [(block.mime_type, block.data) for block in result.content if block.type == "image"] == [("image/png", png)]


def test_a_large_image_comes_smaller_and_the_link_leads_to_more_of_it(host: Host, run: Run) -> None:
    result = run(DISPLAY + PICTURE)
    assert not result.is_error, text_of(result)
    images = [block for block in result.content if block.type == "image"]
    assert len(images) == 1
    assert 1000 < len(images[0].data) <= 300_000
    links = [block.uri for block in result.content if block.type == "resource_link"]
    whole = host.portal.call(host.client.read_resource, str(links[0])).contents[0]
    assert 300_000 < len(whole.blob) <= 1_000_000


def test_long_output_is_linked_and_the_link_gives_its_beginning_and_its_end(host: Host, run: Run) -> None:
    result = run("print('first')\nfor n in range(100_000): print(n)\nprint('last')")
    assert text_of(result).startswith("first\n0\n")
    assert text_of(result).endswith("\nlast")
    assert len(text_of(result)) < 21_000
    [link] = [block.uri for block in result.content if block.type == "resource_link"]
    assert result.structured_content["outputs"][0]["link"] == str(link)
    text = host.portal.call(host.client.read_resource, str(link)).contents[0].text
    assert 200_000 < len(text) < 300_000
    assert text.startswith("first\n0\n")
    assert text.endswith("\nlast\n")


def test_of_40_megabytes_printed_at_once_the_two_ends_come_and_nothing_is_kept(
    jupyter_server: JupyterServer, run: Run
) -> None:
    process = psutil.Process(jupyter_server.pid)
    before = process.memory_info().rss
    result = run("print('first\\n' + ('x' * 99 + '\\n') * 400_000 + 'last')")
    assert text_of(result).startswith("first\nxxx")
    assert text_of(result).endswith("xxx\nlast")
    assert "more characters were left out here" in text_of(result)
    assert len(text_of(result)) < 21_000
    wait_until(lambda: process.memory_info().rss < before + 30_000_000, "the memory to be given back")


def test_what_a_terminal_would_overwrite_or_colour_is_not_repeated(run: Run) -> None:
    bar = "for n in range(0, 101, 10): print(f'\\r\\x1b[32m{n:3}%\\x1b[0m', end='', flush=True)\nprint('\\nready')"
    assert text_of(run(bar)) == "100%\nready"


def test_a_display_that_is_updated_is_shown_once_as_it_is_last(run: Run) -> None:
    code = f"{DISPLAY}shown = display('one', display_id=True)\nprint('between')\nshown.update('two')"
    assert text_of(run(code)) == "'two'\nbetween"


def test_what_is_cleared_is_gone(run: Run) -> None:
    assert text_of(run(f"{DISPLAY}print('old')\nclear_output()\nprint('new')")) == "new"
    waits = f"{DISPLAY}print('old', flush=True)\nclear_output(wait=True)\nprint('newer')"
    assert text_of(run(waits)) == "newer"


def test_a_bound_on_outputs_is_said(run: Run) -> None:
    text = text_of(run(f"{DISPLAY}for n in range(500): display(n)"))
    assert text.startswith("0\n1\n")
    assert "498\n499\n(300 outputs in the middle were not kept)" in text


def test_a_result_is_shown_though_the_persons_last_cell_ended_in_a_semicolon(
    jupyter_server: JupyterServer, kernel: str, host: Host
) -> None:
    with jupyter_server.client(kernel) as person:
        person.execute_interactive("1 + 1;", timeout=30)
    assert host.read("execute_code", kernel=kernel, code="2 + 2")["result"] == "4"
    assert "result" not in host.read("execute_code", kernel=kernel, code="2 + 2;")


@pytest.mark.parametrize("mode", MODES)
def test_what_is_printed_is_reported_while_the_code_runs(
    jupyter_server: JupyterServer, token: str, kernel: str, mode: str
) -> None:
    heard: list[str] = []
    code = "import time\nfor word in ('one', 'two', 'three'):\n    print(word, flush=True); time.sleep(0.3)"

    async def hear(progress: float, total: float | None, message: str | None) -> None:  # noqa: ARG001 - as the SDK calls it
        heard.append(message or "")

    with connect(jupyter_server.mcp_url, token, mode=mode) as host:

        async def call() -> object:
            return await host.client.call_tool("execute_code", {"kernel": kernel, "code": code}, progress_callback=hear)

        result = host.portal.call(call)
    assert text_of(result) == "one\ntwo\nthree"
    assert "".join(heard[:2]) == "one\ntwo\n"


def test_an_output_that_there_is_not_is_said(host: Host, run: Run) -> None:
    execution = run("1").structured_content["execution"]
    with pytest.raises(MCPError, match="no such output"):
        host.portal.call(host.client.read_resource, f"jupyter://executions/{execution}/outputs/7")
    with pytest.raises(MCPError, match="There is no execution 'guessed'"):
        host.portal.call(host.client.read_resource, "jupyter://executions/guessed/outputs/0")
