"""A JSON-RPC server in forty lines, to look at: not MCP yet, and no library but json."""

import json
import sys

METHODS = {"add": lambda a, b: a + b, "upper": lambda text: text.upper()}


def answer(line):
    """Answer one line with one line; None where nothing is to be answered."""
    try:
        message = json.loads(line)
    except ValueError:
        return failure(None, -32700, "Parse error: this is no JSON")
    if "id" not in message:
        return None  # a notification: nobody waits
    method = METHODS.get(message["method"])
    if method is None:
        return failure(message["id"], -32601, f"Method not found: {message['method']}")
    try:
        result = {"value": method(**message.get("params", {}))}
    except (TypeError, AttributeError) as error:
        return failure(message["id"], -32602, f"Invalid params: {error}")
    return json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result})


def failure(request_id, code, text):
    """Write an error; one that belongs to no request has no id."""
    about = {} if request_id is None else {"id": request_id}
    return json.dumps({"jsonrpc": "2.0", **about, "error": {"code": code, "message": text}})


if __name__ == "__main__":
    for line in sys.stdin:
        reply = answer(line)
        if reply is not None:
            print(reply, flush=True)
