"""A browser for the tests of pages, where one can be had."""

import contextlib
import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ("--no-sandbox", "--disable-gpu")


@contextlib.contextmanager
def chromium():
    """A Chromium that is driven; a test that needs one says so where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: pages are not looked at")
    found = next(filter(None, map(shutil.which, NAMES)), None)
    with sync_api.sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))
        except sync_api.Error as error:
            pytest.skip(f"no browser can be started here, so pages are not looked at: {str(error).splitlines()[0]}")
        yield browser
        browser.close()
