"""MCP servers from a notebook cell: magics, and the same as a Python API."""
