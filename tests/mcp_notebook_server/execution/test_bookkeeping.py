"""What Jupyter still hears of a host's run: its beginning, its end, and now and then an output."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mcp_notebook_server.execution import bookkeeping
from mcp_notebook_server.execution.bookkeeping import spare_bookkeeping
from mcp_notebook_server.execution.guard import SESSION_PREFIX


class Stream:
    """As much of ZMQStream as Jupyter's watch uses."""

    def __init__(self) -> None:
        self.told: list[bytes] = []
        self._recv_callback: Any = lambda parts: self.told.append(parts[3] + parts[-1][:1])

    def on_recv(self, callback: Any) -> None:
        self._recv_callback = callback

    def hear(self, kind: str, session: str, content: bytes = b"{}") -> None:
        header, parent = f'{{"msg_type": "{kind}"}}'.encode(), f'{{"session": "{session}"}}'.encode()
        self._recv_callback([b"topic", b"<IDS|MSG>", b"signature", header, parent, b"{}", content])


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> Stream:
    monkeypatch.setattr(bookkeeping, "_SECONDS", 1000.0)
    stream = Stream()
    for _ in range(2):  # the second time there is nothing left to do
        spare_bookkeeping(SimpleNamespace(_activity_stream=stream))
    return stream


def count(stream: Stream, kind: str) -> int:
    return sum(kind.encode() in told for told in stream.told)


def test_of_a_hosts_run_it_hears_each_status_and_the_first_of_many_outputs(stream: Stream) -> None:
    for kind in ("status", "stream", "stream", "display_data", "status"):
        stream.hear(kind, f"{SESSION_PREFIX}1")
    assert (count(stream, "status"), len(stream.told)) == (2, 3)


def test_it_hears_nothing_large_of_a_hosts_run(stream: Stream) -> None:
    stream.hear("stream", f"{SESSION_PREFIX}1", b"x" * 1_000_000)
    assert stream.told == []


def test_it_hears_all_of_the_persons_cells(stream: Stream) -> None:
    for _ in range(5):
        stream.hear("stream", "a-tab", b"x" * 1_000_000)
    assert len(stream.told) == 5


def test_a_kernel_that_nobody_watches_stays_so() -> None:
    spare_bookkeeping(SimpleNamespace())
