"""A Jupyter server on which hosts ask and a person answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from support.jupyter import JupyterServer
from support.mcp import Host, connect, text_of
from support.person import Person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mcp_types import CallToolResult

ADD = "print(40 + 2)"


class Bed:
    """A Jupyter server, a kernel on it, a person, and hosts of new tokens."""

    def __init__(self, server: JupyterServer) -> None:
        self.server = server
        self.kernel = server.start_kernel()
        with server.client(self.kernel):
            self.person = Person(server)
        self._tokens = 0

    def token(self, *flags: str) -> str:
        self._tokens += 1
        return self.server.host_token(f"host-{self._tokens}", *flags)

    def connect(self, mode: str = "auto", *flags: str, **options: Any) -> Any:
        return connect(self.server.mcp_url, self.token(*flags), mode=mode, **options)

    def run(self, host: Host, code: str = ADD) -> CallToolResult:
        return host.call("execute_code", kernel=self.kernel, code=code)

    def run_soon(self, host: Host, code: str = ADD) -> Any:
        async def run() -> CallToolResult:
            return await host.client.call_tool("execute_code", {"kernel": self.kernel, "code": code})

        return host.portal.start_task_soon(run)

    def decline_all(self) -> None:
        for approval in self.person.approvals():
            self.person.answer(approval["id"], "decline")


def make_bed(*arguments: str) -> Iterator[Bed]:
    with JupyterServer(*arguments) as server:
        bed = Bed(server)
        with bed.person:
            yield bed


def request_in(result: CallToolResult) -> str:
    """The id of the question to which a host was sent."""
    assert result.is_error
    found = re.search(r"mcp-notebook/\?approval=([0-9a-f]{32}) \(request \1\)", text_of(result))
    assert found, text_of(result)
    return found[1]


def check_ran(result: CallToolResult, printed: str = "42") -> None:
    assert not result.is_error, text_of(result)
    assert text_of(result) == printed
