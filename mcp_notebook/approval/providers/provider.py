"""Who answers in this notebook: a model, any function, or the person."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable

from mcp_notebook.approval.providers.conversation import Completion, Request
from mcp_notebook.approval.providers.failures import ModelFailed
from mcp_notebook.approval.providers.model import Model, OnText, say_nothing
from mcp_notebook.display import one_line

__all__ = ["Provider", "complete", "find_provider", "provider_name", "set_provider"]

Provider = Callable[[Request], Completion | str | Awaitable[Completion | str]]
"""Answers a request. A plain function is called on a thread of its own, so it may take its time."""

_provider: Provider | None = None


def set_provider(provider: Provider | None) -> None:
    """Say who answers servers' requests to a model; None for the person.

    Servers that are connected to from now on are told that they may send tools along, if it is not the person.
    """
    global _provider  # noqa: PLW0603  the one of this notebook
    _provider = provider


def find_provider() -> Provider | None:
    """Give who answers; None if it is the person."""
    return _provider


def provider_name(provider: Provider) -> str:
    """Say who it is, in one line: `poet`, or `claude-sonnet-5 (anthropic)`."""
    return one_line(getattr(provider, "__name__", None) or str(provider), 200)


async def complete(provider: Provider, request: Request, on_text: OnText = say_nothing) -> Completion:
    """Have a request answered. Cancelling this ends a model's work.

    A plain function is told by `request.cancelled`; if it does not look, it goes on to its end, unheard.

    Args:
        provider: who answers.
        request: what is asked.
        on_text: hears the answer's text as it comes; in one piece where the provider gives it so.

    Raises:
        ModelFailed: there is no answer.
    """
    if isinstance(provider, Model):
        return await provider(request, on_text)
    try:
        completion = _read(provider, await _call(provider, request))
    except asyncio.CancelledError:
        request.cancelled.set()
        raise
    on_text(completion.text)
    return completion


async def _call(provider: Provider, request: Request) -> object:
    try:
        if inspect.iscoroutinefunction(provider) or inspect.iscoroutinefunction(type(provider).__call__):
            answer = provider(request)
        else:
            answer = await asyncio.to_thread(_call_here, provider, request)
        return await answer if inspect.isawaitable(answer) else answer
    except ModelFailed:
        raise
    except Exception as error:
        said = f"{type(error).__name__}: {one_line(str(error), 200)}"
        raise ModelFailed(f"{provider_name(provider)} gave no answer: {said}") from error


def _call_here(provider: Provider, request: Request) -> object:
    try:
        return provider(request)
    except StopIteration:  # asyncio cannot carry it from a thread: whoever waits would wait for ever
        raise RuntimeError("it raised StopIteration") from None


def _read(provider: Provider, answered: object) -> Completion:
    if isinstance(answered, str):
        return Completion(answered, provider_name(provider))
    if not isinstance(answered, Completion):
        kind = type(answered).__name__
        raise ModelFailed(f"{provider_name(provider)} gave a {kind}, which is neither a text nor a Completion")
    return answered
