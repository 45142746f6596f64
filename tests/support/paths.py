"""Where things lie in the checkout."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKOUT = Path(__file__).parents[2]
"""The repository's top."""

CACHE = CHECKOUT / ".cache"
"""What tests download or build once; `make clean` removes it."""

SCRIPTS = Path(sys.executable).parent
"""Console scripts of this environment: mcp-notebook, node, npm, mcp-server-time ..."""


@contextlib.contextmanager
def alone_in_cache(name: str) -> Iterator[None]:
    """Be the only process that fills a part of the cache: tests run side by side.

    Args:
        name: of the part.
    """
    CACHE.mkdir(exist_ok=True)
    with FileLock(CACHE / f"{name}.lock"):
        yield
