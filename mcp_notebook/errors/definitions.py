"""What a person wrote down about servers, and cannot be used as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_notebook.display import some_names
from mcp_notebook.errors.base import HostError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "ConfigInvalid",
    "ConfigNotFound",
    "DefinitionError",
    "EnvFileMissing",
    "ExportRefused",
    "InputInvalid",
    "InputUnset",
    "NotInConfig",
    "VariableUnknown",
    "VariableUnset",
]


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
            return f"There is no file {self.path}. %mcp connect --config shows what the usual files have."
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
        hint = did_you_mean(self.server, self.known)
        return f"{self.file} has no server {self.server!r}. It has: {some_names(self.known)}.{hint}"


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
