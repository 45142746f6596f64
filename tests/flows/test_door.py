"""Who is let in at /mcp, and what the others get: JSON, one sentence, no cookie, no memory."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import psutil
import pytest

from support.jupyter import JupyterServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MEBIBYTE = 1 << 20
ACCEPT = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
CLIENT = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "door", "version": "0"}}
INITIALIZE = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": CLIENT}
CREATE = "mcp-notebook token create"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def knock(server: JupyterServer, *, query: str = "", method: str = "POST", **headers: str) -> httpx.Response:
    """One request to the endpoint; header names are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = json.dumps(INITIALIZE) if method in ("POST", "PUT", "PATCH") else None
    response = httpx.request(method, server.mcp_url + query, headers=ACCEPT | named, content=body, timeout=30)
    assert "set-cookie" not in response.headers
    return response


def check_refusal(response: httpx.Response, words: str, status: int = 403) -> None:
    assert response.status_code == status
    assert response.headers["content-type"].startswith("application/json")
    assert words in response.json()["error"]["message"]


def expired(server: JupyterServer, name: str) -> str:
    token = server.host_token(name, "--read")
    file = server.data_directory / "mcp-notebook" / "tokens.json"
    kept = json.loads(file.read_text())
    for entry in kept["tokens"]:
        if entry["name"] == name:
            for moment in ("created", "expires"):  # as if it had been made long ago
                entry[moment] = (datetime.fromisoformat(entry[moment]) - timedelta(days=30)).isoformat()
    file.write_text(json.dumps(kept))
    return token


def revoked(server: JupyterServer) -> str:
    token = server.host_token("revoked", "--read")
    assert knock(server, **bearer(token)).status_code == 200
    assert server.run_cli("token", "revoke", "revoked").returncode == 0
    return token


def login_cookies(server: JupyterServer) -> str:
    """The cookies of a browser in which the person is logged in."""
    answer = httpx.get(f"{server.url}/api/kernels", headers=bearer(server.token))
    cookies = "; ".join(f"{name}={value}" for name, value in answer.cookies.items())
    assert httpx.get(f"{server.url}/api/kernels", headers={"Cookie": cookies}).status_code == 200
    return cookies


REFUSED: dict[str, tuple[Callable[[JupyterServer], dict[str, str]], str]] = {
    "no token": (lambda _: {}, CREATE),
    "an empty token": (lambda _: {"Authorization": "Bearer"}, CREATE),
    "a token never made": (lambda _: bearer("mcpn_guessed"), CREATE),
    "Jupyter's token": (lambda server: bearer(server.token), CREATE),
    "Jupyter's token in Jupyter's own scheme": (lambda server: {"Authorization": f"token {server.token}"}, CREATE),
    "a revoked token": (lambda server: bearer(revoked(server)), CREATE),
    "an expired token": (lambda server: bearer(expired(server, "old")), "mcp-notebook token renew old"),
    "a login cookie": (lambda server: {"Cookie": login_cookies(server)}, CREATE),
    "Jupyter's token in the URL": (lambda server: {"query": f"?token={server.token}"}, CREATE),
    "a host token in the URL": (lambda server: {"query": f"?token={server.host_token('url', '--read')}"}, CREATE),
}


@pytest.mark.parametrize("knocker", REFUSED)
def test_refused_with_the_command_to_run(jupyter_server: JupyterServer, knocker: str) -> None:
    present, words = REFUSED[knocker]
    check_refusal(knock(jupyter_server, **present(jupyter_server)), words)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_no_method_is_let_in_without_a_token(jupyter_server: JupyterServer, method: str) -> None:
    check_refusal(knock(jupyter_server, method=method), CREATE)


def test_host_token_is_let_in(jupyter_server: JupyterServer, host_token: str) -> None:
    assert knock(jupyter_server, **bearer(host_token)).status_code == 200


def test_renewed_token_is_let_in_again_under_the_same_string(jupyter_server: JupyterServer) -> None:
    token = expired(jupyter_server, "older")
    assert knock(jupyter_server, **bearer(token)).status_code == 403
    assert jupyter_server.run_cli("token", "renew", "older").returncode == 0
    assert knock(jupyter_server, **bearer(token)).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example"])
def test_page_of_another_origin_is_refused_even_with_a_token(
    jupyter_server: JupyterServer, host_token: str, origin: str
) -> None:
    check_refusal(knock(jupyter_server, Origin=origin, **bearer(host_token)), origin)


def test_origin_is_looked_at_before_the_token(jupyter_server: JupyterServer) -> None:
    check_refusal(knock(jupyter_server, Origin="https://evil.example"), "https://evil.example")


def test_page_of_jupyters_own_origin_may_use_a_token(jupyter_server: JupyterServer, host_token: str) -> None:
    assert knock(jupyter_server, Origin=jupyter_server.url, **bearer(host_token)).status_code == 200


def test_foreign_host_name_is_refused(jupyter_server: JupyterServer, host_token: str) -> None:
    check_refusal(knock(jupyter_server, Host="evil.example", **bearer(host_token)), "evil.example")


def test_session_is_of_no_use_to_another_token(jupyter_server: JupyterServer, host_token: str) -> None:
    session = knock(jupyter_server, **bearer(host_token)).headers["mcp-session-id"]
    other = jupyter_server.host_token("other", "--read")
    taken = knock(jupyter_server, method="DELETE", Mcp_Session_Id=session, **bearer(other))
    assert taken.status_code in (403, 404)
    kept = knock(jupyter_server, method="DELETE", Mcp_Session_Id=session, **bearer(host_token))
    assert kept.status_code == 200


def test_refused_host_may_knock_again_at_once_on_the_connections_it_keeps(jupyter_server: JupyterServer) -> None:
    with httpx.Client() as client:
        for _ in range(20):
            assert client.post(jupyter_server.mcp_url, headers=ACCEPT, json=INITIALIZE).status_code == 403


def test_endpoint_is_closed_where_jupyter_asks_nobody_for_anything() -> None:
    with JupyterServer(token="") as server:
        check_refusal(knock(server), "without authentication")
        check_refusal(knock(server, **bearer(server.host_token("host", "--read"))), "without authentication")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/.well-known/oauth-protected-resource"),
        ("GET", "/.well-known/oauth-protected-resource/mcp"),
        ("GET", "/.well-known/oauth-authorization-server"),
        ("GET", "/.well-known/openid-configuration"),
        ("POST", "/register"),
    ],
)
def test_hosts_that_look_for_oauth_find_a_plain_404(jupyter_server: JupyterServer, method: str, path: str) -> None:
    answer = httpx.request(method, jupyter_server.url + path)
    check_refusal(answer, "OAuth", 404)
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[]", b'"text"', b"{}", b""])
@pytest.mark.parametrize("version", [None, "2025-11-25", "2026-07-28"])
def test_body_that_is_no_request_is_answered_400(
    jupyter_server: JupyterServer, host_token: str, body: bytes, version: str | None
) -> None:
    headers = ACCEPT | bearer(host_token) | ({"MCP-Protocol-Version": version} if version else {})
    answer = httpx.post(jupyter_server.mcp_url, headers=headers, content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("counted", [True, False], ids=["with its length", "in chunks"])
@pytest.mark.parametrize("knocker", ["nobody", "host"])
def test_huge_body_is_refused_without_being_kept(
    jupyter_server: JupyterServer, host_token: str, knocker: str, *, counted: bool
) -> None:
    process = psutil.Process(jupyter_server.pid)
    before = peak = process.memory_info().rss

    def body() -> Iterator[bytes]:
        nonlocal peak
        for _ in range(200):
            yield bytes(MEBIBYTE)
            peak = max(peak, process.memory_info().rss)

    headers = ACCEPT | (bearer(host_token) if knocker == "host" else {})
    headers |= {"Content-Length": str(200 * MEBIBYTE)} if counted else {}
    assert status_of(jupyter_server.mcp_url, headers, body()) in (400, 403 if knocker == "nobody" else 413, "closed")
    assert peak - before < 16 * MEBIBYTE
    assert knock(jupyter_server, **bearer(host_token)).status_code == 200


def status_of(url: str, headers: dict[str, str], content: Any) -> int | str:
    try:
        return httpx.post(url, headers=headers, content=content, timeout=60).status_code
    except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
        return "closed"
