"""One browser for many tests on one event loop; each test has contexts of its own, closed after it."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.async_api import Browser, async_playwright


@dataclass(frozen=True, slots=True)
class Lasting:
    """A browser, and the loop that it belongs to."""

    loop: asyncio.AbstractEventLoop
    browser: Browser

    def run(self, test: Coroutine[object, object, None]) -> None:
        """Run a test to its end, and close what it has opened."""
        try:
            self.loop.run_until_complete(test)
        finally:
            for context in self.browser.contexts:
                self.loop.run_until_complete(context.close())


@contextmanager
def lasting_browser(executable: str, *flags: str) -> Iterator[Lasting]:
    """Chromium without a window."""
    loop = asyncio.new_event_loop()
    playwright = loop.run_until_complete(async_playwright().start())
    starting = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", *flags])
    browser = loop.run_until_complete(starting)
    try:
        yield Lasting(loop, browser)
    finally:
        loop.run_until_complete(browser.close())
        loop.run_until_complete(playwright.stop())
        loop.close()
