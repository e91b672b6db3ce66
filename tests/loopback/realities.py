"""A small camera that is filmed with while something befalls it, and what the film must hold afterwards."""

from collections.abc import Sequence
from itertools import pairwise

from playwright.sync_api import Browser

from tests.film import kit
from tests.film.browser import Camera, Server, wait_until
from vigfield.loopback import mp4

ALLOWED = ["camera", "microphone"]
HEALTHS = """globalThis.healths = [document.body.dataset.health];
new MutationObserver(() => globalThis.healths.push(document.body.dataset.health))
  .observe(document.body, {attributeFilter: ['data-health']});"""


def begin(browser: Browser, server: Server, script: str | None = None, allow: bool = False) -> Camera:
    """A film that goes on, after a second of it, in a context of its own in which `script` runs first."""
    server.start()
    context = browser.new_context()
    if allow:
        context.grant_permissions(ALLOWED, origin=server.address)
    if script is not None:
        context.add_init_script(script)
    page = Camera.open(context.new_page(), server)
    page.wait("ready")
    page.tap()
    page.wait("filming", "sealed")
    page.film_for(1)
    page.frame.evaluate(HEALTHS)
    return page


def stop(page: Camera) -> None:
    page.tap()
    page.wait("saved")


def healths(page: Camera) -> list[str]:
    """Every health that the page has told since it began, in order."""
    told: list[str] = page.frame.evaluate("globalThis.healths")
    return told


def events(server: Server) -> dict[str, float]:
    """What is recorded of the film, with the second at which it happened last."""
    return {name: at for at, name in server.told[-1]["quality"]["events"]}


def read_part(film: bytes, source: kit.Source) -> kit.Reading:
    """A part whose every frame is the camera's, in order."""
    reading = kit.read_film(film)
    found = kit.count(reading.counters, source.frames)
    assert (found.invented, found.unreadable) == (0, 0)
    return reading


def read_parts(server: Server, source: kit.Source) -> list[kit.Reading]:
    """The parts of a film that is saved: every frame that was encoded is there, once and in order."""
    found = [read_part(film, source) for film in server.films]
    assert played(server).counters == tuple(counter for part in found for counter in part.counters)
    return found


def played(server: Server) -> kit.Reading:
    """A film that is saved, as the player gets it: it holds as many frames as were encoded."""
    reads = [_reading(film) for film in server.films]
    indexes = [mp4.scan(read, len(film)) for read, film in zip(reads, server.films, strict=True)]
    film = mp4.virtual(indexes, reads)
    reading = kit.read_film(film.read(0, film.size))
    assert server.told[-1]["ended"] == "finished"
    assert len(reading.counters) == server.told[-1]["quality"]["encoded"]
    assert None not in reading.counters
    assert list(reading.pts) == sorted(set(reading.pts))
    return reading


def _reading(film: bytes) -> mp4.Read:
    return lambda offset, count: film[offset : offset + count]


def longest_gap(times: Sequence[float]) -> float:
    """The longest time between two frames, in seconds."""
    return max(after - before for before, after in pairwise(times))


def goes_on(server: Server, seconds: float = 60) -> None:
    """What is filmed now is written: more than the fragment that was in hand."""
    _grows(server, "a fragment", seconds)
    _grows(server, "another fragment", seconds)


def _grows(server: Server, what: str, seconds: float) -> None:
    before = sum(map(len, server.films))
    wait_until(lambda: sum(map(len, server.films)) > before, what, seconds)
