"""Turning what an interrupted writer left into a finished file, once (FORMAT.md, "Recovery")."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from vigfield.errors import Damaged
from vigfield.seal.disk import DISK, Disk, translated
from vigfield.seal.key import Key
from vigfield.seal.segments import (
    HEADER_BYTES,
    Header,
    Segments,
    end,
    plaintext_bytes,
    segment_count,
    start,
)
from vigfield.seal.stream import Sealed, settle
from vigfield.seal.tail import RECOVERY_SLOT, WRITER_SLOTS, Record, Tail, tail_path


class TailUse(StrEnum):
    """What became of the tail, and so where a recovered film ends."""

    USED = "used"
    """At the last acknowledged byte or behind it."""
    STALE = "stale"
    """The same; whole segments behind it, never acknowledged, were cut."""
    LOST = "lost"
    """With the last whole segment: acknowledged bytes may be missing. The tail is kept."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """The film is finished. `damaged` of its segments do not open; the others do."""

    sealed: Sealed
    tail: TailUse
    damaged: int


@dataclass(frozen=True, slots=True)
class Nothing:
    """No film was begun: there is no file, or no whole header in it. What is there stays."""


@dataclass(frozen=True, slots=True)
class _Survey:
    """What a film holds on the disk: `whole` is the highest full segment that opens (-1: none)."""

    size: int
    closed: bool
    whole: int
    bad: int
    sha256: str

    def reaches(self, record: Record) -> bool:
        return start(record.segment) <= self.size


class _Film:
    """One film under recovery: its open file, and the ciphers that belong to it."""

    def __init__(self, disk: Disk, handle: int, tail_file: Path, key: Key, associated: bytes) -> None:
        header = Header.decode(disk.read(handle, 0, HEADER_BYTES))
        self.disk = disk
        self.handle = handle
        self.tail_file = tail_file
        self.segments = Segments(key, header, associated)
        self.tail = Tail(key, header, associated)

    def make_durable(self) -> None:
        """Return when all that can be read of the film and its tail is on the disk.

        A writer that was killed leaves pages that are only in memory. Who decides by them and then loses
        power would decide otherwise the next time.
        """
        self.disk.sync_data(self.handle)
        if self.disk.exists(self.tail_file):
            with self.disk.opened(self.tail_file, write=True) as tail:
                self.disk.sync_data(tail)
        self.disk.sync_folder(self.tail_file.parent)

    def survey(self) -> _Survey:
        """Read the whole film once, segment by segment."""
        size = self.disk.size(self.handle)
        digest = hashlib.sha256(self.disk.read(self.handle, 0, HEADER_BYTES))
        closed, whole, bad = False, -1, 0
        for number in range(segment_count(size)):
            sealed = self.disk.read(self.handle, start(number), end(number) - start(number))
            digest.update(sealed)
            if end(number) >= size and self._opens(number, sealed, last=True):
                closed = True
            elif end(number) <= size and self._opens(number, sealed, last=False):
                whole = number
            else:
                bad += 1
        return _Survey(size, closed, whole, bad, digest.hexdigest())

    def record(self, *slots: int) -> Record | None:
        """The newest record in these slots of the tail; None if there is none, or no tail."""
        if not self.disk.exists(self.tail_file):
            return None
        with self.disk.opened(self.tail_file) as handle:
            return self.tail.read(self.disk, handle, slots)

    def replacement(self, whole: int) -> Record:
        """A record of the last whole segment; returns when it is on the disk, in the slot for recovery."""
        sealed = self.disk.read(self.handle, start(whole), end(whole) - start(whole))
        record = Record(0, whole, self.segments.open(whole, sealed, last=False))
        if not self.disk.exists(self.tail_file):
            self.disk.close(self.disk.create(self.tail_file))
            self.disk.sync_folder(self.tail_file.parent)
        with self.disk.opened(self.tail_file, write=True) as handle:
            self.tail.write(self.disk, handle, RECOVERY_SLOT, record)
        return record

    def close_with(self, record: Record) -> None:
        """Cut the film to the record's segment, and write that as the last one."""
        begin = start(record.segment)
        self.disk.truncate(self.handle, begin)
        self.disk.write(self.handle, begin, self.segments.seal(record.segment, record.plaintext, last=True))
        self.disk.sync(self.handle)

    def _opens(self, number: int, sealed: bytes, *, last: bool) -> bool:
        try:
            self.segments.open(number, sealed, last=last)
        except Damaged:
            return False
        return True


def recover(
    path: Path, final: Path, key: Key, associated: bytes, *, disk: Disk = DISK
) -> Recovered | Nothing:
    """Finish the film at `path` as `final`, from what the disk holds. May be repeated, also after a crash.

    Reads the film once or twice, one segment in memory at a time. errors.Damaged when nothing in it opens
    with this key and these associated data, or when both files are there: then nothing was changed.
    The disk's own errors as those of Writer; call again when the cause is gone.
    """
    with translated():
        match disk.exists(path), disk.exists(final):
            case True, True:
                raise Damaged("the unfinished and the finished file are both there")
            case False, False:
                return Nothing()
            case unfinished, _:
                source = path if unfinished else final
        if unfinished and not _begun(disk, path):
            return Nothing()
        with disk.opened(source, write=unfinished) as handle:
            film = _Film(disk, handle, tail_path(path), key, associated)
            if unfinished:
                film.make_durable()
            recovered = _finished(film, may_close=unfinished)
        settle(disk, path, final, keep_tail=recovered.tail is TailUse.LOST)
        return recovered


def _begun(disk: Disk, path: Path) -> bool:
    """Whether the header is whole: 40 bytes, and not the zeros that some disks leave for a lost write."""
    with disk.opened(path) as handle:
        header = disk.read(handle, 0, HEADER_BYTES)
        return len(header) == HEADER_BYTES and (any(header) or disk.size(handle) > HEADER_BYTES)


def _finished(film: _Film, *, may_close: bool) -> Recovered:
    """Close the film if it is not closed; say how it ends."""
    survey = film.survey()
    chosen = film.record(RECOVERY_SLOT)
    use = TailUse.LOST if chosen else TailUse.USED
    if not survey.closed:
        if not may_close:
            raise Damaged("a finished file has no last segment")
        record, use = _edge(film, survey, chosen)
        film.close_with(record)
        survey = film.survey()
    if not survey.closed:
        raise Damaged("a last segment was written and does not open")
    sealed = Sealed(plaintext_bytes(survey.size), survey.size, survey.sha256)
    return Recovered(sealed, use, survey.bad)


def _edge(film: _Film, survey: _Survey, chosen: Record | None) -> tuple[Record, TailUse]:
    """The record to close with; FORMAT.md has the table. `chosen` is that of an earlier recovery."""
    if chosen and survey.reaches(chosen):
        return chosen, TailUse.LOST
    newest = film.record(*WRITER_SLOTS)
    if newest and survey.reaches(newest):
        return newest, TailUse.STALE if survey.whole >= newest.segment else TailUse.USED
    if survey.whole >= 0:
        return film.replacement(survey.whole), TailUse.LOST
    raise Damaged("nothing in the film opens")
