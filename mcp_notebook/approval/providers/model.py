"""What models of every maker share: their names, how they are reached, and that a failure is one sentence.

Knows no wire format: `anthropic` and `openai` do.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from mcp_notebook.approval.providers.access import Access
from mcp_notebook.approval.providers.failures import ModelFailed, why_failed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp_notebook.approval.providers.conversation import Completion, Request

__all__ = ["Model", "OnText", "say_nothing"]

OnText = Callable[[str], object]
"""Called with each piece of an answer's text, on the loop thread, as it comes."""


def say_nothing(_text: str) -> None:
    """Take a piece of an answer that nobody wants to see before it is whole."""


class Model(ABC):
    """One or several models, of which the server's wishes choose.

    Args:
        names: of the models, best first.
        url: of a server that speaks as the maker's does; None for the maker's own.
        key_variable: of the environment, with the key; None for the maker's own, or for no key at another address.

    Raises:
        ValueError: the address is none, or has a password in it.
    """

    maker: ClassVar[str]

    def __init__(self, names: Sequence[str], url: str | None = None, key_variable: str | None = None) -> None:
        self.names = tuple(names)
        self.access = Access(self.maker, url, key_variable)

    def __str__(self) -> str:
        return f"{' or '.join(self.names)} ({self.access.where})"

    async def __call__(self, request: Request, on_text: OnText = say_nothing) -> Completion:
        """Answer a request.

        Args:
            request: what is asked.
            on_text: hears the answer as it comes.

        Raises:
            ModelFailed: there is no answer; a part of it may have been heard.
        """
        name = request.choose_model(self.names)
        try:
            return await self._answer(request, name, on_text)
        except ModelFailed:
            raise
        except Exception as error:
            raise why_failed(error, self.access, name) from error

    @abstractmethod
    async def _answer(self, request: Request, name: str, on_text: OnText) -> Completion:
        """Have one model answer; whatever is raised is worded by the caller."""
