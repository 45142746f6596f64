"""Whom the door has refused of late, as the record has it.

Knows the lines of `access.refusals`. Refuses to say it of what was longer ago than an hour.
"""

from __future__ import annotations

import json
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from mcp_notebook_server.cli.doctor.fault import Fault
from mcp_notebook_server.places import audit_file

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find_refusal_faults"]

_RECENT = timedelta(hours=1)
_LINES = 2000
"""The last ones of the record that are looked at."""

_CREATE = "Run `mcp-notebook token create NAME`, and give the host that"
_MENDS = {
    "host": ("came by the name {said}, which is not Jupyter's", "Add it with --ServerApp.local_hostnames={said}"),
    "origin": ("is a page of the origin {said}", "Start Jupyter with --ServerApp.allow_origin={said}, if you trust it"),
    "no token": ("sent no token", "Set the variable that its file names, where the host is started"),
    "token in URL": ("put its token into the URL", "Send it as the header `Authorization: Bearer TOKEN`"),
    "Jupyter token": ("sent Jupyter's own token", _CREATE),
    "unknown token": ("sent a token that is not known", _CREATE),
    "expired token": ("sent the token {token}, which has expired", "Run `mcp-notebook token renew {token}`"),
}


def find_refusal_faults() -> Iterator[Fault]:
    """Yield one for each reason and token of the last hour."""
    latest: dict[tuple[Any, ...], dict[str, Any]] = {}
    for line in _read_lines():
        key = (line["refused"], line.get("token"), line.get("said"))
        latest[key] = line
    for line in latest.values():
        what, mend = _MENDS[line["refused"]]
        when = datetime.fromisoformat(line["time"]).strftime("%H:%M")
        filled = {"said": line.get("said"), "token": line.get("token")}
        yield Fault(f"A host that was refused at {when} UTC {what.format(**filled)}", mend.format(**filled))


def _read_lines() -> Iterator[dict[str, Any]]:
    since = datetime.now(UTC) - _RECENT
    try:
        with audit_file().open(encoding="utf-8", errors="replace") as file:
            last = deque(file, maxlen=_LINES)
    except OSError:
        return
    for text in last:
        try:
            line: dict[str, Any] = json.loads(text)
            if line.get("refused") in _MENDS and datetime.fromisoformat(line["time"]) > since:
                yield line
        except (ValueError, KeyError, TypeError):  # a line that is half written
            continue
