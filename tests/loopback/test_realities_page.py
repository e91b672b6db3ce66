"""What befalls the camera page in mid-film: it is hidden, frozen, left, opened twice, or its disk is slow."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, sync_playwright

from tests.film import kit
from tests.film.browser import SMALL, Camera, Server, small_camera, wait_until
from tests.film.browser import chromium as start_chromium
from tests.film.unwatched import Tab, tab
from tests.loopback.realities import (
    begin,
    events,
    goes_on,
    healths,
    longest_gap,
    read_part,
    read_parts,
    stop,
)

pytestmark = [pytest.mark.browser, pytest.mark.films]

FROZEN = 4.0
# Twice as many frames as are ever missing: else the camera could not be told from one that went back.
LOOP = 500
ANIMATION_FRAMES = """new Promise((resolve) => {
  let drawn = 0;
  const draw = () => { drawn += 1; requestAnimationFrame(draw); };
  requestAnimationFrame(draw);
  setTimeout(() => resolve(drawn), 1000);
})"""


@pytest.fixture(scope="module")
def source() -> Iterator[kit.Source]:
    with small_camera(LOOP) as source:
        yield source


@pytest.fixture(scope="module")
def browser(chromium: str, source: kit.Source) -> Iterator[Browser]:
    with sync_playwright() as playwright, start_chromium(playwright, chromium, source.flags()) as browser:
        yield browser


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, SMALL)
    yield server
    server.kill()


@pytest.fixture
def unwatched(chromium: str, source: kit.Source, server: Server) -> Iterator[Tab]:
    """A film in a page that can be hidden."""
    server.start()
    with tab(chromium, source.flags()) as page:
        page.open(server)
        page.tap()
        page.wait("filming", "sealed")
        goes_on(server)
        yield page


def stop_unwatched(page: Tab) -> None:
    page.wait("filming", "sealed")
    page.tap()
    page.wait("saved")


@pytest.mark.parametrize("seconds", [3, pytest.param(20, marks=pytest.mark.long)])
def test_a_hidden_page_films_on(unwatched: Tab, server: Server, source: kit.Source, seconds: int) -> None:
    unwatched.hide()
    for _ in range(seconds):
        assert unwatched.ask(ANIMATION_FRAMES) == 0
    goes_on(server)
    unwatched.show()
    stop_unwatched(unwatched)
    [reading] = read_parts(server, source)
    happened = events(server)
    assert happened["page-shown"] - happened["page-hidden"] > seconds
    times = [at for at in reading.pts if happened["page-hidden"] < at < happened["page-shown"]]
    assert times[-1] - times[0] > seconds - 1
    assert longest_gap(times) < 1


def test_a_frozen_page_loses_its_link_and_comes_back(
    unwatched: Tab, server: Server, source: kit.Source
) -> None:
    unwatched.hide()
    before = server.films[0]
    unwatched.freeze()
    time.sleep(FROZEN)
    unwatched.thaw()
    wait_until(lambda: len(server.films) == 2, "the next part")
    goes_on(server)
    unwatched.show()
    stop_unwatched(unwatched)
    first, second = read_parts(server, source)
    assert [told["ended"] for told in server.told] == ["lost", "finished"]
    assert server.films[0].startswith(before)
    assert {"page-hidden", "link-lost", "link-back", "page-shown"} <= set(events(server))
    assert longest_gap([*first.pts, *second.pts]) == pytest.approx(FROZEN, abs=2)


def test_a_page_that_is_left_leaves_what_was_saved(
    browser: Browser, server: Server, source: kit.Source
) -> None:
    page = begin(browser, server)
    goes_on(server)
    before = server.films[0]
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.page.on("dialog", leave)
    page.page.reload()
    wait_until(lambda: [told["ended"] for told in server.told] == ["lost"], "the part is closed")
    assert asked == ["beforeunload"]
    [film] = server.films
    assert film.startswith(before)
    assert read_part(film, source).pts[-1] > 0.5
    # Its token was for one film: another needs another link.
    page.page.wait_for_selector("#film-no-words", state="visible")


def test_the_second_window_is_refused_and_the_first_films_on(
    browser: Browser, server: Server, source: kit.Source
) -> None:
    server.start()
    # Each context has its own locks: the pages do not know of one another, only the server knows of both.
    first, second = [Camera.open(browser.new_context().new_page(), server) for _ in range(2)]
    for page in (first, second):
        page.wait("ready")
    first.tap()
    first.wait("filming", "sealed")
    second.tap()
    second.wait("failed")
    assert second.key == "refused.token"
    goes_on(server)
    stop(first)
    [reading] = read_parts(server, source)
    assert reading.pts[-1] > 0.5


@pytest.mark.long
def test_a_disk_that_is_always_slow(browser: Browser, server: Server, source: kit.Source) -> None:
    page = begin(browser, server)
    server.pull("switch", sync_seconds=0.15)
    page.film_for(8)
    assert set(healths(page)) <= {"sealed", "behind"}
    stop(page)
    [reading] = read_parts(server, source)
    assert reading.pts[-1] > 8
    assert "not-saved" not in events(server)


@pytest.mark.long
def test_a_disk_that_stands_still_for_a_while(browser: Browser, server: Server, source: kit.Source) -> None:
    page = begin(browser, server)
    server.pull("switch", sync_seconds=12.0)
    page.wait("filming", "unsaved")
    server.pull("switch", sync_seconds=0.0)
    page.wait("filming", "sealed")
    goes_on(server)
    stop(page)
    [reading] = read_parts(server, source)
    assert reading.pts[-1] > 12
    assert "not-saved" in events(server)
