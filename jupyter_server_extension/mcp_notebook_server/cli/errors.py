"""What can keep a command from doing its work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_notebook_server.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "DemoFailed",
    "DemoNeedsPackages",
    "HostFileUnchangeable",
    "HostReadsNoVariables",
    "JupyterDidNotStart",
    "JupyterUnreachable",
    "NoHostToken",
    "NoJupyterServer",
    "SeveralJupyterServers",
    "UnknownHost",
]


class NoJupyterServer(CommandError):
    """No Jupyter server of this person runs."""

    def __str__(self) -> str:
        return "No Jupyter server is running here. Start one, for example with `jupyter lab`, and try again."


class JupyterUnreachable(CommandError):
    """The Jupyter server that should be there does not answer.

    Attributes:
        url: of the endpoint.
        reason: what the network said.
    """

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(url, reason)
        self.url = url
        self.reason = reason

    def __str__(self) -> str:
        return f"Jupyter does not answer at {self.url} ({self.reason}). Start it again, and see `mcp-notebook doctor`."


class SeveralJupyterServers(CommandError):
    """Several Jupyter servers run, and one has to be chosen.

    Attributes:
        urls: theirs.
    """

    def __init__(self, urls: Sequence[str]) -> None:
        super().__init__(urls)
        self.urls = tuple(urls)

    def __str__(self) -> str:
        return f"Several Jupyter servers are running: {', '.join(self.urls)}. Choose one with --url."


class JupyterDidNotStart(CommandError):
    """The Jupyter server that a command started ended or never answered.

    Attributes:
        log: its last lines.
    """

    def __init__(self, log: Sequence[str]) -> None:
        super().__init__(log)
        self.log = tuple(log)

    def __str__(self) -> str:
        return "Jupyter did not start. It said:\n" + "\n".join(f"  {line}" for line in self.log)


class DemoFailed(CommandError):
    """A step of the demo did not do what it should.

    Attributes:
        step: its title.
        reason: what came instead.
    """

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(step, reason)
        self.step = step
        self.reason = reason

    def __str__(self) -> str:
        return f"The demo stopped at {self.step!r}: {self.reason}"


class DemoNeedsPackages(CommandError):
    """The demo shows things that the package itself does not need.

    Attributes:
        missing: names of packages.
    """

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(missing)
        self.missing = tuple(missing)

    def __str__(self) -> str:
        return f"The demo needs {' and '.join(self.missing)}, too: pip install 'mcp-notebook[demo]'"


class NoHostToken(CommandError):
    """Something else was given where a host token was to be."""

    def __str__(self) -> str:
        return "That is no host token; those begin with mcpn_. `mcp-notebook token create NAME` prints one."


class UnknownHost(CommandError):
    """A host whose configuration is not known here.

    Attributes:
        name: what was asked for.
        known: what could be.
    """

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(name, known)
        self.name = name
        self.known = tuple(known)

    def __str__(self) -> str:
        return (
            f"No host {self.name!r} is known here, only {', '.join(self.known)}. Any other that starts commands takes "
            "the entry of claude-desktop."
        )


class HostReadsNoVariables(CommandError):
    """A host in whose file a token would have to stand as it is.

    Attributes:
        title: the host.
    """

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.title = title

    def __str__(self) -> str:
        return (
            f"{self.title} reads no variables in headers, so the token itself would stand in its file. Let it start "
            "the bridge: keep the token with `mcp-notebook token keep NAME`, and give it the command "
            "`mcp-notebook stdio --profile NAME --url URL`."
        )


class HostFileUnchangeable(CommandError):
    """A host's file that cannot be changed without losing something; it was left alone.

    Attributes:
        file: its path.
        problem: what stands against it.
    """

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(file, problem)
        self.file = file
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.file} was left as it is: {self.problem}."
