"""The command about who answers what servers ask a language model: `%mcp model`.

Knows words. Refuses to know how a model is reached (`approval.providers`), and never sees a key.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from mcp_notebook.errors import UsageError
from mcp_notebook.errors.base import did_you_mean
from mcp_notebook.magics.command import Command, Invocation, Options

if TYPE_CHECKING:
    from mcp_notebook.approval.providers import AnthropicModel, OpenAIModel, Provider

__all__ = ["MODEL"]

_USAGE = "%mcp model [MODEL] [--url URL] [--key VARIABLE]"
_ME = "me"
_MAKERS = ("anthropic", "openai")


def _model(invocation: Invocation) -> None:
    # Here and not above: most notebooks never need them.
    from mcp_notebook.approval.providers import find_provider, set_provider  # noqa: PLC0415

    read = _read(invocation)
    if read.model == _ME:
        set_provider(None)
    elif read.model is not None:
        set_provider(_new_provider(str(read.model), read.url, read.key))
    print(_say(find_provider()))  # noqa: T201  it is the answer


def _read(invocation: Invocation) -> Any:
    options = Options(_USAGE)
    options.add_argument("model", nargs="?")
    options.add_argument("--url")
    options.add_argument("--key")
    read = options.parse_intermixed_args(invocation.words)
    if read.model in (None, _ME) and (read.url or read.key):
        raise UsageError("Say which model, such as openai:llama3.2", _USAGE)
    return read


def _new_provider(model: str, url: str | None, key: str | None) -> AnthropicModel | OpenAIModel:
    from mcp_notebook.approval.providers import (  # noqa: PLC0415  as above
        AnthropicModel,
        ModelFailed,
        OpenAIModel,
    )
    from mcp_notebook.approval.providers.failures import check_installed  # noqa: PLC0415  as above

    maker, _, listed = model.partition(":")
    names = [name.strip() for name in listed.split(",") if name.strip()]
    if maker not in _MAKERS:
        what = f"{model!r} is neither anthropic:NAME, openai:NAME nor me"
        raise UsageError(f"{what}.{did_you_mean(maker, (*_MAKERS, _ME))}", _USAGE)
    if not names:
        raise UsageError(f"Say which of {maker}'s models, such as {maker}:NAME", _USAGE)
    if key is not None and not key.isidentifier():
        raise UsageError("--key wants the name of an environment variable, never the key itself", _USAGE)
    try:
        check_installed(maker)
        return (AnthropicModel if maker == "anthropic" else OpenAIModel)(names, url, key)
    except (ModelFailed, ValueError) as error:
        raise UsageError(str(error), _USAGE) from None


def _say(provider: Provider | None) -> str:
    from mcp_notebook.approval.providers import provider_name  # noqa: PLC0415  as above

    if provider is None:
        return "What servers ask a language model is put to you, and you write the answer."
    said = f"What servers ask a language model goes to {provider_name(provider)}; you see it before, and the answer."
    variable: str | None = getattr(getattr(provider, "access", None), "variable", None)
    if variable is not None and not os.environ.get(variable):
        said += f" There is no key yet: {variable} is not set in this kernel's environment."
    return f"{said} {getattr(getattr(provider, 'access', None), 'warning', '')}".rstrip()


MODEL = Command(
    "model",
    _USAGE,
    "say which language model answers what servers ask one; you see the request and the answer",
    _model,
    example="%mcp model openai:llama3.2 --url http://localhost:11434/v1",
    notes="""\
MODEL            anthropic:NAME, openai:NAME (with commas several: a server's wish chooses), or me: you write answers
--url URL        of a server that speaks as the maker's does: Ollama, vLLM, LM Studio and others
--key VARIABLE   the environment variable with the key; else ANTHROPIC_API_KEY or OPENAI_API_KEY, and none with --url
A server that is connected already sends a model its tools after %mcp restart.""",
)
