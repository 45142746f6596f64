"""When the Jupyter server has last answered anybody, whatever they asked for.

Knows tornado's record of answers. Refuses to know what they were. Jupyter's own word of its last activity leaves out
what only asks whether it is there, and those who ask that notice, too, when it stands still.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import MutableMapping

__all__ = ["Answers"]


class Answers:
    """The answers of one Jupyter server.

    Args:
        settings: of its tornado application, whose record of answers is listened to from now on.
    """

    def __init__(self, settings: MutableMapping[str, Any]) -> None:
        self._last = time.monotonic()
        log = settings.get("log_function")

        def note(handler: object) -> None:
            self._last = time.monotonic()
            if log is not None:
                log(handler)

        settings["log_function"] = note

    def none_within(self, seconds: float) -> bool:
        """Return whether nobody was answered for so many seconds."""
        return time.monotonic() - self._last > seconds
