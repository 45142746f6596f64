"""A kitchen: tools that take a while, say how far they are, and can be stopped; and one that learns."""

import anyio
from mcp.server import MCPServer
from mcp.server.mcpserver import Context

kitchen = MCPServer("kitchen", version="1.0.0", log_level="ERROR")

HAPPENED: list[str] = []


@kitchen.tool()
async def bake(loaves: int, ctx: Context) -> str:
    """Bake bread, a loaf at a time."""
    for n in range(1, loaves + 1):
        await ctx.report_progress(n, loaves, f"loaf {n} is out of the oven")
    return f"{loaves} loaves"


@kitchen.tool()
async def let_rest(dough: str, ctx: Context) -> str:
    """Let a dough rest until somebody stops it."""
    await ctx.report_progress(0, message=f"{dough} rests")
    try:
        await anyio.sleep_forever()
    finally:
        HAPPENED.append(f"{dough} was taken out early")
    return "never"


@kitchen.tool()
async def wait_for_guests() -> str:
    """Wait for guests, who never come."""
    await anyio.sleep_forever()
    return "welcome"


@kitchen.tool()
def diary() -> list[str]:
    """What happened in this kitchen."""
    return HAPPENED


@kitchen.tool()
async def taste(ctx: Context) -> str:
    """Taste, and tell the log about it."""
    await ctx.info("more salt")
    return "good"


@kitchen.tool()
async def learn(recipe: str, ctx: Context) -> str:
    """Learn a recipe: it becomes a tool."""

    def cook() -> str:
        return f"{recipe} for everybody"

    kitchen.add_tool(cook, name=f"cook_{recipe}", description=f"Cook {recipe}.")
    await ctx.notify_tools_changed()
    return f"I can cook {recipe} now."


if __name__ == "__main__":
    kitchen.run()
