"""What looks like a credential, by name or by form. Knows patterns; refuses to know where they are looked for."""

from __future__ import annotations

import re

__all__ = ["HIDDEN", "hide_credentials", "names_credential"]

HIDDEN = "[hidden: looks like a credential]"

_NAMES = re.compile(
    r"token|secret|passw(or)?d|passphrase|pwd|api_?key|access_?key|private_?key|credential|bearer|authorization|cookie",
    re.IGNORECASE,
)

_FORMS = re.compile(
    r"""
    \b(?:sk|pk|rk)[-_](?:[A-Za-z0-9]+[-_])*[A-Za-z0-9_-]{12,}   # OpenAI, Anthropic, Stripe
    | \bgh[opsur]_[A-Za-z0-9]{16,} | \bgithub_pat_\w{16,}       # GitHub
    | \bglpat-[\w-]{16,}                                        # GitLab
    | \b(?:AKIA|ASIA)[A-Z0-9]{16}\b                             # AWS
    | \bAIza[\w-]{30,} | \bya29\.[\w-]{16,}                     # Google
    | \bxox[abeoprs]-[\w-]{10,}                                 # Slack
    | \bhf_[A-Za-z0-9]{16,} | \bnpm_[A-Za-z0-9]{16,} | \bpypi-[\w-]{16,} | \bmcpn_[\w-]{16,}
    | \beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*                      # a JSON web token
    | -----BEGIN[ A-Z]*PRIVATE[ ]KEY-----[\s\S]*
    | (?<=://)[^\s/:@]{1,64}:[^\s/@]{1,256}(?=@)                # user:password in a URL
    """,
    re.VERBOSE,
)


def names_credential(name: str) -> bool:
    """Whether text kept under this name is to be hidden, as under `db_password`."""
    return _NAMES.search(name) is not None


def hide_credentials(text: str) -> str:
    """Replace what has the form of a credential."""
    return _FORMS.sub(HIDDEN, text)
