"""The explorer: a widget that shows any connected MCP server, and runs what it offers.

What the page may ask is plain functions here (`servers`, `tools`, `runs`, `resources`, `prompts`, `wire_view`,
`policy_view`), by name in `desk`; what stands on the page is in views/*.js. The widget library is known to `widget`
alone.
"""
