"""What a page is told of a server's prompts: rows, the messages of one, and values for arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from anyio.to_thread import run_sync

from mcp_notebook.display import one_line, text_view
from mcp_notebook.errors import HostError, UnknownPrompt
from mcp_notebook.explorer.previews import preview_messages, shown_text
from mcp_notebook.offers import Question
from mcp_notebook.prompts import PromptResult, check_prompt_arguments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp_types import Prompt

    from mcp_notebook.explorer.room import Ask, Room, Said, Tell
    from mcp_notebook.session import Session

__all__ = ["ASKS"]

MAX_ROWS, MAX_NAME, MAX_ARGUMENTS, MAX_VALUES = 10_000, 300, 100, 100
_SEEN = 20


async def _prompts(room: Room, said: Said, tell: Tell) -> dict[str, Any]:
    """List the prompts: `[name, shown name, summary, arguments]` for each."""
    del tell
    session = room.get_session(said)
    prompts = await _list(session, anew=said.number("anew") == 1)
    rows = [_row(prompt) for prompt in prompts if len(prompt.name) <= MAX_NAME][:MAX_ROWS]
    lines = "\n".join(f"{row[1]}  {row[2]}" for row in rows[:_SEEN])
    if lines:
        room.seen.put("Prompts", f"Prompts of {one_line(session.name, 100)} ({len(prompts):,})", text_view(lines))
    return {"rows": rows, "leftOut": len(prompts) - len(rows)}


async def _list(session: Session, *, anew: bool = False) -> Sequence[Prompt]:
    return await session.list_here("prompts", anew=anew)


def _row(prompt: Prompt) -> list[Any]:
    summary = one_line(prompt.description or "", 160)
    title = one_line(prompt.title or "", 120)
    shown = f"{title}: {summary}" if title and summary else title or summary
    return [prompt.name, one_line(prompt.name, 120), shown]


async def _get(session: Session, name: str) -> Prompt:
    prompts = await _list(session)
    found = next((one for one in prompts if one.name == name), None)
    if found is None:
        raise UnknownPrompt(name, [one.name for one in prompts], session.name)
    return found


async def _prompt(room: Room, said: Said, tell: Tell) -> dict[str, Any]:
    """Give one prompt's description and arguments."""
    del tell
    prompt = await _get(room.get_session(said), said.text("name"))
    arguments = (prompt.arguments or [])[:MAX_ARGUMENTS]
    return {
        "shown": one_line(prompt.name, 120),
        "title": one_line(prompt.title or "", 200),
        "description": shown_text(prompt.description or "", 10_000),
        "arguments": [
            {
                "name": one.name,
                "shown": one_line(one.name, 100),
                "needed": bool(one.required),
                "help": one_line(one.description or ""),
            }
            for one in arguments
        ],
    }


async def _messages(room: Room, said: Said, tell: Tell) -> dict[str, Any]:
    """Get a prompt with these arguments; nothing is sent to any model."""
    del tell
    session = room.get_session(said)
    prompt = await _get(session, said.text("name"))
    given = {name: value for name, value in said.object("arguments").items() if value != ""}
    arguments = check_prompt_arguments(given, prompt)
    result = PromptResult(await session.connection.get_prompt(prompt.name, arguments, None), session.name)
    room.seen.put("Prompt", f"Prompt {one_line(prompt.name, 100)}", text_view(await run_sync(repr, result)))
    return {"parts": await run_sync(preview_messages, result)}


async def _complete(room: Room, said: Said, tell: Tell) -> dict[str, Any]:
    """Give values that a server suggests for an argument of a prompt, or for a variable of a template."""
    del tell
    session = room.get_session(said)
    if session.capabilities.completions is None:
        return {"values": []}
    kind: Literal["prompt", "template"] = "template" if said.text("kind") == "template" else "prompt"
    context = {name: str(value) for name, value in said.object("context").items() if value != ""}
    question = Question(session.name, kind, said.text("name"), said.text("argument"), said.text("value"), context)
    try:
        values = await session.connection.complete(question)
    except HostError:  # no suggestions are no harm
        values = []
    return {"values": [value for value in values[:MAX_VALUES] if len(value) <= MAX_NAME]}


ASKS: dict[str, Ask] = {"prompts": _prompts, "prompt": _prompt, "messages": _messages, "complete": _complete}
