"""What looks like a credential, by name or by form. Knows patterns; refuses to know where they are looked for.

A form is looked for only in text that has one of its hints, a plain piece of text: what is read is mostly free of them,
and going through 20,000 characters with all forms would take 15 ms.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["HIDDEN", "has_hint", "hide_credentials", "names_credential"]

HIDDEN = "[hidden: looks like a credential]"

_NAMES = re.compile(
    r"token|secret|passw(or)?d|passphrase|passcode|pwd|credential|bearer|authorization|cookie|jwt"
    r"|(api|access|private|ssh|signing|encryption|auth|master|account|service|shared)[-_ ]?key"
    r"|connection[-_ ]?string|(^|_)auth(_|$)|(^|_)dsn$",
    re.IGNORECASE,
)

_FORMS = [
    (gate, hints.split(), re.compile(form))
    for gate, hints, form in (
        ("-", "sk- pk- rk-", r"\b[spr]k-(?:[A-Za-z0-9]+[-_])*[A-Za-z0-9_-]{12,}"),  # OpenAI, Anthropic ...
        ("-", "glpat- xox pypi-", r"(?:glpat-|xox[abeoprs]-|pypi-)[\w-]{10,}"),  # GitLab, Slack
        ("_", "sk_ pk_ rk_", r"\b[spr]k_(?:[A-Za-z0-9]+[-_])*[A-Za-z0-9_-]{12,}"),  # Stripe
        ("_", "gho_ ghp_ ghs_ ghu_ ghr_ github_pat_", r"(?:gh[opsur]_|github_pat_)\w{16,}"),
        ("_", "hf_ npm_ mcpn_", r"(?:hf_|npm_|mcpn_)[\w-]{16,}"),
        ("I", "AKIA ASIA AIza", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|AIza[\w-]{30,}"),  # AWS, Google
        (".", "ya29. eyJ", r"ya29\.[\w-]{16,}|\beyJ[\w-]{8,400}\.eyJ[\w-]{8,}\.[\w-]*"),  # Google, a JSON web token
        ("-----", "PRIVATE", r"-----BEGIN[ A-Z]*PRIVATE KEY-----[\s\S]*"),
        ("://", "@", r"(?<=://)[^\s/:@]{0,64}:[^\s/@]{1,256}(?=@)"),  # user:password in an address
        ("earer ", "earer ", r"(?<=earer )[\w.~+/=-]{12,}"),  # an Authorization header
        ("asic ", "asic ", r"(?<=asic )[\w+/=-]{16,}"),
        (
            "=",
            "word= wd= oken= ecret= WORD= WD= OKEN= ECRET=",
            r"(?:(?<=word=)|(?<=wd=)|(?<=oken=)|(?<=ecret=)|(?<=WORD=)|(?<=WD=)|(?<=KEN=)|(?<=CRET=))(?!\.\.\.)[^\s;&,'\"]+",
        ),
        ("=", "ey= EY= ig=", r"(?:(?<=[Kk]ey=)|(?<=KEY=))[\w+/=-]{16,}|(?<=\b[Ss]ig=)[\w%+/=-]{16,}"),
    )
]
"""A piece of text that must be there, others of which one must be there, the form."""

_SHORT = 300
_ANY_HINT = re.compile("|".join(re.escape(hint) for _, hints, _ in _FORMS for hint in hints))
"""Quicker than one hint after the other in short text, slower in long text."""


@lru_cache(maxsize=2048)
def names_credential(name: str) -> bool:
    """Whether text kept under this name is to be hidden, as under `db_password`."""
    return _NAMES.search(name) is not None


def has_hint(text: str) -> bool:
    """Whether short text may have the form of a credential."""
    return _ANY_HINT.search(text) is not None


def hide_credentials(text: str) -> str:
    """Replace what has the form of a credential."""
    if len(text) < _SHORT and not has_hint(text):
        return text
    for gate, hints, form in _FORMS:
        if gate in text and any(hint in text for hint in hints):
            text = form.sub(HIDDEN, text)
    return text
