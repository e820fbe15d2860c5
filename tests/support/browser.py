"""The system's Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NO_BROWSER = (
    "No browser to test with: install one (apt-get install -y chromium fonts-noto-cjk), "
    "or set SIDAN_TEST_BROWSER to the path of a Chromium or Chrome."
)
# The last four keep it from calling home.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def browser_path() -> str | None:
    """SIDAN_TEST_BROWSER, else the first Chromium or Chrome on PATH."""
    found = map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
    return os.environ.get("SIDAN_TEST_BROWSER") or next(filter(None, found), None)


@contextmanager
def running_browser() -> Generator[Browser]:
    """A headless browser; LookupError says how to get one."""
    path = browser_path()
    if path is None:
        raise LookupError(NO_BROWSER)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()
