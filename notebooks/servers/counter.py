"""A server that counts, and says how far it is."""

import sys

from mcp.server import MCPServer
from mcp.server.mcpserver import Context


def new_counter(name: str = "counter") -> MCPServer:
    counter = MCPServer(name, version="1.0.0", log_level="ERROR")

    @counter.tool()
    def double(n: int) -> int:
        """Twice a number."""
        return 2 * n

    @counter.tool()
    async def count(to: int, ctx: Context) -> str:
        """Count, and say how far it is."""
        for n in range(1, to + 1):
            await ctx.report_progress(n, to)
        return f"counted to {to}"

    return counter


if __name__ == "__main__":
    if "--chatty" in sys.argv:
        print("Here I am!", flush=True)  # which goes where only messages belong
    new_counter().run()
