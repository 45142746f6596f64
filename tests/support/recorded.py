"""Recorded messages (tests/recording), each held against the official JSON Schema of its protocol version.

Knows whose answer a message is, and which version counts. What one side sends must fit; what it gets must fit if it
accepts it: a request that is answered with an error is not accepted. Refuses to know how messages are recorded.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import jsonschema_rs

if TYPE_CHECKING:
    from collections.abc import Iterator

    Direction = Literal["sent", "received"]
    Problem = tuple[Direction, str]

__all__ = ["Recording"]

SCHEMAS = Path(__file__).parents[1] / "notebooks" / "schemas"
VERSIONS = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28")
LEGACY, MODERN = VERSIONS[-2:]
_VERSION = "io.modelcontextprotocol/protocolVersion"
_SHOWN = 600


@cache
def schema_of(version: str) -> dict[str, Any]:
    text = (SCHEMAS / f"{version}.json").read_text(encoding="utf-8")
    # What a person fills into a form may be any number, says schema.ts, of which schema.json was made, and made wrong.
    return json.loads(re.sub(r'"string",\s*"integer",\s*"boolean"', '"string", "number", "boolean"', text))


def definitions(version: str) -> dict[str, Any]:
    schema = schema_of(version)
    return schema.get("$defs") or schema["definitions"]


@cache
def validator(version: str, definition: str) -> jsonschema_rs.Validator:
    schema = schema_of(version)
    place = "$defs" if "$defs" in schema else "definitions"
    return jsonschema_rs.validator_for({**schema, "$ref": f"#/{place}/{definition}"})


@cache
def definition_of(version: str, method: str) -> str | None:
    """The name of the request or notification with a method; None where this version has no such method."""
    for name, definition in definitions(version).items():
        if definition.get("properties", {}).get("method", {}).get("const") == method:
            # of 2026-07-28, where there is only one
            return "CancelledNotification" if name == "ClientNotification" else name
    return None


def result_definition(version: str, method: str, result: dict[str, Any]) -> str:
    known = definitions(version)
    if result.get("resultType") == "input_required":
        return "InputRequiredResult"
    if "task" in result and "CreateTaskResult" in known:
        return "CreateTaskResult"
    if result.get("resultType", "complete") != "complete":  # an extension's
        return "Result"
    request = definition_of(version, method)
    name = (request or "").removesuffix("Request") + "Result"
    return name if name in known else "EmptyResult" if request and version != MODERN else "Result"


def first_of(version: str, *names: str) -> str:
    return next(name for name in names if name in definitions(version))


def problems(version: str, definition: str, value: Any) -> list[str]:
    found = validator(version, definition).iter_errors(value)
    return [f"{version} {definition}: {list(each.instance_path)}: {each.message[:_SHOWN]}" for each in found]


class Conversation:
    """The messages between two sides, in their order.

    Attributes:
        checked: how many messages fit or did not, by direction, version and definition.
    """

    def __init__(self, checked: Counter[tuple[str, str, str]]) -> None:
        self.version = LEGACY
        self.checked = checked
        self._asked: dict[tuple[Direction, Any], tuple[str, str, list[str]]] = {}

    def check(self, direction: Direction, message: dict[str, Any], *, waits: bool = False) -> list[Problem]:
        """Return what does not fit, and which way it went.

        Args:
            direction: as our side sees it.
            message: one message of JSON-RPC.
            waits: whether what does not fit in a request is held until the request is answered, and so accepted.
        """
        if "method" not in message:
            return self._check_answer(direction, message)
        if not isinstance(message["method"], str):
            return [(direction, "a method has a name")]
        version = self._version_of(message)
        is_request = "id" in message
        kind = "JSONRPCRequest" if is_request else "JSONRPCNotification"
        definition = definition_of(version, message["method"])
        found = self._hold(direction, version, definition or kind, message)
        if definition is not None:
            found += problems(version, kind, message)
        if is_request:
            self._asked[direction, repr(message["id"])] = (version, message["method"], found if waits else [])
        return [] if waits and is_request else [(direction, each) for each in found]

    def _check_answer(self, direction: Direction, message: dict[str, Any]) -> list[Problem]:
        asker: Direction = "received" if direction == "sent" else "sent"
        version, method, held = self._asked.pop((asker, repr(message.get("id"))), (self.version, "", []))
        if "error" in message:
            return [(direction, each) for each in self._check_error(direction, version, message)]
        result = message.get("result")
        if not isinstance(result, dict):
            return [(direction, "a result is an object")]
        if method == "initialize" and result.get("protocolVersion") in VERSIONS:
            version = self.version = result["protocolVersion"]
        found = self._hold(direction, version, result_definition(version, method, result), result)
        whole = first_of(version, "JSONRPCResultResponse", "JSONRPCResponse")
        found += problems(version, whole, message)
        return [(asker, f"accepted {each}") for each in held] + [(direction, each) for each in found]

    def _check_error(self, direction: Direction, version: str, message: dict[str, Any]) -> list[str]:
        if message.get("id", "") is None:
            # JSON-RPC 2.0 wants null where nobody knows the request's id, and the official Python SDK reads an error
            # only so; MCP's schema has no null, and lets the id be left out since 2025-11-25. So it is held against
            # that as if it were.
            version = max(version, LEGACY)
            message = {name: value for name, value in message.items() if name != "id"}
        return self._hold(direction, version, first_of(version, "JSONRPCErrorResponse", "JSONRPCError"), message)

    def _hold(self, direction: Direction, version: str, definition: str, value: Any) -> list[str]:
        self.checked[direction, version, definition] += 1
        return problems(version, definition, value)

    def _version_of(self, message: dict[str, Any]) -> str:
        params = message.get("params") or {}
        meta = params.get("_meta") or {} if isinstance(params, dict) else {}
        said = meta.get(_VERSION) if isinstance(meta, dict) else None
        if message["method"] == "initialize" and isinstance(params, dict):
            said = params.get("protocolVersion")
        elif said is not None or message["method"].startswith("server/"):
            self.version = MODERN
            return MODERN
        return said if isinstance(said, str) and said in VERSIONS else self.version


class Recording:
    """What the processes of a test run have written down in a directory.

    Args:
        directory: with one file for each process.

    Attributes:
        checked: how many messages were held against the schemas, by side, direction, version and definition.
    """

    def __init__(self, directory: Path) -> None:
        self.checked: Counter[tuple[str, str, str, str]] = Counter()
        self._directory = directory
        self._read: defaultdict[Path, int] = defaultdict(int)
        self._conversations: dict[str, Conversation] = {}
        self._counts: dict[str, Counter[tuple[str, str, str]]] = {"host": Counter(), "server": Counter()}
        self._open: dict[str, tuple[Conversation, str]] = {}

    def check_new(self) -> list[Problem]:
        """Hold what is new against the schemas; return what does not fit, and which way it went."""
        found: list[Problem] = []
        for facts in self._new():
            for side, direction, conversation, message, waits in self._messages(facts):
                text = f"{side} {direction} {json.dumps(message)[:_SHOWN]}"
                wrong = conversation.check(direction, message, waits=waits)
                found += [(way, f"{text}\n    {each}") for way, each in wrong]
        for side, counts in self._counts.items():
            for key, count in counts.items():
                self.checked[side, *key] += count
            counts.clear()
        return found

    def _new(self) -> Iterator[dict[str, Any]]:
        for file in sorted(self._directory.glob("*.jsonl")):
            with file.open("rb") as lines:
                lines.seek(self._read[file])
                for line in lines:
                    if line.endswith(b"\n"):
                        self._read[file] += len(line)
                        yield json.loads(line)

    def _messages(self, facts: dict[str, Any]) -> Iterator[tuple[str, Direction, Conversation, dict[str, Any], bool]]:
        if "connection" in facts:
            conversation = self._find_conversation("host", facts["connection"])
            yield "host", facts["direction"], conversation, json.loads(facts["text"]), False
            return
        if "body" in facts:
            conversation = self._find_conversation("server", facts["session"] or facts["exchange"])
            self._open[facts["exchange"]] = (conversation, "")
            # a message with an id is accepted if its answer is a result, another if HTTP says so
            for message in _parse(facts["body"]):
                if "id" in message or facts["status"] < 300:
                    yield "server", "received", conversation, message, True
            return
        conversation, rest = self._open[facts["exchange"]]
        if not facts["streams"]:
            texts = [facts["chunk"]]
        else:
            *events, rest = re.split(r"\r?\n\r?\n", rest + facts["chunk"])
            texts = ["\n".join(re.findall(r"^data: ?(.*?)\r?$", event, re.MULTILINE)) for event in events]
            self._open[facts["exchange"]] = (conversation, rest)
        for message in [each for text in texts for each in _parse(text)]:
            yield "server", "sent", conversation, message, False

    def _find_conversation(self, side: str, name: str) -> Conversation:
        return self._conversations.setdefault(f"{side} {name}", Conversation(self._counts[side]))


def _parse(text: str) -> list[dict[str, Any]]:
    """The messages in a text; none if it is no message, such as what a test sends on purpose, or OAuth's own JSON."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return []
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, dict) and "jsonrpc" in each]
