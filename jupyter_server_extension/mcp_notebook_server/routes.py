"""Which of Jupyter's handlers answers at a URL, and whether two want the same.

Knows tornado's rules. Refuses to know what is served, and what the person is told about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from tornado.routing import RuleRouter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tornado.routing import Rule
    from tornado.web import Application, RequestHandler

__all__ = ["find_other_handler"]


def find_other_handler(application: Application, url: str, own: type[RequestHandler]) -> str | None:
    """Return the name of a handler that wants requests for `url`, too, and is neither `own` nor takes everything."""
    for rule in _walk(application.default_router.rules):
        pattern = getattr(rule.matcher, "regex", None)
        if pattern is None or rule.target is own or pattern.match(f"{url}-{uuid4().hex}"):
            continue
        if pattern.match(url):
            return getattr(rule.target, "__qualname__", repr(rule.target))
    return None


def _walk(rules: Iterable[Rule]) -> Iterator[Rule]:
    """Yield the rules that lead to handlers, in the order in which they are tried."""
    for rule in rules:
        if isinstance(rule.target, RuleRouter):
            yield from _walk(rule.target.rules)
        else:
            yield rule
