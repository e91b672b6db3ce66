"""Erasing a film: its key first, then its files, and a certificate that says no more than is true."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from vigfield import clock, rules
from vigfield.app.opened import Opened, known
from vigfield.app.playing import Playing
from vigfield.errors import Broken, Missing, VigfieldError
from vigfield.model import Certificate, Family, Ground, Recording, RecordingId, What
from vigfield.rules import Refused
from vigfield.store import Tx, erasure, families, files, recordings, retention

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Erasable:
    """A film that may be erased: whose it is, and how many pictures were kept from it."""

    recording: Recording
    family: Family
    pictures: int


@dataclass(frozen=True, slots=True)
class Erasure:
    """A film that was erased or is being erased; `left` is how many of its files are still there."""

    certificate: Certificate
    recording: Recording
    family: Family
    left: int


class Erasing:
    """Erases films while the vault is open, one at a time."""

    def __init__(self, opened: Opened, playing: Playing) -> None:
        self._opened = opened
        self._playing = playing
        self._turn = asyncio.Lock()
        self._over = False

    async def look(self, recording: RecordingId) -> Erasable | Refused:
        """What would be erased, or why it may not be."""

        def read(tx: Tx) -> tuple[Recording, Family, Refused | None]:
            found = known(recordings.get(tx, recording))
            return found, known(families.get(tx, found.family)), _refused(tx, found)

        found, family, refused = await self._opened.store.run(read)
        if refused is not None:
            return refused
        pictures = await asyncio.to_thread(self._opened.media.stills, recording)
        return Erasable(found, family, len(pictures))

    async def erase(self, recording: RecordingId, ground: Ground) -> Erasure | Refused:
        """Erase a film for good. What cannot be done now is done at the next unlock, and is said.

        Raises errors.Damaged, with nothing changed, when the database does not verify.
        """
        async with self._turn:
            self._refuse_when_over()
            await self._opened.store.verify()
            there = await asyncio.to_thread(_listed, self._opened, recording)
            refused = await self._opened.store.run(lambda tx: _begin(tx, recording, ground, there))
            if refused is not None:
                return refused
            await self._playing.drop()
            await _finish_if_possible(self._opened, recording)
        return await self.of(recording)

    async def finish(self, recording: RecordingId) -> Erasure:
        """Try once more to remove what is left of a film that is being erased."""
        async with self._turn:
            self._refuse_when_over()
            await _finish_if_possible(self._opened, recording)
        return await self.of(recording)

    async def of(self, recording: RecordingId) -> Erasure:
        """How far a film is erased; errors.Unknown when nobody asked for that."""
        found = await self._opened.store.run(lambda tx: _read(tx, known(erasure.get(tx, recording))))
        left = await asyncio.to_thread(self._opened.media.files_of, recording)
        return Erasure(*found, len(left))

    async def all(self) -> list[Erasure]:
        """Every film that was erased or is being erased, the newest first."""
        found = await self._opened.store.run(lambda tx: [_read(tx, one) for one in erasure.all(tx)])
        left = [await asyncio.to_thread(self._opened.media.files_of, one[0].recording) for one in found]
        return [Erasure(*one, len(files)) for one, files in zip(found, left, strict=True)]

    async def shut(self) -> None:
        """Let an erasure in hand come to its end, and begin no other; before the vault is locked."""
        self._over = True
        async with self._turn:
            pass

    def _refuse_when_over(self) -> None:
        if self._over:
            raise Broken("the vault is locked")


async def finish_all(opened: Opened) -> None:
    """Go on with every erasure that was cut short: a person decided it, and its key is out of its row.

    Files of an erased film that were away, and have come back with their disk, are removed as well.
    """
    for recording in await opened.store.run(erasure.unfinished):
        await _finish_if_possible(opened, recording)
    erased = [one.recording for one in await opened.store.run(erasure.all) if one.completed]
    with _tried():
        owners = frozenset(await asyncio.to_thread(opened.media.owners))
        for recording in erased:
            if recording in owners:
                await asyncio.to_thread(_removed, opened, recording)


async def _finish_if_possible(opened: Opened, recording: RecordingId) -> None:
    with _tried():
        await _finish(opened, recording)


@contextmanager
def _tried() -> Iterator[None]:
    """Whatever disk or database say of an erasure keeps no vault shut; it is tried again."""
    try:
        yield
    except (VigfieldError, ValueError) as error:
        logger.warning("an erasure is not finished: %s", type(error).__name__)


async def _finish(opened: Opened, recording: RecordingId) -> None:
    """Each step is on the disk before the next one is written down."""
    certificate = known(await opened.store.run(lambda tx: erasure.get(tx, recording)))
    if certificate.key_gone is None:
        await opened.store.scrub()
        await opened.store.run(lambda tx: erasure.key_gone(tx, recording, clock.now()))
    if await asyncio.to_thread(_removed, opened, recording):
        await opened.store.run(lambda tx: _complete(tx, recording))


def _begin(
    tx: Tx, recording: RecordingId, ground: Ground, there: Sequence[tuple[str, int]]
) -> Refused | None:
    refused = _refused(tx, known(recordings.get(tx, recording)))
    if refused is None:
        erasure.begin(tx, recording, ground, there, clock.now())
    return refused


def _refused(tx: Tx, recording: Recording) -> Refused | None:
    return rules.may_erase(recording, retention.holds_of(tx, recording.family))


def _complete(tx: Tx, recording: RecordingId) -> None:
    now = clock.now()
    erasure.complete(tx, recording, now)
    for what in What:
        retention.done(tx, recording, what, now)


def _read(tx: Tx, certificate: Certificate) -> tuple[Certificate, Recording, Family]:
    recording = known(recordings.get(tx, certificate.recording))
    return certificate, recording, known(families.get(tx, recording.family))


def _listed(opened: Opened, recording: RecordingId) -> list[tuple[str, int]]:
    return [(path.name, files.size(path)) for path in opened.media.files_of(recording)]


def _removed(opened: Opened, recording: RecordingId) -> bool:
    """Remove every file of a recording; whether none is left. errors.Missing when the films' disk is away."""
    if not opened.media.is_there():
        raise Missing("the folder of the films is not there")
    files.remove_all(opened.media.folder, opened.media.files_of(recording))
    return not opened.media.files_of(recording)
