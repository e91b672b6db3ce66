"""A film whose server or browser is killed midway: there, labelled, playable, and at most 1 s short."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.film.kit import Source, count, read_film
from tests.journeys import scan, vault
from tests.journeys.app import Tablet
from tests.journeys.browser import Screen
from tests.journeys.browser import chromium as start_chromium
from tests.journeys.conftest import FRAMES
from tests.journeys.walk import Walk

pytestmark = [pytest.mark.browser, pytest.mark.films]

SECONDS = 6
MOST_LOST = 1.0


def _film_until_killed(
    machine: Tablet, executable: str, source: Source, kill: Callable[[Tablet], None]
) -> float:
    """Film, kill in the middle, and say how long the film had been going on then, in seconds."""
    app = machine.start()
    with start_chromium(executable, machine.root / "profile", machine.environment, source) as context:
        screen = Screen(context.new_page())
        walk = Walk(screen)
        screen.open(app.url)
        walk.make_vault()
        walk.add_family()
        walk.add_session()
        walk.sign_consent("film-interaction")
        camera = walk.open_camera()
        walk.film(camera, 0)
        began = time.monotonic()
        walk.until(camera, SECONDS)
        kill(machine)
        return time.monotonic() - began


def _kill_app(machine: Tablet) -> None:
    machine.started[-1].kill()


def _kill_browser(machine: Tablet) -> None:
    """Every process of the browser, told by its profile folder; nothing else on the machine."""
    profile = str(machine.root / "profile").encode()
    for pid in scan.family_of(os.getpid()):
        try:
            line = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if b"--user-data-dir=" + profile in line or (b"--type=" in line and profile in line):
            os.kill(pid, signal.SIGKILL)


def _see_it_play(machine: Tablet, executable: str, source: Source) -> None:
    """As a person finds it: after a restart, in its session, labelled, and it plays."""
    app = machine.start()
    with start_chromium(executable, machine.root / "profile-2", machine.environment, source) as context:
        screen = Screen(context.new_page())
        walk = Walk(screen)
        screen.open(app.url)
        walk.unlock()
        screen.touch(screen.starting("open-"))
        state = screen.starting("film-state-")
        state.wait_for(state="attached")
        assert "Interrupted" in state.inner_text()
        player = walk.play()
        player.wait_for_function("() => window.vigPlayer.state().frames > 0")
        player.click("#player-play")
        player.wait_for_function("() => document.querySelector('video').currentTime > 0.5")
    assert app.stop() == 0


def _assert_little_lost(machine: Tablet, lasted: float) -> None:
    [film] = vault.films(machine.data)
    reading = read_film(film.mp4)
    frames = count(reading.counters, FRAMES)
    assert film.recording.state.value == "interrupted"
    assert film.recording.seconds >= lasted - MOST_LOST
    assert frames.invented == 0
    assert frames.unreadable == 0
    assert frames.seen == film.recording.parts[0].frames


@pytest.mark.parametrize("kill", [_kill_app, _kill_browser], ids=["server", "browser"])
def test_a_killed_film_is_kept(
    machine: Tablet, chromium: str, source: Source, kill: Callable[[Tablet], None]
) -> None:
    lasted = _film_until_killed(machine, chromium, source, kill)
    if machine.started[-1].process.poll() is None:
        assert machine.started[-1].stop() == 0
    _see_it_play(machine, chromium, source)
    _assert_little_lost(machine, lasted)
