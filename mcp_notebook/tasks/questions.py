"""What a task's server asks while it works, brought to the person once, by the way of every server's questions.

Knows which questions were asked, and that one which the server needs no more is withdrawn. Refuses to know how a
question is answered: the SDK's callbacks do that. Belongs on the loop thread.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import anyio
from mcp import MCPError
from mcp.client.session import ClientRequestContext
from mcp_types import ErrorData

if TYPE_CHECKING:
    from mcp import ClientSession
    from mcp_types import InputRequest, InputRequests, InputResponse, InputResponses

__all__ = ["Questions"]


class Questions:
    """The questions of one task.

    Args:
        session: the SDK's, which knows the callbacks.
    """

    def __init__(self, session: ClientSession) -> None:
        self._session = session
        self._asked: set[str] = set()
        self._open: dict[str, asyncio.Task[InputResponse | ErrorData]] = {}

    def ask(self, requests: InputRequests) -> None:
        """Begin to ask what was not asked before, and withdraw what is not there any more."""
        for key in self._open.keys() - requests.keys():
            self._open.pop(key).cancel()
        for key, request in requests.items():
            if key not in self._asked:  # a server says them again at each poll, until it has taken the answer
                self._asked.add(key)
                self._open[key] = asyncio.create_task(self._dispatch(key, request))

    async def _dispatch(self, key: str, request: InputRequest) -> InputResponse | ErrorData:
        meta = request.params.meta if request.params else None
        context = ClientRequestContext(session=self._session, request_id=key, meta=meta)
        return await self._session.dispatch_input_request(context, request)

    async def wait(self, seconds: float) -> InputResponses:
        """Wait until the time is over or something is answered; give what is.

        Raises:
            MCPError: a question was refused, for which the extension has no answer.
        """
        if not self._open:
            await anyio.sleep(seconds)
            return {}
        done, _ = await asyncio.wait(self._open.values(), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        answered = [key for key, asking in self._open.items() if asking in done]
        return {key: _take_answer(self._open.pop(key)) for key in answered}

    async def withdraw(self) -> None:
        """Withdraw all that is not answered yet."""
        left, self._open = tuple(self._open.values()), {}
        for asking in left:
            asking.cancel()
        await asyncio.gather(*left, return_exceptions=True)


def _take_answer(asking: asyncio.Task[InputResponse | ErrorData]) -> InputResponse:
    answer = asking.result()
    if isinstance(answer, ErrorData):
        raise MCPError.from_error_data(answer)
    return answer
