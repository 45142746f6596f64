"""Work on whole frames of a kernel, in a process beside it: SQL, and files of frames.

Knows how such a process is started, fed its job, and ended; refuses to know what it does (`source.query_worker`). It
has the kernel's Python, an empty environment, and reads the frames from the kernel's agent by itself, so no frame ever
passes through the Jupyter server, and no library is imported into the kernel.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import tempfile
from typing import TYPE_CHECKING, Any

from mcp_notebook_server.agent.bundle import bundle_worker
from mcp_notebook_server.errors import ReadRefused, WorkerFailed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mcp_notebook_server.agent.link import Agents

__all__ = ["work_on_frames"]

_GRACE_SECONDS = 5.0
"""How much longer than its own limit a worker is waited for: until it has started, and has ended itself."""

_PASSED_ON = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "SYSTEMDRIVE", "TEMP", "TMP")
"""What a process needs to find its libraries; nothing else of the environment is there for a query to find."""


async def work_on_frames(
    agents: Agents, kernel_id: str, job: Mapping[str, Any], needs: Sequence[str], *, seconds: float
) -> tuple[dict[str, Any], bytes]:
    """Do a job on frames of a kernel.

    Args:
        agents: of this Jupyter server.
        kernel_id: the kernel.
        job: for `query_worker`.
        needs: import names of libraries that must be in the kernel's environment.
        seconds: for all of it.

    Returns:
        The result, and the bytes that belong to it.

    Raises:
        ReadRefused: it cannot be done; the sentence says why.
        WorkerFailed: the process ended without an answer.
        ServerError: as `Agents.ask`.
    """
    tools = await agents.ask(kernel_id, "find_worker", {"needs": list(needs)})
    address = await agents.get_address(kernel_id)
    told = {"socket": address.socket, "port": address.port, "secret": address.secret}
    whole = {**job, "address": told, "places": tools["places"], "threads": tools["threads"], "seconds": seconds}
    line = f"{bundle_worker()}\n{json.dumps(whole)}\n"
    async with agents.free_workers:
        head, _, payload = (await _run(tools["executable"], line.encode(), seconds)).partition(b"\n")
    if not head:
        raise WorkerFailed(kernel_id, seconds)
    answer = json.loads(head)
    if not answer["ok"]:
        raise ReadRefused(answer["error"], answer["message"])
    return answer["result"], payload


async def _run(executable: str, given: bytes, seconds: float) -> bytes:
    """Run a worker to its end and return what it wrote; nothing if it was ended.

    In threads, since the event loop of Jupyter on Windows starts no processes.
    """
    process = await asyncio.to_thread(_start, executable)
    try:
        written, _ = await asyncio.to_thread(process.communicate, given, seconds + _GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        return b""
    finally:
        process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0)
    return written if process.returncode == 0 else b""


def _start(executable: str) -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return subprocess.Popen(  # noqa: S603  the kernel's own Python
        [executable, "-I", "-c", "exec(input())"],  # the program comes on the first line, the job on the second
        env=environment,
        cwd=tempfile.gettempdir(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
