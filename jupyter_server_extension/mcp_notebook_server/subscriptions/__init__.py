"""Subscriptions: a host hears when a kernel's state, a notebook, or what a cell shows has changed.

    topics          what can be followed, and at which address
    following       one host that follows one topic
    subscriptions   all of them, in both eras of the protocol
    sources         what Jupyter says by itself, and how that is heard: nothing asks again and again
    live            which cells change in a notebook that is shared live
    cells           which cells a saved notebook has changed in

Variables are not followed: a kernel does not say when one changes.
"""

from mcp_notebook_server.subscriptions.errors import NotFollowed, TooManySubscriptions
from mcp_notebook_server.subscriptions.subscriptions import Subscriptions

__all__ = ["NotFollowed", "Subscriptions", "TooManySubscriptions"]
