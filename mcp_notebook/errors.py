"""What can go wrong for a person with a notebook, each worded once: what was wrong, what exists, what to do next.

Knows the sentences, and that a notebook shows each as one red line. Refuses to know the SDK's exceptions: `connection`
turns those into these.

    HostError
     +- UsageError              a %mcp line that cannot be read
     +- ConnectFailed
     |   +- CommandNotFound, ServerExited         stdio
     |   +- ServerUnreachable                     Streamable HTTP
     |   +- ServerRefused                         Streamable HTTP, also in the middle of a connection (CallFailed)
     |   +- HandshakeFailed, ConnectTimedOut      both
     +- NotAllConnected         some of several servers
     +- DefinitionError         something in a definition is not to be had here
     |   +- VariableUnset, VariableUnknown         ${VAR}
     |   +- InputUnset, InputInvalid              ${input:id}
     |   +- EnvFileMissing                        envFile
     +- ConfigNotFound, ConfigInvalid, NotInConfig    configuration files, read
     +- ExportRefused           a configuration file, written
     +- UnknownServer
     +- UnknownTool, AmbiguousTool           and the same of prompts and resources
     +- NothingFound            a search that found nothing
     +- TemplateUnreadable      a URI template that cannot be expanded
     +- ArgumentError
     |   +- UnknownArgument, MissingArgument, WrongArgument, UnknownObject
     +- CallFailed
     |   +- ToolFailed          the tool answered isError; `result` has the answer
     |   +- RequestFailed       the server answered with a JSON-RPC error
     |   +- CallTimedOut, AnswerLost, InvalidAnswer
     |   +- Disconnected        the connection is gone
     +- NotTabular              a result that is no table
     +- TableUnreadable         a result that says it is a table, and cannot be read as one
     +- PackageMissing          something that needs a package which is not there
"""

from __future__ import annotations

import difflib
import signal
from typing import TYPE_CHECKING

from mcp_notebook.display import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mcp_notebook.results import Result

__all__ = [
    "AmbiguousPrompt",
    "AmbiguousResource",
    "AmbiguousTool",
    "AnswerLost",
    "ArgumentError",
    "CallFailed",
    "CallTimedOut",
    "CommandNotFound",
    "ConfigInvalid",
    "ConfigNotFound",
    "ConnectFailed",
    "ConnectTimedOut",
    "DefinitionError",
    "Disconnected",
    "EnvFileMissing",
    "ExportRefused",
    "HandshakeFailed",
    "HostError",
    "InputInvalid",
    "InputUnset",
    "InvalidAnswer",
    "MissingArgument",
    "NotAllConnected",
    "NotInConfig",
    "NotTabular",
    "NothingFound",
    "PackageMissing",
    "RequestFailed",
    "ServerExited",
    "ServerRefused",
    "ServerUnreachable",
    "TableUnreadable",
    "TemplateUnreadable",
    "ToolFailed",
    "UnknownArgument",
    "UnknownObject",
    "UnknownPrompt",
    "UnknownResource",
    "UnknownServer",
    "UnknownTool",
    "UsageError",
    "VariableUnknown",
    "VariableUnset",
    "WrongArgument",
    "how_process_ended",
]

_RED, _DIM, _RESET = "\x1b[31m", "\x1b[2m", "\x1b[0m"
_STDERR_LINES_SHOWN = 8


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


def how_process_ended(returncode: int | None) -> str:
    """Say how a server's process ended, as a clause; `returncode` None means that it still runs."""
    if returncode is None:
        return "it closed its output"
    if returncode >= 0:
        return f"its process exited with code {returncode}"
    try:
        name = signal.Signals(-returncode).name
    except ValueError:
        name = f"signal {-returncode}"
    return f"its process was killed by {name}"


class HostError(Exception):
    """Anything that went wrong on the notebook's side; `str()` is the whole sentence."""

    def _details(self) -> Sequence[str]:
        """Give lines to show below the red one, such as what a dying server wrote."""
        return ()

    def _render_traceback_(self) -> list[str]:
        """Show one red line and no traceback: IPython asks for this by name, and the cell still fails."""
        details = [f"{_DIM}  | {one_line(line)}{_RESET}" for line in self._details()]
        return [f"{_RED}MCP: {one_line(str(self), limit=2000)}{_RESET}", *details]


class UsageError(HostError):
    """A %mcp line that cannot be read.

    Attributes:
        problem: a clause.
        usage: how the line should look.
    """

    def __init__(self, problem: str, usage: str) -> None:
        super().__init__(problem, usage)
        self.problem = problem
        self.usage = usage

    def __str__(self) -> str:
        return f"{self.problem}{'' if self.problem.endswith(('.', '?')) else '.'} Usage: {self.usage}"


class DefinitionError(HostError):
    """A server's definition has something in it that is not to be had here.

    Attributes:
        server: the name the connection was to have.
        file: the file it was read from, for a person; None if it was written in a cell.
    """

    def __init__(self, server: str, *facts: object, file: str | None) -> None:
        super().__init__(server, *facts, file)
        self.server = server
        self.file = file

    def _part(self, where: str) -> str:
        return f"{self.server}'s {where}{self._in_file()}"

    def _in_file(self) -> str:
        return f" in {self.file}" if self.file else ""


def _how_to_set(variable: str, what: str = "it") -> str:
    return f"Set {what} before Jupyter starts, or in a cell: import os; os.environ[{variable!r}] = ..."


class VariableUnset(DefinitionError):
    """`${VAR}` names a variable that the environment does not have.

    Attributes:
        unset: each such variable, and what needs it, such as "header Authorization".
    """

    def __init__(self, server: str, unset: Mapping[str, str], file: str | None) -> None:
        self.unset = dict(unset)
        super().__init__(server, self.unset, file=file)

    def __str__(self) -> str:
        first, where = next(iter(self.unset.items()))
        if len(self.unset) == 1:
            return f"{self._part(where)} needs the environment variable {first}, which is not set. {_how_to_set(first)}"
        names = " and ".join(f"{variable} ({where})" for variable, where in self.unset.items())
        return (
            f"{self.server}{self._in_file()} needs the environment variables {names}, which are not set. "
            f"{_how_to_set(first, 'them')}"
        )


class VariableUnknown(DefinitionError):
    """`${...}` names something that only an editor knows.

    Attributes:
        where: what needs it.
        variable: as it was written.
    """

    def __init__(self, server: str, where: str, variable: str, file: str | None) -> None:
        super().__init__(server, where, variable, file=file)
        self.where = where
        self.variable = variable

    def __str__(self) -> str:
        return (
            f"{self._part(self.where)} has {self.variable}, which a notebook cannot know. It knows ${{VAR}}, "
            "${VAR:-default}, ${env:VAR}, ${input:id}, ${workspaceFolder}, ${userHome} and ${cwd}."
        )


class InputUnset(DefinitionError):
    """`${input:id}` is to be asked for, and nobody can be asked.

    Attributes:
        where: what needs it.
        identifier: of the input.
        variable: the environment variable that would do instead.
    """

    def __init__(self, server: str, where: str, identifier: str, variable: str, file: str | None) -> None:
        super().__init__(server, where, identifier, variable, file=file)
        self.where = where
        self.identifier = identifier
        self.variable = variable

    def __str__(self) -> str:
        return (
            f"{self._part(self.where)} asks for {self.identifier!r}, nobody can be asked here, and the environment "
            f"variable {self.variable} is not set. {_how_to_set(self.variable)}"
        )


class InputInvalid(DefinitionError):
    """What was entered for `${input:id}` will not do.

    Attributes:
        identifier: of the input.
        options: the only values that would do; empty if any would.
    """

    def __init__(self, server: str, identifier: str, options: Sequence[str], file: str | None) -> None:
        self.identifier = identifier
        self.options = tuple(options)
        super().__init__(server, identifier, self.options, file=file)

    def __str__(self) -> str:
        what = f"one of {', '.join(self.options)}" if self.options else "a value"
        return f"{self.server} needs {what} for {self.identifier!r}, and got none. Run the cell again."


class EnvFileMissing(DefinitionError):
    """The file of more variables (`envFile`) is not there.

    Attributes:
        path: where it should be.
    """

    def __init__(self, server: str, path: str, file: str | None) -> None:
        super().__init__(server, path, file=file)
        self.path = path

    def __str__(self) -> str:
        return f"{self._part('envFile')} is {self.path}, and there is no such file. Make it, with lines NAME=value."


class ConfigNotFound(HostError):
    """There is no configuration file.

    Attributes:
        path: the file, or the folder to look in; None for the usual places.
        names: of the files that were looked for in a folder; empty if `path` is the file.
    """

    def __init__(self, path: str | None, names: Sequence[str] = ()) -> None:
        self.path = path
        self.names = tuple(names)
        super().__init__(path, self.names)

    def __str__(self) -> str:
        if not self.names:
            return f"There is no file {self.path}."
        where = self.path or "this folder, its repository and your own settings"
        return f"There is no configuration file with servers in {where}. Looked for {', '.join(self.names)}."


class ConfigInvalid(HostError):
    """A configuration file that cannot be used.

    Attributes:
        file: its path.
        problem: a clause.
    """

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(file, problem)
        self.file = file
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.file}: {self.problem}."


class NotInConfig(HostError):
    """The configuration has no server of this name.

    Attributes:
        server: what was asked for.
        file: where it was looked for, for a person.
        known: the names there are.
    """

    def __init__(self, server: str, file: str, known: Iterable[str]) -> None:
        self.server = server
        self.file = file
        self.known = tuple(known)
        super().__init__(server, file, self.known)

    def __str__(self) -> str:
        if not self.known:
            return f"{self.file} has no server {self.server!r}: it has none at all."
        hint = _did_you_mean(self.server, self.known)
        return f"{self.file} has no server {self.server!r}. It has: {one_line(', '.join(self.known), 300)}.{hint}"


class ExportRefused(HostError):
    """A connection that is not written to a file; nothing was written.

    Attributes:
        server: its name.
        file: the file's path.
        problem: why, and what to do.
    """

    def __init__(self, server: str, file: str, problem: str) -> None:
        super().__init__(server, file, problem)
        self.server = server
        self.file = file
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.server} was not written to {self.file}: {self.problem}."


class NotAllConnected(HostError):
    """Some of several servers could not be connected to; the others are.

    Attributes:
        failures: what went wrong, by server.
        connected: the names of the others.
    """

    def __init__(self, failures: Mapping[str, HostError], connected: Sequence[str]) -> None:
        self.failures = dict(failures)
        self.connected = tuple(connected)
        super().__init__(self.failures, self.connected)

    def __str__(self) -> str:
        total = len(self.failures) + len(self.connected)
        others = f"Connected: {', '.join(self.connected)}." if self.connected else "None is connected."
        return f"{len(self.failures)} of {total} servers could not be connected to. {others}"

    def _details(self) -> Sequence[str]:
        return [str(failure) for failure in self.failures.values()]


class CallFailed(HostError):
    """A request that did not end in a result.

    Attributes:
        server: the connection's name.
    """

    def __init__(self, server: str, *facts: object) -> None:
        super().__init__(server, *facts)
        self.server = server


class ConnectFailed(HostError):
    """A server could not be connected to.

    Attributes:
        server: the name it was to have.
    """

    def __init__(self, server: str, *facts: object) -> None:
        super().__init__(server, *facts)
        self.server = server


class CommandNotFound(ConnectFailed):
    """The command that starts a stdio server is not there.

    Attributes:
        command: what was looked for.
    """

    def __init__(self, server: str, command: str) -> None:
        super().__init__(server, command)
        self.command = command

    def __str__(self) -> str:
        return f"{self.server}: there is no command {self.command!r} in this kernel's environment or on PATH."


class ServerExited(ConnectFailed):
    """A stdio server ended before it had spoken.

    Attributes:
        reason: a clause.
        stderr: the last lines it wrote.
    """

    def __init__(self, server: str, reason: str, stderr: Sequence[str]) -> None:
        super().__init__(server, reason, stderr)
        self.reason = reason
        self.stderr = tuple(stderr)

    def __str__(self) -> str:
        last = "its last words:" if self.stderr else "it wrote nothing to stderr."
        return f"{self.server}: the server ended before it was connected ({self.reason}); {last}"

    def _details(self) -> Sequence[str]:
        return self.stderr[-_STDERR_LINES_SHOWN:]


class ServerUnreachable(ConnectFailed):
    """Nothing answers at the URL.

    Attributes:
        url: without credentials and query.
        reason: a clause.
    """

    def __init__(self, server: str, url: str, reason: str) -> None:
        super().__init__(server, url, reason)
        self.url = url
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.server}: nothing answers at {self.url} ({self.reason})."


class ServerRefused(ConnectFailed, CallFailed):
    """The URL answers, but not to us, at connecting or later.

    Attributes:
        url: without credentials and query.
        status: the HTTP status.
        sentence: what the server said about it.
    """

    def __init__(self, server: str, url: str, status: int, sentence: str) -> None:
        super().__init__(server, url, status, sentence)
        self.url = url
        self.status = status
        self.sentence = sentence

    def __str__(self) -> str:
        return f"{self.server}: {self.url} answered {self.status}: {one_line(self.sentence)}"


class HandshakeFailed(ConnectFailed):
    """Something answered that is not the MCP server asked for.

    Attributes:
        reason: a clause.
    """

    def __init__(self, server: str, reason: str) -> None:
        super().__init__(server, reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.server}: no MCP connection came about: {one_line(self.reason)}"


class ConnectTimedOut(ConnectFailed):
    """The server started, or the URL answered, but no handshake was finished in time.

    Attributes:
        seconds: how long was waited.
        stderr: the last lines a stdio server wrote.
    """

    def __init__(self, server: str, seconds: float, stderr: Sequence[str] = ()) -> None:
        super().__init__(server, seconds, stderr)
        self.seconds = seconds
        self.stderr = tuple(stderr)

    def __str__(self) -> str:
        return f"{self.server}: no answer within {self.seconds:g} s. Is it an MCP server?"

    def _details(self) -> Sequence[str]:
        return self.stderr[-_STDERR_LINES_SHOWN:]


class UnknownServer(HostError):
    """No connection has this name.

    Attributes:
        server: what was asked for.
        known: the names there are.
    """

    def __init__(self, server: str, known: Iterable[str]) -> None:
        self.server = server
        self.known = tuple(known)
        super().__init__(server, self.known)

    def __str__(self) -> str:
        if not self.known:
            return f"There is no server {self.server!r}: nothing is connected yet. Begin with %mcp connect."
        hint = _did_you_mean(self.server, self.known)
        return f"There is no server {self.server!r}. Connected: {', '.join(self.known)}.{hint}"


class _Unknown(HostError):
    """No connected server has what this name names.

    Attributes:
        name: what was asked for.
        known: the names there are.
        server: the one that was asked, or None if all were.
    """

    noun = ""

    def __init__(self, name: str, known: Iterable[str], server: str | None = None) -> None:
        self.name = name
        self.known = tuple(known)
        self.server = server
        super().__init__(name, self.known, server)

    def __str__(self) -> str:
        who = "No connected server has a" if self.server is None else f"{self.server} has no"
        if not self.known:
            return f"{who} {self.noun} {self.name!r}: there are no {self.noun}s. See %mcp."
        hint = _did_you_mean(self.name, self.known) or f" There are: {one_line(', '.join(self.known), 200)}."
        return f"{who} {self.noun} {self.name!r}.{hint}"


class UnknownTool(_Unknown):
    """No connected server has this tool."""

    noun = "tool"


class UnknownPrompt(_Unknown):
    """No connected server has this prompt."""

    noun = "prompt"


class UnknownResource(_Unknown):
    """No connected server has this resource, nor a template that gives it; `name` is its URI."""

    noun = "resource"


class _Ambiguous(HostError):
    """Several connected servers have what this name names.

    Attributes:
        name: what was asked for.
        servers: the names of those that have it.
    """

    noun = ""

    def __init__(self, name: str, servers: Iterable[str]) -> None:
        self.name = name
        self.servers = tuple(servers)
        super().__init__(name, self.servers)

    def _choice(self, server: str) -> str:
        return f"{server}.{self.name}"

    def __str__(self) -> str:
        choices = " or ".join(map(self._choice, self.servers))
        return f"Several servers have a {self.noun} {self.name!r}: say {choices}."


class AmbiguousTool(_Ambiguous):
    """Several connected servers have this tool."""

    noun = "tool"


class AmbiguousPrompt(_Ambiguous):
    """Several connected servers have this prompt."""

    noun = "prompt"


class AmbiguousResource(_Ambiguous):
    """Several connected servers have this resource, or may have it; `name` is its URI."""

    noun = "resource"

    def _choice(self, server: str) -> str:
        return f"%mcp read {server} {self.name}"


class NothingFound(HostError):
    """A search that found nothing.

    Attributes:
        noun: what was looked for.
        text: the words that it should have.
        all_command: the line that shows all.
    """

    def __init__(self, noun: str, text: str, all_command: str) -> None:
        super().__init__(noun, text, all_command)
        self.noun = noun
        self.text = text
        self.all_command = all_command

    def __str__(self) -> str:
        return f"No {self.noun} has {self.text!r} in its name or description. {self.all_command} shows all."


class TemplateUnreadable(HostError):
    """A URI template that cannot be expanded.

    Attributes:
        template: as the server gave it.
        reason: a clause.
    """

    def __init__(self, template: str, reason: str) -> None:
        super().__init__(template, reason)
        self.template = template
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"The template {self.template} cannot be filled in ({one_line(self.reason)}). Give the whole URI instead."
        )


class ArgumentError(HostError):
    """An argument that the tool cannot take.

    Attributes:
        tool: its name.
        argument: the argument's name.
        signature: the tool's arguments, as shown to a person.
    """

    def __init__(self, tool: str, argument: str, signature: str, *facts: object) -> None:
        super().__init__(tool, argument, signature, *facts)
        self.tool = tool
        self.argument = argument
        self.signature = signature

    def _takes(self) -> str:
        return f"{self.tool} takes {self.signature}." if self.signature else f"{self.tool} takes no arguments."


class UnknownArgument(ArgumentError):
    """The tool has no such argument.

    Attributes:
        known: the names of those it has.
    """

    def __init__(self, tool: str, argument: str, signature: str, known: Iterable[str]) -> None:
        self.known = tuple(known)
        super().__init__(tool, argument, signature, self.known)

    def __str__(self) -> str:
        return (
            f"{self.tool} has no argument {self.argument!r}.{_did_you_mean(self.argument, self.known)} {self._takes()}"
        )


class MissingArgument(ArgumentError):
    """The tool needs an argument that was not given."""

    def __str__(self) -> str:
        return f"{self.tool} needs the argument {self.argument!r}. {self._takes()}"


class WrongArgument(ArgumentError):
    """An argument has a value that the tool cannot take.

    Attributes:
        problem: a clause that says what was given and what was expected.
    """

    def __init__(self, tool: str, argument: str, signature: str, problem: str) -> None:
        super().__init__(tool, argument, signature, problem)
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.tool}: argument {self.argument!r} {self.problem}. {self._takes()}"


class UnknownObject(ArgumentError):
    """`argument=$name` names no object of the notebook.

    Attributes:
        name: what was looked for.
    """

    def __init__(self, tool: str, argument: str, signature: str, name: str) -> None:
        super().__init__(tool, argument, signature, name)
        self.name = name

    def __str__(self) -> str:
        return (
            f"{self.tool}: argument {self.argument!r} is ${self.name}, but this notebook has no {self.name!r}. "
            f'For the text itself write {self.argument}:="${self.name}".'
        )


class ToolFailed(CallFailed):
    """The tool answered that it failed (`isError`).

    Attributes:
        tool: its name.
        result: the whole answer.
    """

    def __init__(self, server: str, tool: str, result: Result) -> None:
        super().__init__(server, tool, result)
        self.tool = tool
        self.result = result

    def __str__(self) -> str:
        return f"{self.server}.{self.tool} failed: {one_line(self.result.text) or 'it did not say why'}"


class RequestFailed(CallFailed):
    """The server answered with a JSON-RPC error.

    Attributes:
        code: JSON-RPC's, such as -32602.
        message: the server's words.
    """

    def __init__(self, server: str, code: int, message: str) -> None:
        super().__init__(server, code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.server} answered with error {self.code}: {one_line(self.message)}"


class CallTimedOut(CallFailed):
    """No result came in the time that was given; the request was cancelled and the connection is still good.

    Attributes:
        what: what was asked for.
        seconds: how long was waited.
    """

    def __init__(self, server: str, what: str, seconds: float) -> None:
        super().__init__(server, what, seconds)
        self.what = what
        self.seconds = seconds

    def __str__(self) -> str:
        return f"{self.server}.{self.what} gave no result within {self.seconds:g} s and was cancelled."


class AnswerLost(CallFailed):
    """The connection broke off between a request and its answer, and may be good again.

    Attributes:
        what: what was asked for.
    """

    def __init__(self, server: str, what: str) -> None:
        super().__init__(server, what)
        self.what = what

    def __str__(self) -> str:
        return (
            f"{self.server}.{self.what}: the connection broke off before the answer came, and it may have been done or "
            f"not. Try again, or run %mcp restart {self.server}."
        )


class InvalidAnswer(CallFailed):
    """The server answered with something that MCP, or the tool's own output schema, does not allow.

    Attributes:
        what: what was asked for.
        problem: a clause.
    """

    def __init__(self, server: str, what: str, problem: str) -> None:
        super().__init__(server, what, problem)
        self.what = what
        self.problem = problem

    def __str__(self) -> str:
        problem = one_line(self.problem).removesuffix(".")
        return (
            f"{self.server}.{self.what} gave an answer that is not valid: {problem}. See %mcp log {self.server} --raw."
        )


class Disconnected(CallFailed):
    """The connection is gone.

    Attributes:
        reason: a clause.
        stderr: the last lines a stdio server wrote.
    """

    def __init__(self, server: str, reason: str, stderr: Sequence[str] = ()) -> None:
        super().__init__(server, reason, stderr)
        self.reason = reason
        self.stderr = tuple(stderr)

    def __str__(self) -> str:
        return (
            f"{self.server} is disconnected: {one_line(self.reason)}. Run %mcp restart {self.server}, or connect again."
        )

    def _details(self) -> Sequence[str]:
        return self.stderr[-_STDERR_LINES_SHOWN:]


class NotTabular(HostError):
    """A result that is no table.

    Attributes:
        has: what the result has instead.
    """

    def __init__(self, has: str) -> None:
        super().__init__(has)
        self.has = has

    def __str__(self) -> str:
        return f"This result is no table: it has {self.has}. See .text, .structured and .content."


class TableUnreadable(HostError):
    """A result that says that it is a table, and cannot be read as one.

    Attributes:
        kind: what it says that it is, such as "CSV".
        problem: the reading library's words.
    """

    def __init__(self, kind: str, problem: str) -> None:
        super().__init__(kind, problem)
        self.kind = kind
        self.problem = problem

    def __str__(self) -> str:
        return f"This result cannot be read as {self.kind}: {one_line(self.problem, 200)}. See .text and .content."


class PackageMissing(HostError):
    """Something that needs a package which is not there.

    Attributes:
        package: its name.
        what: what needs it.
    """

    def __init__(self, package: str, what: str) -> None:
        super().__init__(package, what)
        self.package = package
        self.what = what

    def __str__(self) -> str:
        return f"{self.what} needs the package {self.package}, which is not installed: %pip install {self.package}"
