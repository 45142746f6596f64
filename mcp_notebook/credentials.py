"""Which words look like credentials.

Knows the names that people give to secrets and the beginnings that the big services give to tokens. Refuses to be
sure: it errs towards hiding, and `${TOKEN}` is never a secret, only the name of one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["HIDDEN", "hide_credentials", "hide_in_text", "is_credential", "names_credential"]

HIDDEN = "***"
"""What is shown instead."""

_NAME = re.compile(
    r"(?:^|[^a-z])(?:authorization|bearer|cookies?|credentials?|passphrase|password|passwd|pwd|pat|secrets?|token"
    r"|(?:api|access|auth|private|signing|subscription)[-_]?key)(?:$|[^a-z])|^-*(?:x-)?key$",
    re.IGNORECASE,
)
_CAMEL_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TOKEN = re.compile(
    r"\b(?:sk-|sk_|rk_|ghp_|gho_|ghu_|ghs_|github_pat_|glpat-|xox[abeprs]-|hf_|npm_|pypi-|mcpn_|AKIA|AIza|eyJ)"
    r"[A-Za-z0-9_\-.]{8,}"
)
_USER_AND_PASSWORD = re.compile(r"(?<=://)[^/@\s]*:[^/@\s]+(?=@)")
_SCHEME = re.compile(r"\s*(?:bearer|basic|token|digest)\s+", re.IGNORECASE)
_PAIR = re.compile(r"([\w.-]+)(\s*[=:]\s*(?!//))((?:(?:bearer|basic|token|digest)\s+)?[^\s&]+)", re.IGNORECASE)
_VARIABLE = re.compile(r"\$\{[^{}]*\}")


def names_credential(name: str) -> bool:
    """Say whether a variable, header or option of this name holds a secret."""
    return bool(_NAME.search(_CAMEL_HUMP.sub("-", name)))


def is_credential(name: str, value: str) -> bool:
    """Say whether a value is, or has in it, a secret itself, rather than the `${VAR}` that stands for one.

    Args:
        name: of the variable, header or option; empty if it has none.
        value: as a person wrote it.
    """
    return (names_credential(name) and _is_literal(value)) or hide_in_text(value) != value


def _is_literal(value: str) -> bool:
    return bool(_VARIABLE.sub("", _SCHEME.sub("", value)).strip())


def hide_in_text(text: str) -> str:
    """Replace what is evidently secret: known tokens, `user:password@`, `api_key=x`, `Authorization: Bearer x`."""

    def hide_value(match: re.Match[str]) -> str:
        name, between, value = match.groups()
        return f"{name}{between}{HIDDEN}" if names_credential(name) and _is_literal(value) else match[0]

    def hide_password(match: re.Match[str]) -> str:
        return HIDDEN if _is_literal(match[0].replace(":", "")) else match[0]

    return _TOKEN.sub(HIDDEN, _USER_AND_PASSWORD.sub(hide_password, _PAIR.sub(hide_value, text)))


def hide_credentials(words: Sequence[str]) -> list[str]:
    """Replace the credentials among a command's words: as in a text, and the value after `--api-key`."""
    shown: list[str] = []
    option = ""
    for word in words:
        secret = names_credential(option) and not word.startswith("-") and _is_literal(word)
        shown.append(HIDDEN if secret else hide_in_text(word))
        option = word if word.startswith("-") and "=" not in word else ""
    return shown
