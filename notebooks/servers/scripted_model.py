"""A language model in a small file: it speaks as OpenAI's do, over HTTP on this computer, and anybody can follow it.

It does not understand: it counts words. Like a big one it knows nothing of a tool but what it is sent, and answers
either with words or with a wish to have tools called.
"""

import json
import os
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATH = "/v1/chat/completions"


def choose(question: str, tools: list[dict]) -> dict | None:
    """Choose the tool whose description has most words of the question; the first of equals, None if none has any."""
    found = [(len(words(question) & words(tool["description"])), tool) for tool in tools]
    best = max((count for count, _ in found), default=0)
    return next((tool for count, tool in found if count == best), None) if best else None


def words(text: str) -> set[str]:
    """Give the words that say something: of four letters or more."""
    return set(re.findall(r"[a-z]{4,}", text.lower()))


def fill(question: str, schema: dict) -> list[dict]:
    """Fill in a tool's arguments: a text is a name in the question. Two names make two calls."""
    names = re.findall(r"(?<=[a-z,] )[A-Z]\w+", question)
    return [dict.fromkeys(schema.get("properties", {}), name) for name in names]


def answer(messages: list[dict], tools: list[dict]) -> dict:
    """Answer a conversation with a message: words, or calls of tools."""
    results = [message["content"] for message in messages if message["role"] == "tool"]
    if messages[-1]["role"] == "tool":
        return {"role": "assistant", "content": "I was told: " + "; ".join(map(without_mark, results))}
    question = messages[-1]["content"]
    tool = choose(question, [one["function"] for one in tools])
    if tool is None:
        return {"role": "assistant", "content": "I have no tool for that, and I know nothing myself."}
    calls = [
        {"id": f"call_{number}", "type": "function", "function": {"name": tool["name"], "arguments": json.dumps(given)}}
        for number, given in enumerate(fill(question, tool["parameters"]), 1)
    ]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def without_mark(result: str) -> str:
    """Leave out the marks that the host has put around what a server wrote."""
    return re.sub(r"</?data-[^>]*>\n?", "", result).strip()


class ScriptedModel(ThreadingHTTPServer):
    """The model's server, from when it is made until it is closed.

    Attributes:
        url: for hosts.
        requests: what it was sent.
        answers: what it sent, as on the wire.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/v1"
        self.requests: list[dict] = []
        self.answers: list[str] = []
        self._before: dict[str, str | None] = {}
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def use_here(self) -> None:
        """Say to this kernel that OpenAI's interface is here, by the variables that OpenAI's own package reads."""
        ours = {"OPENAI_BASE_URL": self.url, "SCRIPTED_KEY": "none", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        self._before = {name: os.environ.get(name) for name in ours}
        os.environ.update(ours)

    def show(self, number: int, *members: str) -> None:
        """Print an exchange: what it was sent, all of it or some members, and what it sent.

        What the host says to every model is cut short, and so are the marks around results, which are new each time.
        """
        request = json.loads(re.sub(r"data-[0-9a-f]{12}", "data-…", json.dumps(self.requests[number])))
        for message in request["messages"]:
            if message["role"] == "system":
                message["content"] = message["content"][:40] + "…"
        shown = {name: value for name, value in request.items() if not members or name in members}
        print("→ POST", PATH, json.dumps(shown, indent=2, ensure_ascii=False))
        print("← 200")
        print(self.answers[number].rstrip())

    def close(self) -> None:
        """End it; the variables are as they were."""
        for name, value in self._before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        message = answer(request["messages"], request.get("tools", []))
        text = _stream(request, message) if request.get("stream") else _whole(request, message)
        self.server.requests.append(request)
        self.server.answers.append(text)
        self.send_response(200 if self.path == PATH else 404)
        self.send_header("Content-Type", "text/event-stream" if request.get("stream") else "application/json")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        pass


def _about(request: dict, kind: str) -> dict:
    return {"id": "1", "object": kind, "created": 1, "model": request["model"]}


def _usage(request: dict, message: dict) -> dict:
    """Count words, where a real model counts tokens; without the host's own words."""
    told = [one for one in request["messages"] if one["role"] != "system"]
    sent, came = (len(json.dumps(one).split()) for one in ([told, request.get("tools")], message))
    return {"prompt_tokens": sent, "completion_tokens": came, "total_tokens": sent + came}


def _why(message: dict) -> str:
    return "tool_calls" if message.get("tool_calls") else "stop"


def _whole(request: dict, message: dict) -> str:
    choice = {"index": 0, "message": message, "finish_reason": _why(message)}
    return json.dumps({**_about(request, "chat.completion"), "choices": [choice], "usage": _usage(request, message)})


def _stream(request: dict, message: dict) -> str:
    """Write an answer in pieces: one for three words, or for one call."""
    pieces = [{"role": "assistant", "content": ""}]
    pieces += [{"content": piece} for piece in re.findall(r"(?:\S+\s*){1,3}", message["content"] or "")]
    pieces += [{"tool_calls": [{"index": at, **call}]} for at, call in enumerate(message.get("tool_calls", []))]
    choices = [{"index": 0, "delta": piece, "finish_reason": None} for piece in pieces]
    choices.append({"index": 0, "delta": {}, "finish_reason": _why(message)})
    about = _about(request, "chat.completion.chunk")
    events = [{**about, "choices": [one]} for one in choices]
    events.append({**about, "choices": [], "usage": _usage(request, message)})
    return "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
