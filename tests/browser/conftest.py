"""A real browser. The tests need Chromium (Debian: `apt-get install chromium`), which `.ci/run` installs."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect, sync_playwright

from support.jupyter import JupyterServer
from support.schema_form import form_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

MILLISECONDS = 60_000
"""How long a page may take for anything."""

expect.set_options(timeout=MILLISECONDS)

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine: install Debian's package chromium, or Google Chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def jupyter_server() -> Iterator[JupyterServer]:
    """One that the browser can open notebooks on."""
    with JupyterServer(front_ends=True) as server:
        yield server


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh tab without cookies, in which each wait ends within a minute."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    context.set_default_timeout(MILLISECONDS)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def bare(browser: Browser) -> Iterator[Page]:
    """A page with the form's modules and style, and nothing else."""
    with form_page(browser) as page:
        yield page
