"""What a front end says of a widget, without a front end: comm messages, plain or addressed to a subshell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_client.blocking.client import BlockingKernelClient


def create_subshell(client: BlockingKernelClient) -> str | None:
    """A new subshell of the kernel, as JupyterLab makes one for each comm target; None where there are none."""
    request = client.session.msg("create_subshell_request", {})
    client.control_channel.send(request)
    while True:
        reply = client.get_control_msg(timeout=5)
        if reply["parent_header"]["msg_id"] == request["header"]["msg_id"]:
            return reply["content"].get("subshell_id")


def click(client: BlockingKernelClient, comm_id: str, content: Any, subshell: str | None = None) -> str:
    """Send a custom message of a widget; gives the message's id.

    Args:
        client: of the front end.
        comm_id: the widget's.
        content: what its front-end part says.
        subshell: whom the front end addresses; None for nobody, as VS Code and Colab do.
    """
    message = client.session.msg("comm_msg", {"comm_id": comm_id, "data": {"method": "custom", "content": content}})
    if subshell is not None:
        message["header"]["subshell_id"] = subshell
    client.shell_channel.send(message)
    return message["header"]["msg_id"]
