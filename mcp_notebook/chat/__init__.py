"""A model that uses the tools of the connected servers for a person: `%%mcp ask`, and the same as a Python object.

    conversation = Conversation()
    conversation.ask("What is the weather in Seoul?")

    conversation, running    what was asked and answered so far; a question while it runs, on which thread
    turn, calls              the loop: the model chooses, its choices are decided on and called, until it answers
    work                     what these share
    toolbox, naming          the tools of all servers, under names that cannot clash; which of them a model does not get
    wishes, origin           a choice as a question to the person, and where it may come from
    giving                   what a tool gave, as a model gets it
    attaching, describing    resources, prompts and variables that go along
    steps, views, faces      what happened, how that looks, where it is shown
    limits                   how far it may go, and what it cost

Knows hosts and models. Refuses to let a call be made that neither the person nor a rule of theirs let through.
"""

from __future__ import annotations

from mcp_notebook.chat.conversation import Conversation, Reply
from mcp_notebook.chat.limits import Cost, Limits

__all__ = ["Conversation", "Cost", "Limits", "Reply"]
