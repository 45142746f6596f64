"""What a server says about one thing that it offers, as far as a model reads it.

Knows tools, resources, templates, prompts and a server's instructions. Refuses to know the SDK: it takes whatever can
write itself as JSON.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Definition", "DefinitionKind", "Text", "read_definition", "read_instructions"]

DefinitionKind = Literal["tool", "resource", "template", "prompt", "instructions"]

_LEFT_OUT = frozenset({"_meta", "icons"})  # no model reads these, and some servers change them with every listing
_MAX_DEPTH = 40


class _Model(Protocol):
    def model_dump(self, *, mode: str, by_alias: bool, exclude_none: bool) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Text:
    """One text that a model reads.

    Attributes:
        where: `description`, `inputSchema.properties.city.description`.
        text: as the server sent it.
        is_name: it names something: words in it are joined by underscores.
    """

    where: str
    text: str
    is_name: bool = False


@dataclass(frozen=True)
class Definition:
    """One definition.

    Attributes:
        kind: of thing.
        name: what identifies it: its name, URI or template; "" for a server's instructions.
        content: what the server sent, as JSON, without `_meta` and icons.
    """

    kind: DefinitionKind
    name: str
    content: Mapping[str, Any]

    @property
    def fingerprint(self) -> str:
        """The same for the same content, whatever the order of its members; 64 hexadecimal digits."""
        return hashlib.sha256(json.dumps(self.content, sort_keys=True).encode()).hexdigest()

    @property
    def texts(self) -> Iterator[Text]:
        """Every text of it, names of members too: all of it is in the model's context."""
        return _texts(self.content, "", _MAX_DEPTH)


def _texts(value: Any, where: str, depth: int) -> Iterator[Text]:
    if isinstance(value, str):
        yield Text(where, value, is_name=where in {"name", "uri", "uriTemplate"})
    elif depth and isinstance(value, dict):
        for name, one in cast("dict[str, Any]", value).items():
            inner = f"{where}.{name}" if where else name
            if where.endswith("roperties"):  # of a schema: properties, patternProperties
                yield Text(inner, name, is_name=True)
            yield from _texts(one, inner, depth - 1)
    elif depth and isinstance(value, list):
        for at, one in enumerate(cast("list[Any]", value)):
            yield from _texts(one, f"{where}[{at}]", depth - 1)


def read_definition(kind: DefinitionKind, item: _Model | Mapping[str, Any]) -> Definition:
    """Read a definition.

    Args:
        kind: of thing.
        item: the SDK's model of it, or the JSON object that a server sent.
    """
    sent = (
        dict(item)
        if isinstance(item, dict)
        else cast("_Model", item).model_dump(mode="json", by_alias=True, exclude_none=True)
    )
    content = {name: value for name, value in sent.items() if name not in _LEFT_OUT}
    key = {"resource": "uri", "template": "uriTemplate"}.get(kind, "name")
    return Definition(kind, str(content.get(key, "")), content)


def read_instructions(instructions: str | None) -> list[Definition]:
    """Read what a server tells hosts about its use; none if it says nothing."""
    return [Definition("instructions", "", {"instructions": instructions})] if instructions else []
