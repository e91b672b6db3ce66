"""Erasing a film as a person does it: from its session to the certificate, and what is left on the disk."""

import asyncio
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.app.kit import CHEAP, CODE, tablet
from tests.app.test_erasing import database_key, keys_of
from tests.journeys.app import Tablet
from tests.journeys.browser import Screen
from tests.journeys.browser import chromium as start_chromium
from tests.journeys.walk import Walk
from tests.store.pages import everything, found
from vigfield.app import door
from vigfield.model import RecordingId

pytestmark = [pytest.mark.browser, pytest.mark.films]

FIRST = "Choose a reason and tick the box first."


class Secrets(NamedTuple):
    """The key of the database; a film's key as it is sealed in there, and as it is."""

    database: bytes
    sealed: bytes
    plain: bytes


async def plant(folder: Path) -> tuple[RecordingId, Secrets]:
    """A vault with one film in it; what is secret about that film."""
    async with tablet(folder) as one:
        recording = await one.filmed()
        sealed, plain = await keys_of(one.work.erasing, recording)
    return recording, Secrets(await database_key(folder), sealed, plain)


def certificate(screen: Screen) -> str:
    """All that the certificate on the screen says of the film."""
    return screen.see("certificate").inner_text() + screen.see("certificate-part").inner_text()


def erase(machine: Tablet, executable: str, recording: str, texts: list[str]) -> None:
    """Erase the film on the screen, and read its certificate: at once, and again from the settings."""
    app = machine.start()
    with start_chromium(executable, machine.root / "profile", machine.environment) as context:
        screen = Screen(context.new_page())
        walk = Walk(screen)
        screen.open(app.url)
        walk.unlock()
        screen.touch(screen.starting("open-"))
        screen.see(f"play-{recording}")
        screen.tap(f"erase-{recording}")
        screen.says(FIRST)
        screen.tap("erase-ground-caregiver-asked")
        screen.tap("erase-now")  # cannot be touched yet
        first = screen.says(FIRST)
        screen.tap("erase-understood")
        first.wait_for(state="detached")
        screen.tap("erase-now")
        assert [text for text in texts if text not in certificate(screen)] == []
        assert "no file of the film is left" in screen.see("certificate-state").inner_text()
        screen.tap("back")
        assert "Erased" in screen.see(f"film-state-{recording}").inner_text()
        assert screen.find(f"play-{recording}").count() == 0
        screen.tap("nav-settings")
        screen.tap("certificates")
        screen.tap(f"certificate-{recording}")
        assert [text for text in texts if text not in certificate(screen)] == []
        screen.tap("back")
        screen.see("certificates-what")
    assert app.stop() == 0


def test_an_erased_film_is_gone_from_the_tablet(
    machine: Tablet, chromium: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "calibrate", lambda: CHEAP)
    recording, secrets = asyncio.run(plant(machine.data))
    [before] = machine.status()["films"]
    assert before["state"] == "whole"
    assert found(secrets, everything(machine.data, secrets.database)) == {secrets.sealed}
    assert [path for path in (machine.data / "media").iterdir() if path.name.startswith(recording)] != []

    said = [recording, CODE, "A caregiver asked for it", *before["digests"]]
    erase(machine, chromium, recording, said)

    assert list((machine.data / "media").iterdir()) == []
    assert found(secrets, everything(machine.root, secrets.database)) == set()
    [after] = machine.status()["films"]
    assert after == {**before, "state": "erased"}
