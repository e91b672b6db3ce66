"""A film of an hour: how soon it opens, how soon any frame of it is on the screen, and what that takes."""

import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from playwright.sync_api import BrowserContext, Page

from benchmarks.browser import browsing, film, let_in
from benchmarks.figures import Figures, spread
from benchmarks.processes import resident
from benchmarks.server import Served, serving
from benchmarks.table import Row
from tests.film.kit import BITS, COLUMNS, ROWS, cell_height, make_source

MOST_MS = 150
SECONDS = 3600
GOTO = """async k => {
    const began = performance.now();
    await window.vigPlayer.goto(k);
    return performance.now() - began;
}"""
# The counter that is drawn into each frame, read from what the page shows.
WORD = """([columns, rows, tall]) => {
    const video = document.getElementById('player-video');
    const canvas = new OffscreenCanvas(video.videoWidth, tall * rows);
    const context = canvas.getContext('2d', {willReadFrequently: true});
    context.drawImage(video, 0, 0);
    let word = 0;
    for (let cell = 0; cell < columns * rows; cell++) {
        const x = (cell % columns + 0.5) * canvas.width / columns;
        const y = (Math.floor(cell / columns) + 0.5) * tall;
        word = word * 2 + (context.getImageData(x, y, 1, 1).data[1] > 126);
    }
    return word;
}"""
HEIGHT = 720
# When the film's head was read and the first picture decoded; media events do not bubble.
EVENTS = """window.came = {};
for (const name of ['loadedmetadata', 'loadeddata']) {
    document.addEventListener(name, () => { window.came[name] ??= performance.now(); }, true);
}"""
STEPS = """() => {
    const claim = performance.getEntriesByType('resource').find(({name}) => name.endsWith('/media/claim'));
    const {loadedmetadata, loadeddata} = window.came;
    return [claim.requestStart, claim.responseEnd, loadedmetadata, loadeddata, performance.now()];
}"""
NAMES = ("the page itself", "the list of frames", "the head", "the first picture", "the exact frame")


@dataclass(frozen=True, slots=True)
class Opening:
    """Seconds that the server took for the link, and the page; and what the page took them for, in turn."""

    server: float
    page: float
    steps: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """Seeks in one film: milliseconds to the displayed frame, and how many showed another frame."""

    frames: int
    milliseconds: Figures
    wrong: int


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Rows on a long film: taken in, opened, sought in."""
    opens, seeks = (2, 20) if quick else (6, 200)
    source = make_source(folder, height=HEIGHT, frames=125)
    with serving(folder / "vault") as served, browsing(source) as browser:
        context = let_in(browser, served)
        context.add_init_script(EVENTS)
        short = film(context, served, 10)
        long = served.ask("lengthen", recording=short, seconds=SECONDS)
        resting = resident(served.pid)
        briefly = _sought(_opened(context, served, short)[0], long["counters"], seeks // 4)
        opened = [_opened(context, served, long["id"], leave=True)[1]]
        once = resident(served.pid)
        opened += [_opened(context, served, long["id"], leave=True)[1] for _ in range(opens - 2)]
        page, last = _opened(context, served, long["id"])
        opened.append(last)
        found = _sought(page, long["counters"], seeks)
        memory = _memory(once - resting, resident(served.pid) - once)
    return [_taken_in(long), *_rows(opened, found, briefly), memory]


def _opened(
    context: BrowserContext, served: Served, recording: str, *, leave: bool = False
) -> tuple[Page, Opening]:
    """The player page with the first frame on it, and how long that took."""
    link = served.ask("open", recording=recording)
    page = context.new_page()
    began = time.perf_counter()
    page.goto(f"{served.origin}/player/#{link['token']}")
    page.wait_for_function("() => window.vigPlayer && window.vigPlayer.state().settled", polling=5)
    taken = time.perf_counter() - began
    moments = page.evaluate(STEPS)
    steps = [(late - early) / 1000 for early, late in pairwise([0.0, *moments])]
    if leave:
        page.close()
    return page, Opening(link["seconds"], taken, tuple(steps))


def _sought(page: Page, counters: list[int | None], count: int) -> Seen:
    """Random frames of the film, each looked at once it is said to be there."""
    chance, taken, wrong = Random(11), [], 0
    frames = int(page.evaluate("window.vigPlayer.state().frames"))
    for _ in range(count):
        k = chance.randrange(frames)
        taken.append(float(page.evaluate(GOTO, k)))
        word: Any = page.evaluate(WORD, [COLUMNS, ROWS, cell_height(HEIGHT)])
        wrong += word >> (COLUMNS * ROWS - BITS) != counters[k % len(counters)]
    page.close()
    return Seen(frames, Figures(tuple(taken)), wrong)


def _taken_in(long: dict[str, Any]) -> Row:
    return Row(
        f"take in and seal {long['seconds'] / 60:.0f} min of 720p25, {long['bytes'] / 1e6:.0f} MB",
        f"{long['taken']:.0f} s, index and all; {long['finished']:.1f} s to finish;"
        f" {long['grown']:+.0f} MB of memory",
    )


def _rows(opened: list[Opening], found: Seen, briefly: Seen) -> list[Row]:
    server, page = Figures(tuple(one.server for one in opened)), Figures(tuple(one.page for one in opened))
    whole = Figures(tuple(one.server + one.page for one in opened))
    steps = [Figures(values).median for values in zip(*(one.steps for one in opened), strict=True)]
    ours, limit = found.milliseconds, briefly.milliseconds
    right = f"{len(ours.values) - found.wrong} of {len(ours.values)} right"
    return [
        Row(
            f"open it, from the tap to the first frame ({found.frames} frames)",
            f"{spread(whole)} s",
            f"of that the server {spread(server)} s, the page {spread(page)} s",
            "about 1 s",
            whole.median <= 1.2,
        ),
        Row(
            "where the page's time goes",
            ", ".join(f"{name} {taken:.2f} s" for name, taken in zip(NAMES, steps, strict=True)),
        ),
        Row(
            f"seek to a random frame until it is displayed, {right}",
            f"p50 {ours.median:.0f} ms, p95 {ours.part(0.95):.0f} ms, worst {ours.worst:.0f} ms",
            f"in the film of 10 s: p50 {limit.median:.0f} ms, p95 {limit.part(0.95):.0f} ms",
            f"p95 at most {MOST_MS} ms",
            ours.part(0.95) <= MOST_MS and not found.wrong,
        ),
    ]


def _memory(first: float, later: float) -> Row:
    return Row(
        "memory of the server for it",
        f"{first:+.0f} MB at the first opening, {later:+.0f} MB to the last seek",
    )
