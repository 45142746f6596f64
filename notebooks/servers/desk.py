"""The desk of a library: it lends books, and has to ask first."""

from typing import Annotated

from mcp.server import MCPServer
from mcp.server.mcpserver import Context, DeclinedElicitation, Elicit, ElicitationResult, Resolve, Sample
from mcp_types import CreateMessageResult, SamplingMessage, TextContent
from pydantic import BaseModel, Field

desk = MCPServer("desk", version="1.0.0", log_level="ERROR")

BOOKS = {"Momo": "A girl who listens takes back the time that grey men stole.", "Dune": "A desert, a spice, a war."}


class Loan(BaseModel):
    reader: str = Field(description="who takes it")
    weeks: int = Field(default=2, ge=1, le=6, description="how long")


def ask_loan(title: str) -> Elicit[Loan]:
    return Elicit(f"Who borrows {title}?", Loan)


@desk.tool()
def lend(title: str, loan: Annotated[ElicitationResult[Loan], Resolve(ask_loan)]) -> str:
    """Lend a book."""
    if isinstance(loan, DeclinedElicitation):
        return f"{title} stays here."
    return f"{title} is lent to {loan.data.reader} for {loan.data.weeks} weeks."


def ask_summary(title: str) -> Sample:
    text = f"Say in five words what this book is about: {BOOKS[title]}"
    return Sample([SamplingMessage(role="user", content=TextContent(type="text", text=text))], max_tokens=50)


@desk.tool()
def advertise(title: str, summary: Annotated[CreateMessageResult, Resolve(ask_summary)]) -> str:
    """Advertise a book, in the words of a language model."""
    return f"New here: {title}. {summary.content.text}"


@desk.tool()
async def look_around(ctx: Context) -> list[str]:
    """Which folders the work is about."""
    return [root.name for root in (await ctx.session.list_roots()).roots]


@desk.tool()
async def register(name: str, ctx: Context) -> str:
    """Register a reader; the library card is paid on a page of the library's."""
    answer = await ctx.elicit_url(f"Please pay {name}'s library card.", "https://library.example/pay?card=7", "card-7")
    return f"{name}: {answer.action}"


if __name__ == "__main__":
    desk.run()
