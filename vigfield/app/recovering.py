"""What an interrupted film becomes: a closed, playable and labelled one. Recovers; never cleans."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import assert_never

from vigfield import clock
from vigfield.app.closing import described, keep_index
from vigfield.app.opened import Opened, film_context, known, unwrap_film_key
from vigfield.app.shelf import came_back, has_no_file, is_gone
from vigfield.errors import Damaged, DiskFailed, Missing, VigfieldError
from vigfield.loopback import mp4
from vigfield.model import GONE, Part, Recording, RecordingState, SessionStatus
from vigfield.seal import Key, Nothing, Reader, Recovered, TailUse, recover
from vigfield.store import Tx, recordings, sessions

logger = logging.getLogger(__name__)

END_LOST = "end-lost"


@dataclass(frozen=True, slots=True)
class _Closed:
    """A part as it is on the disk now; `end_lost` when saved moments may be missing at its end."""

    part: Part
    end_lost: bool = False


async def recover_all(opened: Opened) -> int:
    """Recover every recording that was open when the process ended; returns how many films were found.

    So is one that was given up without its file, when the file is back. One that cannot be recovered now
    stays as it is for the next time, and keeps no other from its turn. When the disk with the films is not
    here, all of them wait for it.
    """
    count = 0
    for recording in await _unrecovered(opened):
        with _left_open():
            found = await _recovered(opened, recording)
            if found != recording:
                await _settle(opened, found)
                count += found.state is not RecordingState.EMPTY
    return count


async def _unrecovered(opened: Opened) -> list[Recording]:
    films = await opened.store.run(recordings.all)

    def choose() -> list[Recording]:
        if is_gone(opened.media, films):
            return []
        return [film for film in films if film.state is RecordingState.OPEN or _came_back(opened, film)]

    return await asyncio.to_thread(choose)


def _came_back(opened: Opened, film: Recording) -> bool:
    if film.state in GONE:
        return False
    return any(came_back(opened.media, part) for part in film.parts)


async def recover_at_once(opened: Opened, recording: Recording) -> None:
    """Recover a recording that has just been given up, if that is possible, with what its page had counted.

    A disk that fails now may read well after a restart: whether a film is damaged is said at an unlock.
    """
    with _left_open():
        found = await _recovered(opened, recording)
        if found.state is RecordingState.DAMAGED:
            raise Damaged("a part does not verify now")
        if any(has_no_file(opened.media, part) for part in recording.parts):
            raise Missing("a part that was written is not there now")
        await _settle(opened, found)


@contextmanager
def _left_open() -> Iterator[None]:
    try:
        yield
    except VigfieldError as error:
        logger.warning("recording left for recovery: %s", type(error).__name__)


async def _recovered(opened: Opened, recording: Recording) -> Recording:
    """The recording as it is once its parts are closed on the disk; the database knows of nothing yet."""

    def read(tx: Tx) -> tuple[Recording, bytes]:
        return known(recordings.get(tx, recording.id)), known(recordings.wrapped_key(tx, recording.id))

    stored, wrapped = await opened.store.run(read)
    closed = await asyncio.to_thread(_recover_parts, opened, stored, wrapped)
    found = replace(
        stored,
        parts=tuple(one.part for one in closed),
        quality=replace(recording.quality, events=(*recording.quality.events, *_ends_lost(closed))),
    )
    return replace(found, state=_ending(found))


def _ends_lost(closed: Sequence[_Closed]) -> Iterator[tuple[float, str]]:
    """An event for each part whose journal was lost: where it ends, saved moments may be missing."""
    seconds = 0.0
    for one in closed:
        seconds += one.part.seconds
        if one.end_lost:
            yield round(seconds, 2), END_LOST


async def _settle(opened: Opened, recording: Recording) -> None:
    def settle(tx: Tx) -> None:
        for part in recording.parts:
            recordings.close_part(tx, part)
        close_recording(tx, recording)

    await opened.store.run(settle)
    state, parts = recording.state.value, len(recording.parts)
    logger.info("recovered a recording: %s, %d parts, %d bytes", state, parts, recording.bytes)


def close_recording(tx: Tx, recording: Recording) -> None:
    """Write down how a recording ended, and that its session took place if anything was filmed."""
    recordings.close(tx, recording.id, recording.state, recording.quality, clock.now())
    if recording.state is not RecordingState.EMPTY:
        sessions.mark(tx, recording.session, SessionStatus.TOOK_PLACE, clock.now())


def _ending(recording: Recording) -> RecordingState:
    """What a recording that was not ended by the page is to be called, given its closed parts."""
    if any(part.state is RecordingState.DAMAGED for part in recording.parts):
        return RecordingState.DAMAGED
    return RecordingState.INTERRUPTED if recording.seconds else RecordingState.EMPTY


def _recover_parts(opened: Opened, recording: Recording, wrapped: bytes) -> tuple[_Closed, ...]:
    try:
        key = unwrap_film_key(opened, recording.id, wrapped)
    except Damaged:
        return tuple(_Closed(_damaged(part)) for part in recording.parts)
    try:
        return tuple(_recover_part(opened, part, key) for part in recording.parts)
    finally:
        key.wipe()


def _recover_part(opened: Opened, part: Part, key: Key) -> _Closed:
    if part.state is not RecordingState.OPEN and not came_back(opened.media, part):
        return _Closed(part)
    try:
        return _closed(opened, part, key)
    except DiskFailed:
        raise
    except Damaged:
        return _Closed(_damaged(part))


def _damaged(part: Part) -> Part:
    return replace(part, state=RecordingState.DAMAGED)


def _closed(opened: Opened, part: Part, key: Key) -> _Closed:
    final = opened.media.film_path(part.recording, part.number)
    unfinished = opened.media.part_path(part.recording, part.number)
    context = film_context(part.recording, part.number)
    match recover(unfinished, final, key, context):
        case Nothing():
            if not opened.media.is_there():
                raise Missing("the folder of the films is not there")
            return _Closed(replace(part, state=RecordingState.EMPTY))
        case Recovered(sealed, tail, damaged):
            with Reader.open(final, key, context) as film:
                index = mp4.scan(film.read, film.size)
            keep_index(opened, part, key, index)
            state = RecordingState.DAMAGED if damaged else RecordingState.INTERRUPTED
            return _Closed(described(part, state, sealed, index), end_lost=tail is TailUse.LOST)
        case other:
            assert_never(other)
