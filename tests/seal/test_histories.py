"""Random histories: append, sync, crash, recover, crash again, read; nothing acknowledged is ever missing."""

import errno

from hypothesis import given
from hypothesis import strategies as st

from tests.seal.disks import FILM, PART, Died, MemoryDisk
from tests.seal.films import ASSOCIATED, SYNC, Progress, content, key, picture, play
from vigfield.errors import VigfieldError
from vigfield.seal import Nothing, Reader, Recovered, TailUse, recover
from vigfield.seal.segments import before

EDGES = [before(number) for number in (1, 2, 3)]
SIZES = st.one_of(
    st.integers(0, 3000),
    st.integers(0, 200_000),
    st.sampled_from([edge + more for edge in EDGES for more in (-1, 0, 1)]),
)
HISTORIES = st.lists(st.one_of(SIZES, st.just(SYNC)), max_size=12)
FAILURES = st.lists(
    st.tuples(st.integers(1, 60), st.sampled_from([None, errno.EIO, errno.ENOSPC]), st.integers(0, 2**16)),
    min_size=1,
    max_size=4,
)


@given(history=HISTORIES, failures=FAILURES, cuts=st.integers(0, 2**16))
def test_whatever_happens_what_was_acknowledged_is_there(
    history: list[int | str], failures: list[tuple[int, int | None, int]], cuts: int
) -> None:
    disk, progress = MemoryDisk(), Progress()
    (step, error, seed), *later = failures
    try:
        play(disk.failing(step, error, seed), history, progress)
    except (Died, VigfieldError):
        disk = restarted(disk, cuts)
    for number, (step, error, seed) in enumerate(later):
        try:
            recovered(disk.failing(step, error, seed))
        except (Died, VigfieldError):
            disk = restarted(disk, cuts + number)
    check(disk.killed(), progress)


@given(history=HISTORIES, ranges=st.lists(st.tuples(SIZES, SIZES), max_size=8))
def test_any_range_of_a_finished_film_reads_right(
    history: list[int | str], ranges: list[tuple[int, int]]
) -> None:
    disk, progress = MemoryDisk(), Progress()
    play(disk, history, progress)
    film = picture(progress.acknowledged)
    with Reader.open(FILM, key(), ASSOCIATED, disk=disk) as reader:
        assert reader.size == len(film)
        for offset, count in ranges:
            assert reader.read(offset, count) == film[offset : offset + count]


def restarted(disk: MemoryDisk, cuts: int) -> MemoryDisk:
    """Half of the times the process was killed, half of the times the power was cut."""
    return disk.power_cut(cuts) if cuts % 2 else disk.killed()


def recovered(disk: MemoryDisk) -> Recovered | Nothing:
    return recover(PART, FILM, key(), ASSOCIATED, disk=disk)


def check(disk: MemoryDisk, progress: Progress) -> None:
    outcome = recovered(disk)
    if isinstance(outcome, Nothing):
        assert not progress.created
        return
    film = content(FILM, disk)
    assert film == picture(len(film))
    assert len(film) >= progress.acknowledged
    assert len(film) in progress.edges
    assert outcome.tail is not TailUse.LOST
