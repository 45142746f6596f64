"""What can keep a command from doing its work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_notebook_server.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "DemoFailed",
    "DemoNeedsPackages",
    "JupyterDidNotStart",
    "JupyterUnreachable",
    "NoJupyterServer",
    "SeveralJupyterServers",
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
