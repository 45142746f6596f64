"""The levels of servers' log messages, from the least important on; those of syslog (RFC 5424)."""

from __future__ import annotations

from typing import Literal, get_args

__all__ = ["LOG_LEVELS", "LogLevel"]

LogLevel = Literal["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency", "off"]
"""From which on a server sends messages; "off": none, or in the legacy era only emergencies."""

LOG_LEVELS: tuple[LogLevel, ...] = get_args(LogLevel)
