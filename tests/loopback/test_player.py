"""The player and the guard in a real Chromium: the right frame on the screen, nothing for another's page."""

import base64
import http.server
import io
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from random import Random

import av
import pytest
from playwright.async_api import Browser, Page

from tests.loopback.lasting import Lasting, lasting_browser
from tests.loopback.site import Kept, Site, running
from tests.loopback.test_mp4 import FILM, decoded, number, served
from vigfield.loopback.playback import WORDS

pytestmark = pytest.mark.browser

SETTLED = "() => window.vigPlayer && window.vigPlayer.state().settled"
FONT_IS_THERE = """document.fonts.ready.then(() => document.fonts.check('16px "Nunito Sans"'))"""
NUMBER_ON_SCREEN = """() => {
    const video = document.getElementById('player-video');
    const canvas = new OffscreenCanvas(320, 180);
    const context = canvas.getContext('2d', {willReadFrequently: true});
    context.drawImage(video, 0, 0, 320, 180);
    let number = 0;
    for (let bit = 0; bit < 8; bit++) {
        if (context.getImageData(40 * bit + 20, 20, 1, 1).data[1] > 126) number |= 1 << bit;
    }
    return number;
}"""


@pytest.fixture(scope="module")
def lasting(chromium: str) -> Iterator[Lasting]:
    with lasting_browser(chromium) as lasting:
        yield lasting


async def enter(site: Site, browser: Browser, **options: object) -> Page:
    """A page that was let in by its launch link."""
    page = await (await browser.new_context(**options)).new_page()  # type: ignore[arg-type]
    await page.goto(site.server.guard.new_launch_url())
    await page.wait_for_selector("body[data-ran=yes]")
    return page


async def play(site: Site, browser: Browser, **options: object) -> Page:
    page = await enter(site, browser, **options)
    await page.goto(f"{site.origin}/player/#link")
    await page.wait_for_function(SETTLED)
    return page


async def screen(page: Page) -> int:
    await page.wait_for_function(SETTLED)
    return int(await page.evaluate(NUMBER_ON_SCREEN))


def run(lasting: Lasting, test: Callable[[Site, Browser], Coroutine[object, object, None]]) -> None:
    """With a server that has the real film."""
    film, data = served(FILM)
    words = {word: word.title() for word in WORDS}
    kept = Kept(data, {**film.frame_list(), "words": words})

    async def go() -> None:
        async with running(kept) as site:
            await test(site, lasting.browser)

    lasting.run(go())


def test_the_frame_asked_for_is_the_frame_on_the_screen(lasting: Lasting) -> None:
    numbers = [number(picture) for _, picture in decoded(FILM)]
    last = len(numbers) - 1

    async def check(site: Site, browser: Browser) -> None:
        page = await play(site, browser)
        assert await screen(page) == numbers[0]
        chance = Random(7)
        for k in [last, 0, *(chance.randrange(last) for _ in range(25))]:
            await page.evaluate("k => window.vigPlayer.goto(k)", k)
            assert (await screen(page), await page.evaluate("window.vigPlayer.state().frame")) == (
                numbers[k],
                k,
            )

    run(lasting, check)


def test_steps_go_frame_by_frame_both_ways(lasting: Lasting) -> None:
    numbers = [number(picture) for _, picture in decoded(FILM)]

    async def check(site: Site, browser: Browser) -> None:
        page = await play(site, browser)
        await page.evaluate("window.vigPlayer.goto(40)")
        for k in range(41, 51):
            await page.get_by_test_id("player-forward").click()
            assert await screen(page) == numbers[k]
        for k in range(49, 39, -1):
            await page.keyboard.press("ArrowLeft")
            assert await screen(page) == numbers[k]
        await page.get_by_test_id("player-position").fill("7")
        assert await screen(page) == numbers[7]
        text = await page.get_by_test_id("player-frame").inner_text()
        assert text == f"Frame 8 / {len(numbers)}"
        for _ in range(20):
            await page.keyboard.press("ArrowRight")
        await page.wait_for_function("() => window.vigPlayer.state().settled")
        assert await page.evaluate("window.vigPlayer.state().frame") > 7

    run(lasting, check)


def test_it_plays_to_the_end_at_the_speed_asked_for(lasting: Lasting) -> None:
    async def check(site: Site, browser: Browser) -> None:
        page = await play(site, browser)
        state = await page.evaluate("window.vigPlayer.state()")
        assert state["duration"] == pytest.approx(state["seconds"], abs=0.1)
        assert state["seconds"] == pytest.approx(served(FILM)[0].seconds)
        await page.get_by_test_id("player-speed-0.5").click()
        assert await page.get_by_test_id("player-speed-0.5").get_attribute("aria-pressed") == "true"
        assert await page.evaluate("document.getElementById('player-video').muted")
        await page.get_by_test_id("player-speed-1").click()
        await page.evaluate("k => window.vigPlayer.goto(k)", state["frames"] - 20)
        await page.get_by_test_id("player-play").click()
        await page.wait_for_selector("body[data-state=playing]")
        assert await page.get_by_test_id("player-play").get_attribute("aria-label") == "Pause"
        await page.wait_for_function("() => document.getElementById('player-video').ended")
        await page.wait_for_selector("body[data-state=paused]")

    run(lasting, check)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(390, 844), (800, 1280), (1280, 800)])
def test_every_control_is_large_and_on_the_screen(
    lasting: Lasting, width: int, height: int, scheme: str
) -> None:
    async def check(site: Site, browser: Browser) -> None:
        size = {"width": width, "height": height}
        page = await play(site, browser, viewport=size, color_scheme=scheme)
        for name in ("play", "back", "forward", "speed-0.25", "speed-0.5", "speed-1", "position", "still"):
            box = await page.get_by_test_id(f"player-{name}").bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= 48
            assert 0 <= box["x"] <= box["x"] + box["width"] <= width
            assert 0 <= box["y"] <= box["y"] + box["height"] <= height
        for element in await page.locator("button:not([data-rate]), input, video, #player-speeds").all():
            said = [await element.get_attribute("aria-label"), await element.text_content()]
            assert any(text and text.strip() for text in said)

    run(lasting, check)


def _green(png: bytes, x: int, y: int) -> int:
    """The green of one pixel of a kept picture, 0 to 255."""
    with av.open(io.BytesIO(png)) as container:
        plane = next(container.decode(video=0)).reformat(format="rgb24").planes[0]
    return bytes(plane)[y * plane.line_size + 3 * x + 1]


def _number_in(png: bytes) -> int:
    return sum(1 << bit for bit in range(8) if _green(png, 40 * bit + 20, 20) > 126)


def test_a_kept_picture_is_the_frame_on_the_screen(lasting: Lasting) -> None:
    numbers = [number(picture) for _, picture in decoded(FILM)]

    async def check(site: Site, browser: Browser) -> None:
        page = await play(site, browser)
        for nth, k in enumerate([0, 41, 17], 1):
            await page.evaluate("k => window.vigPlayer.goto(k)", k)
            await page.get_by_test_id("player-still").click()
            await page.get_by_test_id(f"player-still-{nth}").wait_for()
            still, png = site.film.stills.pictures[nth]
            assert (still.frame, _number_in(png)) == (k, numbers[k])
        await page.get_by_test_id("player-play").click()
        await page.wait_for_function("() => window.vigPlayer.state().frame > 25")
        await page.get_by_test_id("player-still").click()
        await page.get_by_test_id("player-still-4").wait_for()
        still, png = site.film.stills.pictures[4]
        assert _number_in(png) == numbers[still.frame]
        assert await screen(page) == numbers[still.frame]
        assert await page.get_by_test_id("player-still-note").inner_text() == "Kept"

    run(lasting, check)


def test_a_kept_picture_is_shown_large_and_removed_after_a_question(lasting: Lasting) -> None:
    async def check(site: Site, browser: Browser) -> None:
        page = await play(site, browser)
        await page.get_by_test_id("player-still").click()
        await page.get_by_test_id("player-still-1").click()
        large = page.locator("#player-look-picture canvas")
        await page.locator("#player-look-picture canvas[data-drawn]").wait_for()
        shown = await large.evaluate("shown => shown.toDataURL()")
        assert _number_in(base64.b64decode(shown.split(",")[1])) == number(next(iter(decoded(FILM)))[1])
        assert await page.locator("img").count() == 0
        await page.keyboard.press("ArrowRight")
        assert await page.evaluate("window.vigPlayer.state().frame") == 0
        await page.get_by_test_id("player-still-close").click()
        await large.wait_for(state="detached")
        await page.get_by_test_id("player-still-1").click()
        await page.get_by_test_id("player-still-remove").click()
        await page.get_by_test_id("player-still-no").click()
        assert len(site.film.stills.pictures) == 1
        await page.get_by_test_id("player-still-remove").click()
        await page.get_by_test_id("player-still-yes").click()
        await page.get_by_test_id("player-still-1").wait_for(state="detached")
        assert site.film.stills.pictures == {}
        assert not await page.get_by_test_id("player-stills").is_visible()

    run(lasting, check)


def test_without_consent_to_pictures_the_button_says_why(lasting: Lasting) -> None:
    async def check(site: Site, browser: Browser) -> None:
        site.film.stills.why = "stills-refused"
        page = await play(site, browser)
        assert await page.get_by_test_id("player-still").is_disabled()
        assert await page.get_by_test_id("player-still-note").inner_text() == "Nostills"

    run(lasting, check)


def test_consent_withdrawn_between_two_pictures_takes_them_all_from_the_page(lasting: Lasting) -> None:
    async def check(site: Site, browser: Browser) -> None:
        page = await play(site, browser)
        await page.get_by_test_id("player-still").click()
        await page.get_by_test_id("player-still-1").wait_for()
        site.film.stills.why = "consent-withdrawn"
        await page.get_by_test_id("player-still").click()
        await page.get_by_test_id("player-still-1").wait_for(state="detached")
        assert await page.get_by_test_id("player-still-note").inner_text() == "Notkept"
        assert len(site.film.stills.pictures) == 1

    run(lasting, check)


def test_a_used_link_says_so_and_shows_nothing(lasting: Lasting) -> None:
    async def check(site: Site, browser: Browser) -> None:
        page = await play(site, browser)
        assert "link" not in page.url
        await page.goto("about:blank")
        await page.goto(f"{site.origin}/player/#link")
        await page.wait_for_selector("#player-gone:visible")
        assert not await page.get_by_test_id("player-play").is_visible()

    run(lasting, check)


def test_the_player_works_in_a_frame_of_the_app_and_breaks_no_rule(lasting: Lasting) -> None:
    async def check(site: Site, browser: Browser) -> None:
        page = await enter(site, browser)
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        await page.evaluate("""() => {
            const frame = document.createElement('iframe');
            frame.src = location.origin + '/player/#link';
            document.body.append(frame);
        }""")
        frame = page.frame_locator("iframe")
        await frame.get_by_test_id("player-video").wait_for()
        await frame.locator("body[data-state=paused]").wait_for()
        inner = page.frames[1]
        await inner.wait_for_function(SETTLED)
        assert await inner.evaluate(FONT_IS_THERE)
        assert said == []

    run(lasting, check)


class _Elsewhere(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title><body>")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def elsewhere() -> Iterator[int]:
    """Another program's page on this machine."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Elsewhere) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


ATTACKS = """async (origin) => {
    const socket = (path) => new Promise((done) => {
        const socket = new WebSocket(origin.replace('http', 'ws') + path);
        socket.onopen = () => done('open');
        socket.onerror = () => done('nothing');
    });
    const load = (tag, path) => new Promise((done) => {
        const element = document.createElement(tag);
        element.onload = element.onloadeddata = () => done('loaded');
        element.onerror = () => done('nothing');
        element.src = origin + path;
        document.body.append(element);
    });
    const get = (path, options) => fetch(origin + path, {credentials: 'include', ...options})
        .then((answer) => answer.type === 'opaque' ? 'opaque' : answer.text(), () => 'nothing');
    return {
        socket: await socket('/ws'), film: await socket('/rec'),
        script: await load('script', '/player/player.js'), media: await load('video', '/media/film'),
        read: await get('/'),
        claim: await get('/media/claim', {method: 'POST', headers: {'X-Token': 'link'}}),
        simple: await get('/launch', {method: 'POST', body: 'guess'}),
    };
}"""


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_another_page_on_this_machine_gets_nothing(lasting: Lasting, name: str) -> None:
    async def check(site: Site, browser: Browser) -> None:
        page = await enter(site, browser)
        with elsewhere() as port:
            other = await page.context.new_page()
            await other.goto(f"http://{name}:{port}/")
            outcome = await other.evaluate(ATTACKS, site.origin)
            assert set(outcome.values()) == {"nothing"}
            await other.evaluate(
                """(origin) => new Promise((done) => {
                const frame = document.createElement('iframe');
                frame.onload = done;
                frame.src = origin + '/player/';
                document.body.append(frame);
            })""",
                site.origin,
            )
            framed = other.frames[1]
            assert await framed.locator("#player").count() == 0
        assert len(site.ui.seen) == 0
        await page.reload()
        await page.wait_for_selector("body[data-ran=yes]")

    run(lasting, check)


def test_a_second_window_without_the_link_gets_nothing(lasting: Lasting) -> None:
    async def check(site: Site, browser: Browser) -> None:
        await enter(site, browser)
        other = await (await browser.new_context()).new_page()
        answer = await other.goto(site.origin)
        assert answer is not None
        assert answer.status == 403
        await other.goto(f"{site.origin}/launch#a-used-link")
        await other.wait_for_selector("#no:visible")
        assert "home" not in await other.content()

    run(lasting, check)
