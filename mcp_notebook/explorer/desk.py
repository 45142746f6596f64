"""Takes what a page asks, has it answered, and sends the answers.

    {"id": 7, "ask": "tools", "said": {"server": "files"}}     the page asks
    {"id": 7, "part": {...}}                                   progress, as often as need be
    {"id": 7, "answer": {...}} or {"id": 7, "problem": "..."}  and then no more
    {"id": 7, "ask": "cancel"}                                 the page does not want it any more

Knows who answers what. Refuses to know how messages travel. `Desk.take` may be called from any thread; everything else
belongs on the loop thread.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from mcp_notebook.display import one_line
from mcp_notebook.errors import HostError
from mcp_notebook.explorer import policy_view, prompts, resources, runs, servers, tools, wire_view
from mcp_notebook.explorer.room import Said

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_notebook.explorer.room import Ask, Room
    from mcp_notebook.loop import Loop

__all__ = ["Desk"]

MAX_ASKED = 64
"""Answers of one page that may be under way; more are refused."""

_MODULES = (servers, tools, runs, resources, prompts, wire_view, policy_view)
_ASKS: dict[str, Ask] = {name: ask for module in _MODULES for name, ask in module.ASKS.items()}


class Desk:
    """Answers one page.

    Args:
        room: what the answers have in common.
        send: sends a message to the page; from the loop thread.
        loop: where the answers are made.
        on_close: called, on the loop thread, when the page says that it is closed.
    """

    def __init__(
        self, room: Room, send: Callable[[dict[str, Any]], None], loop: Loop, on_close: Callable[[], None]
    ) -> None:
        self._room = room
        self._send = send
        self._loop = loop
        self._on_close = on_close
        self._answering: dict[str, asyncio.Task[None]] = {}
        self._closed = False

    @property
    def under_way(self) -> int:
        """How many answers are being made."""
        return len(self._answering)

    def take(self, said: Any) -> None:
        """Take what a page says; anything may be in it. From any thread."""
        if not self._closed and self._loop.is_usable:
            self._loop.submit(self._take, cast("dict[str, Any]", said) if isinstance(said, dict) else {})

    async def _take(self, message: dict[str, Any]) -> None:
        self._loop.check_here()
        key, ask = str(message.get("id", ""))[:100], str(message.get("ask", ""))
        if ask == "close":
            self._on_close()
        elif ask == "cancel":
            self._cancel(key)
        elif self._closed or key in self._answering:
            pass
        elif ask not in _ASKS:
            self._send({"id": key, "problem": f"Nobody answers {one_line(ask, 100)!r}"})
        elif len(self._answering) >= MAX_ASKED:
            self._send({"id": key, "problem": f"{MAX_ASKED} answers are under way already"})
        else:
            self._answering[key] = asyncio.create_task(self._answer(key, ask, Said(message.get("said"))))

    def _cancel(self, key: str) -> None:
        task = self._answering.get(key)
        if task is not None:
            task.cancel()

    async def _answer(self, key: str, ask: str, said: Said) -> None:
        try:
            answer = await _ASKS[ask](self._room, said, lambda part: self._send({"id": key, "part": part}))
            reply: dict[str, Any] = {"id": key, "answer": answer}
        except asyncio.CancelledError:
            reply = {"id": key, "problem": "cancelled", "cancelled": True}
        except (HostError, ValueError) as error:
            reply = {"id": key, "problem": one_line(str(error), 2000)}
        except Exception as error:  # noqa: BLE001  the page is told, whatever it is
            reply = {"id": key, "problem": one_line(f"{type(error).__name__}: {error}", 2000)}
        del self._answering[key]
        if not self._closed:
            self._send(reply)

    async def close(self) -> None:
        """Answer nothing more, cancel what is under way, and wait until that has ended."""
        self._closed = True
        tasks = list(self._answering.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
