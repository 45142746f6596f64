from __future__ import annotations

import pytest

from mcp_notebook.markdown import markdown_view


@pytest.mark.parametrize(
    ("source", "rendered"),
    [
        ("**bold** `code`", "<p><strong>bold</strong> <code>code</code></p>"),
        ("[there](https://example.org)", '<p><a href="https://example.org">there</a></p>'),
        ("[x](javascript:alert(1))", "<p><a>x</a></p>"),
        ("[x](data:text/html;base64,PHNjcmlwdD4=)", "<p><a>x</a></p>"),
        ("[x](/api/shutdown)", "<p><a>x</a></p>"),
        ("[x](//example.org)", "<p><a>x</a></p>"),
        ("<b onclick='x'>b</b>", "<p>&lt;b onclick='x'&gt;b&lt;/b&gt;</p>"),
        ('```python" onload="x\ncode\n```', "<pre><code>code\n</code></pre>"),
    ],
)
def test_formatting_is_kept_and_nothing_else(source: str, rendered: str) -> None:
    assert markdown_view(source).html.strip() == rendered


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "![x](http://127.0.0.1:9/x.png)",
        "<iframe src='http://127.0.0.1:9'></iframe>",
        "<style>* {display: none}</style>",
        "<svg onload=alert(1)>",
        "<form action='/logout'><button>x</button></form>",
        "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
        "<!-- --!><img src=x onerror=alert(1)>",
        "\x1b]8;;javascript:alert(1)\x07x",
    ],
)
def test_what_would_run_or_load_something_is_text(source: str) -> None:
    page = markdown_view(source).html
    assert not any(f"<{tag}" in page for tag in ("script", "img", "iframe", "style", "svg", "form", "button"))
    assert "\x1b" not in page
