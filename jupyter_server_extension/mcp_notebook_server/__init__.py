"""A Jupyter server extension: running kernels as an MCP server on Jupyter's own port."""
