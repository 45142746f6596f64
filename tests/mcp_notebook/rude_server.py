"""A server that does what servers should not: `python rude_server.py [silent]`.

Hand-written, as no library would send this. It is of the legacy era; with `silent` it does not answer before it is
initialized, as some servers do.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import Any

NUMBER = {"type": "object", "properties": {"number": {"type": "integer"}}, "required": ["number"]}
TOOLS = {
    "flood": None,
    "never": None,
    "garble": None,
    "misfit": NUMBER,
    "omit": NUMBER,
    "distort": None,
    "large": None,
    "echo": None,
}
writing = threading.Lock()


def write(line: bytes) -> None:
    with writing:
        sys.stdout.buffer.write(line + b"\n")
        sys.stdout.buffer.flush()


def send(**members: Any) -> None:
    write(json.dumps({"jsonrpc": "2.0", **members}).encode())


def text(content: str) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": content}]}


def flood(rate: int, seconds: float) -> None:
    """Send log messages at a rate, in batches of a hundredth of a second."""
    message = {"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": "drip " * 20}}
    batch = b"\n".join([json.dumps(message).encode()] * (rate // 100))
    began = time.monotonic()
    for number in range(int(seconds * 100)):
        write(batch)
        time.sleep(max(0, began + (number + 1) / 100 - time.monotonic()))


def call(name: str, arguments: dict[str, Any]) -> dict[str, Any] | None:
    if name == "flood":
        flood(arguments["rate"], arguments["seconds"])
    elif name == "never":
        return None
    elif name == "garble":
        for line in (
            b"Loading model... done",
            b"{'single': 'quotes'}",
            b'{"jsonrpc": "2.0"',
            b"\xff\xfe\x00 caf\xe9",
            b"",
        ):
            write(line)
    elif name == "misfit":
        return {**text("see structure"), "structuredContent": {"number": "seven"}}
    elif name == "distort":
        return {"content": [{"type": "text"}]}
    elif name == "large":
        return text("x" * arguments["size"])
    return text(name)


def answer(request: dict[str, Any]) -> None:
    number = request["id"]
    params = request.get("params", {})
    if request["method"] == "initialize":
        info = {"name": "rude", "version": "1"}
        send(id=number, result={"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": info})
    elif request["method"] == "tools/list":
        schema = {"type": "object"}
        tools = [
            {"name": name, "inputSchema": schema, **({"outputSchema": output} if output else {})}
            for name, output in TOOLS.items()
        ]
        send(id=number, result={"tools": tools})
    elif request["method"] == "tools/call":
        result = call(params["name"], params.get("arguments", {}))
        if result is not None:
            send(id=number, result=result)
    elif "silent" not in sys.argv:
        send(id=number, error={"code": -32601, "message": "Method not found"})


for line in sys.stdin:
    message = json.loads(line)
    if "id" in message and "method" in message:
        threading.Thread(target=answer, args=(message,), daemon=True).start()
