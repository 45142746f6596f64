"""Files that only their owner can read, and that several kernels change.

Knows how such a file is written: one process at a time, whole at every moment. Refuses to know what is in it.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["rewrite"]

_LOCK_SECONDS = 10


def rewrite(file: Path, new_content: Callable[[], Any]) -> None:
    """Write a file anew, as JSON.

    Args:
        file: made if it is not there, with its directory.
        new_content: gives a JSON value; called while nobody else writes, so that it can read the file first.

    Raises:
        OSError: it cannot be written.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with FileLock(file.with_suffix(".lock"), timeout=_LOCK_SECONDS, mode=0o600):
        content = new_content()
        descriptor, name = tempfile.mkstemp(dir=file.parent)  # 0600
        with os.fdopen(descriptor, "w", encoding="utf-8") as unfinished:
            json.dump(content, unfinished, indent=1)
        Path(name).replace(file)
