"""A real browser for the tests: Debian's Chromium, driven by Playwright. Where it is missing, tests fail."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

NARROW = 360
"""A telephone's width, in CSS pixels."""
WIDE = 1000


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser; for a fixture of module scope, since it takes a second to start."""
    found = shutil.which("chromium")
    if found is None:
        pytest.fail("no Chromium found: apt-get install chromium")
    with sync_playwright() as playwright:
        # In a container, root has no sandbox to put it in; it opens only what the tests write.
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: Browser, width: int = WIDE) -> Iterator[Page]:
    """A page of its own, of a width in CSS pixels, that asks nobody on the network for anything."""
    context = browser.new_context(viewport={"width": width, "height": 800}, offline=True)
    try:
        yield context.new_page()
    finally:
        context.close()


def scrolls_sideways(page: Page) -> bool:
    """Whether the page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
