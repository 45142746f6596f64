"""A weather station: resources, a template, and a tool that takes a reading and announces it."""

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceNotFoundError
from mcp_types import Completion, EmptyResult, SubscribeRequestParams
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

READINGS = {"Lima": 19.5, "Oslo": -2.0, "Seoul": 7.25}

station = MCPServer("station", version="1.0.0")


@station.resource("station://readings", mime_type="text/csv")
def readings() -> str:
    """The last reading of every city."""
    return "city,celsius\n" + "".join(f"{city},{celsius}\n" for city, celsius in READINGS.items())


@station.resource("station://cities/{city}", mime_type="text/plain")
def reading(city: str) -> str:
    """The last reading of one city."""
    if city not in READINGS:
        raise ResourceNotFoundError(f"no station in {city}; there are {', '.join(READINGS)}")
    return f"{READINGS[city]} °C"


@station.completion()
async def suggest(ref, argument, context):
    return Completion(values=[city for city in READINGS if city.startswith(argument.value)])


@station.tool()
async def measure(city: str, celsius: float, ctx: Context) -> str:
    """Take a reading."""
    READINGS[city] = celsius
    for uri in ("station://readings", f"station://cities/{city}"):
        if ctx.protocol_version in MODERN_PROTOCOL_VERSIONS:
            await ctx.notify_resource_updated(uri)
        elif uri in SUBSCRIBED:
            await ctx.session.send_resource_updated(uri)
    return f"{city}: {celsius} °C"


# The legacy era's way, which the SDK leaves to the server. One set is enough: over stdio there is one host.
SUBSCRIBED: set[str] = set()


async def subscribe(context, params: SubscribeRequestParams) -> EmptyResult:
    SUBSCRIBED.add(str(params.uri))
    return EmptyResult()


station._lowlevel_server.add_request_handler("resources/subscribe", SubscribeRequestParams, subscribe)

if __name__ == "__main__":
    station.run()
