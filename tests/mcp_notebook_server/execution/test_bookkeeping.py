"""What Jupyter still hears of a host's run: an output now and then; its beginning and end are noted as it would."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_client.session import Session
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

from mcp_notebook_server.execution import bookkeeping
from mcp_notebook_server.execution.bookkeeping import spare_bookkeeping
from mcp_notebook_server.execution.guard import SESSION_PREFIX

HOST, TAB = f"{SESSION_PREFIX}1", "a-tab"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class Stream:
    """As much of ZMQStream as Jupyter's watch uses."""

    def __init__(self) -> None:
        self._recv_callback: Any = None
        self.on_recv = lambda callback: setattr(self, "_recv_callback", callback)


class Watched:
    """A kernel that Jupyter itself watches, and which says what it is told to say."""

    def __init__(self) -> None:
        self.manager = AsyncMappingKernelManager()
        self.stream = Stream()
        self.kernel = SimpleNamespace(
            session=Session(key=b"key"), connect_iopub=lambda: self.stream, execution_state="idle", parent=self.manager
        )
        self.manager._kernels["1"] = self.kernel
        self.manager.start_watching_activity("1")
        self.told: list[list[bytes]] = []
        own: Any = self.stream._recv_callback
        self.stream.on_recv(lambda parts: (self.told.append(parts), own(parts)))
        self.kernel.last_activity = LONG_AGO

    def says(
        self,
        kind: str,
        session: str,
        content: dict[str, Any] | None = None,
        asked: str = "execute_request",
        key: bytes = b"key",
    ) -> None:
        parent = {"session": session, "msg_type": asked, "msg_id": "1"}
        said = Session(key=key)
        self.stream._recv_callback(
            [b"topic", *said.serialize(said.msg(kind, content or {}, parent={"header": parent}))]
        )


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    monkeypatch.setattr(bookkeeping, "_SECONDS", 1000.0)
    watched = Watched()
    for _ in range(2):  # the second time there is nothing left to do
        spare_bookkeeping(watched.kernel)
    return watched


def test_the_state_that_a_hosts_run_brings_is_noted_as_jupyter_would(watched: Watched) -> None:
    for state in ("busy", "idle"):
        watched.says("status", HOST, {"execution_state": state})
        assert watched.kernel.execution_state == state
        assert watched.kernel.last_activity == watched.manager.last_kernel_activity > LONG_AGO
    assert watched.told == []


def test_of_a_hosts_outputs_it_hears_the_first_of_many(watched: Watched) -> None:
    for kind in ("stream", "stream", "display_data"):
        watched.says(kind, HOST)
    assert len(watched.told) == 1


def test_it_hears_nothing_large_of_a_hosts_run(watched: Watched) -> None:
    watched.says("stream", HOST, {"text": "x" * 1_000_000})
    assert watched.told == []


def test_it_hears_all_of_the_persons_cells(watched: Watched) -> None:
    for _ in range(5):
        watched.says("stream", TAB, {"text": "x" * 1_000_000})
    watched.says("status", TAB, {"execution_state": "busy"})
    assert (len(watched.told), watched.kernel.execution_state) == (6, "busy")


def test_what_is_no_run_of_a_host_is_for_jupyter_to_judge(watched: Watched) -> None:
    watched.says("status", HOST, {"execution_state": "busy"}, asked="kernel_info_request")
    watched.says("status", HOST, {"execution_state": "starting"})
    assert len(watched.told) == 2
    with pytest.raises(ValueError, match="Invalid Signature"):
        watched.says("status", HOST, {"execution_state": "busy"}, key=b"another")
    assert watched.kernel.execution_state != "busy"


def test_a_kernel_that_nobody_watches_stays_so() -> None:
    spare_bookkeeping(SimpleNamespace())
