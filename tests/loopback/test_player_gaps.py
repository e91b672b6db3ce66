"""A film whose camera was away, in a real Chromium: what is seen, said and heard at the gap and after it."""

from collections.abc import Callable, Coroutine, Iterator

import pytest
from playwright.async_api import Browser

from tests.loopback.lasting import Lasting, lasting_browser
from tests.loopback.site import Kept, Site, running
from tests.loopback.test_mp4 import FILM, FRAGMENTS, INIT, decoded, later, number, served
from tests.loopback.test_player import play, screen
from vigfield.ui.pagewords import PLAYER

pytestmark = pytest.mark.browser

AWAY = 3.0
FIRST = INIT + b"".join(FRAGMENTS[:4])
LOUDNESS = """async (from) => {
  const video = document.getElementById('player-video');
  const stream = video.captureStream();
  const heard = [];
  await window.vigPlayer.goto(from);
  await video.play();
  while (!stream.getAudioTracks().length) await new Promise((resolve) => setTimeout(resolve, 10));
  const reader = new MediaStreamTrackProcessor({track: stream.getAudioTracks()[0]}).readable.getReader();
  const ended = new Promise((resolve) => { video.onended = resolve; });
  (async () => {
    for (;;) {
      const {value, done} = await reader.read();
      if (done) return;
      const samples = new Float32Array(value.numberOfFrames);
      value.copyTo(samples, {planeIndex: 0, format: 'f32-planar'});
      const sum = samples.reduce((all, one) => all + one * one, 0);
      heard.push([video.currentTime, Math.sqrt(sum / samples.length), samples.length]);
      value.close();
    }
  })();
  await ended;
  return heard;
}"""
WATCH = """() => {
  const seen = [];
  const look = () => {
    const cover = document.getElementById('player-gap');
    const video = document.getElementById('player-video');
    seen.push([video.currentTime, cover.hidden ? '' : cover.textContent]);
    if (!video.ended) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  return new Promise((resolve) => {
    document.getElementById('player-video').onended = () => resolve(seen);
    document.getElementById('player-video').play();
  });
}"""


@pytest.fixture(scope="module")
def lasting(chromium: str) -> Iterator[Lasting]:
    with lasting_browser(chromium, "--autoplay-policy=no-user-gesture-required") as lasting:
        yield lasting


def run(lasting: Lasting, test: Callable[[Site, Browser], Coroutine[object, object, None]]) -> None:
    film, data = served(FIRST, INIT + b"".join(later(f, AWAY) for f in FRAGMENTS[4:]))
    kept = Kept(data, {**film.frame_list(), "words": PLAYER})

    async def go() -> None:
        async with running(kept) as site:
            await test(site, lasting.browser)

    lasting.run(go())


def test_frames_on_both_sides_are_right_and_a_step_passes_over_the_gap(lasting: Lasting) -> None:
    numbers = [number(picture) for _, picture in decoded(FILM)]
    before = len(decoded(FIRST)) - 1

    async def check(site: Site, browser: Browser) -> None:
        page = await play(site, browser)
        for k in (before, before + 1, before - 1, len(numbers) - 1, before + 10, 0):
            await page.evaluate("k => window.vigPlayer.goto(k)", k)
            assert await screen(page) == numbers[k]
            assert await page.get_by_test_id("player-gap").is_hidden()
        await page.evaluate("k => window.vigPlayer.goto(k)", before)
        await page.get_by_test_id("player-forward").click()
        assert await screen(page) == numbers[before + 1]
        await page.get_by_test_id("player-back").click()
        assert await screen(page) == numbers[before]

    run(lasting, check)


def test_words_cover_the_picture_as_long_as_nothing_was_filmed(lasting: Lasting) -> None:
    async def check(site: Site, browser: Browser) -> None:
        page = await play(site, browser)
        assert await page.get_by_test_id("player-breaks").inner_text() == "Not filmed: 0:02.0, 3 seconds"
        assert await page.get_by_test_id("player-gaps").locator("i").count() == 1
        seen = await page.evaluate(WATCH)
        [at], end = {gap[0] for gap in served_gaps()}, served_gaps()[0][0] + served_gaps()[0][1]
        inside = {words for time, words in seen if at + 0.1 < time < end - 0.1}
        outside = {words for time, words in seen if time < at - 0.1 or time > end + 0.1}
        assert inside == {"Nothing was filmed here for 3 seconds."}
        assert outside == {""}

    run(lasting, check)


def served_gaps() -> tuple[tuple[float, float], ...]:
    return served(FIRST, INIT + b"".join(later(f, AWAY) for f in FRAGMENTS[4:]))[0].gaps


def test_what_is_heard_after_the_gap_belongs_to_what_is_seen(lasting: Lasting) -> None:
    async def check(site: Site, browser: Browser) -> None:
        page = await play(site, browser)
        heard = await page.evaluate(LOUDNESS, 10)
        [(at, seconds)] = served_gaps()
        silent = [level for time, level, _ in heard if at + 0.3 < time < at + seconds - 0.3]
        after = [level for time, level, _ in heard if at + seconds + 0.4 < time < at + seconds + 2]
        assert len(silent) > 20
        assert len(after) > 20
        assert max(silent) < 0.005
        assert min(after) > 0.005

    run(lasting, check)
