"""Notebooks as they were last saved, through Jupyter's contents manager. Knows which of them a host token may see.

Refuses to know what is in a cell. Reading the open document comes with the tools for cells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_core.utils import ensure_async
from tornado.web import HTTPError

from mcp_notebook_server.errors import UnknownNotebook

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mcp_notebook_server.tools.tool import Context

__all__ = ["SavedNotebooks"]


class SavedNotebooks:
    """The notebooks below Jupyter's root directory.

    Args:
        contents_manager: Jupyter's.
    """

    def __init__(self, contents_manager: Any) -> None:
        self._contents_manager = contents_manager

    async def read_cells(self, path: str, context: Context) -> Sequence[Mapping[str, Any]]:
        """Return the cells of a notebook, in nbformat.

        Args:
            path: below the root directory.
            context: of the host; a token for certain kernels or notebooks sees only those.

        Raises:
            UnknownNotebook: if there is none, or none for this host.
        """
        running = [each.notebook for each in await context.kernels.list(context.token) if each.notebook]
        token = context.token
        if token.is_bound and path not in running and path not in token.notebooks:
            raise UnknownNotebook(path, running)
        try:
            model = await ensure_async(self._contents_manager.get(path, content=True, type="notebook"))
        except HTTPError:
            raise UnknownNotebook(path, running) from None
        return model["content"]["cells"]
