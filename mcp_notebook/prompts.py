"""The prompts of a server, and a prompt that was got from it: messages, shown by who would say them.

Knows that a prompt's arguments are texts. Refuses to send the messages to any model.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from mcp_notebook.arguments import check_texts, read_arguments
from mcp_notebook.blocks import block_view
from mcp_notebook.catalog import Catalog
from mcp_notebook.display import View, one_line, parts_view, text_view, titled_view
from mcp_notebook.errors import UnknownPrompt
from mcp_notebook.schemas import describe_arguments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mcp_types import GetPromptResult, Prompt, PromptMessage

    from mcp_notebook.schemas import Schema

__all__ = ["PromptResult", "Prompts", "check_prompt_arguments", "read_prompt_arguments"]


class Prompts(Catalog["Prompt"]):
    """A server's prompts, by name."""

    noun = "prompt"
    columns = ("prompt", "arguments", "what it is for")

    @staticmethod
    def key(item: Prompt) -> str:
        """Give its name."""
        return item.name

    @staticmethod
    def row(item: Prompt) -> tuple[str, ...]:
        """Give name, arguments and what it is for."""
        described = one_line(item.description or item.title or "", limit=160)
        return item.name, describe_arguments(_schema(item)), described

    def get(self, name: str, server: str) -> Prompt:
        """Give a prompt by its name.

        Args:
            name: of the prompt.
            server: whose prompts these are, for the error.

        Raises:
            UnknownPrompt: there is none, and the error says what there is.
        """
        prompt = self.find(name)
        if prompt is None:
            raise UnknownPrompt(name, self.names, server)
        return prompt


def read_prompt_arguments(words: Sequence[str], prompt: Prompt, namespace: Mapping[str, Any]) -> dict[str, Any]:
    """Read a prompt's arguments from words, as `read_arguments` does.

    Raises:
        ArgumentError: the prompt has no such argument.
        ValueError: a word is no `name=value`.
    """
    return read_arguments(words, prompt.name, _schema(prompt), namespace)


def check_prompt_arguments(arguments: Mapping[str, Any], prompt: Prompt) -> dict[str, str]:
    """Make arguments texts, and check that they are this prompt's.

    Raises:
        ArgumentError: one is unknown, missing or has no JSON form.
    """
    return check_texts(arguments, prompt.name, _schema(prompt))


def _schema(prompt: Prompt) -> Schema:
    """Describe a prompt's arguments as a tool describes its own."""
    arguments = prompt.arguments or []
    return {
        "type": "object",
        "properties": {one.name: {"type": "string"} for one in arguments},
        "required": [one.name for one in arguments if one.required],
    }


class PromptResult:
    """A prompt that was got: messages for a model, with nothing sent to any.

    Args:
        answer: the SDK's.
        server: the name of the connection it came by; None if unknown.
    """

    def __init__(self, answer: GetPromptResult, server: str | None = None) -> None:
        self._answer = answer
        self._server = server

    @property
    def messages(self) -> list[PromptMessage]:
        """The messages, as the SDK's objects: each has a role ("user" or "assistant") and a content block."""
        return self._answer.messages

    @property
    def text(self) -> str:
        """The texts of the messages, an empty line between them."""
        return "\n\n".join(one.content.text for one in self.messages if one.content.type == "text")

    @property
    def raw(self) -> dict[str, Any]:
        """The whole answer as it was on the wire."""
        return self._answer.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def _view(self) -> View:
        parts = [partial(_message_view, message, self._server) for message in self.messages]
        return parts_view(parts or [partial(text_view, "(a prompt without messages)")], "all are in .messages", "\n\n")

    def __repr__(self) -> str:
        return self._view().plain

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        del include, exclude  # IPython filters the bundle itself
        return self._view().to_mimebundle()


def _message_view(message: PromptMessage, server: str | None) -> View:
    return titled_view(f"{message.role}:", block_view(message.content, server))
