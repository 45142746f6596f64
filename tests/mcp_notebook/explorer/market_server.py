"""An SDK server with everything that an explorer shows, and very many tools: `python market_server.py DIRECTORY TOOLS`.

Tools that wait go on when a test makes a file in DIRECTORY.
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import anyio
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, Completion, ImageContent, TextContent, Tool, ToolAnnotations
from pydantic import BaseModel, Field

directory, count = Path(sys.argv[1]), int(sys.argv[2])
PIXEL = base64.b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
    )
)
ITEMS = {"fruit": ["apple", "apricot", "plum"], "bread": ["rye", "wheat"]}
NOUNS = ["orders", "prices", "stock", "suppliers", "invoices", "parcels", "returns", "reviews"]
VERBS = ["list", "find", "count", "export", "check"]


class Market(MCPServer[Any]):
    async def list_tools(self) -> list[Any]:
        return [*await super().list_tools(), *STALLS]


def new_stall(number: int) -> Tool:
    verb, noun = VERBS[number % len(VERBS)], NOUNS[number // len(VERBS) % len(NOUNS)]
    schema = {"type": "object", "properties": {"limit": {"type": "integer", "minimum": 1}}}
    description = f"{verb.capitalize()} the {noun} of stall {number}, as they are in its own book."
    return Tool(name=f"{verb}_{noun}_{number:04}", description=description, input_schema=schema)


STALLS = [new_stall(number) for number in range(count)]
server = Market("market", instructions="Ask before you buy.\nPrices are in won.")


class Item(BaseModel):
    name: str = Field(description="What it is called.")
    pieces: int = Field(default=1, ge=1, le=99)


class Address(BaseModel):
    street: str
    city: str = "Seoul"


@server.tool(title="Place an order", annotations=ToolAnnotations(destructive_hint=True, read_only_hint=False))
def place_order(
    items: list[Item], deliver_to: Address, wrap: bool = False, speed: Literal["slow", "fast"] = "slow"
) -> dict[str, Any]:
    """Order several items to one address."""
    pieces = sum(item.pieces for item in items)
    return {"pieces": pieces, "city": deliver_to.city, "street": deliver_to.street, "wrap": wrap, "speed": speed}


@server.tool()
async def pack_parcels(context: Context, parcels: int = 3) -> str:
    """Pack parcels one by one, and say how far it is."""
    for parcel in range(1, parcels + 1):
        await context.report_progress(parcel, parcels, f"parcel {parcel}")
        while not (directory / f"packed{parcel}").exists():  # noqa: ASYNC110  the test is another process
            await anyio.sleep(0.005)
    return f"{parcels} parcels are packed"


@server.tool()
async def wait_for_rain() -> str:
    """Wait until it is cancelled."""
    (directory / "waiting").touch()
    try:
        await anyio.sleep_forever()
    except anyio.get_cancelled_exc_class():
        (directory / "cancelled").touch()
        raise
    return "rain"


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def price_list() -> list[dict[str, Any]]:
    """Give what things cost, as a table."""
    return [{"item": item, "won": 1000 + 10 * at} for at, item in enumerate([*ITEMS["fruit"], *ITEMS["bread"]] * 100)]


@server.tool()
def photo() -> CallToolResult:
    """Give a picture."""
    return CallToolResult(content=[ImageContent(type="image", data=PIXEL.decode(), mime_type="image/png")])


@server.tool()
def ledger(kibibytes: int) -> CallToolResult:
    """Give a large text."""
    line = "apple 1000 won; " * 64
    return CallToolResult(content=[TextContent(type="text", text=line * kibibytes)])


@server.tool()
async def shout(context: Context, messages: int, a_second: int = 1000) -> str:
    """Tell very many messages, so many a second."""
    for number in range(0, messages, 100):
        for one in range(number, min(number + 100, messages)):
            await context.report_progress(one, messages, f"message {one}")
        await anyio.sleep(100 / a_second)
    return f"{messages} messages"


@server.tool()
def break_down() -> str:
    """Fail, and say why to stderr."""
    sys.stderr.write("the scales are broken\n")
    sys.stderr.flush()
    raise ToolError("the scales are broken")


@server.resource("market://rules", mime_type="text/markdown")
def rules() -> str:
    """How the market works."""
    return "# Rules\n\n- Pay **first**\n- <script>window.ran = 1</script>\n\n[more](https://example.org/)"


@server.resource("market://prices.csv", mime_type="text/csv")
def prices() -> str:
    """All prices."""
    return "item,won\napple,1000\nplum,1010\n"


@server.resource("market://sign.png", mime_type="image/png")
def sign() -> bytes:
    """The sign at the door."""
    return base64.b64decode(PIXEL)


@server.resource("market://key.bin", mime_type="application/octet-stream")
def key() -> bytes:
    """Bytes of no kind."""
    return bytes(range(256)) * 4


@server.resource("market://{shelf}/{item}")
def item(shelf: str, item: str) -> str:
    """One item."""
    return f"{item} of {shelf}"


@server.prompt(title="Plan a meal")
def plan_meal(
    shelf: Annotated[str, Field(description="Where to begin.")], item: Annotated[str, Field(description="Of what.")]
) -> str:
    """Plan a meal with one item."""
    return f"Plan a meal with {item} from {shelf}."


@server.completion()
async def complete(_reference: Any, argument: Any, context: Any) -> Completion:
    given = (context and context.arguments) or {}
    values = list(ITEMS) if argument.name == "shelf" else ITEMS.get(given.get("shelf", "fruit"), [])
    return Completion(values=[value for value in values if value.startswith(argument.value)])


sys.stderr.write("the market opens\n")
sys.stderr.flush()
server.run("stdio")
