"""One question on its way: shown under the cell, answered by a click, by typing or not at all.

Knows two threads: the loop thread, which waits for the answer, and the cell's, which shows the question. Refuses to
know policies, and what becomes of the answer. Whatever is not said to be the cell's belongs on the loop thread.
"""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, cast

from mcp_notebook.approval.breaking import Breakable
from mcp_notebook.approval.checking import check_content
from mcp_notebook.approval.dialogue import ask_in_text
from mcp_notebook.approval.place import find_kernel, has_console
from mcp_notebook.approval.question import Answer
from mcp_notebook.approval.tap import find_tap, takes_questions
from mcp_notebook.display import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp_notebook.approval.callers import Caller
    from mcp_notebook.approval.inbox import Inbox
    from mcp_notebook.approval.question import Lasting, Question
    from mcp_notebook.approval.tap import Tap

__all__ = ["SHOWN_SECONDS", "Asking", "CellView", "NewView", "View"]

SHOWN_SECONDS = 2.0
"""How long a front end may take to show a form; then its part of the widget is taken to be missing."""

CLICKED, NOBODY = "clicked", "nobody is there to answer"


class View(Protocol):
    """A question in front of a person."""

    def show(self) -> None:
        """Show it: under the running cell, on its thread; or in the inbox."""
        ...

    def point_out(self, problems: Mapping[str, str]) -> None:
        """Show what is wrong, by field; from any thread."""
        ...

    def finish(self, outcome: str) -> None:
        """Let nothing more be clicked, and say why; from any thread."""
        ...


class CellView(View, Protocol):
    """A question under its cell."""

    @property
    def comm_id(self) -> str:
        """The comm that its clicks come by."""
        ...


NewView = Callable[["Question", Callable[[Any], object]], CellView]
"""Makes a view of a question; the function is called with whatever the front end says."""


class Asking:
    """One question, from when it is asked until it is answered.

    Args:
        question: what is asked.
    """

    def __init__(self, question: Question) -> None:
        self.question = question
        self._loop = asyncio.get_running_loop()
        self.answer: asyncio.Future[Answer] = self._loop.create_future()
        self._caller: Caller | None = None
        self._view: View | None = None
        self._forget: Callable[[], object] | None = None
        self._tap: Tap | None = None
        self._typing = Breakable()
        self._shown = False
        self._not_shown: asyncio.TimerHandle | None = None
        self._wants_typing = False
        self._wake: socket.socket | None = None

    def wait_in(self, inbox: Inbox) -> None:
        """Show the question where no cell waits for its server."""
        self._view = inbox.new_view(self.question, lambda said: self._post(self._hear, said))
        self._view.show()

    def begin(self, caller: Caller, new_view: NewView) -> None:
        """Show the question under the running cell. On the cell's thread; returns when the front end is in charge."""
        self._caller = caller
        try:
            kernel = find_kernel()
            if kernel is None and has_console():
                self._type()
            elif kernel is None or not takes_questions(kernel):
                self._say_nobody()
            else:
                self._show(kernel, caller, new_view)
        except Exception as error:  # noqa: BLE001  a question that cannot be shown is no reason to break the call
            self._post(self.settle, Answer("decline", f"it could not be shown: {one_line(str(error), 200)}"))

    def _post(self, function: Callable[..., object], *args: object) -> None:
        """Have a function called on the loop thread."""
        self._loop.call_soon_threadsafe(function, *args)

    def _say_nobody(self) -> None:
        question = self.question
        asked = f"{question.asker.shown_name} asked something ({question.kind})"
        what = question.title if question.kind == "call" else asked  # it is the model that wants this
        line = f"MCP: {what}; {NOBODY}, so it was declined."
        print(f"{line} %mcp policy {question.kind}=... decides beforehand.")  # noqa: T201  the cell's output says so
        self._post(self.settle, Answer("decline", NOBODY))

    def _show(self, kernel: Any, caller: Caller, new_view: NewView) -> None:
        tap = find_tap(kernel)
        if tap is None and caller.blocks:  # a click would come when the cell has ended
            self._type()
            return
        view = self._view = new_view(self.question, lambda said: self._post(self._hear, said))
        if tap is not None:
            self._tap = tap
            tap.hear(view.comm_id, lambda said: self._post(self._hear, said))
            self._forget = lambda: tap.forget(view.comm_id)
            caller.at_end(self._forget)
        pump = tap is not None and tap.needs_pump and caller.blocks
        wake, self._wake = socket.socketpair() if pump else (None, None)
        view.show()
        self._post(self._expect_shown)
        if tap is not None and wake is not None:
            with wake:
                tap.pump(wake, lambda: self.answer.done() or self._wants_typing)

    def _type(self) -> None:
        """Ask by `input()`. On the cell's thread."""
        try:
            answer = self._typing.run(lambda: ask_in_text(self.question, builtins.input, builtins.print))
        except (EOFError, NotImplementedError):  # the second is IPython's StdinNotImplementedError
            self._say_nobody()
            return
        if answer is not None:
            self._post(self.settle, answer)

    def _expect_shown(self) -> None:
        if not self.answer.done() and not self._shown:  # the front end may have been quicker
            self._not_shown = self._loop.call_later(SHOWN_SECONDS, self._fall_back)

    def _fall_back(self) -> None:
        """Ask by `input()`: the front end has not shown the form."""
        if not self.answer.done() and self._caller is not None:
            self._wants_typing = True
            self._wake_up()
            if self._view is not None and self._tap is not None and self._tap.needs_pump:
                self._view.finish("asked in a line of text instead")  # while a line is read, no click is heard
            self._caller.post(self._type)

    def _wake_up(self) -> None:
        if self._wake is not None:
            with contextlib.suppress(OSError):  # the cell's thread has its end closed when it needs no waking
                self._wake.send(b".")

    def _hear(self, said: Any) -> None:
        """Take what the front end says: that the form is shown, or what was clicked; or an answer that was typed."""
        if isinstance(said, Answer):
            self.settle(said)
        if not isinstance(said, dict) or self.answer.done():
            return
        message = cast("dict[str, Any]", said)
        self._shown = True
        if self._not_shown is not None:
            self._not_shown.cancel()
        if message.get("event") == "answer":
            self._take(message)

    def _take(self, message: Mapping[str, Any]) -> None:
        """Take an answer that was clicked, if it is one that the form can give."""
        action, lasting = message.get("action"), message.get("lasting", "once")
        content: Any = message.get("content")
        if action not in ("accept", "decline", "cancel") or lasting not in ("once", "session", "always"):
            return
        filled_in = cast("dict[str, Any]", content) if action == "accept" and isinstance(content, dict) else {}
        problems = check_content(self.question.fields, filled_in) if action == "accept" else {}
        if problems and self._view is not None:
            self._view.point_out(problems)
            return
        lasts: Lasting = lasting if action in self.question.may_last else "once"
        self.settle(Answer(action, CLICKED, filled_in, lasts))

    def settle(self, answer: Answer) -> None:
        """Take an answer, wherever it was given; the first one counts."""
        if not self.answer.done():
            self.answer.set_result(answer)
        self._wake_up()

    def close(self, outcome: str) -> None:
        """Take the question away, however it ended.

        Args:
            outcome: is shown in its place.
        """
        self.answer.cancel()
        if self._not_shown is not None:
            self._not_shown.cancel()
        if self._view is not None:
            if self._forget is not None:
                self._forget()
            self._view.finish(outcome)
        self._typing.break_off()
        if self._wake is not None:
            self._wake_up()
            self._wake.close()
            self._wake = None
