"""One fault each in what an interrupted writer left: where recovery ends, and what it says of the tail."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.seal.disks import FILM, PART, TAIL, MemoryDisk
from tests.seal.films import ASSOCIATED, SECRET, content, key, picture
from vigfield.errors import Damaged
from vigfield.seal import Key, Nothing, Reader, Recovered, TailUse, Writer, recover
from vigfield.seal.segments import Header, before, end, start
from vigfield.seal.tail import SLOT_BYTES, WRITER_SLOTS, Record, Tail

OLDER, NEWER, WHOLE = before(2) + 5_000, before(3) + 1_000, before(3)
OTHER_PART = b"film 1 part 1"
Fault = Callable[[MemoryDisk], None]


def written(*sizes: int, associated: bytes = ASSOCIATED, secret: bytes = SECRET) -> MemoryDisk:
    """What is there when the process died after a sync at each of these lengths (the last: not synced)."""
    disk = MemoryDisk()
    writer = Writer.create(PART, Key(secret), associated, disk=disk)
    for number, size in enumerate(sizes):
        writer.append(picture(size - writer.length, writer.length))
        if number < len(sizes) - 1:
            writer.sync()
    writer.abandon()
    return disk


def left() -> MemoryDisk:
    """Records at OLDER and NEWER, a few bytes more in memory."""
    return written(1_000, OLDER, NEWER, NEWER + 50)


def slot_of(length: int) -> int:
    """Where the record of that sync lies: the first has sequence 2."""
    return WRITER_SLOTS[([1_000, OLDER, NEWER].index(length) + 2) % 2]


def flip(path: Path, at: int) -> Fault:
    def fault(disk: MemoryDisk) -> None:
        data = bytearray(disk.content(path))
        data[at] ^= 1
        disk.overwrite(path, data)

    return fault


def flip_slot(length: int, at: int) -> Fault:
    return flip(TAIL, slot_of(length) * SLOT_BYTES + at)


def tail_of(disk: MemoryDisk) -> Fault:
    return lambda victim: victim.overwrite(TAIL, disk.content(TAIL))


def slots_of(change: Callable[[bytes, bytes], bytes]) -> Fault:
    def fault(disk: MemoryDisk) -> None:
        data = disk.content(TAIL)
        disk.overwrite(TAIL, change(data[:SLOT_BYTES].ljust(SLOT_BYTES, b"\0"), data[SLOT_BYTES:]))

    return fault


def earlier_tail(disk: MemoryDisk) -> None:
    """The tail as it was before the newest sync, put back."""
    twin = MemoryDisk()
    writer = Writer.create(PART, key(), ASSOCIATED, disk=twin)
    writer.append(picture(OLDER))
    writer.sync()
    kept = twin.content(TAIL)
    writer.append(picture(NEWER - OLDER, OLDER))
    writer.sync()
    writer.abandon()
    disk.overwrite(PART, twin.content(PART))
    disk.overwrite(TAIL, kept)


def cut_film(size: int) -> Fault:
    return lambda disk: disk.overwrite(PART, disk.content(PART)[:size])


def both(*faults: Fault) -> Fault:
    def fault(disk: MemoryDisk) -> None:
        for each in faults:
            each(disk)

    return fault


def long_claim(disk: MemoryDisk) -> None:
    at = slot_of(NEWER) * SLOT_BYTES
    data = bytearray(disk.content(TAIL))
    data[at : at + 4] = b"\xff\xff\xff\xff"
    disk.overwrite(TAIL, data)


def short_claim(disk: MemoryDisk) -> None:
    at = slot_of(NEWER) * SLOT_BYTES
    data = bytearray(disk.content(TAIL))
    data[at : at + 4] = b"\0\0\0\x10"
    disk.overwrite(TAIL, data)


USED, STALE, LOST = TailUse.USED, TailUse.STALE, TailUse.LOST
ALL_OLDER, ALL_NEWER = flip_slot(OLDER, 20), flip_slot(NEWER, 20)

VECTORS: dict[str, tuple[Fault, int, TailUse]] = {
    "none": (lambda disk: None, NEWER, USED),
    "newest: length": (flip_slot(NEWER, 3), OLDER, STALE),
    "newest: length beyond the file": (long_claim, OLDER, STALE),
    "newest: length of a tag": (short_claim, OLDER, STALE),
    "newest: nonce": (flip_slot(NEWER, 4), OLDER, STALE),
    "newest: first byte": (flip_slot(NEWER, 16), OLDER, STALE),
    "newest: plaintext": (flip_slot(NEWER, 500), OLDER, STALE),
    "newest: tag": (flip_slot(NEWER, 16 + 20 + 1_000 + 15), OLDER, STALE),
    "newest: behind the record": (flip_slot(NEWER, 16 + 20 + 1_000 + 16), NEWER, USED),
    "older: nonce": (flip_slot(OLDER, 4), NEWER, USED),
    "older: tag": (flip_slot(OLDER, 16 + 20 + 5_000 + 15), NEWER, USED),
    "both damaged": (both(ALL_OLDER, ALL_NEWER), WHOLE, LOST),
    "tail emptied": (lambda disk: disk.overwrite(TAIL, b""), WHOLE, LOST),
    "tail of 15 bytes": (lambda disk: disk.overwrite(TAIL, disk.content(TAIL)[:15]), WHOLE, LOST),
    "tail gone": (lambda disk: disk.forget(TAIL), WHOLE, LOST),
    "slots swapped": (slots_of(lambda a, b: b.ljust(SLOT_BYTES, b"\0") + a), WHOLE, LOST),
    "first slot twice": (slots_of(lambda a, b: a + a), NEWER, USED),
    "second slot twice": (slots_of(lambda a, b: b.ljust(SLOT_BYTES, b"\0") + b), OLDER, STALE),
    "a writer's slot in the slot for recovery": (
        slots_of(lambda a, b: a + b.ljust(SLOT_BYTES, b"\0") + a), NEWER, USED,
    ),
    "stale tail: an earlier one put back": (earlier_tail, OLDER, STALE),
    "tail of another part": (tail_of(written(9, NEWER, NEWER, associated=OTHER_PART)), WHOLE, LOST),
    "tail of another film": (tail_of(written(9, NEWER, NEWER, secret=bytes(32))), WHOLE, LOST),
    "tail of another try": (tail_of(written(9, NEWER, NEWER)), WHOLE, LOST),
    "tail ahead of the film: two segments": (cut_film(end(1)), before(2), LOST),
    "tail ahead of the film: one and a half": (cut_film(end(0) + 30_000), before(1), LOST),
    "film without its last segment, older damaged": (both(cut_film(end(1)), ALL_OLDER), before(2), LOST),
    "film cut to the older edge": (both(cut_film(end(1)), ALL_NEWER), OLDER, USED),
    "bytes behind": (lambda disk: disk.overwrite(PART, disk.content(PART) + bytes(70_000)), NEWER, USED),
    "a torn segment behind": (lambda disk: disk.overwrite(PART, disk.content(PART) + b"x" * 9), NEWER, USED),
}  # fmt: skip


def test_how_many_there_are() -> None:
    assert len(VECTORS) == 29


@pytest.mark.parametrize("name", VECTORS)
def test_recovery_ends_at_the_edge_that_is_left(name: str) -> None:
    fault, length, use = VECTORS[name]
    disk = left()
    fault(disk)
    outcome = recover(PART, FILM, key(), ASSOCIATED, disk=disk)
    assert isinstance(outcome, Recovered)
    assert (outcome.sealed.bytes, outcome.tail, outcome.damaged) == (length, use, 0)
    assert content(FILM, disk) == picture(length)
    assert (TAIL in disk.names) == (use is LOST)
    first = disk.content(FILM)
    assert isinstance(recover(PART, FILM, key(), ASSOCIATED, disk=disk), Recovered)
    assert disk.content(FILM) == first


def damaged_film(*numbers: int) -> MemoryDisk:
    disk = left()
    for number in numbers:
        flip(PART, start(number) + 100)(disk)
    return disk


@pytest.mark.parametrize("numbers", [(0,), (1,), (2,), (0, 1, 2)])
def test_damage_in_the_middle_costs_nothing_behind_it(numbers: tuple[int, ...]) -> None:
    disk = damaged_film(*numbers)
    outcome = recover(PART, FILM, key(), ASSOCIATED, disk=disk)
    assert isinstance(outcome, Recovered)
    assert (outcome.sealed.bytes, outcome.tail, outcome.damaged) == (NEWER, USED, len(numbers))
    with Reader.open(FILM, key(), ASSOCIATED, disk=disk) as reader:
        assert reader.read(WHOLE, 1_000) == picture(1_000, WHOLE)
        with pytest.raises(Damaged):
            reader.read(before(numbers[0]), 1)
    assert recover(PART, FILM, key(), ASSOCIATED, disk=disk) == outcome


def test_damage_in_the_middle_without_a_tail() -> None:
    disk = damaged_film(1)
    disk.forget(TAIL)
    outcome = recover(PART, FILM, key(), ASSOCIATED, disk=disk)
    assert isinstance(outcome, Recovered)
    assert (outcome.sealed.bytes, outcome.tail, outcome.damaged) == (WHOLE, LOST, 1)


REFUSED: dict[str, tuple[Fault, bytes, bytes]] = {
    "wrong key": (lambda disk: None, bytes(32), ASSOCIATED),
    "wrong associated data": (lambda disk: None, SECRET, OTHER_PART),
    "salt": (flip(PART, 1), SECRET, ASSOCIATED),
    "header length": (flip(PART, 0), SECRET, ASSOCIATED),
    "header zeroed": (
        lambda disk: disk.overwrite(PART, bytes(40) + disk.content(PART)[40:]), SECRET, ASSOCIATED,
    ),
    "no segment and no tail": (both(cut_film(1000), lambda disk: disk.forget(TAIL)), SECRET, ASSOCIATED),
    "only a header and no tail": (both(cut_film(40), lambda disk: disk.forget(TAIL)), SECRET, ASSOCIATED),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_open_at_all_is_left_as_it_is(name: str) -> None:
    fault, secret, associated = REFUSED[name]
    disk = left()
    fault(disk)
    before_it = {path: disk.content(path) for path in disk.names}
    for _ in range(2):
        with pytest.raises(Damaged):
            recover(PART, FILM, Key(secret), associated, disk=disk)
        assert {path: disk.content(path) for path in disk.names} == before_it
    assert not disk.handles


def test_a_short_film_and_a_wrong_key_is_damage_and_not_nothing() -> None:
    disk = written(500, 500)
    with pytest.raises(Damaged):
        recover(PART, FILM, Key(bytes(32)), ASSOCIATED, disk=disk)
    assert recover(PART, FILM, key(), ASSOCIATED, disk=disk).sealed.bytes == 500


@pytest.mark.parametrize("size", [0, 1, 39])
def test_without_a_whole_header_there_is_nothing(size: int) -> None:
    disk = left()
    cut_film(size)(disk)
    assert recover(PART, FILM, key(), ASSOCIATED, disk=disk) == Nothing()
    assert set(disk.names) == {PART, TAIL}


def test_a_header_of_zeros_and_no_more_is_nothing() -> None:
    disk = left()
    disk.overwrite(PART, bytes(40))
    assert recover(PART, FILM, key(), ASSOCIATED, disk=disk) == Nothing()


def test_no_file_is_nothing() -> None:
    assert recover(PART, FILM, key(), ASSOCIATED, disk=MemoryDisk()) == Nothing()


def test_both_files_are_left_for_a_person() -> None:
    disk = left()
    disk.names[FILM] = disk.names[PART]
    with pytest.raises(Damaged):
        recover(PART, FILM, key(), ASSOCIATED, disk=disk)
    assert set(disk.names) == {PART, TAIL, FILM}


def test_a_final_file_that_is_not_finished_is_damage() -> None:
    disk = left()
    disk.rename(PART, FILM)
    with pytest.raises(Damaged):
        recover(PART, FILM, key(), ASSOCIATED, disk=disk)


def test_a_record_does_not_show_its_plaintext() -> None:
    assert "look" not in repr(Record(1, 0, b"look at me"))


def test_a_record_that_contradicts_itself_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    disk = left()
    tail = Tail(key(), Header.decode(disk.content(PART)[:40]), ASSOCIATED)
    good = Record(9, 1, b"abc")
    assert tail.open(0, tail.seal(0, good)) == good
    monkeypatch.setattr(Record, "encode", lambda self: b"\0" * 20 + self.plaintext)
    assert tail.open(0, tail.seal(0, good)) is None
    assert tail.open(0, b"") is None


def test_the_syncs_alternate_between_the_slots() -> None:
    assert slot_of(OLDER) != slot_of(NEWER)
