"""The command that shows what waits for the person: `%mcp inbox`.

Two things: what this kernel's servers ask while no cell waits for them (`approval.showing`), and the page on which a
person answers hosts. Knows where the Jupyter server serves that page (package mcp_notebook_server), and how a notebook
frames it. Refuses to know what is on it: it opens with the login of the browser that shows the notebook, and this
kernel has no part in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from mcp_notebook.errors import NoJupyterServer
from mcp_notebook.jupyter_place import find_own_place, list_places
from mcp_notebook.magics.command import Command, Options

if TYPE_CHECKING:
    from mcp_notebook.magics.command import Invocation

__all__ = ["INBOX", "Inbox"]

_USAGE = "%mcp inbox"
_PAGE = "mcp-notebook/"
_HEIGHT = 560
"""Of the frame, in pixels: a question with a screen of code, and its buttons."""


@dataclass(frozen=True)
class Inbox:
    """The page, in a frame.

    Attributes:
        url: its address, for a browser on this machine.
        path: the same without the origin, which is that of the notebook: so it holds behind a proxy, too.
    """

    url: str
    path: str

    def __repr__(self) -> str:
        return f"The page on which you answer hosts: {self.url}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        del include, exclude  # IPython filters the bundle itself
        path = escape(self.path)
        look = 'style="border: 1px solid #8888; border-radius: 8px" title="MCP hosts: what waits for you"'
        frame = f'<iframe src="{path}" width="100%" height="{_HEIGHT}" {look}></iframe>'
        link = f'<a href="{path}" target="_blank" rel="noopener">Open it in a tab</a>'
        html = f"{frame}<p>{link}, or go to {escape(self.url)}</p>"
        return {"text/plain": repr(self), "text/html": html}


def _inbox(invocation: Invocation) -> Inbox | None:
    from mcp_notebook.approval.showing import show_inbox  # noqa: PLC0415  not for every line

    Options(_USAGE).parse_args(invocation.words)
    shown = show_inbox()
    own = find_own_place()
    if own is not None:
        return Inbox(own.url + _PAGE, own.base_url + _PAGE)
    places = list_places()
    if not places and not shown:
        raise NoJupyterServer
    for place in places:
        print(f"The page on which you answer hosts: {place.url}{_PAGE}")  # noqa: T201  it is the answer
    return None


INBOX = Command(
    "inbox",
    _USAGE,
    "show what servers ask while no cell waits for them, and the page on which you answer hosts",
    _inbox,
    example="%mcp inbox",
    notes="""\
Servers that ask something in the middle of a call are answered under the calling cell; what they ask at other times
waits here, and can be answered while another cell runs.
Hosts that want to run code or change a notebook ask you there first. The page is Jupyter's, behind its login; what runs
in this kernel cannot answer for you. Outside of Jupyter's notebooks, the address is printed.""",
)
