"""Servers that notebooks publish, reachable at `mcp/published/<name>`.

    descriptions  the file that a kernel writes for each name
    connections   to one kernel's socket, which are used again
    relay         one request carried to the kernel's socket, and the answer back as it comes
    records       what passes, for the audit
    published     all of that behind one name
    errors        what can be wrong, in a sentence

Knows files, sockets and HTTP. Refuses to know what the servers do, and who may come (`access`, `handlers`).
"""

from mcp_notebook_server.published.published import Published

__all__ = ["Published"]
