"""A film of an hour: what it costs in memory to receive it, to open it, and to show any second of it."""

import tracemalloc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from tests.film.long import RATE, Loop, make_loop, messages
from vigfield.loopback import mp4
from vigfield.seal import Key, Reader, Writer, seal_file

MINUTES, PER_MINUTE = 60, 125  # minutes, and messages of 0.48 s
ASSOCIATED, OF_INDEX = b"an hour", b"its index"
PIECE = 64 * 1024


@dataclass(slots=True)
class Used:
    """Memory of Python in bytes: the most that was held at once, and what is still held, since the start."""

    peak: int = 0
    left: int = 0


@contextmanager
def memory() -> Iterator[Used]:
    used = Used()
    tracemalloc.start()
    try:
        yield used
        used.left, used.peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()


@dataclass(frozen=True, slots=True)
class Hour:
    """The sealed film and its index on the disk, and what receiving it took."""

    folder: Path
    key: Key
    loop: Loop
    received: Used
    samples: int

    @property
    def film(self) -> Path:
        return self.folder / "a.film"

    @property
    def index(self) -> Path:
        return self.folder / "a.index"


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory) -> Hour:
    """Received as a part is: each message checked, indexed and sealed. The last minute is measured."""
    folder, key, loop = tmp_path_factory.mktemp("hour"), Key.random(), make_loop(bitrate=60_000)
    writer, index = Writer.create(folder / "a.part", key, ASSOCIATED), mp4.Index()
    coming = messages(loop, MINUTES * 60)
    receive(writer, index, islice(coming, (MINUTES - 1) * PER_MINUTE))
    with memory() as used:
        receive(writer, index, coming)
        writer.finish(folder / "a.film")
        seal_file(folder / "a.index", key, OF_INDEX, index.encode())
    return Hour(folder, key, loop, used, sum(len(table.sizes) for table in index.tables))


def receive(writer: Writer, index: mp4.Index, coming: Iterable[bytes]) -> None:
    for number, message in enumerate(coming):
        index.add(message, index.length)
        writer.append(message)
        if number % 100 == 0:
            writer.sync()


def opened(hour: Hour) -> tuple[Reader, mp4.Virtual]:
    with Reader.open(hour.index, hour.key, OF_INDEX) as kept:
        index = mp4.Index.decode(kept.read(0, kept.size))
    film = Reader.open(hour.film, hour.key, ASSOCIATED)
    return film, mp4.virtual([index], [film.read])


def test_the_last_minute_of_receiving_it_holds_no_more_than_the_columns_of_the_index(hour: Hour) -> None:
    assert hour.samples == MINUTES * 60 * (RATE + 50)
    assert hour.received.peak < 60 * hour.samples
    assert hour.received.left < 20 * hour.samples
    assert hour.film.stat().st_size > 90 * hour.samples, "the film itself is more than that"


def test_opening_it_does_not_read_it(hour: Hour) -> None:
    with memory() as used:
        film, virtual = opened(hour)
    with film:
        assert (virtual.seconds, len(virtual.pts)) == (MINUTES * 60, MINUTES * 60 * RATE)
        assert (virtual.width, virtual.height) == (1280, 720)
    assert used.left < 20 * hour.samples
    assert used.peak < 100 * hour.samples


def test_any_second_of_it_is_read_alone(hour: Hour) -> None:
    film, virtual = opened(hour)
    chance = Random(1)
    with film, memory() as used:
        for _ in range(200):
            assert len(virtual.read(chance.randrange(virtual.size - PIECE), PIECE)) == PIECE
    assert used.peak < 8 * PIECE


def test_the_bytes_are_those_that_were_received_at_any_second(hour: Hour) -> None:
    film, virtual = opened(hour)
    begin = virtual.size - film.size
    with film:
        at = begin + len(hour.loop.init)
        for number, message in enumerate(messages(hour.loop, MINUTES * 60)):
            if number and number % 750 == 0:
                assert virtual.read(at, len(message)) == message
            at += len(message) if number else 0
        assert at == virtual.size


@pytest.mark.long
def test_a_scan_finds_what_was_kept_while_it_was_received(hour: Hour) -> None:
    film, virtual = opened(hour)
    with film, memory() as used:
        scanned = mp4.scan(film.read, film.size)
    assert scanned.encode() == kept(hour)
    assert used.peak < 60 * hour.samples
    assert virtual.pts[-1] == pytest.approx(MINUTES * 60 - 1 / RATE)


def kept(hour: Hour) -> bytes:
    with Reader.open(hour.index, hour.key, OF_INDEX) as reader:
        return reader.read(0, reader.size)
