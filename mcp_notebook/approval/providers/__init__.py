"""Language models behind one small protocol: who answers what a server asks a model.

    set_provider(lambda request: f"You said: {request.messages[-1].text}")     any function, also async
    set_provider(AnthropicModel(["claude-sonnet-5"]))                          see also OpenAIModel, and %mcp model
    set_provider(None)                                                         the person writes the answer

    conversation         what a model is asked, and what it answers
    model                what both kinds of model have in common
    provider             who answers in this notebook
    anthropic, openai    the two kinds of interface that models are reached by, each with its maker's own package
    failures             why there is no answer, in a sentence

Knows models. Refuses to know who asks, and what the person lets through (`sampling`).
"""

from __future__ import annotations

from mcp_notebook.approval.providers.anthropic import AnthropicModel
from mcp_notebook.approval.providers.conversation import Completion, Message, Request, Usage
from mcp_notebook.approval.providers.failures import ModelFailed
from mcp_notebook.approval.providers.model import Model, OnText
from mcp_notebook.approval.providers.openai import OpenAIModel
from mcp_notebook.approval.providers.provider import (
    Provider,
    complete,
    find_provider,
    provider_name,
    set_provider,
)

__all__ = [
    "AnthropicModel",
    "Completion",
    "Message",
    "Model",
    "ModelFailed",
    "OnText",
    "OpenAIModel",
    "Provider",
    "Request",
    "Usage",
    "complete",
    "find_provider",
    "provider_name",
    "set_provider",
]
