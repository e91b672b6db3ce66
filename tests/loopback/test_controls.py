"""The camera page's controls in a real Chromium: which devices, which way up, how near, how it ended."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

from tests.film import kit
from tests.film.browser import SMALL, Camera, Server, small_camera, wait_until
from tests.film.browser import chromium as start_chromium

pytestmark = [pytest.mark.browser, pytest.mark.films]

TWO_DEVICES = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream=device-count=2"]
LIGHT = """const asked = globalThis.asked = [];
const able = MediaStreamTrack.prototype.getCapabilities;
MediaStreamTrack.prototype.getCapabilities = function () { return {...able.call(this), torch: true}; };
MediaStreamTrack.prototype.applyConstraints = async ({advanced}) => { asked.push(...advanced); };"""
FRONT = """const real = MediaStreamTrack.prototype.getSettings;
MediaStreamTrack.prototype.getSettings = function () { return {...real.call(this), facingMode: 'user'}; };"""
TURNED = """const Real = MediaStreamTrackProcessor;
const turn = (frame, out) => {
  out.enqueue(new VideoFrame(frame, {rotation: 90}));
  frame.close();
};
globalThis.MediaStreamTrackProcessor = class {
  constructor(asked) {
    const {readable} = new Real(asked);
    const video = asked.track.kind === 'video';
    this.readable = video ? readable.pipeThrough(new TransformStream({transform: turn})) : readable;
  }
};"""
QUIET = """const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (asked) => {
  const stream = await real(asked);
  const context = new AudioContext();
  globalThis.volume = new GainNode(context, {gain: 0});
  const tone = new OscillatorNode(context);
  const out = context.createMediaStreamDestination();
  tone.connect(volume).connect(out);
  tone.start();
  return new MediaStream([...stream.getVideoTracks(), ...out.stream.getAudioTracks()]);
};"""
WAKE = """globalThis.asked = 0;
navigator.wakeLock.request = async () => {
  asked += 1;
  return {release: async () => {}};
};"""
LAST_PICTURE = """video => {
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  const pixels = canvas.getContext('2d', {willReadFrequently: true});
  pixels.drawImage(video, 0, 0);
  const [tall, wide] = [Math.trunc(canvas.height / 12), canvas.width / 12];
  let word = 0;
  for (let place = 0; place < 24; place += 1) {
    const [row, column] = [Math.trunc(place / 12), place % 12];
    const [x, y] = [(column + 0.5) * wide, (row + 0.5) * tall];
    const [red] = pixels.getImageData(x, y, 1, 1).data;
    word = word * 2 + (red > 128 ? 1 : 0);
  }
  return Math.trunc(word / 16);
}"""


@pytest.fixture(scope="module")
def source() -> Iterator[kit.Source]:
    with small_camera(frames=100) as source:
        yield source


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browser(playwright: Playwright, chromium: str, source: kit.Source) -> Iterator[Browser]:
    with start_chromium(playwright, chromium, source.flags()) as browser:
        yield browser


@pytest.fixture(scope="module")
def two_devices(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    with start_chromium(playwright, chromium, TWO_DEVICES) as browser:
        yield browser


@pytest.fixture
def pair(two_devices: Browser) -> Iterator[BrowserContext]:
    """With two cameras and two microphones."""
    with two_devices.new_context() as context:
        yield context


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, SMALL)
    server.start()
    yield server
    server.kill()


def opened(context: BrowserContext, server: Server) -> Camera:
    page = Camera.open(context.new_page(), server)
    page.wait("ready")
    return page


def filming(context: BrowserContext, server: Server) -> Camera:
    page = opened(context, server)
    page.tap()
    page.wait("filming", "sealed")
    return page


def stop(page: Camera) -> None:
    page.tap()
    page.wait("saved")


def used(page: Camera, kind: str) -> str:
    found = page.frame.evaluate(
        f"document.getElementById('film-preview').srcObject?.get{kind}Tracks()[0]?.label"
    )
    return str(found)


def chosen(page: Camera) -> list[str]:
    lines = page.frame.query_selector_all("#film-choices label:has(:checked)")
    return [line.inner_text() for line in lines]


def test_devices_are_chosen_once_and_known_again_by_name(two_devices: Browser, server: Server) -> None:
    with two_devices.new_context() as context:
        choose_the_second_ones(opened(context, server))
    # Another context is as good as another start: every device has another id.
    with two_devices.new_context() as context:
        again = opened(context, server)
        assert (used(again, "Video"), used(again, "Audio")) == ("fake_device_1", "Fake Audio Input 2")
        assert again.notices == []


def choose_the_second_ones(page: Camera) -> None:
    page.tap("film-choose")
    page.frame.click("text=fake_device_1")
    wait_until(lambda: used(page, "Video") == "fake_device_1", "the other camera")
    page.wait("ready")
    page.frame.click("text=Fake Audio Input 2")
    wait_until(lambda: used(page, "Audio") == "Fake Audio Input 2", "the other microphone")
    page.wait("ready")
    assert chosen(page) == ["fake_device_1", "Fake Audio Input 2"]
    page.tap("film-choices-done")
    assert page.frame.is_hidden("#film-choices")
    assert page.notices == []


def test_another_device_stands_in_and_is_named(pair: BrowserContext, server: Server) -> None:
    gone = {"facing": "", "camera": "Gone camera", "microphone": "Gone microphone"}
    (server.folder / "choice.json").write_text(json.dumps(gone))
    page = opened(pair, server)
    assert page.notices == ["notice.otherCamera", "notice.otherMicrophone"]
    assert "fake_device_0" in page.frame.inner_text("#film-notice")
    page.tap()
    page.wait("filming", "sealed")
    wait_until(lambda: page.notices == [], "that nothing is said of devices any more")
    assert page.frame.is_hidden("#film-choose")


def test_front_and_back_are_called_so(pair: BrowserContext, server: Server) -> None:
    pair.add_init_script(
        """InputDeviceInfo.prototype.getCapabilities = function () {
          return {facingMode: [this.label.endsWith('0') ? 'user' : 'environment']};
        };"""
    )
    page = opened(pair, server)
    page.tap("film-choose")
    page.frame.click("text=Back camera")
    wait_until(lambda: used(page, "Video") == "fake_device_1", "the back camera")
    wait_until((server.folder / "choice.json").exists, "the choice")
    kept = json.loads((server.folder / "choice.json").read_text("utf-8"))
    assert kept == {"facing": "environment", "camera": "fake_device_1", "microphone": ""}
    page.wait("ready")
    assert chosen(page) == ["Back camera", "The tablet's own choice"]


def test_no_zoom_where_the_camera_may_not_be_moved(pair: BrowserContext, server: Server) -> None:
    assert opened(pair, server).frame.is_hidden("#film-lens")


def test_zoom_moves_the_camera_where_it_can_be_moved(two_devices: Browser, server: Server) -> None:
    session = two_devices.new_browser_cdp_session()
    before = session.send("Target.getBrowserContexts")["browserContextIds"]
    with two_devices.new_context() as context:
        [own] = set(session.send("Target.getBrowserContexts")["browserContextIds"]) - set(before)
        granted = ["audioCapture", "videoCapture", "cameraPanTiltZoom"]
        session.send("Browser.grantPermissions", {"permissions": granted, "browserContextId": own})
        zoom_in_and_to_the_end(opened(context, server))


def zoom_in_and_to_the_end(page: Camera) -> None:
    zoom = "document.getElementById('film-preview').srcObject.getVideoTracks()[0].getSettings().zoom"
    assert page.frame.evaluate(zoom) == 100
    assert page.frame.is_disabled("#film-zoom-out")
    page.tap("film-zoom-in")
    wait_until(lambda: page.frame.inner_text("#film-zoom-value") == "1.3×", "the zoom")
    assert page.frame.evaluate(zoom) == 130
    page.frame.focus("#film-zoom")
    page.page.keyboard.press("End")
    wait_until(lambda: page.frame.evaluate(zoom) == 400, "the most zoom")
    wait_until(lambda: page.frame.is_disabled("#film-zoom-in"), "the end of the zoom")
    assert page.frame.is_hidden("#film-light")


def test_the_light_is_on_or_off_and_says_so(context: BrowserContext, server: Server) -> None:
    context.add_init_script(LIGHT)
    page = opened(context, server)
    assert page.frame.inner_text("#film-light") == "Turn the light on"
    page.tap("film-light")
    wait_until(lambda: page.frame.inner_text("#film-light") == "Turn the light off", "the light")
    page.tap("film-light")
    wait_until(lambda: page.frame.inner_text("#film-light") == "Turn the light on", "no light")
    assert page.frame.evaluate("asked") == [{"torch": True}, {"torch": False}]


def test_silence_is_said_before_the_film_and_in_it(context: BrowserContext, server: Server) -> None:
    context.add_init_script(QUIET)
    page = opened(context, server)
    wait_until(lambda: page.notices == ["notice.silence"], "the warning")
    page.tap()
    page.wait("filming", "sealed")
    assert page.notices == ["notice.silence"]
    page.frame.evaluate("volume.gain.value = 0.1")
    wait_until(lambda: page.notices == [], "sound")
    page.frame.evaluate("volume.gain.value = 0")
    wait_until(lambda: page.notices == ["notice.silence"], "silence again")
    stop(page)


def test_a_front_camera_is_a_mirror_on_the_page_only_and_its_end_is_shown(
    context: BrowserContext, server: Server
) -> None:
    context.add_init_script(FRONT)
    page = filming(context, server)
    assert page.frame.evaluate("[...document.querySelectorAll('video')].every((video) => video.muted)")
    turned = "getComputedStyle(document.getElementById('film-preview')).transform"
    assert page.frame.evaluate(turned) == "matrix(-1, 0, 0, 1, 0, 0)"
    page.film_for(4)
    stop(page)
    wait_until(lambda: page.frame.is_visible("#film-look"), "the look")
    ended = "document.getElementById('film-look').ended"
    wait_until(lambda: page.frame.evaluate(ended) is True, "the look at the end")
    reading = kit.read_film(server.films[0])
    assert None not in reading.counters
    look = page.frame.query_selector("#film-look")
    assert look is not None
    assert look.evaluate("(video) => getComputedStyle(video).transform") == "none"
    assert look.evaluate(LAST_PICTURE) == reading.counters[-1]
    began = look.evaluate("(video) => video.played.start(0)")
    assert began == pytest.approx(look.evaluate("(video) => video.duration") - 3, abs=0.3)
    assert (page.key, page.notices) == ("state.saved", [])
    assert page.complaints == []


def test_the_dark_page_has_a_clock_and_a_stop_and_trouble_makes_it_bright(
    context: BrowserContext, server: Server
) -> None:
    context.add_init_script(WAKE)
    page = filming(context, server)
    assert page.frame.evaluate("asked") == 1
    page.frame.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert page.frame.evaluate("asked") == 2
    page.tap("film-dim")
    assert page.frame.inner_text("#film-cover-time") == page.frame.inner_text("#film-time")
    page.page.mouse.click(20, 20)
    assert page.frame.is_hidden("#film-cover")
    page.tap("film-dim")
    page.page.keyboard.press("Escape")
    assert page.frame.is_hidden("#film-cover")
    page.tap("film-dim")
    server.pull("switch", sync_seconds=4.0)
    page.wait("filming", "unsaved")
    assert page.frame.is_hidden("#film-cover")
    server.pull("switch", sync_seconds=0.0)
    page.wait("filming", "sealed")
    page.tap("film-dim")
    box = page.frame.locator("#film-cover-stop").bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 64
    server.pull("switch", look=False)
    page.tap("film-cover-stop")
    page.wait("saved")
    assert page.frame.is_hidden("#film-cover")
    # The film is saved, whether its end can be shown or not.
    wait_until(lambda: page.notices == ["notice.notShown"], "the notice")
    assert page.key == "state.saved"
    assert page.frame.is_hidden("#film-look")


def test_an_upright_camera_makes_an_upright_film(
    playwright: Playwright, chromium: str, server: Server, tmp_path: Path
) -> None:
    source = kit.make_source(tmp_path, width=360, height=640, frames=50)
    with start_chromium(playwright, chromium, source.flags()) as browser:
        page = filming(browser.new_context(), server)
        page.film_for(2)
        stop(page)
    assert size_of(server.films[0]) == (360, 640)
    assert (server.told[0]["hello"]["w"], server.told[0]["hello"]["h"]) == (360, 640)
    found = kit.count(kit.read_film(server.films[0]).counters, source.frames)
    assert (found.invented, found.unreadable) == (0, 0)
    source.video.unlink()


def test_frames_that_only_say_that_they_are_turned_are_turned_in_the_film(
    context: BrowserContext, server: Server
) -> None:
    context.add_init_script(TURNED)
    page = filming(context, server)
    page.film_for(2)
    stop(page)
    assert size_of(server.films[0]) == (360, 640)
    with av.open(io.BytesIO(server.films[0])) as container:
        counters = [turned_back(frame) for frame in container.decode(video=0)]
    assert None not in counters
    assert len(counters) == server.told[0]["quality"]["encoded"]


def size_of(film: bytes) -> tuple[int, int]:
    with av.open(io.BytesIO(film)) as container:
        stream = container.streams.video[0]
        return stream.width, stream.height


def turned_back(frame: av.VideoFrame) -> int | None:
    """The counter of a picture turned a quarter clockwise: its rows are columns now, from the right."""
    plane = frame.planes[0]
    pixels, stride = bytes(plane), plane.line_size
    rows = 2 * kit.cell_height(frame.width)
    top = b"".join(pixels[frame.width - 1 - row :: stride][: frame.height] for row in range(rows))
    return kit.read_counter(top, frame.height, frame.height, frame.width)
