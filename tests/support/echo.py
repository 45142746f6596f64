"""A Jupyter server that has, beside the product, the endpoint /echo of `echo_extension`."""

from __future__ import annotations

from support.jupyter import JupyterServer
from support.paths import CHECKOUT


def make_echo_server(*, collaboration: bool = False) -> JupyterServer:
    """Make one, not started yet."""
    enable = "--ServerApp.jpserver_extensions=support.echo_extension=True"
    return JupyterServer(enable, collaboration=collaboration, environment={"PYTHONPATH": str(CHECKOUT / "tests")})
