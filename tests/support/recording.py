"""Has every process of a test run write down its MCP messages, and fails where one is not of its protocol version.

Knows which tests send what is wrong on purpose. What the messages must be: `support.recorded`.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from typing import TYPE_CHECKING

import pytest

from support.paths import CHECKOUT
from support.recorded import Recording

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["RECORDER", "every_message_fits_its_schema", "python_path", "start_recording"]

RECORDER = CHECKOUT / "tests" / "recording"
"""What PYTHONPATH must have for a process to write down its messages, beside MCP_NOTEBOOK_RECORD."""

NOT_HELD = {
    "flows/test_bad_input.py": "what it sends is no message, and what it gets says so",
}
"""Test files whose messages are not held against the schemas, and why."""

SENT_WRONG = {
    "conformance/test_asked_client.py": "the suite's servers try how a client takes it",
    "conformance/test_client.py": "the suite's servers try how a client takes it",
    "conformance/test_published.py": "the suite tries how a server takes null for answers",
    "conformance/test_suite.py": "the suite tries how a server takes null for answers",
    "flows/test_schemas.py": "null for arguments, which the SDK takes for none",
    "mcp_notebook/approval/test_rude_servers.py": "its servers ask for what no form can be",
    "mcp_notebook/test_robustness.py": "its servers are rude",
}
"""Test files where the other side sends what is wrong on purpose, and why; what our side sends must fit there, too."""

_SHOWN = 10


def start_recording() -> None:
    """Be ready to write down what passes in this process, before the package is imported."""
    recorder = sys.modules.get("sitecustomize")
    if getattr(recorder, "__file__", None) != str(RECORDER / "sitecustomize.py"):  # or it has begun with Python
        spec = importlib.util.spec_from_file_location("mcp_recorder", RECORDER / "sitecustomize.py")
        assert spec is not None
        assert spec.loader is not None
        recorder = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(recorder)
    recorder.install()  # type: ignore[union-attr]


def python_path(*places: Path | str | None) -> dict[str, str]:
    """PYTHONPATH with these places, and that of what writes down messages if they are to be; empty if it would be."""
    wanted = [*places, RECORDER if "MCP_NOTEBOOK_RECORD" in os.environ else None]
    path = os.pathsep.join(str(place) for place in wanted if place)
    return {"PYTHONPATH": path} if path else {}


@pytest.fixture(scope="module", autouse=True)
def every_message_fits_its_schema(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hold what is sent and accepted in a test file against the official schemas."""
    file = request.node.path.relative_to(CHECKOUT / "tests").as_posix()
    if file in NOT_HELD:
        yield
        return
    directory = request.getfixturevalue("tmp_path_factory").mktemp("messages")
    recording = Recording(directory)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MCP_NOTEBOOK_RECORD", str(directory))
        patch.setenv("PYTHONPATH", str(RECORDER), prepend=os.pathsep)  # of what a test starts as it is
        yield
    found = recording.check_new()
    print("messages", sum(recording.checked.values()), dict(recording.checked))  # noqa: T201  -rP shows it
    wrong = [text for way, text in found if way == "sent" or file not in SENT_WRONG]
    assert not wrong, f"{len(wrong)} messages are not of their version:\n" + "\n".join(wrong[:_SHOWN])
