"""Which words look like credentials.

Knows the names that people give to secrets and the beginnings that the big services give to tokens. Refuses to be
sure: it errs towards hiding, and `${TOKEN}` is never a secret, only the name of one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = [
    "HIDDEN",
    "Secret",
    "find_secrets",
    "hide_credentials",
    "hide_in_text",
    "hide_secrets",
    "is_credential",
    "names_credential",
]

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
_USER_AND_PASSWORD = re.compile(r"(?<=://)[^/@\s]{0,200}:[^/@\s]{1,200}(?=@)")
_SCHEME = re.compile(r"\s*(?:bearer|basic|token|digest)\s+", re.IGNORECASE)
_PAIR = re.compile(r"([\w.-]+)(\s*[=:]\s*(?!//))((?:(?:bearer|basic|token|digest)\s+)?[^\s&]+)", re.IGNORECASE)
_VARIABLE = re.compile(r"\$\{[^{}]*\}")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
# Of a line in a file such as .env, or in a command; a sentence has a space after its colon.
_ASSIGNED = re.compile(r"""(?m)^[ \t]*(?:export\s+)?(?P<name>[A-Za-z][\w.-]*)[ \t]*=[ \t]*["']?(?P<value>[^\s"']+)""")
_PAGE = re.compile(
    r"(?:page|next|progress|continuation|sync|cursor|delta|resume|change)[-_]?token|token[-_]?(?:count|type|usage)",
    re.IGNORECASE,
)
_SHORTEST_EVIDENT, _SHORTEST_SECRET = 8, 6


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


@dataclass(frozen=True)
class Secret:
    """A value in JSON that looks like a secret.

    Attributes:
        where: in the value: `headers.authorization`, `rows[3].text`.
        value: the secret itself.
    """

    where: str
    value: str


def find_secrets(value: Any, where: str = "") -> Iterator[Secret]:
    """Find what looks like a secret in a JSON value: by its shape, and by the name it stands under.

    Stricter than `hide_in_text`: it reads what others wrote, in which "the password: the one you chose" is no secret.
    """
    if isinstance(value, str):
        yield from (Secret(where, found) for found in _evident(value))
    elif isinstance(value, dict):
        for name, one in cast("dict[str, Any]", value).items():
            inner = f"{where}.{name}" if where else name
            if isinstance(one, str) and _is_secret_under(name, one):
                yield Secret(inner, one)
            else:
                yield from find_secrets(one, inner)
    elif isinstance(value, list):
        for at, one in enumerate(cast("list[Any]", value)):
            yield from find_secrets(one, f"{where}[{at}]")


def hide_secrets(value: Any) -> Any:
    """Replace what looks like a secret in a JSON value; the rest stays as it is."""
    if isinstance(value, str):
        for found in _evident(value):
            value = value.replace(found, HIDDEN)
        return value
    if isinstance(value, dict):
        return {
            name: HIDDEN if isinstance(one, str) and _is_secret_under(name, one) else hide_secrets(one)
            for name, one in cast("dict[str, Any]", value).items()
        }
    return [hide_secrets(one) for one in cast("list[Any]", value)] if isinstance(value, list) else value


def _evident(text: str) -> list[str]:
    """Give the parts of a text that are secrets by their shape, and the values of lines such as `API_KEY=x`."""
    if len(text) < _SHORTEST_EVIDENT:
        return []
    assigned = [found["value"] for found in _ASSIGNED.finditer(text) if _is_secret_under(found["name"], found["value"])]
    shapes = [found[0] for pattern in (_TOKEN, _PRIVATE_KEY, _USER_AND_PASSWORD) for found in pattern.finditer(text)]
    return list(dict.fromkeys(one for one in (*shapes, *assigned) if _is_literal(one.replace(":", ""))))


def _is_secret_under(name: str, value: str) -> bool:
    """Whether a value under such a name is a secret, and neither a page's token nor a sentence about one."""
    return (
        names_credential(name)
        and not _PAGE.search(_CAMEL_HUMP.sub("-", name))
        and len(value) >= _SHORTEST_SECRET
        and not re.search(r"\s", _SCHEME.sub("", value))
        and _is_literal(value)
    )
