"""Who was refused at the door, on record: counted for a minute by reason and token, and then told in one line.

Knows how much may be said: whoever knocks a thousand times a second fills neither the file nor the memory. Refuses to
know why somebody is refused (`door`, `limits`).
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcp_notebook_server.metrics import REFUSALS
from mcp_notebook_server.short_form import shorten_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_notebook_server.access.door import Refusal

__all__ = ["REFUSAL_SCHEMA", "REFUSAL_SCHEMA_ID", "Refusals"]

REFUSAL_SCHEMA = Path(__file__).parent.parent / "event_schemas" / "refusal.v1.yaml"
REFUSAL_SCHEMA_ID = "urn:mcp-notebook:events:refusal:v1"

_MOST = 200
"""Pairs of reason and token that are told apart in one minute; there are fewer, save with very many tokens."""

_log = logging.getLogger(__name__)


@dataclass
class _Tally:
    first: datetime
    refusal: Refusal
    count: int = 0

    def as_json(self) -> dict[str, Any]:
        refusal = self.refusal
        more = {"token": refusal.token, "said": refusal.said and shorten_text(refusal.said)}
        return {
            "time": self.first.isoformat(timespec="milliseconds"),
            "refused": refusal.reason,
            "status": refusal.status,
            "count": self.count,
        } | {name: value for name, value in more.items() if value is not None}


class Refusals:
    """Those of one Jupyter server; belongs to its event loop.

    Args:
        sinks: take each line's JSON.
        seconds: for how long they are counted.
    """

    def __init__(self, *sinks: Callable[[dict[str, Any]], object], seconds: float = 60) -> None:
        self._sinks = sinks
        self._seconds = seconds
        self._tallies: dict[tuple[str, str | None], _Tally] = {}

    def note(self, refusal: Refusal) -> None:
        """Count one."""
        REFUSALS.labels(refusal.status, refusal.reason).inc()
        key = (refusal.reason, refusal.token)
        if key not in self._tallies:
            if len(self._tallies) >= _MOST:
                return
            if not self._tallies:
                asyncio.get_running_loop().call_later(self._seconds, self.flush)
            self._tallies[key] = _Tally(datetime.now(UTC), refusal)
        self._tallies[key].count += 1

    def flush(self) -> None:
        """Tell of what was counted."""
        tallies, self._tallies = self._tallies, {}
        for tally in tallies.values():
            for sink in self._sinks:
                try:
                    sink(tally.as_json())
                except Exception:  # noqa: BLE001 - whatever a sink does, the others are told
                    _log.exception("refused requests could not be put on record")
