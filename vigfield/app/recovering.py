"""What an interrupted film becomes: a closed, playable and labelled one. Recovers; never cleans."""

import asyncio
import logging
from dataclasses import replace
from pathlib import Path
from typing import assert_never

from vigfield import clock
from vigfield.app.opened import Opened, film_context, index_context, known, unwrap_film_key
from vigfield.errors import Damaged
from vigfield.loopback import mp4
from vigfield.model import Part, Quality, Recording, RecordingState, SessionStatus
from vigfield.seal import Key, Nothing, Reader, Recovered, Sealed, recover, seal_file
from vigfield.store import Tx, recordings, sessions

logger = logging.getLogger(__name__)


async def recover_all(opened: Opened) -> int:
    """Recover every recording that was open when the process ended; returns how many there were."""
    left_open = await opened.store.run(recordings.open_ones)
    for recording in left_open:
        await recover_recording(opened, recording)
    return len(left_open)


async def recover_recording(opened: Opened, recording: Recording) -> None:
    """Close the parts of one interrupted recording on the disk, then say so in one transaction."""
    wrapped = known(await opened.store.run(lambda tx: recordings.wrapped_key(tx, recording.id)))
    parts = await asyncio.to_thread(_recover_parts, opened, recording, wrapped)
    found = replace(recording, parts=parts)

    def settle(tx: Tx) -> None:
        for part in parts:
            recordings.close_part(tx, part)
        close_recording(tx, found, ending(found), recording.quality)

    await opened.store.run(settle)
    logger.info("recovered a recording of %d parts, %d bytes", len(parts), found.bytes)


def ending(recording: Recording) -> RecordingState:
    """What a recording that was not ended by the page is to be called, given its closed parts."""
    if any(part.state is RecordingState.DAMAGED for part in recording.parts):
        return RecordingState.DAMAGED
    return RecordingState.INTERRUPTED if recording.bytes else RecordingState.EMPTY


def close_recording(tx: Tx, recording: Recording, state: RecordingState, quality: Quality) -> None:
    """Write down how a recording ended, and that its session took place if anything was filmed."""
    recordings.close(tx, recording.id, state, quality, clock.now())
    if state is not RecordingState.EMPTY:
        sessions.mark(tx, recording.session, SessionStatus.TOOK_PLACE, clock.now())


def _recover_parts(opened: Opened, recording: Recording, wrapped: bytes) -> tuple[Part, ...]:
    key = unwrap_film_key(opened, recording.id, wrapped)
    try:
        return tuple(
            _recover_part(opened, part, key) if part.state is RecordingState.OPEN else part
            for part in recording.parts
        )
    finally:
        key.wipe()


def _recover_part(opened: Opened, part: Part, key: Key) -> Part:
    final = opened.media.film_path(part.recording, part.number)
    context = film_context(part.recording, part.number)
    try:
        outcome = recover(opened.media.part_path(part.recording, part.number), final, key, context)
    except Damaged:
        return replace(part, state=RecordingState.DAMAGED)
    match outcome:
        case Nothing():
            return replace(part, state=RecordingState.EMPTY)
        case Recovered(sealed):
            return _described(opened, part, key, sealed, _indexed(opened, part, key, final))
        case _:
            assert_never(outcome)


def _indexed(opened: Opened, part: Part, key: Key, final: Path) -> mp4.Index:
    """The index of a closed part: the film itself is scanned, and the index beside it made anew."""
    with Reader.open(final, key, film_context(part.recording, part.number)) as reader:
        index = mp4.scan(reader.read, reader.size)
    path = opened.media.index_path(part.recording, part.number)
    if not path.exists():
        seal_file(path, key, index_context(part.recording, part.number), index.encode())
    return index


def _described(opened: Opened, part: Part, key: Key, sealed: Sealed, index: mp4.Index) -> Part:
    return replace(
        part,
        state=RecordingState.INTERRUPTED if sealed.bytes else RecordingState.EMPTY,
        bytes=sealed.bytes,
        sealed_bytes=sealed.sealed_bytes,
        sha256=sealed.sha256,
        seconds=index.seconds,
        frames=index.frames,
    )
