"""Processes of one test bed, found by a variable that all of them inherit, so that none outlives its test.

A kernel lives in a session of its own, and a child that it forked may outlive it: neither a process group nor the tree
of parents finds them all. The environment does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator


def processes_with(variable: str, value: str) -> Iterator[psutil.Process]:
    """Live processes that were started with `variable` set to `value`."""
    for process in psutil.process_iter():
        try:
            if process.environ().get(variable) == value and process.status() != psutil.STATUS_ZOMBIE:
                yield process
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue


def kill_processes_with(variable: str, value: str) -> None:
    """Kill all of them, and those they start meanwhile."""
    while processes := list(processes_with(variable, value)):
        for process in processes:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(processes, timeout=5)
