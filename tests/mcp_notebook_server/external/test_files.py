"""Which connection files are of kernels that no Jupyter server started."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from mcp_notebook_server.external.files import find_connection_files, list_directories

INFO: dict[str, Any] = {"key": "a-b", "control_port": 5, "kernel_name": ""}
OF_JUPYTER = f"kernel-{uuid4()}.json"


def write(directory: Path, name: str, content: object = INFO) -> Path:
    file = directory / name
    file.write_text(json.dumps(content))
    return file


@pytest.mark.parametrize("name", ["kernel-v3c0ffee.json", "kernel-4711.json", "mine.json"])
def test_those_of_editors_consoles_and_programs_are_found(tmp_path: Path, name: str) -> None:
    file = write(tmp_path, name)
    [found] = find_connection_files([tmp_path, tmp_path / "nowhere"])
    assert (found.path, found.info, found.name) == (file, INFO, "python3")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (OF_JUPYTER, INFO),
        ("jpserver-1.json", {"url": "http://127.0.0.1:8888/", "token": "t"}),
        ("kernel-v3open.json", INFO | {"key": ""}),
        ("kernel-v3.json", [INFO]),
        ("kernel-v3.txt", INFO),
    ],
    ids=["Jupyter's own", "another file of Jupyter's", "without a key", "no object", "another ending"],
)
def test_all_others_are_passed_over(tmp_path: Path, name: str, content: object) -> None:
    write(tmp_path, name, content)
    (tmp_path / "kernel-v3half.json").write_text('{"key": "a')
    assert list(find_connection_files([tmp_path])) == []


def test_a_kernel_is_found_once_and_by_the_same_id_wherever_its_file_is(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    write(tmp_path, "kernel-1.json")
    write(tmp_path / "other", "kernel-2.json")
    [once] = find_connection_files([tmp_path, tmp_path / "other"])
    [other] = find_connection_files([tmp_path / "other"])
    assert once.kernel_id == other.kernel_id
    assert "a-b" not in once.kernel_id


def test_editors_directories_are_looked_at_after_the_one_that_the_person_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert list_directories("/run") == [Path("/run"), Path("/run/external_kernels")]
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/session")
    session = Path("/session/jupyter/runtime")
    assert list_directories("/run", "/named") == [
        Path("/named"),
        Path("/run"),
        Path("/run/external_kernels"),
        session,
    ]
    assert list_directories(str(session)) == [session, session / "external_kernels"]
