"""The command about what servers say of themselves: `%mcp audit`; and the line that tells of a change.

Knows sessions and words. Refuses to know a rule (`defences`). No model is asked, and nothing is sent but the requests
for the lists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_notebook.display import some_names
from mcp_notebook.errors import UsageError
from mcp_notebook.magics.command import Command, Invocation, Options
from mcp_notebook.magics.listing import NOTHING_CONNECTED, choose_sessions
from mcp_notebook.words import quote_word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp_notebook.defences.definition import Definition
    from mcp_notebook.defences.report import AuditReport, ServerAudit
    from mcp_notebook.host import Host
    from mcp_notebook.session import Session

__all__ = ["AUDIT", "tell_of_changes"]

_USAGE = "%mcp audit [SERVER] [--approve]"


def _audit(invocation: Invocation) -> AuditReport | None:
    from mcp_notebook.defences.report import AuditReport  # noqa: PLC0415  few sessions want it

    options = Options(_USAGE)
    options.add_argument("server", metavar="SERVER", nargs="?")
    options.add_argument("--approve", action="store_true")
    read = options.parse_intermixed_args(invocation.words)
    if read.approve and read.server is None:
        raise UsageError("Say which server you approve", _USAGE)
    sessions = choose_sessions(read.server, invocation.host)
    if not sessions:
        print(NOTHING_CONNECTED)  # noqa: T201  it is the answer
        return None
    audits = [_audit_session(session, invocation.host, approve=read.approve) for session in sessions]
    if not all(audit.is_clean for audit in audits):
        return AuditReport(audits)
    for audit in audits:
        print(audit.summary)  # noqa: T201  it is the answer
    return None


def _audit_session(session: Session, host: Host, *, approve: bool) -> ServerAudit:
    # Here and not above: compiling the rules takes a while.
    from mcp_notebook.defences.address import find_address  # noqa: PLC0415
    from mcp_notebook.defences.approved import get_approved  # noqa: PLC0415
    from mcp_notebook.defences.checking import check_definitions  # noqa: PLC0415
    from mcp_notebook.defences.report import ServerAudit  # noqa: PLC0415

    definitions = _list_all(session)
    others = {one.name: one.tools.names for one in host.open_sessions if one is not session}
    address = find_address(session.definition)
    try:
        if approve and address is not None:
            get_approved().approve_all(address, definitions)
        changes = [] if address is None else get_approved().compare(address, definitions)
    except (OSError, ValueError) as error:
        raise UsageError(str(error), _USAGE) from None
    return ServerAudit(session.name, definitions, check_definitions(session.name, definitions, others), changes)


def _list_all(session: Session) -> list[Definition]:
    from mcp_notebook.defences.definition import read_definition, read_instructions  # noqa: PLC0415  as above

    return [
        *(read_definition("tool", one) for one in session.list_tools()),
        *(read_definition("resource", one) for one in session.list_resources()),
        *(read_definition("template", one) for one in session.list_templates()),
        *(read_definition("prompt", one) for one in session.list_prompts()),
        *read_instructions(session.instructions),
    ]


def tell_of_changes(sessions: Sequence[Session]) -> None:
    """Say in one line for each server if its tools are not those that were approved; the first time they are kept."""
    from mcp_notebook.defences.address import find_address  # noqa: PLC0415  so that loading the extension stays quick
    from mcp_notebook.defences.approved import get_approved  # noqa: PLC0415  as above
    from mcp_notebook.defences.definition import read_definition  # noqa: PLC0415  as above

    for session in sessions:
        address = find_address(session.definition)
        if address is None or session.state != "open":
            continue
        try:
            changes = get_approved().compare(address, [read_definition("tool", one) for one in session.tools])
        except (OSError, ValueError) as error:  # no reason not to use the server
            print(f"MCP: what you approved of {session.name} is not known: {error}")  # noqa: T201  it is for the person
            continue
        names = [change.definition.name for change in changes if change.kind != "removed"]
        if names:
            what = f"{some_names(names)} {'is' if len(names) == 1 else 'are'} not what you approved"
            print(f"MCP: {session.name}: {what}: %mcp audit {quote_word(session.name)}")  # noqa: T201  as above


AUDIT = Command(
    "audit",
    _USAGE,
    "check what servers say of themselves, without a model: hidden text, orders to the model, changes",
    _audit,
    example="%mcp audit weather",
    notes="""\
SERVER           one server; all that are connected without it
--approve        what it lists now is what you want: changes are told from here on""",
)
