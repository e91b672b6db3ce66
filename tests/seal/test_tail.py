"""One fault each in what an interrupted writer left: where recovery ends, and what it says of the tail."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.seal.disks import FILM, PART, TAIL, MemoryDisk
from tests.seal.films import ASSOCIATED, SECRET, content, key, picture
from tests.seal.given import NEWER, OLDER, OTHER_PART, SYNCED, Vector, interrupted, load, written
from vigfield.errors import Damaged
from vigfield.seal import Key, Nothing, Reader, Recovered, TailUse, recover
from vigfield.seal.segments import Header, before, start
from vigfield.seal.tail import WRITER_SLOTS, Record, Tail

WHOLE = before(3)
Fault = Callable[[MemoryDisk], None]


def left() -> MemoryDisk:
    """Records at OLDER and NEWER, a few bytes more in memory."""
    return written(*SYNCED, NEWER + 50)


def slot_of(length: int) -> int:
    """Where the record of that sync lies: the first has sequence 2."""
    return WRITER_SLOTS[(SYNCED.index(length) + 2) % 2]


def flip(path: Path, at: int) -> Fault:
    def fault(disk: MemoryDisk) -> None:
        data = bytearray(disk.content(path))
        data[at] ^= 1
        disk.overwrite(path, data)

    return fault


def cut_film(size: int) -> Fault:
    return lambda disk: disk.overwrite(PART, disk.content(PART)[:size])


def both(*faults: Fault) -> Fault:
    def fault(disk: MemoryDisk) -> None:
        for each in faults:
            each(disk)

    return fault


LOST, USED = TailUse.LOST, TailUse.USED
VECTORS = load("tail.json", interrupted())
CLOSED = [vector for vector in VECTORS if "refused" not in vector.expected]


def disk_with(vector: Vector) -> MemoryDisk:
    disk = MemoryDisk()
    for path, name in ((PART, "film"), (TAIL, "tail")):
        if name in vector.files:
            disk.close(disk.create(path))
            disk.overwrite(path, vector.files[name])
    disk.sync_folder(PART.parent)
    return disk


def test_how_many_there_are() -> None:
    assert (len(VECTORS), len(CLOSED)) == (59, 56)
    assert len({vector.name for vector in VECTORS}) == len(VECTORS)
    uses = Counter(str(vector.expected["tail"]) for vector in CLOSED)
    assert uses == {"used": 23, "stale": 12, "lost": 21}


@pytest.mark.parametrize("vector", CLOSED, ids=lambda vector: vector.name)
def test_recovery_ends_at_the_edge_that_is_left(vector: Vector, tried: Counter[str]) -> None:
    disk = disk_with(vector)
    outcome = recover(PART, FILM, key(), ASSOCIATED, disk=disk)
    tried["tail vectors"] += 1
    assert isinstance(outcome, Recovered)
    length = outcome.sealed.bytes
    assert vector.expected == {"bytes": length, "tail": outcome.tail, "damaged": outcome.damaged}
    if not outcome.damaged:
        assert content(FILM, disk) == picture(length)
    assert (TAIL in disk.names) == (outcome.tail is LOST)
    first = disk.content(FILM)
    assert isinstance(recover(PART, FILM, key(), ASSOCIATED, disk=disk), Recovered)
    assert disk.content(FILM) == first


@pytest.mark.parametrize("vector", [v for v in VECTORS if v not in CLOSED], ids=lambda vector: vector.name)
def test_what_opens_nothing_is_left_as_it_is(vector: Vector, tried: Counter[str]) -> None:
    disk = disk_with(vector)
    with pytest.raises(Damaged):
        recover(PART, FILM, key(), ASSOCIATED, disk=disk)
    assert {path: disk.content(path) for path in disk.names} == {
        PART: vector.files["film"], TAIL: vector.files["tail"],
    }  # fmt: skip
    tried["tail vectors"] += 1


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
