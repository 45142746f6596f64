"""Files of notebooks through Jupyter's contents manager: read and saved one after the other, file by file.

Knows what Jupyter's errors mean. Refuses to know what is in a notebook, and what is done to it (`saved`).

Jupyter saves whatever it is given over whatever is there. So whoever saves through it, a person's front end too, waits
for the few milliseconds in which a host's edit of the same file is made: it would be lost, or theirs. And Jupyter takes
a file that is just being written for what a crash left, and puts the old one back: so whoever reads waits, too.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import sqlite3
from contextlib import asynccontextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from jupyter_core.utils import ensure_async
from tornado.web import HTTPError

from mcp_notebook_server.errors import UnknownNotebook
from mcp_notebook_server.notebooks.errors import NotebookReadOnly, NotebookUnreadable, NotebookUnsaved
from mcp_notebook_server.notebooks.walk import Found, walk

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

__all__ = ["Files"]

_PATIENCE = 10.0
"""Seconds for which somebody else's save waits at most; whatever happens to us, a person can save."""

_FORBIDDEN, _NOT_FOUND = 403, 404

_in_turn: ContextVar[str] = ContextVar("file", default="")
"""The file whose turn it is already: what Jupyter calls while it saves may read the same one."""


class Files:
    """The notebooks' files; belongs to the Jupyter server's event loop.

    Args:
        contents_manager: Jupyter's.
    """

    def __init__(self, contents_manager: Any) -> None:
        self._manager = contents_manager
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._save = contents_manager.save
        self._read = contents_manager.get
        self._hashes = "require_hash" in inspect.signature(contents_manager.get).parameters
        if inspect.iscoroutinefunction(contents_manager.save):  # else nothing comes between its beginning and its end
            contents_manager.save = self._save_in_turn
            contents_manager.get = self._read_in_turn

    @property
    def root(self) -> Path | None:
        """The directory below which all files are; None if they are not on this machine's disk."""
        root = getattr(self._manager, "root_dir", "")
        return Path(root) if root and Path(root).is_dir() else None

    def identify(self, path: str) -> str:
        """Return what is the same for all ways to write the path of one file, also through links."""
        root = self.root
        return path if root is None else os.path.realpath(root.joinpath(*path.split("/")))

    def is_same(self, path: str, other: str) -> bool:
        """Whether two paths are of one file, also on a disk that takes one letter for another."""
        if self.identify(path) == self.identify(other):
            return True
        root = self.root
        try:
            return root is not None and (root / path).samefile(root / other)
        except (OSError, ValueError):
            return False

    @asynccontextmanager
    async def alone(self, path: str) -> AsyncGenerator[None]:
        """Keep all others from saving the file for as long as the context lasts."""
        async with self._lock_of(path):
            yield

    async def get(self, path: str, *, content: bool) -> dict[str, Any]:
        """Return Jupyter's model of a notebook, with its hash where Jupyter gives one and the content is asked for.

        Raises:
            UnknownNotebook: there is no such file.
            NotebookUnreadable: it is no notebook.
        """
        return await self._get(path, content=content, **({"require_hash": True} if content and self._hashes else {}))

    async def is_unchanged(self, path: str, model: Mapping[str, Any]) -> bool:
        """Whether a file is what it was when its model was got.

        Raises:
            UnknownNotebook: it is gone.
        """
        now = await self._get(path, content=False, **({"require_hash": True} if self._hashes else {}))
        return now["last_modified"] == model["last_modified"] and now.get("hash") == model.get("hash")

    async def save(self, path: str, content: Mapping[str, Any]) -> None:
        """Save a notebook; only inside of `alone`.

        Raises:
            NotebookReadOnly: it must not be written.
            NotebookUnsaved: it cannot be.
        """
        try:
            await ensure_async(self._save({"type": "notebook", "format": "json", "content": content}, path))
        except HTTPError as error:
            if error.status_code == _FORBIDDEN:
                raise NotebookReadOnly(path) from None
            raise NotebookUnsaved(path, _find_reason(error)) from None
        except OSError as error:
            raise NotebookUnsaved(path, _find_reason(error)) from None

    async def _get(self, path: str, **wanted: Any) -> dict[str, Any]:
        try:
            return await ensure_async(self._read(path, type="notebook", **wanted))
        except HTTPError as error:
            if error.status_code == _NOT_FOUND:
                raise UnknownNotebook(path) from None
            raise NotebookUnreadable(path) from None
        except FileNotFoundError:
            raise UnknownNotebook(path) from None
        except (OSError, ValueError):  # a path with a NUL, a file that goes while it is read
            raise NotebookUnreadable(path) from None

    async def find(self, fits: Callable[[str], bool], seconds: float, most: int) -> Found:
        """Return what notebooks there are; where they are not on this machine's disk, in the root directory only.

        Args:
            fits: whether a path is wanted.
            seconds: for which it may look.
            most: entries of directories at which it may look.
        """
        root = self.root
        if root is not None:
            return await asyncio.to_thread(walk, root, self._manager.should_list, fits, seconds=seconds, most=most)
        listed = await ensure_async(self._manager.get("", content=True, type="directory"))
        paths = [each["path"] for each in listed["content"] if each["type"] == "notebook"]
        return Found(sorted(filter(fits, paths)), is_all=False)

    def _lock_of(self, path: str) -> asyncio.Lock:
        return self._locks.setdefault(self.identify(path), asyncio.Lock())

    async def _save_in_turn(self, model: Any, path: str = "", *others: Any, **more: Any) -> Any:
        """Save for somebody else, when no edit of the same file is being made."""
        async with self._turn_of(path):
            return await self._save(model, path, *others, **more)

    async def _read_in_turn(self, path: str, content: bool = True, *others: Any, **more: Any) -> Any:
        """Read for somebody else, when nobody writes the same file."""
        if not content or not path.endswith(".ipynb"):
            return await self._read(path, content, *others, **more)
        async with self._turn_of(path):
            return await self._read(path, content, *others, **more)

    @asynccontextmanager
    async def _turn_of(self, path: str) -> AsyncGenerator[None]:
        """Keep all others from the file, if they do not keep it for too long."""
        identity, lock = self.identify(path), self._lock_of(path)
        if _in_turn.get() == identity:
            yield
            return
        try:
            async with asyncio.timeout(_PATIENCE):
                await lock.acquire()
        except TimeoutError:
            yield
            return
        before = _in_turn.set(identity)
        try:
            yield
        finally:
            _in_turn.reset(before)
            lock.release()


def _find_reason(error: BaseException) -> str:
    """Return why something could not be written, in words that name no place on the disk."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno is not None:
            return os.strerror(cause.errno)
        if isinstance(cause, sqlite3.Error):  # Jupyter keeps signatures of notebooks there
            return str(cause)
        cause = cause.__cause__ or cause.__context__
    return f"Jupyter answered {getattr(error, 'status_code', 'no reason')}"
