"""What an address stands for: all kernels, one kernel, or the kernel of one notebook.

Knows which arguments such an address fills in. Refuses to know tools, prompts and requests: they ask.

    mcp                           every tool names its kernel
    mcp/kernels/<kernel id>       `kernel` is that id and is gone from every schema
    mcp/notebooks/<path>          `kernel` and `notebook` are that path
    mcp/published/<name>          a server of somebody else, which a notebook publishes
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["Binding"]


@dataclass(frozen=True)
class Binding:
    """What one address stands for; with neither, for everything.

    Attributes:
        kernel: id of the one kernel; empty if it is not bound to one.
        notebook: path of the one notebook, whichever kernel it has just now; empty as above.
        published: name of the published server; empty at our own.
    """

    kernel: str = ""
    notebook: str = ""
    published: str = ""

    @property
    def values(self) -> dict[str, str]:
        """The arguments that the address fills in, by name; none if it stands for everything."""
        if self.notebook:
            return {"kernel": self.notebook, "notebook": self.notebook}
        return {"kernel": self.kernel} if self.kernel else {}

    def includes(self, kernel_id: str, notebook: str | None) -> bool:
        """Whether a kernel, running for that notebook, can be reached at this address."""
        return kernel_id == self.kernel or notebook == self.notebook if self.values else True

    def fill_in(self, arguments: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
        """Add to the arguments what the address says, as far as they are among `names`."""
        return {**arguments, **{name: value for name, value in self.values.items() if name in names}}

    def narrow_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return an object's schema without the properties that the address fills in."""
        properties = {name: each for name, each in schema.get("properties", {}).items() if name not in self.values}
        required = [name for name in schema.get("required", ()) if name not in self.values]
        return {**schema, "properties": properties, "required": required}

    def narrow_template(self, template: str) -> str:
        """Return a URI template with what the address says in its place."""
        for name, value in self.values.items():
            template = template.replace(f"{{{name}}}", quote(value, safe=""))
        return template
