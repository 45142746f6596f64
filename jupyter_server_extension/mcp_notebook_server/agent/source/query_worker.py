"""The worker: a process with the kernel's Python that runs one query, or writes one file, and ends.

Knows its job, which comes in on one line, and its limits, which it sets upon itself before it looks at the job. Why a
process: DuckDB's limits are not kept by every function (measured with 2.0: `range(300000000)` under a limit of 256 MB
took 2.5 GB and went on for four seconds after `interrupt()`; `levenshtein` of two long texts does not end at all), and
what a host's SQL brings down must not be the person's kernel.
"""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import json
import os
import sys
import traceback
from typing import Any

from .query_feed import Feed
from .query_files import write_table
from .query_run import Database, to_answer
from .refusals import Refused

__all__ = ["run"]

_ADDRESS_SPACE = 3 << 30
_GRACE_SECONDS = 1.0
_NICE = 5


class _NoPandas:
    """Keeps pandas and Polars out: pyarrow and DuckDB would import them, which takes long, and need neither."""

    def find_spec(self, name: str, _: Any = None, __: Any = None) -> None:
        if name.partition(".")[0] in ("pandas", "polars"):
            raise ModuleNotFoundError(name)


def run() -> None:
    """Do the job that is on the next line of standard input, and write the answer to standard output."""
    job = json.loads(sys.stdin.readline())
    faulthandler.dump_traceback_later(job["seconds"] + _GRACE_SECONDS, exit=True)  # needs no lock of Python's
    _limit_process()
    sys.path[:0] = job["places"]
    sys.meta_path.insert(0, _NoPandas())
    payload = b""
    try:
        result, payload = _do(job)
        answer = {"ok": True, "result": result, "payload": len(payload)}
    except Refused as refused:
        answer = {"ok": False, "error": refused.kind, "message": refused.message}
    except MemoryError:
        answer = {"ok": False, "error": "too_large", "message": "That needs more memory than it may use. Narrow it."}
    except Exception as error:  # noqa: BLE001  whatever a library raises must become an answer; its text may be data
        answer = {
            "ok": False,
            "error": "failed",
            "message": f"That failed: {type(error).__name__}. Please report this.",
        }
        traceback.print_exc()
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + payload)
    sys.stdout.buffer.flush()
    os._exit(0)  # threads of the libraries are not waited for


def _limit_process() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError, AttributeError):  # not all systems have limits
        os.nice(_NICE)
        resource = importlib.import_module("resource")
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))


def _do(job: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    pyarrow: Any = importlib.import_module("pyarrow")
    importlib.import_module("pyarrow.ipc")
    feed = Feed(job["address"], job["seconds"], pyarrow)
    if "sql" in job:
        database = Database(importlib.import_module("duckdb"), pyarrow, job["threads"], job["seconds"])
        limit = job["limit"]
        table = database.select(job["sql"], limit + 1, feed.read_mentioned)
        if "form" not in job:
            return to_answer(pyarrow, table, limit), b""
        said = {"rows": min(table.num_rows, limit), "truncated": table.num_rows > limit}
        return said, write_table(pyarrow, table.slice(0, limit), job["form"])
    table, said = feed.read(job["name"], columns=job["columns"], offset=job["offset"], limit=job["limit"])
    return said, write_table(pyarrow, table, job["form"])
