"""Each topic that the tutorials promise is written about in its notebook: by a few words that cannot be left out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import nbformat
import pytest

from support.tutorials import TUTORIALS

if TYPE_CHECKING:
    from pathlib import Path

TOPICS = {
    "00": "connect; %mcp call; DataFrame; mcp-server-time",
    "01": (
        "M x N; M [+] N; USB-C; short history; host; client; server; responsible for; abstraction; "
        "single responsibility; open for more, closed to change; depend on what is agreed; useful; too much"
    ),
    "02": "request; response; notification; error; pipe; socket; REST; JSON-RPC",
    "03": (
        "initialize; capabilit; server/discover; describes itself; legacy; modern; "
        "versions do not match; capabilities do not match"
    ),
    "04": (
        "discovery; schema; calling; content; structuredContent; ResourceLink|link to something; image; isError; "
        "who decides to call"
    ),
    "05": "scripted; description; host; model; server; tool_calls|tool_use; loop|round; real (model|one|API)",
    "06": "resources?/read; template; subscriptions/listen; resources/updated; tool or resource",
    "07": "prompts/get; code_review; analyze_code; style.guide; all three",
    "08": "docstring; type hint; schema; decorator; test; publish; stdio; Claude Desktop|desktop host|configuration",
    "09": (
        "stdio; byte by byte; print; Streamable HTTP; httpx; server-sent events; session; 404; resumption; "
        "Last-Event-ID; which to choose; statelessness; two instances; load balancer|round-robin"
    ),
    "10": "elicitation; sampling; approv|policy; what a human must see; decline",
    "11": "notifications/progress; progressToken; notifications/cancelled; list_changed",
    "12": (
        "tool poisoning; rug pull; prompt injection|injection; DNS rebinding; stolen; token; loopback; scan; "
        "authorization; defence; validate; limit; sensitive|filter; confirm; log; time out|timeout; checklist"
    ),
    "13": "token; scope|--execute; approval|yes; record; audit; another process|process of its own; what the host sees",
    "14": "REST; refund; places; JupyterHub; Kubernetes; stateless|any replica; replica; gateway",
}
"""By notebook, what its story is made of, as regular expressions, in text or code."""


@pytest.mark.parametrize("notebook", TUTORIALS, ids=lambda one: one.stem)
def test_it_covers_its_topics(notebook: Path) -> None:
    text = "\n".join(cell.source for cell in nbformat.read(notebook, as_version=4).cells)
    topics = TOPICS[notebook.name[:2]].split("; ")
    assert [topic for topic in topics if not re.search(topic, text, re.IGNORECASE)] == []
