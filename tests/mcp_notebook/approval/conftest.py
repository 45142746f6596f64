"""Kernels on each line of ipykernel, connected to a server that asks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.kernelspecs import EVERY_LINE
from support.notebook import notebook_with_extension

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.notebook import Notebook

ASKING = Path(__file__).with_name("asking_server.py")
CONNECT = f"""\
%mcp connect asking --era legacy -- {sys.executable} {ASKING}
%mcp connect modern -- {sys.executable} {ASKING}
"""


@pytest.fixture(scope="module", params=EVERY_LINE)
def notebook(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """One kernel on each line, connected to the asking server in each era."""
    with notebook_with_extension(request.param, tmp_path_factory.mktemp("kernel")) as notebook:
        notebook.run_well(CONNECT)
        yield notebook
