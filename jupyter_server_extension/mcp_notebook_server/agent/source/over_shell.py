"""One reading at a time, asked and answered in a request to the idle shell: where no socket reaches the kernel.

Knows JSON texts. Refuses what needs a socket: whole frames, and everything that is no reading.
"""

from __future__ import annotations

import json
import sys

from .guest import Guest, Slice
from .operations import Operations
from .refusals import Refused

__all__ = ["answer"]


def answer(request: str) -> str:
    """Do one operation and return its answer, both as the agent's own protocol has them.

    Args:
        request: JSON with `op`, `arguments` and `timeout`.
    """
    asked = json.loads(request)
    operations = Operations(sys.modules["IPython"].get_ipython())
    variables = operations._variables  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  what runs is this very request
    variables.running = lambda: None
    work = Slice(Guest())
    work.begin(asked["timeout"])
    try:
        said = {"ok": True, "result": operations.run(asked["op"], asked["arguments"], work)}
    except Refused as refusal:
        said = {"ok": False, "error": refusal.kind, "message": refusal.message}
    except Exception as error:  # noqa: BLE001  whatever a library raises must become an answer
        sentence = f"Reading failed: {type(error).__name__}. Please report this."
        said = {"ok": False, "error": "failed", "message": sentence}
    finally:
        work.end()
    return json.dumps(said)
