"""The reader, recovery and the tail, against the films that were really written."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from unittest import mock

from tests.fuzz.alter import altering, any_bytes, swapped
from tests.fuzz.run import Target, Wrong
from tests.seal.disks import FILM, PART, TAIL, MemoryDisk
from vigfield import clock
from vigfield.errors import Damaged
from vigfield.seal import Key, Nothing, Reader, Recovered, TailUse, Writer, recover
from vigfield.seal.disk import Disk
from vigfield.seal.segments import (
    HEADER_BYTES,
    SALT_BYTES,
    SEGMENT_BYTES,
    Header,
    before,
    end,
    holding,
    start,
)
from vigfield.seal.tail import SLOT_BYTES, Tail

SECRET, ASSOCIATED, OTHER_PART = bytes(range(32)), b"film 1 part 0", b"film 1 part 1"
EDGES = [0, 1, 32, 33, 39, HEADER_BYTES, *(start(n) for n in (1, 2, 3)), *(end(n) - 16 for n in range(3))]
TAIL_EDGES = [slot * SLOT_BYTES + at for slot in range(3) for at in (0, 4, 16, 24, 28, 36, 1036, 1052)]


@dataclass(slots=True)
class Truth:
    """A film that was written: its plaintext, and where it was synced."""

    film: bytes
    edges: set[int]


class Kept(Disk):
    """One file in memory that is only read."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def open(self, path: Path, *, write: bool = False) -> int:
        return 3

    def close(self, handle: int) -> None:
        pass

    def size(self, handle: int) -> int:
        return len(self._data)

    def read(self, handle: int, offset: int, count: int) -> bytes:
        return self._data[offset : offset + count]


@dataclass(slots=True)
class World:
    """Every true film, as it was at each moment, and what is true of it by its salt.

    The nonce prefix is public and only decides what opens: a record of the tail closes a film whose prefix
    was altered just as well, with segments in front that do not open.
    """

    truths: dict[bytes, Truth] = field(default_factory=dict)
    finished: dict[str, bytes] = field(default_factory=dict)
    films: dict[str, bytes] = field(default_factory=dict)
    tails: dict[str, bytes] = field(default_factory=dict)

    def write(self, name: str, lengths: list[int], associated: bytes = ASSOCIATED) -> None:
        """A film that is synced at each of these lengths; what is on the disk is kept at every moment."""
        disk = MemoryDisk()
        writer = Writer.create(PART, Key(SECRET), associated, disk=disk)
        content = Random(name).randbytes(lengths[-1])
        for number, length in enumerate(lengths):
            writer.append(content[writer.length : length])
            self._keep(f"{name} before sync {number}", disk)
            writer.sync()
            self._keep(f"{name} after sync {number}", disk)
        writer._journal()
        self._keep(f"{name} before its end", disk)
        writer.finish(FILM)
        self.finished[name] = disk.content(FILM)
        if associated == ASSOCIATED:
            truth = Truth(content, {0, *lengths})
            self.truths[_salt(self.finished[name])] = truth

    def _keep(self, name: str, disk: MemoryDisk) -> None:
        self.films[name], self.tails[name] = disk.content(PART), disk.content(TAIL)


def _salt(film: bytes) -> bytes:
    return film[1 : 1 + SALT_BYTES]


def _world() -> World:
    world, chance = World(), Random(1)
    with mock.patch.object(clock, "random_bytes", chance.randbytes):
        world.write("long", [1000, 70_000, before(2) + 5000, before(3) + 1000])
        world.write("full", [before(1), before(1) + 1, before(2)])
        world.write("short", [1, 100, 3000])
        world.write("empty", [0])
        world.write("another part", [1000, before(2) + 5000, before(3) + 1000], OTHER_PART)
        world.write("another try", [1000, before(2) + 5000, before(3) + 1000])
    return world


WORLD = _world()


def judge_reader(data: bytes) -> str:
    """Refused, or every byte that it gives is the true one."""
    try:
        reader = Reader.open(Path("film"), Key(SECRET), ASSOCIATED, disk=Kept(data))
    except Damaged as error:
        return f"Damaged: {error}"
    with reader:
        truth = _truth(data)
        if reader.size != len(truth.film):
            raise Wrong("a film of another length opened")
        refused = _read_ranges(reader, truth.film, Random(zlib.crc32(data)))
    if not refused and data not in WORLD.finished.values():
        raise Wrong("an altered film was read from end to end")
    return f"opened, {refused} segments refused"


def _truth(data: bytes) -> Truth:
    truth = WORLD.truths.get(_salt(data))
    if truth is None:
        raise Wrong("a film opened that was never written so")
    return truth


def _read_ranges(reader: Reader, film: bytes, chance: Random) -> int:
    """Read each segment and some ranges; how many segments do not open."""
    ranges = [(before(n), before(n + 1) - before(n)) for n in range(holding(max(len(film) - 1, 0)) + 1)]
    refused = sum(not _reads(reader, film, at, size) for at, size in ranges)
    for _ in range(3):
        at = chance.randrange(len(film) + 2)
        whole = _reads(reader, film, at, chance.choice((1, 100, 66_000, 1 << 40)))
        if not whole and not refused:
            raise Wrong("a range was refused that holds no damage")
    return refused


def _reads(reader: Reader, film: bytes, at: int, size: int) -> bool:
    try:
        data = reader.read(at, size)
    except Damaged:
        return False
    if data != film[at : at + size]:
        raise Wrong("other bytes than the true ones")
    return True


def judge_recovery(film: bytes, tail: bytes) -> str:
    """Left as it is, or finished as the true film up to an edge; and the same again when it is repeated."""
    disk = _disk(film, tail)
    try:
        outcome = recover(PART, FILM, Key(SECRET), ASSOCIATED, disk=disk)
    except Damaged as error:
        _unchanged(disk, film, tail)
        return f"Damaged: {error}"
    if isinstance(outcome, Nothing):
        _unchanged(disk, film, tail)
        return "Nothing"
    finished = disk.content(FILM)
    _check_recovered(outcome, finished)
    if outcome.tail is TailUse.LOST and tail and TAIL not in disk.names:
        raise Wrong("a tail that was not used is gone")
    again = recover(PART, FILM, Key(SECRET), ASSOCIATED, disk=disk)
    if (again != outcome and not _reworded(again, outcome)) or disk.content(FILM) != finished:
        raise Wrong("a second recovery gave something else")
    return f"{outcome.tail}, {outcome.damaged} damaged"


def _reworded(again: Recovered | Nothing, outcome: Recovered) -> bool:
    """A repetition no longer sees that whole segments were cut."""
    same = isinstance(again, Recovered) and again.sealed == outcome.sealed
    return same and outcome.tail is TailUse.STALE


def _disk(film: bytes, tail: bytes) -> MemoryDisk:
    disk = MemoryDisk()
    for path, data in ((PART, film), (TAIL, tail)):
        disk.close(disk.create(path))
        disk.overwrite(path, data)
    disk.sync_folder(PART.parent)
    return disk


def _unchanged(disk: MemoryDisk, film: bytes, tail: bytes) -> None:
    if disk.handles or {path: disk.content(path) for path in disk.names} != {PART: film, TAIL: tail}:
        raise Wrong("what was refused was changed")


def _check_recovered(outcome: Recovered, finished: bytes) -> None:
    truth = _truth(finished)
    with Reader.open(FILM, Key(SECRET), ASSOCIATED, disk=Kept(finished)) as reader:
        length = reader.size
        if length != outcome.sealed.bytes or len(finished) != outcome.sealed.sealed_bytes:
            raise Wrong("the length that was reported is not the film's")
        whole = {before(number) for number in range(1, 5)} if outcome.tail is TailUse.LOST else set()
        if length not in truth.edges | whole:
            raise Wrong("the film does not end at an edge")
        refused = _read_ranges(reader, truth.film[:length], Random(length))
    if refused != outcome.damaged:
        raise Wrong("the damage that was reported is not the film's")


def judge_slot(data: bytes) -> str:
    """No record, or one that was written to that very slot."""
    known = [Tail(Key(SECRET), Header(salt, b""), ASSOCIATED) for salt in WORLD.truths]
    pairs = zip(known, WORLD.truths.values(), strict=True)
    found = [_slot(tail, slot, data, truth) for tail, truth in pairs for slot in range(3)]
    return f"{sum(found)} records"


def _slot(tail: Tail, slot: int, data: bytes, truth: Truth) -> bool:
    record = tail.open(slot, data)
    if record is None:
        return False
    if record.plaintext != truth.film[before(record.segment) : record.length] or record.sequence % 2 != slot:
        raise Wrong("a record that was never written there")
    if record.length not in truth.edges:
        raise Wrong("a record that ends where nothing was synced")
    return True


def _slots() -> Iterator[tuple[str, bytes]]:
    for name, tail in WORLD.tails.items():
        for slot in (0, 1):
            yield f"{name}, slot {slot}", tail[slot * SLOT_BYTES :][:SLOT_BYTES]


SLOTS = dict(_slots())
READER = Target(
    "reader",
    (WORLD.finished,),
    altering([*any_bytes(WORLD.finished, EDGES), swapped(SEGMENT_BYTES)]),
    judge_reader,
)
RECOVERY = Target(
    "recovery",
    (WORLD.films, WORLD.tails),
    altering(
        [*any_bytes(WORLD.films, EDGES), swapped(SEGMENT_BYTES)],
        [*any_bytes(WORLD.tails, TAIL_EDGES), swapped(SLOT_BYTES)],
    ),
    judge_recovery,
)
TAIL_SLOT = Target("tail", (SLOTS,), altering(any_bytes(SLOTS, TAIL_EDGES[:8])), judge_slot)
