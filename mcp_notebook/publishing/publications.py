"""What this kernel publishes, by name.

Knows names, what can be published, and IPython's kernel, whose cells outputs belong to. Belongs on the thread of the
cells.
"""

from __future__ import annotations

import atexit
import re
from typing import TYPE_CHECKING, Any

from mcp.server.mcpserver import MCPServer

from mcp_notebook.errors import HostError, NameUnfit, NotPublished, PublishFailed
from mcp_notebook.publishing import console
from mcp_notebook.publishing.console import Console
from mcp_notebook.publishing.places import find_place
from mcp_notebook.publishing.publication import Publication

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mcp.server.lowlevel import Server

__all__ = ["Publications", "close_publications", "get_publications", "make_server"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def make_server(name: str, functions: Sequence[Callable[..., Any]]) -> MCPServer[Any]:
    """Make a server whose tools are plain functions: the SDK takes schemas and descriptions from them."""
    server = MCPServer[Any](name)
    for function in functions:
        server.add_tool(function)
    return server


class Publications:
    """All of one kernel.

    Args:
        kernel: IPython's, which is not typed.
    """

    def __init__(self, kernel: Any) -> None:
        self._kernel = kernel
        self._by_name: dict[str, Publication] = {}

    @property
    def names(self) -> Sequence[str]:
        """The names under which anything is published."""
        return list(self._by_name)

    def get(self, name: str) -> Publication:
        """Give what is published under a name.

        Raises:
            NotPublished: nothing is.
        """
        if name not in self._by_name:
            raise NotPublished(name, self.names)
        return self._by_name[name]

    def publish(self, name: str, server: Any) -> bool:
        """Publish a server under a name; what has the name in this kernel is replaced, and its hosts stay connected.

        Args:
            name: letters, digits, `_`, `.` and `-`.
            server: the SDK's `MCPServer` or lowlevel `Server`.

        Returns:
            Whether something was replaced.

        Raises:
            NameUnfit: it cannot stand in an address.
            NotInJupyter: this kernel belongs to no Jupyter server.
            NameTaken: another kernel has it.
            PublishFailed: the server's lifespan raised.
        """
        if not _NAME.fullmatch(name):
            raise NameUnfit(name)
        # The SDK's own in-process transport takes it so: there is no public way.
        lowlevel: Server[Any] = server._lowlevel_server if isinstance(server, MCPServer) else server  # noqa: SLF001  # pyright: ignore[reportPrivateUsage, reportUnknownMemberType, reportUnknownVariableType]
        place = find_place()
        old = self._by_name.get(name)
        output = Console(self._make_send(), lambda: self._note_printed(name))
        try:
            if old is not None:
                old.replace(lowlevel, output)
                return True
            place.check_free(name)
            console.divert()
            self._by_name[name] = Publication(name, place, lowlevel, output)
        except HostError:
            raise
        except Exception as error:  # whatever the person's lifespan raises
            raise PublishFailed(name, error) from error
        return False

    def unpublish(self, name: str) -> None:
        """End what is published under a name.

        Raises:
            NotPublished: nothing is.
        """
        self.get(name).close()
        del self._by_name[name]
        if not self._by_name:
            console.restore()

    def close(self) -> None:
        """End all."""
        for name in self.names:
            self.unpublish(name)

    def _note_printed(self, name: str) -> None:
        publication = self._by_name.get(name)
        if publication is not None:
            publication.note_printed()

    def _make_send(self) -> Callable[[str, Mapping[str, Any]], object]:
        """Return what sends an output to the cell that runs now, whenever that is."""
        kernel, parent = self._kernel, self._kernel.get_parent("shell")

        def send(kind: str, content: Mapping[str, Any]) -> None:
            topic = f"kernel.{kernel.ident}.{kind}".encode()
            kernel.session.send(kernel.iopub_socket, kind, dict(content), parent=parent, ident=topic)

        return send


_publications: Publications | None = None


def get_publications(kernel: Any) -> Publications:
    """Give what this process publishes; it ends with the process."""
    global _publications  # noqa: PLW0603  the one of this process
    if _publications is None:
        _publications = Publications(kernel)
        atexit.register(close_publications)
    return _publications


def close_publications() -> None:
    """End all that this process publishes."""
    if _publications is not None:
        _publications.close()
