"""The camera ends in mid-film and comes back, or does not: what is in the parts, and what is said."""

import io
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.film import kit
from tests.film.browser import SMALL, Camera, Server, small_camera, wait_until
from tests.film.browser import chromium as start_chromium
from vigfield.loopback import mp4

pytestmark = [pytest.mark.browser, pytest.mark.films]

END = "document.getElementById('film-preview').srcObject.getVideoTracks()[0]"
END_PICTURE = f"(() => {{ const track = {END}; track.stop(); track.dispatchEvent(new Event('ended')); }})()"
# The camera can be taken away and given back: getUserMedia fails for as long as `cameraAway` is set.
AWAY = """const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (asked) => {
  if (globalThis.cameraAway) throw new DOMException('', 'NotFoundError');
  if (globalThis.turned) Object.assign(asked.video, {width: {exact: 240}, height: {exact: 320}});
  return real(asked);
};"""
FAILING_ENCODER = """const Real = VideoEncoder;
globalThis.encoders = [];
globalThis.VideoEncoder = class extends Real {
  constructor(on) { super(on); globalThis.encoders.push(on); }
};"""


@pytest.fixture(scope="module")
def source() -> Iterator[kit.Source]:
    with small_camera() as source:
        yield source


@pytest.fixture(scope="module")
def browser(chromium: str, source: kit.Source) -> Iterator[Browser]:
    with sync_playwright() as playwright, start_chromium(playwright, chromium, source.flags()) as browser:
        yield browser


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    context.add_init_script(AWAY)
    yield context
    context.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, SMALL)
    yield server
    server.kill()


def begin(context: BrowserContext, server: Server) -> Camera:
    server.start()
    page = Camera.open(context.new_page(), server)
    page.wait("ready")
    page.tap()
    page.wait("filming", "sealed")
    page.film_for(2)
    return page


def lose(page: Camera, away: bool = True) -> None:
    page.frame.evaluate(f"globalThis.cameraAway = {str(away).lower()}; {END_PICTURE}")


def give_back(page: Camera) -> None:
    page.frame.evaluate("globalThis.cameraAway = false")


def stop(page: Camera) -> None:
    page.tap()
    page.wait("saved")


def joined(films: list[bytes]) -> mp4.Virtual:
    def reading(film: bytes) -> mp4.Read:
        return lambda offset, count: film[offset : offset + count]

    reads = [reading(film) for film in films]
    return mp4.virtual([mp4.scan(read, len(film)) for read, film in zip(reads, films, strict=True)], reads)


def counters(server: Server) -> list[int]:
    return [counter for film in server.films for counter in kit.read_film(film).counters]


def events(server: Server) -> dict[str, float]:
    return {name: at for at, name in server.told[-1]["quality"]["events"]}


def test_the_camera_comes_back_and_the_film_goes_on(
    context: BrowserContext, server: Server, source: kit.Source
) -> None:
    page = begin(context, server)
    lose(page)
    page.wait("filming", "searching")
    assert page.key == "state.searching"
    page.film_for(3)
    give_back(page)
    page.wait("filming", "sealed")
    assert page.notices == ["notice.pictureFound"]
    page.film_for(2)
    stop(page)
    assert [told["ended"] for told in server.told] == ["more", "finished"]
    found = counters(server)
    assert len(found) == server.told[-1]["quality"]["encoded"]
    assert kit.count(found, source.frames).unreadable == 0
    happened = events(server)
    away = happened["picture-found"] - happened["picture-lost"]
    assert away > 2
    first = kit.read_film(server.films[0])
    second = kit.read_film(server.films[1])
    assert second.pts[0] - first.pts[-1] == pytest.approx(away, abs=1)
    assert joined(server.films).pts[-1] == pytest.approx(happened["picture-found"] + 2, abs=1.5)
    assert second.sound_seconds > 1


def test_a_camera_that_is_back_at_once_costs_a_moment(
    context: BrowserContext, server: Server, source: kit.Source
) -> None:
    page = begin(context, server)
    lose(page, away=False)
    wait_until(lambda: len(server.films) == 2, "the next part")
    page.film_for(1)
    lose(page, away=False)
    wait_until(lambda: len(server.films) == 3, "the part after")
    page.wait("filming", "sealed")
    stop(page)
    assert [told["ended"] for told in server.told] == ["more", "more", "finished"]
    assert len(counters(server)) == server.told[-1]["quality"]["encoded"]
    assert page.complaints == []


def test_a_camera_that_comes_back_turned_films_in_the_same_kind_of_picture(
    context: BrowserContext, server: Server
) -> None:
    """Chromium plays no film in which the size of the pictures changes."""
    page = begin(context, server)
    page.frame.evaluate("globalThis.turned = true")
    lose(page, away=False)
    wait_until(lambda: len(server.films) == 2, "the next part")
    page.wait("filming", "sealed")
    assert page.frame.evaluate(f"{END}.getSettings().height") == 320
    stop(page)
    first, second = (kit.read_film(film) for film in server.films)
    film = joined(server.films)
    whole = kit.read_film(film.read(0, film.size))
    assert (film.width, film.height) == (640, 360)
    assert len(whole.pts) == len(first.pts) + len(second.pts) == len(film.pts)
    assert all(brings_its_parameters(film) for film in server.films)


def brings_its_parameters(film: bytes) -> bool:
    """Whether every key frame begins with the parameters of its pictures (NAL unit type 7)."""
    with av.open(io.BytesIO(film)) as container:
        keys = [bytes(packet) for packet in container.demux(video=0) if packet.is_keyframe and packet.size]
    return len(keys) > 0 and all(key[4] & 0x1F == 7 for key in keys)


def test_a_camera_that_stays_away_ends_the_film_whole(context: BrowserContext, server: Server) -> None:
    server.more = {"search": 2}
    page = begin(context, server)
    lose(page)
    page.wait("filming", "searching")
    page.wait("saved")
    assert page.notices == ["notice.pictureLost"]
    [told] = server.told
    assert told["ended"] == "finished"
    assert "picture-lost" in events(server)
    assert "picture-found" not in events(server)
    assert len(counters(server)) == told["quality"]["encoded"]


def test_a_question_that_nobody_answers_does_not_hold_the_film_up(
    context: BrowserContext, server: Server
) -> None:
    server.more = {"search": 2}
    page = begin(context, server)
    page.frame.evaluate("void (navigator.mediaDevices.getUserMedia = () => new Promise(() => {}))")
    lose(page)
    page.wait("saved")
    assert page.notices == ["notice.pictureLost"]


def test_stop_works_while_the_camera_is_away(context: BrowserContext, server: Server) -> None:
    page = begin(context, server)
    lose(page)
    page.wait("filming", "searching")
    stop(page)
    [told] = server.told
    assert told["ended"] == "finished"
    assert page.frame.evaluate(f"{END}.readyState") == "ended"


def test_the_server_may_stop_the_film_while_the_camera_is_away(
    context: BrowserContext, server: Server
) -> None:
    page = begin(context, server)
    lose(page)
    page.wait("filming", "searching")
    server.pull("stop")
    page.wait("saved")
    assert page.notices == ["notice.stopAsked"]


@pytest.mark.long
def test_camera_and_link_are_lost_together(
    context: BrowserContext, server: Server, source: kit.Source
) -> None:
    page = begin(context, server)
    server.kill()
    lose(page)
    page.wait("filming", "link-lost")
    give_back(page)
    wait_until(lambda: "notice.pictureFound" in page.notices, "the camera")
    page.film_for(1)
    server.start()
    page.wait("filming", "sealed")
    stop(page)
    unsaid, *ended = [told["hello"]["part"] for told in server.told]
    assert (unsaid, server.told[-1]["ended"]) == (2, "finished")
    assert ended in ([], [3])
    film = joined(server.films)
    assert len(film.pts) == server.told[-1]["quality"]["encoded"]
    assert list(film.pts) == sorted(set(film.pts))


def test_the_link_breaks_between_two_takes(context: BrowserContext, server: Server) -> None:
    page = begin(context, server)
    lose(page)
    page.wait("filming", "searching")
    server.pull("cut")
    wait_until(lambda: len(server.films) == 2, "the next part")
    give_back(page)
    page.wait("filming", "sealed")
    page.film_for(1)
    stop(page)
    assert server.told[-1]["ended"] == "finished"
    assert len(joined(server.films).pts) == server.told[-1]["quality"]["encoded"]


def test_an_encoder_that_fails_is_replaced(context: BrowserContext, server: Server) -> None:
    context.add_init_script(FAILING_ENCODER)
    page = begin(context, server)
    page.frame.evaluate("globalThis.encoders.at(-1).error(new DOMException('', 'EncodingError'))")
    wait_until(lambda: len(server.films) == 2, "the next part")
    page.film_for(2)
    page.wait("filming", "sealed")
    stop(page)
    assert "encoder-failed" in events(server)
    assert server.told[-1]["ended"] == "finished"
    assert kit.read_film(server.films[1]).counters
