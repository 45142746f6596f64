"""All rules about one text, in the order in which a person should read what they find."""

from __future__ import annotations

from mcp_notebook.defences.sight import SIGHT_RULES
from mcp_notebook.defences.wishes import WISH_RULES
from mcp_notebook.defences.wording import WORDING_RULES

__all__ = ["RULES"]

RULES = (*SIGHT_RULES, *WORDING_RULES, *WISH_RULES)
