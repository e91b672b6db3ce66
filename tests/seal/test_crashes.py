"""Dying at every step: what was acknowledged is there, and recovery makes the same file every time."""

import errno
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.seal.disks import FILM, PART, TAIL, Died, MemoryDisk
from tests.seal.films import ASSOCIATED, HISTORY, Progress, content, key, picture, play
from vigfield.errors import Broken, Damaged, DiskFull, VigfieldError
from vigfield.seal import Nothing, Recovered, TailUse, Writer, recover, seal_file
from vigfield.seal.tail import SLOT_BYTES

SEEDS = range(3)


def steps_of_history() -> int:
    disk = MemoryDisk()
    play(disk, HISTORY, Progress())
    return disk.steps


STEPS = steps_of_history()


def died_at(step: int, seed: int = 0) -> tuple[MemoryDisk, Progress]:
    """A disk whose writer died at this step of the history."""
    disk, progress = MemoryDisk().failing(step, seed=seed), Progress()
    with pytest.raises(Died):
        play(disk, HISTORY, progress)
    return disk, progress


def states_after(disk: MemoryDisk) -> list[MemoryDisk]:
    """What may be on the disk at the next start: all of it, or what a cut of the power leaves."""
    return [disk.copied().killed(), *(disk.copied().power_cut(seed) for seed in SEEDS)]


def recovered(disk: MemoryDisk) -> Recovered | Nothing:
    return recover(PART, FILM, key(), ASSOCIATED, disk=disk)


def check(outcome: Recovered | Nothing, disk: MemoryDisk, progress: Progress) -> None:
    """The film is closed at an edge, with everything acknowledged; or there never was one."""
    assert not disk.handles
    if isinstance(outcome, Nothing):
        assert not progress.created
        return
    film = content(FILM, disk)
    assert film == picture(len(film))
    assert len(film) >= progress.acknowledged
    assert len(film) in progress.edges
    assert outcome.tail is not TailUse.LOST
    assert (outcome.damaged, outcome.sealed.bytes) == (0, len(film))
    assert list(disk.names) == [FILM]


def test_the_history_has_as_many_steps_as_are_tested() -> None:
    assert STEPS == 36


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_dying_at_a_step_of_writing(step: int) -> None:
    for seed in SEEDS:
        dead, progress = died_at(step, seed)
        for disk in states_after(dead):
            outcome = recovered(disk)
            check(outcome, disk, progress)
            assert recovered(disk) == (
                replace(outcome, tail=TailUse.USED) if isinstance(outcome, Recovered) else outcome
            )


def dying_again(found: MemoryDisk, once: MemoryDisk) -> list[TailUse]:
    """Recover, dying in turn at each step that changes something: the file is that of recovering `once`.

    How each repetition ended.
    """
    ends = []
    for step in range(once.first_change or once.steps + 1, once.steps + 1):
        disk = found.copied().failing(step, seed=step)
        with pytest.raises(Died):
            recovered(disk)
        for after in states_after(disk):
            outcome = recovered(after)
            assert isinstance(outcome, Recovered)
            assert after.content(FILM) == once.content(FILM)
            ends.append(outcome.tail)
    return ends


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_dying_at_a_step_of_recovery(step: int) -> None:
    dead, progress = died_at(step)
    for found in states_after(dead):
        once = found.copied().killed()
        if isinstance(recovered(once), Nothing):
            continue
        assert TailUse.LOST not in dying_again(found, once)
        assert progress.acknowledged <= len(content(FILM, once))


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_losing_power_while_recovery_settles_what_a_killed_writer_left(step: int) -> None:
    dead, progress = died_at(step)
    found = dead.killed()
    once = found.copied()
    recovered(once)
    for early in range(1, once.first_change):
        disk = found.copied().failing(early)
        with pytest.raises(Died):
            recovered(disk)
        for after in states_after(disk):
            check(recovered(after), after, progress)


def without_tail(disk: MemoryDisk) -> None:
    disk.forget(TAIL)


def with_zeros(disk: MemoryDisk) -> None:
    disk.overwrite(TAIL, bytes(len(disk.content(TAIL))))


@pytest.mark.parametrize("damage", [without_tail, with_zeros])
def test_dying_at_a_step_of_recovery_without_a_tail(damage: Callable[[MemoryDisk], None]) -> None:
    lost = 0
    for step in range(1, STEPS + 1):
        dead, _ = died_at(step)
        found = dead.killed()
        if TAIL not in found.names or PART not in found.names:
            continue
        damage(found)
        once = found.copied()
        try:
            outcome = recovered(once)
        except Damaged:
            assert once.names.keys() == found.names.keys()
            continue
        if isinstance(outcome, Nothing) or outcome.tail is not TailUse.LOST:
            continue
        lost += 1
        film = content(FILM, once)
        assert film == picture(len(film))
        assert set(dying_again(found, once)) == {TailUse.LOST}
        assert TAIL in once.names, "the evidence stays"
        assert recovered(once) == outcome
    assert lost >= 20


def with_flipped_slots(disk: MemoryDisk, *slots: int) -> None:
    tail = bytearray(disk.content(TAIL).ljust(2 * SLOT_BYTES, b"\0"))
    for slot in slots:
        tail[slot * SLOT_BYTES + 20] ^= 1
    disk.overwrite(TAIL, tail)


@pytest.mark.parametrize("slots", [(0,), (1,), (0, 1)])
def test_a_slot_damaged_after_dying_makes_no_nonce_used_twice(slots: tuple[int, ...]) -> None:
    """The ledger of conftest.py watches; once a last segment was sealed, one damaged slot costs nothing."""
    finishing = 0
    for step in range(1, STEPS + 1):
        dead, progress = died_at(step, seed=step)
        ending = any(last for _, _, last in dead.ledger)
        for found in states_after(dead):
            if not progress.created or TAIL not in found.names:
                continue
            with_flipped_slots(found, *slots)
            try:
                recovered(found)
            except Damaged:
                assert not ending
                continue
            film = content(FILM, found)
            assert film == picture(len(film))
            assert not ending or len(slots) == 2 or len(film) == max(progress.edges)
            finishing += ending
    assert finishing >= 10


@pytest.mark.parametrize(("error", "expected"), [(errno.ENOSPC, DiskFull), (errno.EIO, Damaged)])
@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_an_error_at_a_step_of_writing(step: int, error: int, expected: type[VigfieldError]) -> None:
    disk, progress = MemoryDisk().failing(step, error), Progress()
    with pytest.raises(expected):
        play(disk, HISTORY, progress)
    assert not disk.handles
    for after in states_after(disk):
        check(recovered(after), after, progress)


@pytest.mark.parametrize(("error", "expected"), [(errno.EDQUOT, DiskFull), (errno.EIO, Damaged)])
def test_an_error_at_a_step_of_recovery(error: int, expected: type[VigfieldError]) -> None:
    for step in range(1, STEPS + 1):
        dead, progress = died_at(step)
        found, once = dead.copied().killed(), dead.copied().killed()
        outcome = recovered(once)
        for failing in range(1, once.steps + 1):
            disk = found.copied().failing(failing, error)
            with pytest.raises(expected):
                recovered(disk)
            check(recovered(disk), disk, progress)
            if isinstance(outcome, Recovered):
                assert disk.content(FILM) == once.content(FILM)


@pytest.mark.parametrize("earlier", [None, b"the index of an earlier try"])
def test_dying_while_sealing_in_one_step(earlier: bytes | None) -> None:
    start, data = MemoryDisk(), picture(70_000)
    if earlier is not None:
        seal_file(FILM, key(), ASSOCIATED, earlier, disk=start)
    done = start.copied().failing(0)
    seal_file(FILM, key(), ASSOCIATED, data, disk=done)
    for step in range(1, done.steps + 1):
        dead = start.copied().failing(step)
        with pytest.raises(Died):
            seal_file(FILM, key(), ASSOCIATED, data, disk=dead)
        for after in states_after(dead):
            assert (content(FILM, after) if FILM in after.names else None) in (earlier, data)
            seal_file(FILM, key(), ASSOCIATED, data, disk=after)
            assert content(FILM, after) == data
            assert list(after.names) == [FILM]


@pytest.mark.parametrize("seed", range(8))
def test_what_has_returned_survives_a_loss_of_power(seed: int) -> None:
    disk, progress = MemoryDisk(), Progress()
    play(disk, HISTORY, progress)
    disk.power_cut(seed)
    assert list(disk.names) == [FILM]
    assert content(FILM, disk) == picture(progress.acknowledged)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("lose_tail", [False, True])
def test_what_recovery_has_returned_survives_a_loss_of_power(seed: int, lose_tail: bool) -> None:
    disk, _ = died_at(STEPS - 9)
    disk.killed()
    if lose_tail:
        without_tail(disk)
    outcome = recovered(disk)
    assert isinstance(outcome, Recovered)
    film = disk.content(FILM)
    disk.power_cut(seed)
    assert set(disk.names) == ({FILM, TAIL} if lose_tail else {FILM})
    assert disk.content(FILM) == film
    assert recovered(disk) == outcome


def test_after_an_error_every_call_fails() -> None:
    disk = MemoryDisk()
    writer = Writer.create(PART, key(), ASSOCIATED, disk=disk)
    writer.append(b"look")
    disk.failing(1, errno.ENOSPC)
    with pytest.raises(DiskFull):
        writer.sync()
    before = disk.steps
    for call in (lambda: writer.append(b"x"), writer.sync, lambda: writer.finish(FILM)):
        with pytest.raises(Broken):
            call()
    writer.abandon()
    assert disk.steps == before


def test_the_ledger_sees_a_nonce_used_twice() -> None:
    from_disk = MemoryDisk()
    writer = Writer.create(PART, key(), ASSOCIATED, disk=from_disk)
    writer._segments.seal(0, b"one", last=True)
    with pytest.raises(AssertionError, match="two plaintexts"):
        writer._segments.seal(0, b"two", last=True)
