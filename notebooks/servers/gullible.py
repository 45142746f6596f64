"""A model that believes whatever it reads, and a host that lets it: what an attacker hopes for.

Real models are cleverer and less predictable: some texts deceive some of them, sometimes. This one is deceived each time.
"""

import json
import re

from mcp_types import TextContent, ToolResultContent, ToolUseContent

from mcp_notebook.approval.providers import Completion, Message, Request

ORDER = re.compile(r"\bcall (\w+) with (\{.*?\})", re.IGNORECASE)


def gullible(request: Request) -> Completion:
    """Find the next order in all that was read, whoever wrote it: tools' descriptions, the person, results."""
    blocks = [block for message in request.messages for block in message.content]
    results = [_text(block) for block in blocks if block.type == "tool_result"]
    asked = [block.text for block in blocks if block.type == "text"]
    texts = "\n".join([*(tool.description or "" for tool in request.tools), *asked, *results])
    offered = {tool.name.partition("__")[2]: tool.name for tool in request.tools}
    orders = [(offered[tool], arguments) for tool, arguments in ORDER.findall(texts) if tool in offered]
    if len(results) < len(orders):
        name, arguments = orders[len(results)]
        filled = {key: results[-1] if value == "ANSWER" else value for key, value in json.loads(arguments).items()}
        wish = ToolUseContent(id=f"call_{len(results)}", name=name, input=filled)
        return Completion("", "gullible", "toolUse", [wish])
    return Completion(results[-1] if results else "I have no such tool.", "gullible", "endTurn")


def _text(result: ToolResultContent) -> str:
    """The text of a result, without the marks that a careful host puts around it."""
    return re.sub(r"</?data-[^>]*>", "", result.content[0].text).strip()


def ask_carelessly(question: str, *sessions) -> str:
    """Do what a host does, without a person: every call that the model wishes is made."""
    tools = {f"{session.name}__{tool.name}": (session, tool) for session in sessions for tool in session.list_tools()}
    offered = [tool.model_copy(update={"name": name}) for name, (_, tool) in tools.items()]
    messages = [Message("user", [TextContent(text=question)])]
    while (answer := gullible(Request(messages, "", 1000, tools=offered))).tool_uses:
        wish = answer.tool_uses[0]
        session, tool = tools[wish.name]
        print(f"{session.name}.{tool.name} {json.dumps(wish.input)}")
        result = session.call(tool.name, **wish.input)
        messages.append(Message("assistant", [wish]))
        messages.append(Message("user", [ToolResultContent(tool_use_id=wish.id, content=[TextContent(text=result.text)])]))
    return answer.text
