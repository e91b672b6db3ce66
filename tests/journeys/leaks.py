"""One tablet's bad day, from its first film to kills of everything; the disk is copied after each step."""

import io
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import av
import pytest
from playwright.sync_api import Frame

from tests.film.kit import Source
from tests.journeys import scan, vault
from tests.journeys.app import PASSPHRASE, Tablet
from tests.journeys.browser import Screen
from tests.journeys.places import Copies
from tests.journeys.walk import CAREGIVER, INFANT, PRESENT, Walk
from tests.journeys.window import Manner, Window, window
from vigfield.seal import Key

SECRET_TEXTS = [CAREGIVER, INFANT, PRESENT, "Quillfeather"]
SHORT = 4
STILLS = (0.1, 0.5, 0.9)


@dataclass(slots=True)
class Day:
    """What a day needs, and what it left behind."""

    machine: Tablet
    chromium: str
    manner: Manner
    copies: Copies
    seconds: int
    crashed: dict[str, int] = field(default_factory=dict)
    played: float = 0.0
    films: list[vault.Film] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)

    @contextmanager
    def open(self) -> Iterator[tuple[Window, Walk]]:
        """The app in its window, unlocked or ready for its first start."""
        known = self.machine.data.exists()
        with window(self.machine, self.chromium, self.manner) as shown:
            walk = Walk(Screen(shown.page))
            if known:
                walk.unlock()
            yield shown, walk


def _with_size(walk: Walk, source: Source) -> None:
    """Film at the size of the test's camera, as a person chooses it."""
    if source.height == 1080:
        walk.screen.tap("nav-settings")
        walk.screen.tap("picture-fine")
        walk.screen.tap("nav-today")
        walk.screen.see("new-family")


def first_film(day: Day) -> None:
    """From an empty tablet to a film that was played, searched through, and has pictures."""
    with day.open() as (shown, walk):
        walk.make_vault()
        _with_size(walk, day.manner.source)
        walk.add_family()
        walk.add_session()
        walk.sign_consent("film-interaction", "stills")
        camera = walk.open_camera()
        walk.film(camera, day.seconds / 2)
        day.copies.take("while filming", shown.look())
        walk.until(camera, day.seconds)
        walk.stop(camera)
        day.copies.take("after filming", shown.look())
        walk.leave_camera()
        player = walk.play()
        day.played = _watch(player)
        day.copies.take("while playing", shown.look())
        _keep_pictures(player)
        day.copies.take("after pictures", shown.look())
    day.copies.take("after closing")


def _watch(player: Frame) -> float:
    """Play all of it, as fast as it goes, and then jump about."""
    player.evaluate("() => { document.querySelector('video').playbackRate = 4 }")
    player.click("#player-play")
    player.wait_for_function("() => document.querySelector('video').ended", timeout=300_000)
    frames = int(player.evaluate("() => window.vigPlayer.state().frames"))
    for number in range(12):
        player.evaluate("async k => { await window.vigPlayer.goto(k) }", frames * (number * 7 % 12) // 12)
    return float(player.evaluate("() => document.querySelector('video').duration"))


def _keep_pictures(player: Frame) -> None:
    frames = int(player.evaluate("() => window.vigPlayer.state().frames"))
    for number, share in enumerate(STILLS, 1):
        player.evaluate("async k => { await window.vigPlayer.goto(k) }", int(frames * share))
        player.click("#player-still")
        player.wait_for_selector(f"#player-still-{number}")
    player.click("#player-still-1")
    player.wait_for_selector("#player-look-picture canvas[data-drawn]")
    player.click("#player-still-close")


def _film_again(shown: Window, walk: Walk) -> Frame:
    walk.screen.touch(walk.screen.starting("open-"))
    camera = walk.open_camera()
    walk.film(camera, SHORT)
    shown.look()
    return camera


def crash_renderer(day: Day, number: signal.Signals) -> None:
    """Whatever draws the pages dies in mid-film."""
    with day.open() as (shown, walk):
        _film_again(shown, walk)
        day.crashed[f"renderer {number.name}"] = shown.kill_renderers(number)
        day.copies.take(f"renderer {number.name}", shown.look())
    day.copies.take(f"closed after renderer {number.name}")


def kill_browser(day: Day) -> None:
    """kill -9 of every process of the browser in mid-film; the app closes by itself."""
    with day.open() as (shown, walk):
        _film_again(shown, walk)
        day.crashed["browser"] = len(shown.look())
        shown.kill_browser()
        day.copies.take("browser killed")
        shown.process.wait(60)
    day.copies.take("closed after browser killed")


def kill_server(day: Day) -> None:
    """kill -9 of the server in mid-film; its window stays, and is killed a little later."""
    with day.open() as (shown, walk):
        camera = _film_again(shown, walk)
        shown.kill_app()
        day.crashed["server"] = 1
        camera.wait_for_function("() => document.getElementById('film-state').dataset.key !== 'state.sealed'")
        day.copies.take("server killed", shown.pids)
        shown.kill_browser()
    day.copies.take("orphans killed")


def play_recovered(day: Day) -> None:
    """Unlock, recover, and play a film that was interrupted."""
    with day.open() as (shown, walk):
        walk.screen.touch(walk.screen.starting("open-"))
        player = walk.play()
        player.click("#player-play")
        player.wait_for_function("() => document.querySelector('video').currentTime > 0.5")
        day.copies.take("playing what was recovered", shown.look())
    day.copies.take("at the end")


def open_by_hand(day: Day) -> None:
    """What is really in the vault: its films, its pictures, and every key that opening it takes."""
    with pytest.MonkeyPatch.context() as patch:
        made = Key.__init__

        def seen(self: Key, secret: bytes) -> None:
            day.keys.append(bytes(secret))
            made(self, secret)

        patch.setattr(Key, "__init__", seen)
        day.films = vault.films(day.machine.data)


def needles(day: Day) -> scan.Needles:
    """All that must not be anywhere."""
    wanted = scan.Needles()
    for film in day.films:
        wanted.add_windows("film", film.mp4)
        for still in film.stills:
            wanted.add_windows("picture file", still)
            for form in ("rgba", "bgra", "rgb24"):
                wanted.add_windows("picture, unpacked", _unpacked(still, form), scan.DISTINCT["picture"])
    wanted.add_windows("camera", camera_pictures(day.manner.source), scan.DISTINCT["picture"])
    wanted.add_windows("decoded film", decoded(day.films[0].mp4), scan.DISTINCT["picture"])
    wanted.add_texts("names and notes", SECRET_TEXTS)
    wanted.add_texts("passphrase", [PASSPHRASE])
    for key in day.keys:
        wanted.add_secret("key", key)
    return wanted


def camera_pictures(source: Source) -> bytes:
    """Some pictures as the camera gave them, without the first one's cells."""
    size = source.width * source.height * 3 // 2
    with source.video.open("rb") as file:
        return file.read(4 * size)[source.width * source.height // 4 :]


def decoded(film: bytes) -> bytes:
    """The luma of some pictures of a film, as a player would have it in memory."""
    with av.open(io.BytesIO(film)) as container:
        frames = [frame for _, frame in zip(range(6), container.decode(video=0), strict=False)]
    return b"".join(bytes(frame.planes[0]) for frame in frames)


def _unpacked(png: bytes, form: str) -> bytes:
    with av.open(io.BytesIO(png)) as container:
        return bytes(next(container.decode(video=0)).reformat(format=form).planes[0])


def control_file(day: Day) -> bytes:
    """Some of everything that is looked for, in plain."""
    film = day.films[0]
    half = len(film.mp4) // 2
    texts = "; ".join([*SECRET_TEXTS, PASSPHRASE]).encode()
    keys = b" ".join([day.keys[0], day.keys[-1].hex().encode()])
    fragment = film.mp4.index(b"moof")
    return b"".join(
        [
            film.mp4[fragment : fragment + 100_000],
            film.mp4[half : half + 100_000],
            *(still[:100_000] for still in film.stills),
            _unpacked(film.stills[0], "bgra")[1_000_000:2_000_000],
            camera_pictures(day.manner.source)[:400_000],
            decoded(film.mp4)[:400_000],
            texts,
            keys,
            b"OpusHead",
        ]
    )


def since() -> float:
    """Now, as the file systems tell it: they keep coarser time than the clock."""
    return time.time() - 1
