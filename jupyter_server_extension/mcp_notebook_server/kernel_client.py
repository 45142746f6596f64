"""Jupyter's client of a kernel for a few words with it, under a session by which its messages are known.

Knows how a kernel's key is handed on. Refuses to know what is said, and to hear what the kernel tells everybody.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from jupyter_client.session import Session

if TYPE_CHECKING:
    from collections.abc import Generator

    from jupyter_client.asynchronous.client import AsyncKernelClient

__all__ = ["open_client"]


@contextlib.contextmanager
def open_client(kernel: Any, prefix: str) -> Generator[AsyncKernelClient]:
    """Open the shell and control channels of a kernel for as long as the context lasts.

    Args:
        kernel: Jupyter's manager of it.
        prefix: of the session's name.
    """
    session = Session(
        session=prefix + uuid4().hex,
        key=kernel.session.key,
        signature_scheme=kernel.session.signature_scheme,
    )
    client: AsyncKernelClient = kernel.client(session=session)
    client.start_channels(iopub=False, stdin=False, hb=False)
    try:
        yield client
    finally:
        client.stop_channels()
