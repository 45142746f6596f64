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

__all__ = ["RECORDER", "every_message_fits_its_schema", "start_recording"]

RECORDER = CHECKOUT / "tests" / "recording"
"""What PYTHONPATH must have for a process to write down its messages, beside MCP_NOTEBOOK_RECORD."""

HELD = frozenset(
    {
        "conformance/test_client.py",
        "conformance/test_published.py",
        "conformance/test_suite.py",
        "flows/test_asking.py",
        "flows/test_door.py",
        "flows/test_eras.py",
        "flows/test_publishing.py",
        "flows/test_subscriptions.py",
        "soak/test_soak.py",
    }
)
"""Test files whose messages are held against the schemas; flows/test_bad_input is about what is none."""

SENT_WRONG = {
    "conformance/test_client.py": "the suite's servers try how a client takes it",
    "conformance/test_published.py": "the suite tries how a server takes null for answers",
    "conformance/test_suite.py": "the suite tries how a server takes null for answers",
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


@pytest.fixture(scope="module", autouse=True)
def every_message_fits_its_schema(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hold what is sent and accepted in a test file against the official schemas."""
    file = request.node.path.relative_to(CHECKOUT / "tests").as_posix()
    if file not in HELD:
        yield
        return
    directory = request.getfixturevalue("tmp_path_factory").mktemp("messages")
    recording = Recording(directory)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MCP_NOTEBOOK_RECORD", str(directory))
        patch.setenv("PYTHONPATH", str(RECORDER), prepend=os.pathsep)
        yield
    found = recording.check_new()
    print("messages", sum(recording.checked.values()), dict(recording.checked))  # noqa: T201  -rP shows it
    wrong = [text for way, text in found if way == "sent" or file not in SENT_WRONG]
    assert not wrong, f"{len(wrong)} messages are not of their version:\n" + "\n".join(wrong[:_SHOWN])
