"""The command about the wire log: `%mcp log`.

Knows which logs are meant and in which form. Refuses to know what a message is.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from mcp_notebook.differences import compare
from mcp_notebook.errors import UnknownLog, UsageError
from mcp_notebook.levels import LOG_LEVELS
from mcp_notebook.magics.command import Command, Invocation, Options
from mcp_notebook.magics.explore import explore
from mcp_notebook.transcript import Lines, to_frame, to_lines, to_raw, to_records, to_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mcp_notebook.host import Host
    from mcp_notebook.levels import LogLevel
    from mcp_notebook.wire import WireLog

__all__ = ["LOG"]

_LOG_USAGE = (
    "%mcp log [SERVER] [--live] [--raw] [--df] [--save FILE] [--diff A B] [--time] "
    "[--level debug|info|notice|warning|error|critical|alert|emergency|off]"
)


def _log(invocation: Invocation) -> Any:
    options = Options(_LOG_USAGE)
    options.add_argument("server", metavar="SERVER", nargs="?")
    options.add_argument("--live", action="store_true")
    options.add_argument("--raw", action="store_true")
    options.add_argument("--df", action="store_true")
    options.add_argument("--save", metavar="FILE")
    options.add_argument("--diff", nargs=2, metavar=("A", "B"))
    options.add_argument("--time", action="store_true")
    options.add_argument("--level", choices=LOG_LEVELS)
    read = options.parse_intermixed_args(invocation.words)
    if read.live + read.raw + read.df + bool(read.save) + bool(read.diff) + bool(read.level) > 1:
        raise UsageError("One of --live, --raw, --df, --save, --diff and --level at a time", _LOG_USAGE)
    if read.level:
        return _set_level(read.level, read.server, invocation.host)
    logs = invocation.host.logs
    if read.diff:
        return _diff(read.diff, logs)
    chosen = _choose(read.server, logs)
    if read.live:
        return explore(invocation, {"tab": "log", "server": read.server or "", "alone": True})
    if not chosen:
        print("Nothing was sent or received yet. Begin with %mcp connect.")  # noqa: T201  it is the answer
        return None
    return _show(chosen, read)


def _set_level(level: LogLevel, server: str | None, host: Host) -> None:
    """Set the level of a server, or of all that send log messages at all."""
    able = [one for one in host.open_sessions if one.capabilities.logging is not None]
    sessions = able if server is None else [host.get(server)]
    for session in sessions:
        session.set_log_level(level)
    if not sessions:
        print("No server that is connected says that it sends log messages.")  # noqa: T201  it is the answer
        return
    what = "no log messages" if level == "off" else f"log messages from {level} on"
    names = ", ".join(session.name for session in sessions)
    print(f"Asked {names} for {what}; %mcp log shows them.")  # noqa: T201  it is the answer


def _choose(server: str | None, logs: Mapping[str, WireLog]) -> list[WireLog]:
    if server is None:
        return list(logs.values())
    if server not in logs:
        raise UnknownLog(server, logs)
    return [logs[server]]


def _show(logs: Sequence[WireLog], read: Any) -> Any:
    messages = [message for log in logs for message in log.messages]
    if read.df:
        return to_frame(messages, time=read.time)
    if read.raw:
        return Lines(to_raw(messages, time=read.time))
    if read.save:
        _save(read.save, to_lines(to_records(messages, time=read.time)))
        return None
    return to_table(messages, dropped=sum(log.dropped for log in logs), several=len(logs) > 1, time=read.time)


def _save(file: str, lines: Sequence[str]) -> None:
    try:
        Path(file).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file!r} cannot be written: {error.strerror}", _LOG_USAGE) from None
    print(f"Saved {len(lines)} messages to {file}.")  # noqa: T201  it is the answer


def _diff(names: Sequence[str], logs: Mapping[str, WireLog]) -> Lines | None:
    one, other = (_read_log(name, logs) for name in names)
    difference = compare(one, other, names)
    if not difference:
        print("No difference.")  # noqa: T201  it is the answer
        return None
    return Lines(difference)


def _read_log(name: str, logs: Mapping[str, WireLog]) -> list[dict[str, Any]]:
    """Give a log as records: of a connection, or as `--save` has written them."""
    if name in logs:
        return to_records(logs[name].messages)
    try:
        records = [json.loads(line) for line in Path(name).read_text(encoding="utf-8").splitlines()]
    except OSError:
        problem = f"{name!r} is neither a connection nor a file that %mcp log --save has written"
        raise UsageError(problem, _LOG_USAGE) from None
    except ValueError:
        records = [None]
    if not all(isinstance(record, dict) and "message" in record for record in records):
        raise UsageError(f"{name!r} is no file that %mcp log --save has written", _LOG_USAGE)
    return cast("list[dict[str, Any]]", records)


LOG = Command(
    "log",
    _LOG_USAGE,
    "show every message that was sent and received",
    _log,
    example="%mcp log\n%mcp log weather --raw\nmessages = %mcp log weather --df",
    notes="""\
#              counts the messages of one connection, from 1; ↳ is an answer, below its request
--live         as the messages pass, in a widget
--raw          the exact JSON, and HTTP headers and status; secrets are masked
--df           as a pandas data frame
--save FILE    one message a line, as JSON
--diff A B     how B differs from A; each is a connection's name, or a file of --save
--time         with the time of each message
--level        from which level on the server, or all of them, are to send log messages: notifications/message""",
)
