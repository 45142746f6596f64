"""Notebooks on a real disk through Jupyter's own contents manager, while others change the same file."""

from __future__ import annotations

import asyncio
import os
import resource
import threading
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from mcp_notebook_server.errors import UnknownNotebook
from mcp_notebook_server.notebooks.cells import make_cell, plan_insert, plan_rewrite, source_of
from mcp_notebook_server.notebooks.errors import (
    NotebookBusy,
    NotebookOpen,
    NotebookReadOnly,
    NotebookUnreadable,
    NotebookUnsaved,
)
from mcp_notebook_server.notebooks.files import Files
from mcp_notebook_server.notebooks.saved import Reader, SavedDocument
from support.interleavings import make_manager

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence
    from pathlib import Path

    from mcp_notebook_server.notebooks.cells import Cell, Step


async def closed(_: str) -> None:
    """No front end has anything open."""


@asynccontextmanager
async def leave_closed(_: str) -> AsyncIterator[None]:
    yield


def document_in(directory: Path, check_closed: Callable[[str], Any] = closed) -> SavedDocument:
    files = Files(make_manager(directory))
    return SavedDocument("a.ipynb", files, Reader(files), check_closed, leave_closed)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "a.ipynb"
    write(file, "x = 1")
    return file


def write(file: Path, *sources: str, minor: int = 5) -> None:
    cells = [nbformat.v4.new_code_cell(source, id=f"c{place}") for place, source in enumerate(sources)]
    if minor < 5:
        for cell in cells:
            del cell["id"]
    notebook = nbformat.v4.new_notebook(cells=cells, nbformat_minor=minor)
    fresh = file.with_suffix(".fresh")
    nbformat.write(notebook, fresh)
    fresh.replace(file)  # as editors and git do


def sources(file: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(file, as_version=4).cells]


def insert(source: str) -> Callable[[Sequence[Cell]], Step]:
    cell = make_cell("code", source)
    return lambda cells: plan_insert(cells, cell, None, None)


@pytest.mark.parametrize("reader", ["a host", "a front end"])
def test_who_reads_while_somebody_saves_waits_and_loses_them_nothing(
    file: Path, monkeypatch: pytest.MonkeyPatch, reader: str
) -> None:
    """Jupyter takes a file that is being written for what a crash left, and puts the old one in its place."""
    emptied, go_on = threading.Event(), threading.Event()
    finish = nbformat.write

    def write_slowly(*arguments: Any, **more: Any) -> None:
        emptied.set()
        assert go_on.wait(20)
        finish(*arguments, **more)

    async def read_meanwhile() -> list[str]:
        document = document_in(file.parent)
        content = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 2")])
        manager = document.files._manager
        saving = asyncio.ensure_future(manager.save({"type": "notebook", "content": content}, "a.ipynb"))
        assert await asyncio.to_thread(emptied.wait, 20)
        read = document.read() if reader == "a host" else manager.get("a.ipynb", type="notebook")
        reading = asyncio.ensure_future(read)
        await asyncio.wait([reading], timeout=0.2)
        go_on.set()
        await saving
        found = await reading
        return [source_of(cell) for cell in (found.cells if reader == "a host" else found["content"]["cells"])]

    monkeypatch.setattr(nbformat, "write", write_slowly)
    assert asyncio.run(read_meanwhile()) == ["x = 2"]
    assert sources(file) == ["x = 2"]
    assert not list(file.parent.glob(".~*"))


def test_a_manager_that_reads_the_notebook_while_it_saves_is_not_kept_waiting(file: Path) -> None:
    manager = make_manager(file.parent)
    save = manager.save

    async def compare_and_save(model: dict[str, Any], path: str = "") -> None:
        before = await manager.get(path, type="notebook")
        assert before["content"]["cells"]
        await save(model, path)

    async def save_in_time() -> None:
        content = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 2")])
        async with asyncio.timeout(5):
            await manager.save({"type": "notebook", "content": content}, "a.ipynb")

    manager.save = compare_and_save
    Files(manager)
    asyncio.run(save_in_time())
    assert sources(file) == ["x = 2"]


def test_edit_is_on_disk_and_read_again_at_once(file: Path) -> None:
    async def edit() -> list[str]:
        document = document_in(file.parent)
        await document.read()
        await document.change(insert("y = 2"))
        return [source_of(cell) for cell in (await document.read()).cells]

    assert asyncio.run(edit()) == ["x = 1", "y = 2"] == sources(file)


def test_file_that_is_replaced_under_an_edit_keeps_both(file: Path) -> None:
    replaced: list[str] = []

    def plan(cells: Sequence[Cell]) -> Step:
        if not replaced:
            write(file, "x = 1", "theirs = 1")
            replaced.append("once")
        return insert("ours = 1")(cells)

    asyncio.run(document_in(file.parent).change(plan))
    assert sources(file) == ["x = 1", "theirs = 1", "ours = 1"]


def test_file_that_changes_again_and_again_is_left_alone_and_that_is_said(file: Path) -> None:
    tries: list[int] = []

    def plan(cells: Sequence[Cell]) -> Step:
        tries.append(len(tries))
        write(file, f"theirs = {len(tries)}")
        return insert("ours = 1")(cells)

    with pytest.raises(NotebookBusy, match="changed by somebody else each of the 5 times"):
        asyncio.run(document_in(file.parent).change(plan))
    assert sources(file) == ["theirs = 5"]


def test_file_that_is_deleted_under_an_edit_is_not_made_again(file: Path) -> None:
    def plan(cells: Sequence[Cell]) -> Step:
        file.unlink()
        return insert("ours = 1")(cells)

    with pytest.raises(UnknownNotebook):
        asyncio.run(document_in(file.parent).change(plan))
    assert not file.exists()


def test_read_only_file_is_refused_before_and_under_an_edit(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = document_in(file.parent)
    access = os.access

    def refuse(path: Any, mode: int, **more: Any) -> bool:  # whoever is root may write everything
        return not (str(path) == str(file) and mode == os.W_OK) and access(path, mode, **more)

    monkeypatch.setattr(os, "access", refuse)
    for act in (document.check_changeable, lambda: document.change(insert("y = 2"))):
        with pytest.raises(NotebookReadOnly, match="is read-only"):
            asyncio.run(act())
    monkeypatch.undo()
    asyncio.run(document.change(insert("y = 2")))
    assert sources(file) == ["x = 1", "y = 2"]


@contextmanager
def full_disk() -> Iterator[None]:
    """Files cannot grow; the system then says so, as for a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_full_disk_leaves_the_notebook_as_it_was_and_names_no_directory(file: Path) -> None:
    async def edit() -> None:
        document = document_in(file.parent)
        with full_disk(), pytest.raises(NotebookUnsaved, match="File too large") as caught:
            await document.change(insert("y = 1\n" * 5000))
        assert str(file.parent) not in str(caught.value)
        assert sources(file) == ["x = 1"]
        await document.change(insert("z = 3"))

    asyncio.run(edit())
    assert sources(file) == ["x = 1", "z = 3"]


def test_notebook_that_a_tab_has_open_is_refused_with_the_name_of_the_extra(file: Path) -> None:
    async def refuse(path: str) -> None:
        raise NotebookOpen(path)

    with pytest.raises(NotebookOpen, match=r"mcp-notebook\[collaboration\]"):
        asyncio.run(document_in(file.parent, refuse).change(insert("y = 2")))
    assert sources(file) == ["x = 1"]


def test_what_is_no_notebook_is_said_to_be_none(file: Path) -> None:
    file.write_text("{")
    for act in (document_in(file.parent).read, lambda: document_in(file.parent).change(insert("y"))):
        with pytest.raises(NotebookUnreadable):
            asyncio.run(act())


def test_host_that_hangs_up_leaves_an_edit_done_or_not_begun(file: Path) -> None:
    async def hang_up(turns: int) -> bool:
        document = document_in(file.parent)
        write(file, "x = 1")
        call = asyncio.ensure_future(document.change(insert("y = 2")))
        for _ in range(turns):
            await asyncio.sleep(0)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        async with document.files.alone("a.ipynb"):  # until what is under way has ended
            return sources(file) in (["x = 1"], ["x = 1", "y = 2"])

    for turns in range(0, 30, 3):
        assert asyncio.run(hang_up(turns))


def test_cells_of_an_old_notebook_have_ids_that_stay_and_are_not_written(file: Path) -> None:
    write(file, "x = 1", "x = 1", "y = 2", minor=4)

    async def edit() -> None:
        document = document_in(file.parent)
        ids = [cell["id"] for cell in (await document.read()).cells]
        assert len(set(ids)) == 3
        inserted = await document.change(insert("z = 3"))
        again = [cell["id"] for cell in (await document.read()).cells]
        assert again == [*ids, inserted.id]
        await document.change(lambda cells: plan_rewrite(cells, ids[2], "y", "w", replace_all=False))

    asyncio.run(edit())
    assert sources(file) == ["x = 1", "x = 1", "w = 2", "z = 3"]
    saved = nbformat.read(file, as_version=4)
    assert saved.nbformat_minor == 4
    assert not [cell for cell in saved.cells if "id" in cell]


def test_a_persons_save_waits_for_an_edit_that_is_under_way_and_for_nothing_else(file: Path) -> None:
    async def save() -> list[str]:
        manager = make_manager(file.parent)
        files = Files(manager)
        order: list[str] = []
        theirs = {"type": "notebook", "content": nbformat.v4.new_notebook(), "format": "json"}

        async def save_as(name: str) -> None:
            await manager.save(theirs, name)
            order.append(name)

        async with files.alone("a.ipynb"):
            waiting = asyncio.ensure_future(save_as("a.ipynb"))
            await save_as("other.ipynb")
            order.append("edited")
        await waiting
        return order

    assert asyncio.run(save()) == ["other.ipynb", "edited", "a.ipynb"]


def test_one_file_under_two_names_is_changed_by_one_at_a_time(file: Path) -> None:
    (file.parent / "link.ipynb").symlink_to(file)
    files = Files(make_manager(file.parent))
    (file.parent / "hard.ipynb").hardlink_to(file)
    assert files.identify("link.ipynb") == files.identify("a.ipynb")
    assert files.is_same("hard.ipynb", "link.ipynb")
    assert not files.is_same("a.ipynb", "b.ipynb")
