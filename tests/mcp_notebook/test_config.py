from __future__ import annotations

import pytest

from mcp_notebook.config import HTTPServer, StdioServer, read_definition


def test_a_server_is_read_from_what_people_write() -> None:
    assert read_definition("python -m 'my server'") == StdioServer("python", ("-m", "my server"))
    assert read_definition(["python", "-m", "x"], env={"A": "1"}) == StdioServer("python", ("-m", "x"), {"A": "1"})
    assert read_definition("http://x/mcp", headers={"A": "1"}) == HTTPServer("http://x/mcp", {"A": "1"})


@pytest.mark.parametrize(
    ("target", "options"),
    [("", {}), ([], {}), ("python", {"headers": {"A": "1"}}), ("https://x/mcp", {"env": {"A": "1"}})],
)
def test_what_makes_no_server_is_refused(target: object, options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"empty|headers|env"):
        read_definition(target, **options)  # pyright: ignore[reportArgumentType]


def test_secrets_are_in_no_repr() -> None:
    http = HTTPServer("https://me:secret@x.org:8443/mcp?key=secret#secret", {"Authorization": "Bearer secret"})
    assert repr(http) == "HTTPServer('https://x.org:8443/mcp', headers=['Authorization'], era='auto')"
    assert http.shown == "https://x.org:8443/mcp"
    assert HTTPServer("https://x.org/sk-0123456789/mcp").shown == "https://x.org/***/mcp"
    stdio = StdioServer("x", ("--api-key", "secret", "KEY=${KEY}"), env={"TOKEN": "secret"})
    assert repr(stdio) == "StdioServer(\"x --api-key '***' 'KEY=${KEY}'\", env=['TOKEN'], era='auto')"
