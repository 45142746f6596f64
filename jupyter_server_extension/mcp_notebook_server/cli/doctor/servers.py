"""The Jupyter servers that run: whether they answer, and whether what answers is our endpoint.

Knows what a request without any token is told, by us and by others. Refuses to send a token anywhere.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import httpx

from mcp_notebook_server.cli.doctor.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mcp_notebook_server.cli.running import RunningServer

__all__ = ["find_server_faults"]

_SECONDS = 10
_OLDEST_JUPYTER = (2, 15)
_OURS = ".well-known/oauth-protected-resource"
"""Answered in JSON wherever the extension is, at whatever path its endpoint is."""

_OK = 200
_FORBIDDEN = 403
_NOT_FOUND = 404


def find_server_faults(servers: Sequence[RunningServer], origin: str | None) -> Iterator[Fault]:
    """Yield what is wrong with the Jupyter servers.

    Args:
        servers: those that run.
        origin: of a page that is to use the endpoint; None for none.
    """
    if not servers:
        yield Fault("No Jupyter server of yours runs here", "Start one, for example with `jupyter lab`")
    if len(servers) > 1:
        urls = ", ".join(server.url for server in servers)
        mend = "Say which: `mcp-notebook stdio --url URL` with /mcp at its end, or --notebook PATH"
        yield Fault(f"Several Jupyter servers run, so the bridge does not know which: {urls}", mend)
    for server in servers:
        try:
            with httpx.Client(base_url=server.url, timeout=_SECONDS, trust_env=False) as client:
                yield from _look_at(server, client, origin)
        except httpx.TransportError as error:
            what = f"The Jupyter server of process {server.pid} does not answer at {server.url} ({error})"
            yield Fault(what, "Look at its log; end it and start it again if it hangs")


def _look_at(server: RunningServer, client: httpx.Client, origin: str | None) -> Iterator[Fault]:
    version = _read_json(client.get("api")).get("version", "")
    if _read_version(version) < _OLDEST_JUPYTER:
        yield Fault(
            f"{server.url} is Jupyter Server {version or 'of unknown version'}", "pip install 'jupyter-server>=2.15'"
        )
    if not _is_loopback(server.listens_on) and not server.is_secure:
        what = f"{server.url} listens on {server.listens_on} without TLS, so tokens can be read on their way"
        yield Fault(
            what, "Use --ServerApp.certfile and --ServerApp.keyfile, or listen on 127.0.0.1 behind an SSH tunnel"
        )
    if not _is_our_error(client.get(_OURS), _NOT_FOUND):
        mend = (
            "Run `jupyter server extension enable mcp_notebook_server` where Jupyter is installed, and start it again"
        )
        yield Fault(f"{server.url} runs without the extension mcp_notebook_server", mend)
        return
    answer = client.get("mcp")
    if not _is_our_error(answer, _FORBIDDEN):
        yield _say_what_answers(server, answer)
        return
    if client.get("api/kernels").status_code == _OK:
        what = f"The endpoint at {server.url} is closed, because Jupyter runs without authentication"
        yield Fault(what, "Start Jupyter with its token or a password: leave out --IdentityProvider.token=''")
    if origin is not None and _is_about_origin(client.get("mcp", headers={"Origin": origin}), origin):
        what = f"{server.url} refuses pages of the origin {origin}"
        yield Fault(what, f"Start Jupyter with --ServerApp.allow_origin={origin}")


def _say_what_answers(server: RunningServer, answer: httpx.Response) -> Fault:
    if answer.status_code == _NOT_FOUND:
        what = f"The endpoint of {server.url} is not at {server.url}mcp (MCPNotebookApp.path says where)"
        return Fault(what, "Give hosts its address with --url, or set the path back to mcp")
    what = f"Something else answers at {server.url}mcp (HTTP {answer.status_code})"
    return Fault(what, "Choose another path: --MCPNotebookApp.path=mcp-notebook-server, and give hosts that with --url")


def _is_about_origin(answer: httpx.Response, origin: str) -> bool:
    return _is_our_error(answer, _FORBIDDEN) and repr(origin) in answer.json()["error"]["message"]


def _is_our_error(answer: httpx.Response, status: int) -> bool:
    return answer.status_code == status and "jsonrpc" in _read_json(answer)


def _read_json(answer: httpx.Response) -> dict[str, Any]:
    try:
        content: Any = answer.json()
    except ValueError:
        return {}
    return dict(content) if isinstance(content, dict) else {}  # pyright: ignore[reportUnknownArgumentType]  any JSON


def _read_version(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in ("", "localhost")
