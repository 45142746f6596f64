"""`python -m mcp_notebook_server.cli`: the command, where its script cannot be found but Python can."""

import sys

from mcp_notebook_server.cli.main import main

sys.exit(main())
