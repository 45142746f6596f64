"""Servers that nobody here wrote, in both eras where they speak both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from git import Repo

from mcp_notebook.config import HTTPServer, StdioServer
from mcp_notebook.errors import HandshakeFailed, RequestFailed, ServerRefused, UnknownResource
from support.everything import EVERYTHING, everything_at_url
from support.node import node_command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mcp_notebook.session import Session
    from support.jupyter import JupyterServer


def test_git_answers_about_a_repository(connect: Callable[..., Session], era: Any, tmp_path: Path) -> None:
    Repo.init(tmp_path)
    (tmp_path / "new.txt").touch()
    git = connect("git", StdioServer("python", ("-m", "mcp_server_git"), era=era))
    assert git.era == ("legacy" if era == "legacy" else "modern")
    assert "new.txt" in git.call("git_status", repo_path=tmp_path).text


def test_time_is_found_by_its_script_in_this_environment(connect: Callable[..., Session], era: Any) -> None:
    time = connect("time", StdioServer("mcp-server-time", era=era))
    converted = time.call("convert_time", source_timezone="Asia/Seoul", time="12:00", target_timezone="UTC")
    assert converted.structured["time_difference"] == "-9.0h"


@pytest.fixture
def everything_url() -> Iterator[str]:
    """server-everything over Streamable HTTP, on a port of its own choosing."""
    with everything_at_url() as url:
        yield url


@pytest.fixture(params=["stdio", "http"])
def everything(request: pytest.FixtureRequest, connect: Callable[..., Session], era: Any) -> Session:
    """A session with server-everything, over each transport."""
    if request.param == "http":
        return connect("everything", HTTPServer(request.getfixturevalue("everything_url"), era=era))
    command = node_command(EVERYTHING)
    return connect("everything", StdioServer(command[0], (*command[1:], "stdio"), era=era))


def test_everything_gives_text_structure_and_images(everything: Session) -> None:
    assert everything.call("echo", message="hello").text == "Echo: hello"
    assert everything.call("get-sum", a=1.5, b=2).text == "The sum of 1.5 and 2 is 3.5."
    weather = everything.call("get-structured-content", location="Chicago")
    assert set(weather.structured) == {"temperature", "conditions", "humidity"}
    image = everything.call("get-tiny-image")._repr_mimebundle_()
    assert '<img alt="&lt;image/png, ' in image["text/html"]
    assert 'src="data:image/png;base64,' in image["text/html"]


def test_everything_reports_progress(everything: Session) -> None:
    seen: list[tuple[float, float | None]] = []
    everything.call(
        "trigger-long-running-operation", duration=0.2, steps=2, on_progress=lambda p, t, _: seen.append((p, t))
    )
    assert seen == [(1, 2), (2, 2)]


def test_everything_gives_resources_by_uri_and_by_template(everything: Session) -> None:
    assert "demo://resource/static/document/features.md" in everything.resources.names
    page = everything.read("demo://resource/static/document/features.md")._repr_mimebundle_()
    assert page["text/html"].startswith("<h1>Everything Server")
    assert len(everything.templates) == 2
    for template in everything.templates.names:
        assert everything.read(template, resourceId=3).text.startswith("Resource 3: This is a ")
    with pytest.raises(UnknownResource, match=r"Did you mean 'demo://resource/static/document/features\.md'\?"):
        everything.read("demo://resource/static/document/feature.md")
    with pytest.raises(RequestFailed, match="everything answered with error -32603: Unknown resource: "):
        everything.read("demo://resource/dynamic/text/{resourceId}", resourceId="three")


def test_everything_embeds_resources_and_links_to_them(everything: Session) -> None:
    reference = repr(everything.call("get-resource-reference", resourceId=2))
    assert "\nresource demo://resource/dynamic/text/2\nResource 2: " in reference
    links = repr(everything.call("get-resource-links", count=2)).splitlines()
    assert links[1].startswith("resource link: Blob Resource 1, text/plain")
    assert links[3] == "%mcp read everything demo://resource/dynamic/blob/1"


def test_everything_gives_prompts(everything: Session) -> None:
    assert everything.prompts.names == ("simple-prompt", "args-prompt", "completable-prompt", "resource-prompt")
    assert repr(everything.prompt("simple-prompt")) == "user:\nThis is a simple prompt without arguments."
    assert everything.prompt("args-prompt", city="Seoul", state=None).text == "What's weather in Seoul?"
    embedded = everything.prompt("resource-prompt", resourceType="Blob", resourceId=1)
    assert repr(embedded).splitlines()[3:5] == ["user:", "resource demo://resource/dynamic/blob/1"]


def test_a_legacy_server_is_not_taken_for_a_modern_one(connect: Callable[..., Session]) -> None:
    command = node_command(EVERYTHING)
    with pytest.raises(HandshakeFailed) as failed:
        connect("everything", StdioServer(command[0], (*command[1:], "stdio"), era="modern"))
    assert str(failed.value) == (
        "everything: no MCP connection came about: it speaks 2025-11-25, which is of the legacy era; connect with "
        "--era auto. See %mcp log everything --raw"
    )


def test_jupyter_without_a_token_refuses_with_its_own_sentence(
    connect: Callable[..., Session], jupyter_server: JupyterServer, era: Any
) -> None:
    with pytest.raises(ServerRefused) as refused:
        connect("kernels", HTTPServer(f"{jupyter_server.mcp_url}?x=secret", era=era))
    assert refused.value.status == 403
    assert str(refused.value).startswith(f"kernels: {jupyter_server.mcp_url} answered 403: ")
    assert "mcp-notebook" in refused.value.sentence
    assert "secret" not in str(refused.value)


def test_jupyter_with_a_token_lists_kernels(
    connect: Callable[..., Session], jupyter_server: JupyterServer, host_token: str, era: Any
) -> None:
    kernels = connect("kernels", HTTPServer(jupyter_server.mcp_url, {"Authorization": f"Bearer {host_token}"}, era))
    assert "list_kernels" in kernels.tools.names
    assert kernels.call("list_kernels").structured["kernels"] == []


def test_a_page_that_is_no_mcp_server_is_refused(
    connect: Callable[..., Session], jupyter_server: JupyterServer
) -> None:
    with pytest.raises(ServerRefused) as refused:
        connect("page", HTTPServer(f"{jupyter_server.url}/static/nothing"))
    assert refused.value.status in {403, 404, 405}
