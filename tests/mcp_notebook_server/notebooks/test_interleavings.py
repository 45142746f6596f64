"""A few random interleavings of two hosts and a person; `make interleave` does a thousand of each kind."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from support.interleavings import interleave_live, interleave_saved

if TYPE_CHECKING:
    from pathlib import Path


def test_saved_notebook_keeps_every_edit_of_two_hosts_and_a_tab_once(tmp_path: Path) -> None:
    refused = sum(asyncio.run(interleave_saved(seed, tmp_path)) for seed in range(30))
    assert refused  # the tab was open at times


def test_shared_notebook_keeps_every_edit_of_two_hosts_and_of_a_tab_that_is_behind_once() -> None:
    for seed in range(30):
        asyncio.run(interleave_live(seed))
