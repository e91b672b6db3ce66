"""What befalls a camera in mid-film, done for real to Chromium's own processes, devices and permissions."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.film import kit, processes
from tests.film.browser import SMALL, Camera, Server, small_camera, wait_until
from tests.film.browser import chromium as start_chromium
from tests.loopback.realities import (
    ALLOWED,
    begin,
    events,
    goes_on,
    healths,
    longest_gap,
    played,
    read_part,
    read_parts,
    stop,
)

pytestmark = [pytest.mark.browser, pytest.mark.films]

STORM = 3.0
ASLEEP = 5.0
AT_ONCE = 15.0
THE_PICTURE_ENDS = """(() => {
  const [track] = document.getElementById('film-preview').srcObject.getVideoTracks();
  track.stop();
  track.dispatchEvent(new Event('ended'));
})()"""
SECOND_TAKE_IS_EMPTY = """const Real = MediaStreamTrackProcessor;
const made = { audio: 0, video: 0 };
globalThis.MediaStreamTrackProcessor = class {
  constructor(asked) {
    made[asked.track.kind] += 1;
    this.readable = made[asked.track.kind] === 2 ? new ReadableStream() : new Real(asked).readable;
  }
};"""
ONE_QUESTION_FAILS = """const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (asked) => {
  if (globalThis.misses-- > 0) throw new DOMException('', 'NotFoundError');
  return real(asked);
};"""
FOUND_AND_GONE = """const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (asked) => {
  const stream = await real(asked);
  if (globalThis.gone > 0) stream.getVideoTracks()[globalThis.gone -= 1].stop();
  return stream;
};"""
A_DEVICE_CHANGES = "navigator.mediaDevices.dispatchEvent(new Event('devicechange'))"


@pytest.fixture(scope="module")
def source() -> Iterator[kit.Source]:
    with small_camera() as source:
        yield source


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture
def browser(playwright: Playwright, chromium: str, source: kit.Source) -> Iterator[Browser]:
    """A browser for one test only: it comes to harm."""
    with start_chromium(playwright, chromium, source.flags()) as browser:
        yield browser


@pytest.fixture
def strict(playwright: Playwright, chromium: str, source: kit.Source) -> Iterator[Browser]:
    """A browser in which nobody may film before it is allowed."""
    flags = [flag for flag in source.flags() if "fake-ui" not in flag]
    with start_chromium(playwright, chromium, flags) as browser:
        yield browser


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, SMALL)
    yield server
    server.kill()


def away(server: Server) -> float:
    """For how many seconds the camera was away, by the record."""
    happened = events(server)
    return happened["picture-found"] - happened["picture-lost"]


def test_the_process_that_hears_dies(browser: Browser, server: Server, source: kit.Source) -> None:
    page = begin(browser, server)
    processes.kill(processes.helpers(processes.pid_of(browser), processes.AUDIO))
    wait_until(lambda: page.notices == ["notice.soundLost"], "the notice")
    goes_on(server, 3)
    page.film_for(1)
    stop(page)
    [reading] = read_parts(server, source)
    assert 0.5 < reading.sound_seconds < reading.pts[-1] - 1
    assert "sound-lost" in events(server)
    assert page.notices == ["notice.soundLost"]


def test_the_process_that_sees_dies_and_the_film_goes_on(
    browser: Browser, server: Server, source: kit.Source
) -> None:
    page = begin(browser, server)
    processes.kill(processes.helpers(processes.pid_of(browser), processes.CAPTURE))
    wait_until(lambda: page.notices[:1] == ["notice.pictureFound"], "the camera is back")
    page.wait("filming", "sealed")
    page.film_for(1)
    stop(page)
    assert "searching" in healths(page)
    assert "link-lost" not in healths(page)
    first, second = read_parts(server, source)
    assert [told["ended"] for told in server.told] == ["more", "finished"]
    assert second.pts[0] - first.pts[-1] == pytest.approx(away(server), abs=1)


@pytest.mark.long
def test_the_process_that_sees_dies_again_and_again(browser: Browser, server: Server) -> None:
    page = begin(browser, server)
    pid = processes.pid_of(browser)
    until = time.monotonic() + STORM
    while time.monotonic() < until:
        for helper in processes.helpers(pid, processes.CAPTURE):
            processes.kill([helper])
    page.wait("filming", "sealed")
    page.film_for(2)
    stop(page)
    assert played(server).pts[-1] > STORM
    # To the page it is a camera that is pulled out and put back: Chromium tells it that its devices changed.
    assert "devices-changed" in events(server)


@pytest.mark.long
def test_a_camera_that_is_back_for_less_than_a_frame(browser: Browser, server: Server) -> None:
    page = begin(browser, server, SECOND_TAKE_IS_EMPTY)
    page.frame.evaluate(THE_PICTURE_ENDS)
    wait_until(lambda: len(server.films) == 2, "the next part")
    page.frame.evaluate(THE_PICTURE_ENDS)
    goes_on(server, 8)
    stop(page)
    assert played(server).pts[-1] > 1


def test_a_camera_that_is_gone_again_before_it_films(browser: Browser, server: Server) -> None:
    page = begin(browser, server, FOUND_AND_GONE)
    page.frame.evaluate(f"globalThis.gone = 1; {THE_PICTURE_ENDS}")
    wait_until(lambda: page.frame.evaluate("globalThis.gone") == 0, "the camera is back, and gone")
    goes_on(server, 8)
    stop(page)
    assert played(server).pts[-1] > 1
    assert "encoder-failed" not in events(server)


def test_a_camera_that_is_late_does_not_cost_the_sound(
    browser: Browser, server: Server, source: kit.Source
) -> None:
    page = begin(browser, server, ONE_QUESTION_FAILS)
    page.frame.evaluate(f"globalThis.misses = 1; {THE_PICTURE_ENDS}")
    wait_until(lambda: page.notices[:1] == ["notice.pictureFound"], "the camera is back")
    page.wait("filming", "sealed")
    stop(page)
    *_, last = read_parts(server, source)
    assert last.sound_seconds > 0
    assert page.notices == ["notice.pictureFound"]


def test_a_camera_that_hangs_is_told_and_waited_for(
    browser: Browser, server: Server, source: kit.Source
) -> None:
    page = begin(browser, server)
    with processes.stopped(processes.helpers(processes.pid_of(browser), processes.CAPTURE)):
        page.wait("filming", "unsaved")
    page.wait("filming", "sealed")
    goes_on(server)
    stop(page)
    [reading] = read_parts(server, source)
    assert reading.sound_seconds == pytest.approx(reading.pts[-1], abs=1)
    assert "not-saved" in events(server)
    assert page.notices == []


def test_the_process_that_draws_dies(browser: Browser, server: Server, source: kit.Source) -> None:
    page = begin(browser, server)
    pid = processes.pid_of(browser)
    before = processes.helpers(pid, processes.GPU)
    processes.kill(before)
    wait_until(lambda: set(processes.helpers(pid, processes.GPU)).isdisjoint(before), "the old one is gone")
    goes_on(server)
    stop(page)
    [reading] = read_parts(server, source)
    assert reading.sound_seconds == pytest.approx(reading.pts[-1], abs=1)
    assert page.notices == []


def test_the_page_itself_dies(browser: Browser, server: Server, source: kit.Source) -> None:
    page = begin(browser, server)
    goes_on(server)
    before = server.films[0]
    with page.page.expect_event("crash"):
        processes.kill(processes.helpers(processes.pid_of(browser), processes.RENDERER))
    wait_until(lambda: [told["ended"] for told in server.told] == ["lost"], "the part is closed")
    [film] = server.films
    assert film.startswith(before)
    assert read_part(film, source).pts[-1] > 0.5
    again = Camera.open(page.page.context.new_page(), server)
    again.wait("ready")


def test_a_permission_that_is_taken_back_and_given_again(
    strict: Browser, server: Server, source: kit.Source
) -> None:
    page = begin(strict, server, allow=True)
    page.page.context.clear_permissions()
    page.wait("filming", "searching")
    assert page.key == "state.searching"
    page.film_for(2)
    page.page.context.grant_permissions(ALLOWED, origin=server.address)
    page.wait("filming", "sealed")
    assert page.notices == ["notice.pictureFound"]
    page.film_for(1)
    stop(page)
    first, second = read_parts(server, source)
    assert [told["ended"] for told in server.told] == ["more", "finished"]
    assert away(server) > 1
    assert second.pts[0] - first.pts[-1] == pytest.approx(away(server), abs=1)
    assert second.sound_seconds > 0.5


@pytest.mark.long
def test_a_permission_that_is_not_given_again(strict: Browser, server: Server, source: kit.Source) -> None:
    server.more = {**SMALL, "search": 3}
    page = begin(strict, server, allow=True)
    page.page.context.clear_permissions()
    page.wait("filming", "searching")
    page.wait("saved")
    assert page.key == "state.saved"
    assert page.notices == ["notice.pictureLost"]
    assert "The camera stopped at 00:0" in page.frame.inner_text("#film-notice")
    [reading] = read_parts(server, source)
    assert reading.pts[-1] > 0.5
    assert "picture-found" not in events(server)


def test_stop_while_the_permission_is_gone(strict: Browser, server: Server, source: kit.Source) -> None:
    page = begin(strict, server, allow=True)
    page.page.context.clear_permissions()
    page.wait("filming", "searching")
    began = time.monotonic()
    stop(page)
    assert time.monotonic() - began < AT_ONCE
    [reading] = read_parts(server, source)
    assert reading.pts[-1] > 0.5


@pytest.mark.parametrize("server_too", [False, pytest.param(True, marks=pytest.mark.long)])
def test_a_computer_that_sleeps_in_mid_film(
    browser: Browser, server: Server, source: kit.Source, server_too: bool
) -> None:
    page = begin(browser, server)
    before = server.films[0]
    pids = processes.family(processes.pid_of(browser))
    if server_too and server.process is not None:
        pids.append(server.process.pid)
    with processes.stopped(pids):
        time.sleep(ASLEEP)
    page.wait("filming", "sealed")
    goes_on(server)
    stop(page)
    found = read_parts(server, source)
    assert server.films[0].startswith(before)
    times = [pts for reading in found for pts in reading.pts]
    assert longest_gap(times) == pytest.approx(ASLEEP, abs=2)


def test_a_device_comes_or_goes(browser: Browser, server: Server, source: kit.Source) -> None:
    # Fake devices can neither be added nor taken away: only what the page does with the event is real.
    page = begin(browser, server)
    page.frame.evaluate(A_DEVICE_CHANGES)
    page.film_for(1)
    stop(page)
    [reading] = read_parts(server, source)
    assert reading.sound_seconds == pytest.approx(reading.pts[-1], abs=1)
    assert "devices-changed" in events(server)
    assert page.notices == []


def test_no_camera(playwright: Playwright, chromium: str, server: Server) -> None:
    server.start()
    flags = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream=device-count=0"]
    with start_chromium(playwright, chromium, flags) as without:
        page = Camera.open(without.new_page(), server)
        page.wait("problem")
        assert page.key == "problem.noCamera"
        assert page.frame.is_visible("#film-retry")
        assert not page.frame.is_visible("#film-without-sound")


def test_the_camera_is_allowed_and_the_microphone_is_not(strict: Browser, server: Server) -> None:
    server.start()
    context = strict.new_context()
    context.grant_permissions(["camera"], origin=server.address)
    page = Camera.open(context.new_page(), server)
    page.wait("problem")
    assert page.key == "problem.soundPermission"
    page.tap("film-without-sound")
    page.wait("ready")
    assert page.notices == ["notice.noSound"]
