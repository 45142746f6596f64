"""What a malicious server may name in signing in: nothing is opened, nothing is run, nobody else is asked."""

from __future__ import annotations

import http.server
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from mcp_notebook import HTTPServer, connect
from mcp_notebook.authorization.addresses import may_ask
from mcp_notebook.errors import ServerRefused, SignInFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Rude(http.server.ThreadingHTTPServer):
    """A server that refuses everything, and sends who wants to sign in where a test says."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.base = f"http://127.0.0.1:{self.server_port}"
        self.issuer = self.base
        self.metadata: dict[str, Any] = {}
        self.asked: list[str] = []

    def answer(self, method: str, path: str) -> tuple[int, Any]:
        self.asked.append(path)
        if method == "GET" and path.startswith("/.well-known/oauth-protected-resource"):
            return 200, {"resource": f"{self.base}/mcp", "authorization_servers": [self.issuer]}
        if method == "GET" and path.startswith("/.well-known/oauth-authorization-server"):
            ours = {"issuer": self.issuer, "response_types_supported": ["code"]}
            ours |= {f"{name}_endpoint": f"{self.base}/{name}" for name in ("authorization", "token", "registration")}
            return 200, {**ours, **self.metadata}
        if path == "/registration":
            return 201, {"client_id": "us", "redirect_uris": ["http://127.0.0.1/callback"]}
        return 401, {"error": "invalid_token"}


class _Handler(http.server.BaseHTTPRequestHandler):
    def _answer(self) -> None:
        assert isinstance(self.server, Rude)
        self.rfile.read(int(self.headers.get("content-length", 0)))
        status, body = self.server.answer(self.command, self.path)
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = _answer  # noqa: N815  the library's names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the library's name
        pass


@pytest.fixture
def rude(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rude]:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    with Rude() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Somebody at a terminal who says yes to everything; gives what they were asked."""
    prompts: list[str] = []

    def type_yes(prompt: str) -> str:
        prompts.append(prompt)
        return "a"

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", type_yes)
    return lambda: prompts


@pytest.mark.parametrize(
    "page",
    [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://$(touch owned).example.com/",
        "https://a.example/?x=`touch owned`\\..\\calc.exe",
        "a:$(touch owned)?response_type=code",
        "data:text/html,<script>x</script>",
        "https://x.example/" + "y" * 5000,
    ],
)
def test_a_malicious_page_to_sign_in_at_is_never_shown_opened_or_run(
    rude: Rude, terminal: Callable[[], list[str]], page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("something was run")

    for name in ("os.system", "subprocess.Popen.__init__", "webbrowser.open"):
        monkeypatch.setattr(name, never)
    rude.metadata = {"authorization_endpoint": page}
    with pytest.raises((SignInFailed, ServerRefused)):
        connect("rude", HTTPServer(f"{rude.base}/mcp"))
    assert terminal() == []
    assert not any(path.startswith("/token") for path in rude.asked)


@pytest.mark.parametrize(
    "issuer", ["http://169.254.169.254", "https://10.0.0.7", "http://intranet", "https://[fd00::1]"]
)
def test_a_server_cannot_have_this_computer_ask_its_neighbours(rude: Rude, issuer: str) -> None:
    rude.base = rude.issuer = issuer.removesuffix("/")
    url = f"http://127.0.0.1:{rude.server_port}/mcp"
    rude.base = url.removesuffix("/mcp")
    with pytest.raises(SignInFailed, match=r"sends us to .*, which is no public https address"):
        connect("rude", HTTPServer(url))


def test_what_fails_is_one_sentence_and_no_traceback_of_the_sdk_beside_it(
    rude: Rude, caplog: pytest.LogCaptureFixture
) -> None:
    rude.metadata = {"authorization_endpoint": "https://a.example/\\?x=\\"}
    with pytest.raises(SignInFailed):
        connect("rude", HTTPServer(f"{rude.base}/mcp"))
    assert [one for one in caplog.records if one.name.startswith("mcp.")] == []


def test_a_server_that_offers_no_signing_in_is_refused_as_before(rude: Rude, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rude, "answer", lambda *_: (401, {"message": "a token, please"}))
    with pytest.raises(ServerRefused, match="answered 401: a token, please"):
        connect("rude", HTTPServer(f"{rude.base}/mcp"))


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://auth.example.com/token", True),
        ("http://mcp.example.com:8080/register", True),  # of the server itself
        ("http://auth.example.com/token", False),
        ("https://127.0.0.1/token", False),
        ("https://192.168.1.1/token", False),
        ("https://metadata.google.internal/", False),
        ("https://router/", False),
        ("ftp://auth.example.com/", False),
    ],
)
def test_what_a_server_elsewhere_may_have_us_ask(url: str, may: bool) -> None:
    assert may_ask(url, "http://mcp.example.com:8080/mcp") is may
