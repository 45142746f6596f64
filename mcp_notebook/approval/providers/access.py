"""How a model is reached: whose interface, at which address, with the key of which environment variable.

Knows that a key is read when it is used and never kept, and that it goes nowhere but where the person said: at an
address of their own, only if they named the variable.
"""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from mcp_notebook.approval.providers.failures import ModelFailed

__all__ = ["Access"]

_NO_KEY = "none"  # the packages want some; servers on one's own computer do not


@dataclass(frozen=True)
class Access:
    """How a model is reached.

    Attributes:
        maker: "anthropic" or "openai".
        url: of a server that speaks as the maker's does; None for the maker's own.
        key_variable: of the environment, with the key; None for the maker's own, or for no key at an address of one's
            own.
    """

    maker: str
    url: str | None = None
    key_variable: str | None = None

    def __post_init__(self) -> None:
        if self.url is not None:
            parts = urlsplit(self.url)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise ValueError(f"{self.url!r} is no http address")
            if "@" in parts.netloc or parts.query:
                raise ValueError("an address that is shown must hold no password: keys come from the environment")

    @property
    def where(self) -> str:
        """Name it: `anthropic`, or `http://localhost:11434/v1`."""
        return self.url or self.maker

    @property
    def variable(self) -> str | None:
        """The variable that the key is in; None if there is none."""
        if self.key_variable is None and self.url is None:
            return f"{self.maker.upper()}_API_KEY"
        return self.key_variable

    @property
    def warning(self) -> str:
        """Say what is odd about it, as a sentence; "" if nothing is."""
        if self.url is None or self.variable is None:
            return ""
        parts = urlsplit(self.url)
        if parts.scheme == "https" or _is_this_computer(parts.hostname or ""):
            return ""
        return f"The key in {self.variable} goes to {parts.hostname} unencrypted: who is on the way can read it."

    @property
    def key_shown(self) -> str:
        """Name the key without showing it."""
        return f"the key in {self.variable}" if self.variable else "a request without a key (--key VARIABLE gives one)"

    def find_key(self) -> str | None:
        """Read the key now; None if the maker's own package is to find it.

        Raises:
            ModelFailed: the variable is not set.
        """
        if self.variable is None:
            return _NO_KEY
        key = os.environ.get(self.variable)
        if not key and self.key_variable is not None:
            raise ModelFailed(f"The environment variable {self.variable}, which is to hold the key, is not set.")
        return key or None

    def without_key(self, text: str) -> str:
        """Take the key out of a text."""
        key = os.environ.get(self.variable or "")
        return text.replace(key, "…") if key else text


def _is_this_computer(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
