"""Where a record goes, and what happens when it cannot go there; tests/flows/test_audit.py makes real calls."""

from __future__ import annotations

import asyncio
import json
import stat
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from mcp_notebook_server.access.door import _everything
from mcp_notebook_server.access.host import Host
from mcp_notebook_server.audit import Audit, AuditFile
from mcp_notebook_server.binding import Binding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mcp-notebook" / "audit.jsonl"


@pytest.fixture
def audit_file(file: Path) -> Iterator[AuditFile]:
    audit_file = AuditFile(file)
    yield audit_file
    audit_file.close()


def lines(file: Path) -> list[Any]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_only_its_owner_can_read_the_file(audit_file: AuditFile, file: Path) -> None:
    audit_file.write({"n": 1})
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "text", ["\n", "\r\n", "\u2028", "\x85", "\x00", "\x1b[2J", "\u202e", "\ud800", '"}\n{"n": 2}']
)
def test_no_text_ends_a_line_or_steers_a_terminal(audit_file: AuditFile, file: Path, text: str) -> None:
    audit_file.write({"path": text})
    raw = file.read_bytes()
    assert raw.count(b"\n") == 1
    assert all(0x20 <= byte < 0x7F for byte in raw[:-1])
    assert lines(file) == [{"path": text}]


def test_full_file_is_put_aside_and_the_oldest_goes(audit_file: AuditFile, file: Path) -> None:
    audit_file.maxBytes = 100
    for n in range(100):
        audit_file.write({"n": n})
    kept = sorted(each.name for each in file.parent.iterdir())
    assert kept == ["audit.jsonl", *(f"audit.jsonl.{i}" for i in range(1, 6))]
    assert lines(file)[-1] == {"n": 99}
    assert all(stat.S_IMODE(each.stat().st_mode) == 0o600 for each in file.parent.iterdir())


def test_file_that_another_jupyter_server_put_aside_is_begun_anew(audit_file: AuditFile, file: Path) -> None:
    audit_file.write({"n": 1})
    file.rename(file.with_name("audit.jsonl.1"))
    audit_file.write({"n": 2})
    assert lines(file) == [{"n": 2}]
    file.unlink()
    audit_file.write({"n": 3})
    assert lines(file) == [{"n": 3}]


def request(method: str = "tools/call", **params: Any) -> Any:
    """As much of a request as the audit looks at."""
    host = Host(_everything("open"), Binding(kernel="k1"), frozenset({"read"}))
    http = SimpleNamespace(scope={"user": host})
    return SimpleNamespace(method=method, params=params, request=http, session=SimpleNamespace(client_params=None))


def test_call_that_is_cancelled_is_on_record() -> None:
    records: list[dict[str, Any]] = []

    async def be_cancelled(_: Any) -> None:
        raise asyncio.CancelledError

    call = request(name="query", arguments={"sql": "select 1"})
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(Audit(["query"], [], records.append)(call, be_cancelled))
    assert records[0]["outcome"] == "cancelled"
    assert records[0]["arguments"]["kernel"] == "k1"
    assert "error" not in records[0]


def test_one_place_that_fails_keeps_neither_the_call_nor_the_others_from_it(caplog: pytest.LogCaptureFixture) -> None:
    records: list[dict[str, Any]] = []

    def fail(_: object) -> None:
        raise OSError("the disk is full")

    async def answer(_: Any) -> dict[str, Any]:
        return {"content": [{"type": "text", "text": "fünf"}]}

    audit = Audit([], [], fail, fail, records.append)
    result = asyncio.run(audit(request(name="x"), answer))
    audit.flush()
    assert result == {"content": [{"type": "text", "text": "fünf"}]}
    assert records[0]["bytes"] == 5
    assert "could not be put on record" in caplog.text


def test_what_changes_something_is_written_with_all_before_it_at_once_and_told_a_moment_later() -> None:
    written: list[str] = []
    told: list[str] = []
    audit = Audit(
        ["look", "change"],
        ["look"],
        lambda facts: written.append(facts["name"]),
        lambda facts: told.append(facts["name"]),
    )

    async def answer(_: Any) -> dict[str, Any]:
        return {}

    async def call() -> None:
        await audit(request(name="look"), answer)
        assert written == []
        await audit(request(name="change"), answer)
        assert (written, told) == (["look", "change"], [])
        await audit(request(name="look"), answer)
        audit.flush()
        assert written == told == ["look", "change", "look"]

    asyncio.run(call())


def test_what_reads_nothing_is_not_recorded() -> None:
    records: list[dict[str, Any]] = []

    async def answer(_: Any) -> dict[str, Any]:
        return {}

    asyncio.run(Audit([], [], records.append)(request("tools/list"), answer))
    assert records == []
