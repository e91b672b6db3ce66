"""A real Chromium, driven as a person would: by what is on the screen and by stable identifiers."""

import contextlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, Frame, Locator, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.film.kit import Source

ALONE = "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost"
OUTSIDE = re.compile(r"^https?://(?!127\.0\.0\.1|localhost)")
RIVE = "rive_native.js"
LONG = 30_000
_HAS_FOCUS = """name => document.activeElement.closest(`[flt-semantics-identifier="${name}"]`) !== null"""

_HAS_TEXT = "text => document.activeElement.value === text"


@contextmanager
def chromium(
    executable: str, profile: Path, environment: dict[str, str], source: Source | None = None
) -> Iterator[BrowserContext]:
    """A browser with its own profile, cut off from the world, with a camera of counted frames."""
    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--host-resolver-rules={ALONE}",
        *(source.flags() if source else []),
    ]
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(profile),
            executable_path=executable,
            headless=True,
            args=flags,
            env=dict(environment),
            viewport={"width": 1024, "height": 768},
        )
        context.set_default_timeout(LONG)
        try:
            yield context
        finally:
            # A test may have killed the browser: then there is nothing left to close.
            with contextlib.suppress(PlaywrightError):
                context.close()


class Screen:
    """One tab of the app."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.outside: list[str] = []
        page.on("request", self._watch)

    def _watch(self, request: object) -> None:
        url: str = getattr(request, "url", "")
        if OUTSIDE.match(url) and RIVE not in url:
            self.outside.append(url)

    def open(self, url: str) -> None:
        """Go to a launch link."""
        self.page.goto(url)

    def find(self, identifier: str) -> Locator:
        """The control with this identifier."""
        return self.page.locator(f'[flt-semantics-identifier="{identifier}"]').first

    def starting(self, prefix: str) -> Locator:
        """The first control whose identifier starts like this."""
        return self.page.locator(f'[flt-semantics-identifier^="{prefix}"]').first

    def see(self, identifier: str) -> Locator:
        """Wait until the control is there; where it never comes, tell what the screen says is wrong."""
        found = self.find(identifier)
        try:
            found.wait_for(state="attached")
        except PlaywrightTimeout as error:
            raise AssertionError(f"{identifier} is not there; the screen says: {self._faults()}") from error
        return found

    def _faults(self) -> list[str]:
        noted = self.page.locator('[flt-semantics-identifier*="fault"]')
        texts = (noted.nth(place).text_content() or "" for place in range(noted.count()))
        return [text for text in texts if text]

    def either(self, *identifiers: str) -> Locator:
        """Wait until one of these controls is there."""
        found = self.page.locator(
            ", ".join(f'[flt-semantics-identifier="{one}"]' for one in identifiers)
        ).first
        found.wait_for(state="attached")
        return found

    def tap(self, identifier: str) -> None:
        """Touch the middle of a control."""
        self.touch(self.see(identifier))

    def mark(self, identifier: str) -> None:
        """Touch a dot until it is marked: the page may still be moving when it is touched first."""
        marked = self.page.locator(f'[flt-semantics-identifier="{identifier}"][aria-checked="true"]')
        for _ in range(5):
            self.tap(identifier)
            try:
                marked.wait_for(state="attached", timeout=3000)
            except PlaywrightTimeout:
                continue
            return
        raise AssertionError(f"{identifier} cannot be marked")

    def touch(self, control: Locator) -> None:
        """Touch the middle of what was found, scrolling to it first."""
        control.wait_for(state="attached")
        box = self._in_sight(control)
        self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def _in_sight(self, control: Locator) -> dict[str, float]:
        """Scroll until a control stands still clear of the edges, or is seen and cannot be moved."""
        size = self.page.viewport_size or {"width": 1280, "height": 800}
        top, bottom = 16, size["height"] - 96  # clear of the bar, and of a message
        before, turned = -1.0, False
        for _ in range(100):
            box = control.bounding_box()
            if box is None:  # its screen was drawn anew just now
                self.page.wait_for_timeout(60)
                continue
            middle = box["y"] + box["height"] / 2
            still, before = middle == before, middle
            if still and (top < middle < bottom or (turned and 0 < middle < size["height"])):
                return {name: float(value) for name, value in box.items()}
            if still:
                self.page.mouse.move(size["width"] * 0.6, size["height"] / 2)
                self.page.mouse.wheel(0, round(middle - size["height"] * 0.5))
            turned = still
            self.page.wait_for_timeout(60 if still else 30)
        raise AssertionError("the control cannot be scrolled to")

    def type(self, identifier: str, text: str) -> None:
        """Fill a field and wait until all of it is there; whole words at once, as a tablet's keys do."""
        entry = self.see(identifier).locator("input, textarea").first
        entry.wait_for(state="attached")
        for _ in range(3):
            self._focus(identifier, entry)
            self.page.keyboard.press("Control+a")
            self.page.keyboard.press("Delete")
            self.page.keyboard.insert_text(text[:-1])
            self.page.keyboard.type(text[-1:])
            try:
                self.page.wait_for_function(_HAS_TEXT, arg=text, timeout=5000)
            except PlaywrightTimeout:
                # Keys that come while Flutter hands the focus on to its own field reach nothing.
                continue
            return
        raise AssertionError(f"{identifier} holds {entry.input_value()!r}")

    def _focus(self, identifier: str, entry: Locator) -> None:
        """Touch until the field has the focus: the page may still be moving when it is first there."""
        for _ in range(20):
            self.touch(entry)
            try:
                self.page.wait_for_function(_HAS_FOCUS, arg=identifier, timeout=1500)
            except PlaywrightTimeout:
                continue
            return
        raise AssertionError(f"{identifier} does not take the focus")

    def focused(self, identifier: str) -> None:
        """Wait until this control has the focus, by itself."""
        self.page.wait_for_function(_HAS_FOCUS, arg=identifier)

    def choose(self, identifier: str, option: str) -> None:
        """Choose from a list that opens."""
        self.tap(identifier)
        item = self.page.get_by_role("button", name=option, exact=True).first
        item.wait_for(state="attached")
        self.touch(item)
        item.wait_for(state="detached")

    def says(self, text: str) -> Locator:
        """Wait until a text is on the screen."""
        found = self.page.get_by_text(text).first
        found.wait_for(state="attached")
        return found

    def settle(self) -> None:
        """For a picture: until messages at the bottom have gone by."""
        self.page.wait_for_timeout(4500)

    def dom(self) -> str:
        """All of the page as a program sees it: what is shown, named or kept."""
        return str(self.page.evaluate("() => document.documentElement.outerHTML"))

    def frame(self, path: str) -> Frame:
        """Our own page in its frame, once it is there."""
        for _ in range(200):
            for frame in self.page.frames:
                if path in frame.url:
                    return frame
            self.page.wait_for_timeout(50)
        raise AssertionError(f"no frame {path}")
