"""Notebooks and their cells, as hosts read and change them.

    notebooks       which are open; the document of each
    document        the seam: read it, do one step to it
    saved, files    one that is not shared: its file, changed on what is on disk at that moment
    live            one that is shared with jupyter-collaboration, found by `collaboration`
    cells           steps: what can be done to cells, planned and applied
    cell_run        a run of a cell: what it shows (`outputs`) is written into it
    walk, searching finding notebooks, and text in them

Who may see which notebook, and who may change it, is decided elsewhere (`tools`, `access`).
"""

from mcp_notebook_server.notebooks.cell_run import CellRun
from mcp_notebook_server.notebooks.document import Changed, Document, Snapshot
from mcp_notebook_server.notebooks.notebooks import Notebooks

__all__ = ["CellRun", "Changed", "Document", "Notebooks", "Snapshot"]
