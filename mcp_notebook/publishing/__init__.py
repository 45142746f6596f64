"""A server object of this notebook, reachable for hosts outside: what `%mcp publish` does.

    publish("sales", server, kernel, parent)  ->  a private socket, and a file that says where it is

Whoever reads that file (package mcp_notebook_server, in the Jupyter server's process) lets hosts in and carries their
requests here; CONTRACT, "Where things live". Knows the kernel and the SDK's server. Refuses to know hosts and tokens.

    publications  what this kernel publishes, by name
    publication   one of them: its thread, its socket, its file
    current       the server behind a name, which a cell that runs again replaces under the connected hosts
    sessions      the SDK's transport, and who comes through the socket
    console       what the functions print, under the cell that published them
    watch         tells when a function holds the event loop, and shows what was printed
    places        the files
"""

from mcp_notebook.publishing.publications import Publications, get_publications

__all__ = ["Publications", "get_publications"]
