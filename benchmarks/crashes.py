"""How much a crash loses: films cut off by kill -9 at a random moment, of the server and of the browser."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

from playwright.sync_api import BrowserContext, Error, Page

from benchmarks.browser import browsing, camera, let_in, record
from benchmarks.figures import Figures
from benchmarks.processes import browsers, family
from benchmarks.reading import decoded
from benchmarks.server import Served, serving
from benchmarks.table import Row
from tests.app import kit
from tests.film.kit import Source, make_source

MEDIAN, WORST = 0.5, 1.0
SHORTEST, LONGEST = 1.0, 2.0


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """The rows on loss: the moment of the kill less the last frame that can be decoded afterwards."""
    source, count = make_source(folder, frames=100), 3 if quick else 20
    chance = Random(time.time_ns())
    server = Figures(tuple(_server_killed(folder, source, count, chance)))
    browser = Figures(tuple(_browser_killed(folder, source, count, chance)))
    both = Figures(server.values + browser.values)
    return [
        Row(
            f"a crash loses, median of {len(both.values)} kills",
            f"{both.median:.2f} s (server {server.median:.2f}, browser {browser.median:.2f})",
            "a fragment is 0.5 s",
            f"at most {MEDIAN} s",
            both.median <= MEDIAN,
        ),
        Row(
            "the same, at worst",
            f"{both.worst:.2f} s (server {server.worst:.2f}, browser {browser.worst:.2f})",
            "",
            f"at most {WORST:g} s",
            both.worst <= WORST,
        ),
    ]


def _server_killed(folder: Path, source: Source, count: int, chance: Random) -> Iterator[float]:
    """One browser; a server and a vault for each film."""
    with browsing(source) as browser:
        for number in range(count):
            vault = folder / f"server-{number}"
            with serving(vault) as served:
                context = let_in(browser, served)
                page = _filming(context, served, chance)
                killed = time.time()
                served.kill()
                frames = page.evaluate("window.told.frames")
                context.close()
            with ThreadPoolExecutor(1) as beside:  # Playwright has a loop of its own on this thread
                kept = beside.submit(asyncio.run, _kept(vault)).result()
            yield _lost(killed, frames, kept)


def _browser_killed(folder: Path, source: Source, count: int, chance: Random) -> Iterator[float]:
    """One server, which does not wait for a page to come back; a browser for each film."""
    with serving(folder / "browser") as served:
        for _ in range(count):
            with contextlib.suppress(Error), browsing(source) as browser:
                page = _filming(let_in(browser, served), served, chance)
                frames = page.evaluate("window.told.frames")
                killed = time.time()
                for pid in browsers(family(os.getpid())):
                    os.kill(pid, signal.SIGKILL)
            yield _lost(killed, frames, served.ask("settled")["decoded"])


def _filming(context: BrowserContext, served: Served, chance: Random) -> Page:
    """A camera page that has been filming for a random time."""
    page = camera(context, served)
    record(page)
    page.wait_for_timeout(chance.uniform(SHORTEST, LONGEST) * 1000)
    return page


def _lost(killed: float, frames: list[float], kept: int) -> float:
    """Seconds from when the last frame that was kept went into the encoder to the kill."""
    assert kept, "nothing was kept"
    return killed - frames[min(kept, len(frames)) - 1] / 1000


async def _kept(vault: Path) -> int:
    """How many frames are there after the next unlock."""
    async with kit.unlocked(vault) as app:
        (film,) = (await kit.work_of(app).practice.everything())[0]
        return await decoded(app, film.id)
