"""What is counted about hosts, on Jupyter's own `/metrics`, in the registry of this process.

Knows names and labels. No label is a word that a host or a person chose: such a word would be a new time series each.
"""

from __future__ import annotations

from prometheus_client import Counter, Histogram

__all__ = ["CALLS", "CALL_SECONDS", "REFUSALS"]

CALLS = Counter("mcp_notebook_calls_total", "calls by hosts", ["method", "name", "outcome"])

CALL_SECONDS = Histogram("mcp_notebook_call_duration_seconds", "duration of calls by hosts", ["method", "name"])

REFUSALS = Counter("mcp_notebook_refusals_total", "requests refused before they were read", ["status", "reason"])
