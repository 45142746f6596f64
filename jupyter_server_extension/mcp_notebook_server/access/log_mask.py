"""Keeps host tokens out of Jupyter's log.

Knows what a token looks like, and who writes requests down as they came: tornado does, of one whose headers it cannot
read, so that a token with a NUL behind it stood in the log (found by sending malformed requests).
"""

from __future__ import annotations

import logging
import re

from mcp_notebook_server.access.tokens import PREFIX

__all__ = ["hide_tokens", "show_tokens"]

_TOKEN = re.compile(rf"{PREFIX}[A-Za-z0-9_-]+")
_log = logging.getLogger("tornado.general")


def hide_tokens() -> None:
    """Begin to mask host tokens in what tornado logs."""
    _log.addFilter(_mask)


def show_tokens() -> None:
    """Mask nothing any longer."""
    _log.removeFilter(_mask)


def _mask(record: logging.LogRecord) -> bool:
    said = record.getMessage()
    if PREFIX in said:
        record.msg, record.args = _TOKEN.sub(f"{PREFIX}...", said), ()
    return True
