"""Filming itself: processor, memory, frames that are missing and how soon each fragment is acknowledged."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from benchmarks.browser import browsing, camera, let_in, record, stop
from benchmarks.figures import Figures
from benchmarks.processes import browsers, family, own_share, renderers, resident, worked
from benchmarks.server import Served, serving
from benchmarks.table import Row
from tests.film.kit import make_source

MOST_MB = 10
EVERY = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """What is filmed, and when its memory is looked at first: for a tenth of the film, as at its end."""

    name: str
    seconds: float
    settled: float
    policy: dict[str, int]

    @property
    def window(self) -> float:
        """Seconds."""
        return self.seconds / 10


@dataclass(frozen=True, slots=True)
class Sample:
    """Megabytes at one moment of a film. `live` is the page once its garbage is collected, if it was."""

    at: float
    server: float
    page: float
    live: float | None = None


HD = {"width": 1280, "height": 720, "bitrate": 2_500_000}
FULL_HD = {"width": 1920, "height": 1080, "bitrate": 8_000_000}


def measure(folder: Path, *, quick: bool) -> list[Row]:
    """Rows on filming in both sizes."""
    long = Plan("720p25", 40 if quick else 600, 10 if quick else 60, HD)
    short = Plan("1080p25", 15 if quick else 60, 5, FULL_HD)
    return [
        *_filmed(folder / "hd", long, judged=not quick),
        *_filmed(folder / "full-hd", short, judged=False),
    ]


def _filmed(folder: Path, plan: Plan, *, judged: bool) -> list[Row]:
    folder.mkdir()
    source = make_source(folder, plan.policy["width"], plan.policy["height"], frames=100)
    with serving(folder / "vault", **plan.policy) as served, browsing(source) as browser:
        page = camera(let_in(browser, served), served)
        resting = _cores(page, served, 4)
        record(page)
        began, before = time.monotonic(), _worked(served)
        samples = _samples(page, served, plan)
        taken, after = time.monotonic() - began, _worked(served)
        answers = Figures(tuple(page.evaluate("window.told.answers")))
        stop(page)
        film = served.ask("newest")
    source.video.unlink()
    cores = [(late - early) / taken for early, late in zip(before, after, strict=True)]
    what = f"film {plan.name} for {plan.seconds / 60:.0f} min" if plan.seconds >= 60 else f"film {plan.name}"
    return [
        Row(
            f"{what}: processor",
            f"browser {cores[0]:.2f} cores, server {cores[1]:.2f}",
            f"picture on the page, not filming: {resting[0]:.2f}, {resting[1]:.2f}",
        ),
        *_memory(what, plan, samples, judged=judged),
        Row(
            f"{what}: frames of the camera that are not in it",
            f"{film['dropped']} before the encoder, {film['encoded'] - film['frames']} after it,"
            f" of {film['dropped'] + film['encoded']}",
        ),
        Row(
            f"{what}: from sent to acknowledged, as the page sees it",
            f"p50 {answers.median:.0f} ms, p99 {answers.part(0.99):.0f} ms, worst {answers.worst:.0f} ms",
        ),
    ]


def _samples(page: Page, served: Served, plan: Plan) -> list[Sample]:
    """Every few seconds; without garbage once after the first window, and once at the end."""
    began, samples, first = time.monotonic(), [], plan.settled + plan.window
    while (at := time.monotonic() - began) < plan.seconds:
        collected = [one for one in samples if one.live is not None]
        samples.append(_sample(page, served, at, collect=at > first and not collected))
        page.wait_for_timeout(min(EVERY, plan.seconds / 20) * 1000)
    return [*samples, _sample(page, served, at, collect=True)]


def _sample(page: Page, served: Served, at: float, *, collect: bool) -> Sample:
    server, drawing = resident(served.pid), _drawing()
    if not collect:
        return Sample(at, server, drawing)
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.detach()
    return Sample(at, server, drawing, _drawing())


def _drawing() -> float:
    return max(map(own_share, renderers(family(os.getpid()))))


def _memory(what: str, plan: Plan, samples: list[Sample], *, judged: bool) -> list[Row]:
    early = [one for one in samples if plan.settled <= one.at <= plan.settled + plan.window]
    late = [one for one in samples if one.at >= plan.seconds - plan.window]
    pairs = {
        "the server": ([one.server for one in early], [one.server for one in late]),
        "the camera page": ([one.page for one in early], [one.page for one in late]),
    }
    live = [one.live for one in samples if one.live is not None]
    return [
        *(_grown(f"{what}: memory of {name}", *pair, judged=judged) for name, pair in pairs.items()),
        _grown("the same, once its garbage is collected", live[:1], live[-1:], judged=False),
    ]


def _grown(what: str, early: list[float], late: list[float], *, judged: bool) -> Row:
    before, after = Figures(tuple(early)).median, Figures(tuple(late)).median
    return Row(
        what,
        f"{before:.1f} to {after:.1f} MB: {after - before:+.1f}",
        goal=f"at most +{MOST_MB} MB" if judged else "",
        met=after - before <= MOST_MB if judged else None,
    )


def _cores(page: Page, served: Served, seconds: float) -> tuple[float, float]:
    before = _worked(served)
    page.wait_for_timeout(seconds * 1000)
    after = _worked(served)
    return (after[0] - before[0]) / seconds, (after[1] - before[1]) / seconds


def _worked(served: Served) -> tuple[float, float]:
    return worked(browsers(family(os.getpid()))), worked([served.pid])
