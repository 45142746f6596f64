"""Where things lie in the checkout."""

from __future__ import annotations

import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
"""The repository's top."""

CACHE = CHECKOUT / ".cache"
"""What tests download or build once; `make clean` removes it."""

SCRIPTS = Path(sys.executable).parent
"""Console scripts of this environment: mcp-notebook, node, npm, mcp-server-time ..."""
