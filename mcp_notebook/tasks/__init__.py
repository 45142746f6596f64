"""Calls that a server answers with a task, and the result later (extension `io.modelcontextprotocol/tasks`).

Knows how a task is followed to its end. Refuses to know the connection, and how a task's state looks in a notebook.
Belongs on the loop thread.
"""

from __future__ import annotations

from mcp_notebook.tasks.following import Tasks, watched_by

__all__ = ["Tasks", "watched_by"]
