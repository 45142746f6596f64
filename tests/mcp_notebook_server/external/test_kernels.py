"""How the kernels of editors come to Jupyter's managers of kernels, and go."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

from mcp_notebook_server.external.files import find_connection_files
from mcp_notebook_server.external.kernels import ExternalKernels
from support.editors import EditorKernel

if TYPE_CHECKING:
    from pathlib import Path


class Taker:
    """A Jupyter server's part in it."""

    def __init__(self, directory: Path) -> None:
        self.manager = AsyncMappingKernelManager()
        self.gone: list[str] = []
        self.external = ExternalKernels(self.manager, [directory], self.note_coming, self.gone.append, lambda: None)
        self.came = asyncio.Event()

    async def note_coming(self, _: str) -> None:
        self.came.set()


def test_of_two_jupyter_servers_one_has_a_kernel_until_it_ends_or_the_kernel_does(tmp_path: Path) -> None:
    async def take(kernel: EditorKernel) -> None:
        first, second = Taker(tmp_path), Taker(tmp_path)
        [file] = find_connection_files([tmp_path])
        await first.external.look()
        await asyncio.wait_for(first.came.wait(), 30)
        await second.external.look()
        assert first.manager.list_kernel_ids() == [file.kernel_id]
        assert second.manager.list_kernel_ids() == []
        await first.external.stop()
        assert (first.gone, first.manager.list_kernel_ids(), kernel.is_alive) == ([file.kernel_id], [], True)
        await second.external.look()
        assert second.manager.list_kernel_ids() == [file.kernel_id]
        kernel.kill()
        await second.external.look()
        assert (second.gone, second.manager.list_kernel_ids()) == ([file.kernel_id], [])
        assert list((tmp_path / "mcp-notebook").iterdir()) == []
        for each in (first, second):
            await each.external.stop()
            each.manager.context.destroy(linger=0)

    with EditorKernel(tmp_path, os.environ) as kernel:
        asyncio.run(take(kernel))
