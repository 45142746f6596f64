"""How long `/api` of Jupyter servers lets somebody wait, asked in turns by a process that does nothing else.

Run as a script with the addresses as arguments: says with an empty line that it asks, asks until its standard input
ends, then prints for each of them a JSON list of milliseconds.
"""

from __future__ import annotations

import http.client
import json
import select
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence

PAUSE = 0.005
"""Seconds between two rounds."""


class Stalls:
    """Asks for as long as the context lasts.

    Args:
        urls: of the Jupyter servers.

    Attributes:
        milliseconds: of each answer, for each of the servers; there when the context has ended.
    """

    def __init__(self, *urls: str) -> None:
        self._urls = urls
        self.milliseconds: list[list[float]] = []

    def __enter__(self) -> Self:
        command = [sys.executable, __file__, *self._urls]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self._process.stdout is not None:
            self._process.stdout.readline()
        return self

    def __exit__(self, *_: object) -> None:
        out, _ = self._process.communicate(timeout=60)
        self.milliseconds = json.loads(out)


def ask(urls: Sequence[str]) -> list[list[float]]:
    """Ask all of them in turns until standard input ends."""
    places = [urlsplit(url) for url in urls]
    connections = [http.client.HTTPConnection(place.hostname or "", place.port) for place in places]
    took: list[list[float]] = [[] for _ in urls]
    first = True
    while first or not select.select([sys.stdin], [], [], PAUSE)[0]:
        for place, connection, times in zip(places, connections, took, strict=True):
            start = time.perf_counter()
            connection.request("GET", f"{place.path}/api")
            answer = connection.getresponse()
            answer.read()
            times.append((time.perf_counter() - start) * 1000)
            if answer.status != http.client.OK:
                raise RuntimeError(f"{place.geturl()}/api answers {answer.status}")
        if first:
            print(flush=True)  # noqa: T201 - for the one who has started this
            first = False
    return took


if __name__ == "__main__":
    sys.stdout.write(json.dumps(ask(sys.argv[1:])))
