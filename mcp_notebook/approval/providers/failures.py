"""Why a model gave no answer: one sentence for the person, without the key.

Knows what the exceptions of the packages `anthropic` and `openai` have in common. What a service says of a refused key
is left out, as it may repeat a part of it; elsewhere the key is taken out of its words.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

from mcp_notebook.display import one_line

if TYPE_CHECKING:
    from mcp_notebook.approval.providers.access import Access

__all__ = ["BROKEN_OFF", "ModelFailed", "check_installed", "why_failed"]

BROKEN_OFF = "the connection broke off"
_REFUSED_KEY, _FORBIDDEN, _UNKNOWN, _TOO_LARGE, _TOO_MANY, _BROKEN = 401, 403, 404, 413, 429, 500


class ModelFailed(Exception):
    """There is no answer; `str()` is a sentence for the person, which servers are not told."""


def check_installed(package: str) -> None:
    """See that a package is there, without importing it.

    Raises:
        ModelFailed: it is not.
    """
    if importlib.util.find_spec(package) is None:
        raise ModelFailed(f"This model needs the package {package}, which is not installed: %pip install {package}")


def why_failed(error: Exception, access: Access, model: str) -> ModelFailed:
    """Word what went wrong with a request.

    Args:
        error: what the package raised.
        access: how the model is reached.
        model: its name.
    """
    status: int | None = getattr(error, "status_code", None)
    if status is not None:
        return ModelFailed(f"{access.where} {_refusal(status, error, access, model)} (HTTP {status}).")
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if "APITimeoutError" in kinds:
        return ModelFailed(f"{access.where} took too long to answer.")
    cause = _cause(error)
    if type(cause).__name__ in ("RemoteProtocolError", "ReadError"):
        return ModelFailed(f"{access.where} gave no whole answer: {BROKEN_OFF}.")
    said = one_line(access.without_key(str(cause)) or type(cause).__name__, 200).rstrip(".")
    if "APIConnectionError" in kinds:
        return ModelFailed(f"{access.where} cannot be reached: {said}.")
    if "CredentialsError" in kinds:
        return ModelFailed(f"There is no key for {access.where}: {said}.")
    return ModelFailed(f"{access.where} gave no answer: {said}.")


def _refusal(status: int, error: Exception, access: Access, model: str) -> str:
    if status == _REFUSED_KEY:
        return f"does not accept {access.key_shown}"
    if status == _FORBIDDEN:
        return f"does not let {access.key_shown} use {model}"
    if status == _TOO_MANY:
        return "takes no more requests for now, and did not when asked again; wait a while"
    if status >= _BROKEN:
        return "is in trouble, and still was when asked again"
    said = one_line(access.without_key(_message(error)), 200).rstrip(".")
    what = {_UNKNOWN: f"does not know {model}", _TOO_LARGE: "finds the request too large"}
    return f"{what.get(status, 'refused the request')}{': ' + said if said else ''}"


def _message(error: Exception) -> str:
    """Give the service's own words, which each of them wraps differently; "" if there are none."""
    body: Any = getattr(error, "body", None)
    inner: Any = body.get("error", body) if isinstance(body, dict) else body  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  JSON
    message: Any = inner.get("message") if isinstance(inner, dict) else inner  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  as above
    return message if isinstance(message, str) and "<" not in message[:1] else ""  # no page of a proxy


def _cause(error: BaseException) -> BaseException:
    """Give the network's own error, which the packages wrap: the one that is not of httpx, nor of below."""
    while error.__cause__ is not None and not type(error).__module__.startswith("httpx"):
        error = error.__cause__
    return error
