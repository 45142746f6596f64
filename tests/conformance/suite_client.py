"""The client that the conformance suite starts: `python suite_client.py URL`, with the scenario in the environment.

It does what a notebook does, through this package's own door: connects, lists, calls. Where a server wants a person to
sign in, the person is played at the terminal: the link is read from what is shown, and opened as a browser would.
"""

from __future__ import annotations

import builtins
import json
import os
import re
import sys
import tempfile
import threading
from typing import TYPE_CHECKING, Any

import httpx

from mcp_notebook import HTTPServer, connect
from mcp_notebook.approval.policy import get_policy, new_rule
from mcp_notebook.config import OAuthClient
from mcp_notebook.errors import CallFailed, InvalidAnswer

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_notebook import Session

SCENARIO = os.environ["MCP_CONFORMANCE_SCENARIO"]
CONTEXT: dict[str, Any] = json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT", "{}"))

NO_RESULT_TYPE = "test_mrtr_no_result_type"
"""A tool that the SDK (2.3.0) lets nobody call: it insists on a word that clients are to do without."""

ONLY_LEGACY = frozenset({"json-schema-ref-no-deref"})
"""Scenarios whose server claims 2026-07-28 and speaks only `initialize`."""


class Person:
    """Somebody at a terminal, with a browser."""

    def __init__(self) -> None:
        self.shown = ""
        self.pasted = ""

    def sit_down(self) -> None:
        sys.stdin = self
        builtins.input = self.type
        write = builtins.print

        def note(*words: object, **options: Any) -> None:
            self.shown += " ".join(map(str, words)) + "\n"
            write(*words, **options)

        builtins.print = note

    def isatty(self) -> bool:
        return True

    def type(self, prompt: str) -> str:
        self.shown += prompt
        if "Address of the last page:" in prompt:
            return self.pasted
        if "Waiting until you have signed in" in self.shown.rpartition("MCP: ")[2]:
            return self.browse(re.findall(r"In full: +(\S+)", self.shown)[-1])
        return "a"

    def browse(self, url: str) -> str:
        """Open a page. Every second one finds no way back, as from another computer: its address is pasted then."""
        if self.shown.count("In full:") % 2:
            httpx.get(url, follow_redirects=True, timeout=30)
            threading.Event().wait(30)  # until what is typed is not wanted any more
        self.pasted = httpx.get(url, timeout=30).headers["location"]
        return "a"


def add_numbers(session: Session) -> None:
    session.list_tools()
    session.call("add_numbers", a=5, b=3)


def call_each(session: Session) -> None:
    """Call every tool that the suite's server lists; what it asks is answered with what it suggests."""
    for tool in session.list_tools():
        try:
            session.call(tool.name, stubs(tool.input_schema))
        except InvalidAnswer as error:
            if tool.name != NO_RESULT_TYPE:
                raise
            print(error)  # noqa: T201  the suite shows it
        except CallFailed as error:
            print(error)  # noqa: T201  as above


def stubs(schema: dict[str, Any]) -> dict[str, Any]:
    kinds = {"integer": 0, "number": 0, "boolean": False, "object": {}, "array": [], "null": None}
    return {name: kinds.get(schema["properties"][name].get("type"), "x") for name in schema.get("required", ())}


def call_as_told(session: Session) -> None:
    """Make the calls that the suite names, of the tools that are there."""
    tools = session.list_tools()
    for call in CONTEXT["toolCalls"]:
        if tools.find(call["name"]) is not None:
            session.call(call["name"], call["arguments"])


def echo_schema(session: Session) -> None:
    focal = session.list_tools().get("json_schema_2020_12_tool", "suite")
    session.call("json_schema_echo", {"schema": focal.input_schema})


DO: dict[str, Callable[[Session], object]] = {
    "tools_call": add_numbers,
    "request-metadata": add_numbers,
    "http-standard-headers": add_numbers,
    "http-custom-headers": call_as_told,
    "json-schema-2020-12-preservation": echo_schema,
    "initialize": lambda session: session.list_tools(),
    "json-schema-ref-no-deref": lambda session: session.list_tools(),
}
"""What is done in a scenario; in the others every tool is called."""


def main(url: str) -> None:
    os.environ["JUPYTER_DATA_DIR"] = tempfile.mkdtemp()  # ports come again, and what was kept of one is another's
    Person().sit_down()
    for kind in ("elicitation", "sampling"):
        get_policy().add(new_rule(kind, "allow", None, None, "session"))
    oauth = OAuthClient(
        client_id=CONTEXT.get("client_id"),
        client_secret=CONTEXT.get("client_secret"),
        metadata_url="https://conformance-test.local/client-metadata.json",
    )
    era = "legacy" if SCENARIO in ONLY_LEGACY else "auto"
    with connect("suite", HTTPServer(url, era=era, oauth=oauth)) as session:
        DO.get(SCENARIO, call_each)(session)


if __name__ == "__main__":
    main(sys.argv[1])
