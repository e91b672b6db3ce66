"""One fault each in a finished film: we refuse it where we should, and Tink refuses it too."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.seal import oracle
from tests.seal.films import ASSOCIATED, SECRET, content, key, picture
from vigfield.errors import Damaged
from vigfield.seal import Key, Reader, Writer, seal_file
from vigfield.seal.segments import HEADER_BYTES, Header, before, end, sealed_whole, start

SIZE = before(3) + 1000
DATA = picture(SIZE)
HEADER = Header(bytes(range(32, 64)), bytes(range(64, 71)))
FILM = sealed_whole(Key(SECRET), HEADER, ASSOCIATED, DATA)
OTHER = sealed_whole(Key(SECRET), Header(bytes(32), HEADER.prefix), ASSOCIATED, DATA)
OTHER_PART = sealed_whole(Key(SECRET), HEADER, b"film 1 part 1", DATA)
SEGMENTS = 4

Fault = Callable[[], bytes]


def piece(film: bytes, number: int) -> bytes:
    return film[start(number) : end(number)]


def made_of(*pieces: bytes) -> bytes:
    return FILM[:HEADER_BYTES] + b"".join(pieces)


def flipped(at: int) -> Fault:
    return lambda: FILM[:at] + bytes([FILM[at] ^ 1]) + FILM[at + 1 :]


def header_faults() -> dict[str, Fault]:
    places = {"header length": 0, "salt begin": 1, "salt end": 32, "prefix begin": 33, "prefix end": 39}
    return {f"flip {name}": flipped(at) for name, at in places.items()} | {
        "header of 24": lambda: bytes([24]) + FILM[1:],
        "header of 0": lambda: bytes([0]) + FILM[1:],
        "no header": lambda: FILM[HEADER_BYTES:],
        "two headers": lambda: FILM[:HEADER_BYTES] + FILM,
    }


def segment_faults() -> dict[str, Fault]:
    def places(number: int) -> dict[str, int]:
        stop = min(end(number), len(FILM))
        return {"begin": start(number), "end": stop - 17, "tag begin": stop - 16, "tag end": stop - 1}

    return {
        f"flip segment {number} {name}": flipped(at)
        for number in range(SEGMENTS)
        for name, at in places(number).items()
    }


def order_faults() -> dict[str, Fault]:
    a, b, c, d = (piece(FILM, number) for number in range(SEGMENTS))
    x, y = (piece(OTHER, number) for number in (1, 3))
    return {
        "first dropped": lambda: made_of(b, c, d),
        "middle dropped": lambda: made_of(a, c, d),
        "middle doubled": lambda: made_of(a, b, b, c, d),
        "last doubled": lambda: made_of(a, b, c, d, d),
        "middle swapped": lambda: made_of(a, c, b, d),
        "middle from another film": lambda: made_of(a, x, c, d),
        "last from another film": lambda: made_of(a, b, c, y),
        "middle from another part": lambda: made_of(a, piece(OTHER_PART, 1), c, d),
        "last from another part": lambda: made_of(a, b, c, piece(OTHER_PART, 3)),
        "another film's header": lambda: OTHER[:HEADER_BYTES] + FILM[HEADER_BYTES:],
        "middle zeroed": lambda: made_of(a, bytes(len(b)), c, d),
        "last is empty": lambda: made_of(a, b, c, bytes(16)),
    }


def length_faults() -> dict[str, Fault]:
    edges = [0, HEADER_BYTES, *(end(number) for number in range(SEGMENTS - 1)), len(FILM)]
    cuts = {at + more for at in edges for more in (-1, 0, 1, 15, 16, 17)} & set(range(len(FILM)))
    tails = {"a byte": b"\0", "a tag": bytes(16), "a segment": piece(FILM, 1), "a film": FILM}
    return {f"cut to {at}": lambda at=at: FILM[:at] for at in sorted(cuts)} | {
        f"{name} behind": lambda more=more: FILM + more for name, more in tails.items()
    }


VECTORS = header_faults() | segment_faults() | order_faults() | length_faults()
LATE = {
    name for name in VECTORS if name.startswith(("flip segment 0", "flip segment 1", "flip segment 2"))
} | {
    "middle swapped",
    "middle from another film",
    "middle from another part",
    "middle zeroed",
}


def test_how_many_there_are() -> None:
    assert (len(header_faults()), len(segment_faults()), len(order_faults())) == (9, 16, 12)
    assert len(length_faults()) == 34
    assert len(VECTORS) == 71
    assert len({fault() for fault in VECTORS.values()} | {FILM}) == 72, (
        "each is another file, and none is whole"
    )
    assert len(LATE) == 16


def test_without_a_fault_it_opens(tmp_path: Path) -> None:
    path = tmp_path / "film"
    path.write_bytes(FILM)
    assert content(path) == DATA == oracle.opens(SECRET, ASSOCIATED, FILM)


@pytest.mark.parametrize("name", VECTORS)
def test_a_fault_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "film"
    path.write_bytes(VECTORS[name]())
    if name not in LATE:
        with pytest.raises(Damaged):
            Reader.open(path, key(), ASSOCIATED)
        return
    with Reader.open(path, key(), ASSOCIATED) as reader, pytest.raises(Damaged):
        reader.read(0, reader.size)


@pytest.mark.parametrize("name", VECTORS)
def test_tink_refuses_it_too(name: str) -> None:
    assert oracle.opens(SECRET, ASSOCIATED, VECTORS[name]()) is None


@pytest.mark.parametrize("number", range(3))
def test_a_fault_costs_no_other_segment(tmp_path: Path, number: int) -> None:
    path = tmp_path / "film"
    path.write_bytes(VECTORS[f"flip segment {number} begin"]())
    begin, stop = before(number), before(number + 1)
    with Reader.open(path, key(), ASSOCIATED) as reader:
        assert reader.read(0, begin) + reader.read(stop, SIZE) == DATA[:begin] + DATA[stop:]
        for at in (begin, stop - 1):
            with pytest.raises(Damaged):
                reader.read(at, 1)


OTHERS = [
    (bytes(32), ASSOCIATED),
    (SECRET[:-1] + b"\0", ASSOCIATED),
    (SECRET, b""),
    (SECRET, ASSOCIATED + b"\0"),
    (SECRET, b"film 1 part 1"),
]


@pytest.mark.parametrize(("secret", "associated"), OTHERS)
def test_another_key_or_other_associated_data(tmp_path: Path, secret: bytes, associated: bytes) -> None:
    path = tmp_path / "film"
    path.write_bytes(FILM)
    with pytest.raises(Damaged):
        Reader.open(path, Key(secret), associated)


def test_an_unfinished_film_does_not_open(tmp_path: Path) -> None:
    writer = Writer.create(tmp_path / "a.part", key(), ASSOCIATED)
    for size in (0, 100, 65_379, 1, 1, 200_000):
        writer.append(bytes(size))
        writer.sync()
        with pytest.raises(Damaged):
            Reader.open(tmp_path / "a.part", key(), ASSOCIATED)
    writer.abandon()


def test_an_index_does_not_open_as_a_film(tmp_path: Path) -> None:
    seal_file(tmp_path / "a.index", key(), b"index 1 part 0", DATA)
    with pytest.raises(Damaged):
        Reader.open(tmp_path / "a.index", key(), ASSOCIATED)
