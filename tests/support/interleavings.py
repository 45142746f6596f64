"""Two hosts and a person who change one notebook at once, in an order that a seed decides; nothing may be lost.

Knows what each of the three did and what must be left of it: whatever was said to be done is there exactly once, and
whatever was refused, with a sentence that says why, is not there at all. Knows nothing of tools and HTTP.

    python -m support.interleavings 1000
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from jupyter_ydoc import YNotebook
from nbformat.sign import MemorySignatureStore

from mcp_notebook_server.errors import ServerError
from mcp_notebook_server.notebooks.cells import (
    make_cell,
    plan_delete,
    plan_insert,
    plan_move,
    plan_rewrite,
    source_of,
)
from mcp_notebook_server.notebooks.errors import NotebookOpen
from mcp_notebook_server.notebooks.files import Files
from mcp_notebook_server.notebooks.live import LiveDocument
from mcp_notebook_server.notebooks.saved import Reader, SavedDocument

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from mcp_notebook_server.notebooks.cells import Cell, Step
    from mcp_notebook_server.notebooks.document import Document

__all__ = ["interleave_live", "interleave_saved", "make_manager"]

PATH = "shared.ipynb"
TYPED_IN, MOVED = "typed-in", "moved"
STEPS = 6


@dataclass
class Ledger:
    """What was done."""

    present: set[str] = field(default_factory=set[str])
    absent: set[str] = field(default_factory=set[str])
    refusals: list[ServerError] = field(default_factory=list[ServerError])

    def note(self, kind: str, mark: str, gone: str | None) -> None:
        """Take what a host did: with a cell or text of that mark, or by deleting the one that had the mark `gone`."""
        if gone is not None:
            self.present.remove(gone)
            self.absent.add(gone)
        elif kind != "move":
            self.present.add(mark)

    def check(self, cells: Sequence[Cell]) -> None:
        """Hold a notebook against it."""
        text = "\n".join(source_of(cell) for cell in cells)
        for mark in self.present:
            assert text.count(mark) == 1, (mark, text.count(mark), text)
        for mark in self.absent - self.present:
            assert mark not in text, (mark, text)
        ids = [cell["id"] for cell in cells]
        assert len(ids) == len(set(ids))
        for refusal in self.refusals:
            assert PATH in str(refusal)


def make_notebook() -> Any:
    cells = [nbformat.v4.new_code_cell("start end", id=TYPED_IN), nbformat.v4.new_markdown_cell("quiet", id=MOVED)]
    return nbformat.v4.new_notebook(cells=cells)


async def work(name: str, document: Document, chance: random.Random, ledger: Ledger) -> None:
    """What one host does: one step after the other, each with a mark of its own."""
    own: list[tuple[str, str]] = []
    for number in range(STEPS):
        await pause(chance, 40)
        mark = f"<{name}{number}>"
        kind = chance.choice(["insert", "insert", "edit", "edit", "move", "delete"])
        gone = own.pop() if kind == "delete" and own else None
        try:
            changed = await document.change(make_plan(kind, mark, chance.random(), gone))
        except ServerError as refusal:
            ledger.refusals.append(refusal)
            ledger.absent.add(mark)
            continue
        ledger.note(kind, mark, gone and gone[1])
        if kind == "insert":
            own.append((changed.id, mark))


def make_plan(kind: str, mark: str, where: float, gone: tuple[str, str] | None) -> Callable[[Sequence[Cell]], Step]:
    cell = make_cell("code", mark)
    if gone is not None:
        return lambda cells: plan_delete(cells, *gone)
    if kind == "move":
        return lambda cells: plan_move(cells, MOVED, int(where * len(cells)))
    if kind == "insert":
        return lambda cells: plan_insert(cells, cell, None, int(where * (len(cells) + 1)))
    return lambda cells: plan_rewrite(cells, TYPED_IN, " end", f" {mark} end", replace_all=False)


def fork(seed: int | random.Random) -> random.Random:
    return random.Random(seed if isinstance(seed, int) else seed.random())  # noqa: S311 - nothing is secret


def make_manager(directory: Path) -> AsyncLargeFileManager:
    """Jupyter's own, which leaves nothing outside of the directory."""
    manager = AsyncLargeFileManager(root_dir=str(directory))
    manager.notary.data_dir = str(directory)
    manager.notary.store_factory = MemorySignatureStore
    return manager


async def interleave_saved(seed: int, directory: Path) -> int:
    """Without collaboration; return how many steps were refused."""
    chance, ledger = fork(seed), Ledger()
    manager = make_manager(directory)
    files = Files(manager)
    nbformat.write(make_notebook(), directory / PATH)
    opened: set[str] = set()

    async def check_closed(path: str) -> None:
        if path in opened:
            raise NotebookOpen(path)

    document = SavedDocument(PATH, files, Reader(files), check_closed, leave_closed)
    hosts = [work(name, document, fork(chance), ledger) for name in "ab"]
    await asyncio.gather(*hosts, use_a_tab(manager, files, opened, fork(chance), ledger))
    ledger.check((await document.read()).cells)
    ledger.check(nbformat.read(directory / PATH, as_version=4).cells)
    return len(ledger.refusals)


def leave_closed(_: str) -> Any:
    class Nothing:
        async def __aenter__(self) -> None: ...
        async def __aexit__(self, *_: object) -> None: ...

    return Nothing()


async def use_a_tab(manager: Any, files: Files, opened: set[str], chance: random.Random, ledger: Ledger) -> None:
    """A person opens the notebook, types, saves and closes it, as JupyterLab does: it looks if the file changed."""
    for number in range(2):
        await pause(chance, 300)
        opened.add(PATH)
        async with files.alone(PATH):  # nobody opens a tab and saves in it faster than an edit that is under way ends
            pass
        model = await manager.get(PATH, content=True, type="notebook")
        await pause(chance, 10)
        mark = f"<p{number}>"
        now = await manager.get(PATH, content=False, type="notebook")
        assert now["last_modified"] == model["last_modified"]  # else JupyterLab would ask
        cells = model["content"]["cells"]
        typed_in = next(cell for cell in cells if cell["id"] == TYPED_IN)
        typed_in["source"] = typed_in["source"].replace("start", f"start {mark}", 1)
        await manager.save({"type": "notebook", "format": "json", "content": model["content"]}, PATH)
        ledger.present.add(mark)
        opened.discard(PATH)


async def pause(chance: random.Random, most: int) -> None:
    for _ in range(chance.randrange(most)):
        await asyncio.sleep(0)


async def interleave_live(seed: int) -> int:
    """With collaboration: what the person types comes late, and they see late what was done; return the refusals."""
    chance, ledger = fork(seed), Ledger()
    server, tab = YNotebook(), YNotebook()
    server.set(make_notebook())
    tab.ydoc.apply_update(server.ydoc.get_update())
    to_tab, to_server = late(server, tab, chance), late(tab, server, chance)
    document = LiveDocument(server, do_nothing, do_nothing)
    hosts = [work(name, document, fork(chance), ledger) for name in "ab"]
    await asyncio.gather(*hosts, type_in(tab, fork(chance), ledger, to_tab, to_server))
    for _ in range(2):
        to_tab.deliver_all()
        to_server.deliver_all()
    cells = (await document.read()).cells
    ledger.check(cells)
    assert tab.get() == server.get()
    assert not ledger.refusals
    return 0


async def do_nothing() -> None:
    await asyncio.sleep(0)


class late:  # noqa: N801 - it reads as what happens to updates
    """Carries the updates of one document to another, some time later, in order."""

    def __init__(self, source: YNotebook, target: YNotebook, chance: random.Random) -> None:
        self._waiting: list[bytes] = []
        self._target, self._chance = target, chance
        self._subscription = source.ydoc.observe(lambda event: self._waiting.append(event.update))

    def deliver_some(self) -> None:
        for _ in range(self._chance.randrange(len(self._waiting) + 1)):
            self._target.ydoc.apply_update(self._waiting.pop(0))

    def deliver_all(self) -> None:
        while self._waiting:
            self._target.ydoc.apply_update(self._waiting.pop(0))


async def type_in(tab: YNotebook, chance: random.Random, ledger: Ledger, *networks: late) -> None:
    """A person types into a cell, and makes new ones, in a tab that is behind."""
    for number in range(STEPS):
        mark = f"<p{number}>"
        async for _ in passing(chance):
            for network in networks:
                network.deliver_some()
        if chance.random() < 0.5:
            tab.ycells.insert(chance.randrange(len(tab.ycells) + 1), tab.create_ycell(dict(make_cell("code", mark))))
        else:
            cell = next(each for each in tab.ycells if each["id"] == TYPED_IN)
            source = cell["source"]
            source.insert(chance.choice([0, len(str(source))]), mark)
        ledger.present.add(mark)


async def passing(chance: random.Random) -> AsyncIterator[None]:
    for _ in range(chance.randrange(1, 5)):
        await asyncio.sleep(0)
        yield


def main(count: int) -> None:
    refused = 0
    with tempfile.TemporaryDirectory() as directory:
        for seed in range(count):
            refused += asyncio.run(interleave_saved(seed, Path(directory)))
            asyncio.run(interleave_live(seed))
    print(  # noqa: T201 - it is a command
        f"{count} interleavings without and {count} with collaboration: no edit lost, none applied twice; {refused} "
        "refused, each with its reason"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
