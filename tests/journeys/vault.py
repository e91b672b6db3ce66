"""Opens a vault from outside the app, with its passphrase: what is really in it."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from tests.journeys.app import PASSPHRASE
from vigfield.app import Door, PlayLink, Practice
from vigfield.app.opened import Opened
from vigfield.app.playing import Playing
from vigfield.app.stills import FilmStills
from vigfield.loopback import NoStill
from vigfield.model import Recording


@dataclass(frozen=True, slots=True)
class Film:
    """A film as the record has it, as it plays (one MP4), and the pictures kept from it (PNG)."""

    recording: Recording
    mp4: bytes
    stills: tuple[bytes, ...] = ()


def films(data: Path, passphrase: str = PASSPHRASE) -> list[Film]:
    """Every playable film of a vault that no app has open, unsealed in memory."""
    return asyncio.run(_films(data, passphrase))


async def _films(data: Path, passphrase: str) -> list[Film]:
    door = Door(data, demo=False)
    try:
        opened = await door.unlock(passphrase)
        assert isinstance(opened, Opened), opened
        try:
            recordings, _, _ = await Practice(opened).everything()
            return [await _film(opened, one) for one in recordings if one.bytes]
        finally:
            await opened.close()
    finally:
        door.release()


async def _film(opened: Opened, recording: Recording) -> Film:
    playing = Playing(opened, {})
    link = await playing.link(recording.id)
    assert isinstance(link, PlayLink), link
    claimed = playing.claim(link.token)
    assert claimed is not None
    film = claimed[1]
    try:
        return Film(recording, film.read(0, film.size), await _stills(film.stills))
    finally:
        playing.close()


async def _stills(kept: FilmStills) -> tuple[bytes, ...]:
    every = await kept.all()
    if isinstance(every, NoStill):
        return ()
    pictures = [await kept.picture(still.number) for still in every]
    assert all(isinstance(picture, bytes) for picture in pictures)
    return tuple(picture for picture in pictures if isinstance(picture, bytes))
