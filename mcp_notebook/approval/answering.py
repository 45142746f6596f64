"""What the SDK's client calls when a server asks something back.

Knows the SDK's callbacks, and that an exception of theirs would break the request that is under way. Refuses to know
how a question is answered. Everything here belongs on the loop thread.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import anyio
from mcp_types import (
    INTERNAL_ERROR,
    ErrorData,
    ListRootsResult,
    Root,
    SamplingCapability,
    SamplingToolsCapability,
)
from pydantic import FileUrl

from mcp_notebook.approval.elicitation import answer_elicitation
from mcp_notebook.approval.providers import ModelFailed, find_provider
from mcp_notebook.approval.question import Asker
from mcp_notebook.approval.roots import find_roots
from mcp_notebook.approval.sampling import DECLINED, answer_sampling
from mcp_notebook.display import one_line

if TYPE_CHECKING:
    from mcp.client.session import ClientRequestContext
    from mcp_types import (
        CreateMessageRequestParams,
        CreateMessageResult,
        CreateMessageResultWithTools,
        ElicitRequestParams,
        ElicitResult,
    )

    from mcp_notebook.approval.callers import Callers
    from mcp_notebook.approval.question import Answer, Question

__all__ = ["Answering"]


class Answering:
    """Answers for one connection.

    Args:
        server: the connection's name.
        address: what it leads to, without secrets.
        callers: the cells that wait for it.
    """

    def __init__(self, server: str, address: str, callers: Callers) -> None:
        self._server = server
        self._address = address
        self._callers = callers

    @property
    def callbacks(self) -> dict[str, Any]:
        """Give them by the names of the SDK's client."""
        callbacks: dict[str, Any] = {"elicitation_callback": self._elicit, "sampling_callback": self._sample}
        if find_provider() is not None:  # a person takes no tools
            callbacks["sampling_capabilities"] = SamplingCapability(tools=SamplingToolsCapability())
        if find_roots():  # else not even declared
            callbacks["list_roots_callback"] = self._list_roots
        return callbacks

    @property
    def _asker(self) -> Asker:
        return Asker(self._server, self._callers.find_tool(), self._address)

    async def _ask(self, question: Question) -> Answer:
        from mcp_notebook.approval.notebook import get_gate  # noqa: PLC0415  what checks forms costs a second to import

        return await get_gate().ask(question, self._callers.find())

    async def _elicit(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult | ErrorData:
        del context
        try:
            return await answer_elicitation(self._asker, params, self._ask)
        except Exception as error:  # noqa: BLE001  see the module's docstring
            return _broken(error)

    async def _sample(
        self, context: ClientRequestContext, params: CreateMessageRequestParams
    ) -> CreateMessageResult | CreateMessageResultWithTools | ErrorData:
        del context
        try:
            with anyio.CancelScope() as scope:
                if self._callers.find() is not None:
                    self._cancel_with_callers(scope)
                return await answer_sampling(self._asker, params, self._ask, find_provider())
            return ErrorData(code=DECLINED, message="The call that this was for is over.")
        except ModelFailed as error:
            self._say(str(error))
            return ErrorData(code=INTERNAL_ERROR, message="The language model gave no answer.")
        except Exception as error:  # noqa: BLE001  see the module's docstring
            return _broken(error)

    def _cancel_with_callers(self, scope: anyio.CancelScope) -> None:
        """Cancel a scope when no cell waits any more: a model's work costs, and not every server calls it off."""
        caller = self._callers.find()
        if caller is None:
            scope.cancel()
        else:
            loop = asyncio.get_running_loop()
            caller.at_end(lambda: loop.call_soon_threadsafe(self._cancel_with_callers, scope))

    def _say(self, sentence: str) -> None:
        """Say something under the cell that waits; what goes wrong with the person's model is none of the server's."""
        caller = self._callers.find()
        if caller is not None:
            caller.post(lambda: print(f"MCP: {sentence}"))  # noqa: T201  the cell's output says so

    async def _list_roots(self, context: ClientRequestContext) -> ListRootsResult:
        del context
        return ListRootsResult(roots=[Root(uri=FileUrl(uri), name=name) for uri, name in find_roots()])


def _broken(error: Exception) -> ErrorData:
    return ErrorData(code=INTERNAL_ERROR, message=f"The question could not be asked: {one_line(str(error), 200)}")
