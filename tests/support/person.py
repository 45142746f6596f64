"""The person in front of a browser: logged in to Jupyter by its form, with nothing but cookies and the page's token."""

from __future__ import annotations

import contextlib
import json
import re
from typing import TYPE_CHECKING, Any, Self

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.jupyter import JupyterServer


class Person:
    """Someone who answers hosts, as a context manager.

    Args:
        server: the Jupyter server they log in to.
    """

    def __init__(self, server: JupyterServer) -> None:
        self.page = f"{server.url}/mcp-notebook"
        self.browser = httpx.Client(timeout=30)
        self.browser.get(f"{server.url}/login")
        form = {"password": server.token, "_xsrf": self.browser.cookies["_xsrf"]}
        assert self.browser.post(f"{server.url}/login", data=form).status_code == 302
        shown = self.browser.get(f"{self.page}/")
        assert shown.status_code == 200
        found = re.search(r'data-xsrf="([^"]+)"', shown.text)
        assert found
        self.headers = {"X-XSRFToken": found[1]}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.browser.close()

    def approvals(self) -> list[dict[str, Any]]:
        return self.browser.get(f"{self.page}/api/approvals").raise_for_status().json()["approvals"]

    def grants(self) -> list[dict[str, Any]]:
        return self.browser.get(f"{self.page}/api/grants").raise_for_status().json()["grants"]

    def answer(self, approval_id: str, answer: str) -> httpx.Response:
        where = f"{self.page}/api/approvals/{approval_id}"
        return self.browser.post(where, json={"answer": answer}, headers=self.headers)

    def let_ask(self, pause_id: str) -> httpx.Response:
        return self.browser.delete(f"{self.page}/api/pauses/{pause_id}", headers=self.headers)

    def revoke(self, grant_id: str) -> httpx.Response:
        return self.browser.delete(f"{self.page}/api/grants/{grant_id}", headers=self.headers)

    def make_token(self, name: str) -> httpx.Response:
        return self.browser.post(f"{self.page}/api/tokens", json={"name": name}, headers=self.headers)

    def revoke_token(self, name: str) -> httpx.Response:
        return self.browser.delete(f"{self.page}/api/tokens/{name}", headers=self.headers)

    @contextlib.contextmanager
    def watch(self) -> Iterator[Iterator[dict[str, Any]]]:
        """All that the page shows, now and after each change; the page hears what has changed."""
        state: dict[str, Any] = {}
        with self.browser.stream("GET", f"{self.page}/api/events") as events:
            news = (line.removeprefix("data: ") for line in events.iter_lines() if line.startswith("data: "))
            yield (state := {**state, **json.loads(each)} for each in news)

    def wait_for_approval(self) -> dict[str, Any]:
        """The first question that waits, as soon as one does."""
        with self.watch() as heard:
            return next(each["approvals"][0] for each in heard if each["approvals"])
