"""`mcp-notebook doctor`: what keeps hosts from this machine's Jupyter, and how each fault is mended, in a line each."""

from mcp_notebook_server.cli.doctor.run import run_doctor

__all__ = ["run_doctor"]
