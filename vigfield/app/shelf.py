"""The films' folder beside the record: which files are missing, which may not be read, which are nobody's."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

from vigfield.app.opened import Opened
from vigfield.errors import DiskFailed, Missing, UnreadableVault, VigfieldError
from vigfield.model import (
    GONE,
    PLAYABLE,
    Part,
    Recording,
    RecordingId,
    RecordingState,
)
from vigfield.rules import Reason
from vigfield.store import Media, recordings

_AGAIN = (RecordingState.EMPTY, RecordingState.DAMAGED)
# Of the parts of one film, the trouble that is to be said first.
_ORDER = (Reason.DISK_GONE, Reason.MISSING, Reason.UNREADABLE, Reason.DISK_FAILED, Reason.DAMAGED)


class Shelf:
    """Looks at the films' files; opens none of their seals, and changes and removes nothing."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened

    async def troubles(
        self, films: Iterable[Recording], being_made: RecordingId | None
    ) -> dict[RecordingId, Reason]:
        """What is wrong with the files of these films; a film without trouble is not in the answer."""
        media = self._opened.media
        asked = [film for film in films if film.id != being_made]
        found = await asyncio.to_thread(lambda: [(film.id, _trouble(media, film)) for film in asked])
        return {id_: reason for id_, reason in found if reason is not None}

    async def strangers(self) -> int:
        """How many files in the folder belong to no film of this vault. Raises errors of the disk."""
        known = await self._opened.store.run(recordings.all)
        ids = {film.id for film in known if film.state not in GONE}
        owners = await asyncio.to_thread(self._opened.media.owners)
        return sum(owner not in ids for owner in owners)


def is_gone(media: Media, films: Iterable[Recording]) -> bool:
    """Whether the disk with the films is not here: no folder, or not one file of the films that had some."""
    if not media.is_there():
        return True
    expected = {film.id for film in films if film.bytes and film.state in PLAYABLE}
    return bool(expected) and not expected & set(media.owners())


def came_back(media: Media, part: Part) -> bool:
    """Whether a part that was given up has a file now: it was away, or another file was in its place."""
    return part.state in _AGAIN and not part.sha256 and any(media.has(path) for path in _paths(media, part))


def has_no_file(media: Media, part: Part) -> bool:
    """Whether there is no file of a part, be it finished or not."""
    return not any(media.has(path) for path in _paths(media, part))


def why(error: VigfieldError, media: Media) -> Reason:
    """The reason that a film does not open, in the words of a rule."""
    match error:
        case Missing():
            return Reason.DISK_GONE if media.is_bare() else Reason.MISSING
        case DiskFailed():
            return Reason.DISK_FAILED
        case UnreadableVault():
            return Reason.UNREADABLE
        case _:
            return Reason.DAMAGED


def _trouble(media: Media, film: Recording) -> Reason | None:
    match film.state:
        case RecordingState.WHOLE | RecordingState.INTERRUPTED:
            return _worst(media, [part for part in film.parts if part.bytes and part.state in PLAYABLE])
        case RecordingState.OPEN:
            return _worst(media, film.parts) or Reason.WAITING
        case RecordingState.EMPTY if all(has_no_file(media, part) for part in film.parts):
            return Reason.NO_FILE
        case _:
            return None


def _worst(media: Media, parts: Iterable[Part]) -> Reason | None:
    return min(filter(None, (_file_trouble(media, part) for part in parts)), key=_ORDER.index, default=None)


def _file_trouble(media: Media, part: Part) -> Reason | None:
    """What stands in the way of a part's finished file, or of its unfinished one if it is still open."""
    final, unfinished = _paths(media, part)
    path = unfinished if part.state is RecordingState.OPEN and not media.has(final) else final
    try:
        media.touch(path)
    except VigfieldError as error:
        return why(error, media)
    return None


def _paths(media: Media, part: Part) -> tuple[Path, Path]:
    return media.film_path(part.recording, part.number), media.part_path(part.recording, part.number)
