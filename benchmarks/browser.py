"""A Chromium with the counted camera in front of the app, and what its pages tell of frames and answers."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from benchmarks.machine import chromium
from benchmarks.server import Served
from tests.film.kit import Source

PATIENCE = 60_000
# Counts what goes into the encoder and how long each answer takes, from outside the page's own code.
WATCH = """(() => {
    const told = window.told = {frames: [], answers: []};
    const encode = VideoEncoder.prototype.encode;
    VideoEncoder.prototype.encode = function (...rest) {
        told.frames.push(Date.now());
        return encode.apply(this, rest);
    };
    window.WebSocket = class extends WebSocket {
        #sent = new Map();
        constructor(...rest) {
            super(...rest);
            this.addEventListener('message', ({data}) => {
                const said = JSON.parse(data);
                if (said.type !== 'ack') return;
                for (const [seq, at] of this.#sent) {
                    if (seq > said.seq) continue;
                    told.answers.push(performance.now() - at);
                    this.#sent.delete(seq);
                }
            });
        }
        send(data) {
            if (data instanceof Uint8Array) {
                this.#sent.set(new DataView(data.buffer).getUint32(0), performance.now());
            }
            super.send(data);
        }
    };
})()"""


@contextmanager
def browsing(source: Source | None = None) -> Iterator[Browser]:
    """Chromium without a window, with this camera; without a sandbox, for it may be root's."""
    flags = ["--no-sandbox", "--disable-breakpad", *(source.flags() if source else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=flags)
        try:
            yield browser
        finally:
            browser.close()


def let_in(browser: Browser, served: Served) -> BrowserContext:
    """A browser context that the guard lets in."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(served.ask("launch")["url"])
    page.wait_for_selector("body[data-in=yes]", state="attached")
    page.close()
    return context


def camera(context: BrowserContext, served: Served) -> Page:
    """The camera page, ready to film."""
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(f"{served.origin}/capture/#{served.ask('film')['token']}")
    page.wait_for_selector("body[data-phase=ready]", state="attached")
    return page


def record(page: Page) -> None:
    """One tap, and it films."""
    page.click("#film-record")
    page.wait_for_selector("body[data-phase=filming]", state="attached")


def stop(page: Page) -> None:
    """One tap, and it is saved."""
    page.click("#film-record")
    page.wait_for_selector("body[data-phase=saved]", state="attached")


def film(context: BrowserContext, served: Served, seconds: float) -> str:
    """Film this long and say which recording it is."""
    page = camera(context, served)
    record(page)
    page.wait_for_function("least => window.told.frames.length >= least", arg=seconds * 25)
    stop(page)
    page.close()
    return str(served.ask("newest")["id"])
