"""The client that the conformance suite starts, to be asked things: `python asked_client.py URL`.

It connects as a notebook does, calls every tool that the suite's server lists, and has what the server asks answered
from the recording beside this file, through the gate.
"""

from __future__ import annotations

import sys
from pathlib import Path

from mcp_notebook import HTTPServer, connect
from mcp_notebook.approval.policy import get_policy, new_rule
from mcp_notebook.errors import InvalidAnswer

RECORDING = Path(__file__).with_name("answers.json")
NO_RESULT_TYPE = "test_mrtr_no_result_type"
"""A tool that the SDK (2.3.0) lets nobody call: it insists on a word that clients are to do without."""


def main(url: str) -> None:
    for kind in ("elicitation", "sampling"):
        get_policy().add(new_rule(kind, f"replay:{RECORDING}", None, None, "session"))
    with connect("suite", HTTPServer(url)) as session:
        for tool in session.list_tools():
            try:
                session.call(tool.name)
            except InvalidAnswer as error:
                if tool.name != NO_RESULT_TYPE:
                    raise
                print(error)  # noqa: T201  as below
    for decision in get_policy().decisions:
        print(decision.kind, decision.action, decision.how)  # noqa: T201  the suite shows it


if __name__ == "__main__":
    main(sys.argv[1])
