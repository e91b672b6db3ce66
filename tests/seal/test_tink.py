"""Tink opens what we write, and we open what Tink writes."""

from pathlib import Path

import pytest

from tests.seal import oracle
from vigfield.seal import Key, Reader, Writer, seal_file
from vigfield.seal.segments import before

SECRET = bytes(range(32))
ASSOCIATED = b"film 1 part 0"
EDGES = [before(number) + more for number in (1, 2, 3, 4) for more in (-1, 0, 1)]
SIZES = [0, 1, *EDGES]


def picture(size: int) -> bytes:
    """Bytes that differ from one segment to the next."""
    return (b"".join(number.to_bytes(4, "big") for number in range(size // 4 + 1)))[:size]


def test_the_sizes_are_the_edges_of_four_segments() -> None:
    assert len(SIZES) == 14
    assert before(1) == 65536 - 40 - 16
    assert before(4) - before(3) == 65536 - 16


@pytest.mark.parametrize("size", SIZES)
def test_tink_opens_a_film(tmp_path: Path, size: int) -> None:
    data, final = picture(size), tmp_path / "a.film"
    writer = Writer.create(tmp_path / "a.part", Key(SECRET), ASSOCIATED)
    for begin in range(0, size, 50_000):
        writer.append(data[begin : begin + 50_000])
        writer.sync()
    sealed = writer.finish(final)
    assert oracle.opens(SECRET, ASSOCIATED, final.read_bytes()) == data
    assert sealed.bytes == size
    assert sealed.sealed_bytes == final.stat().st_size == len(oracle.seal(SECRET, ASSOCIATED, data))


@pytest.mark.parametrize("size", SIZES)
def test_tink_opens_what_was_sealed_in_one_step(tmp_path: Path, size: int) -> None:
    data, path = picture(size), tmp_path / "a.index"
    seal_file(path, Key(SECRET), ASSOCIATED, data)
    assert oracle.opens(SECRET, ASSOCIATED, path.read_bytes()) == data


@pytest.mark.parametrize("size", SIZES)
def test_we_open_what_tink_writes(tmp_path: Path, size: int) -> None:
    data, path = picture(size), tmp_path / "tink"
    path.write_bytes(oracle.seal(SECRET, ASSOCIATED, data))
    with Reader.open(path, Key(SECRET), ASSOCIATED) as reader:
        assert reader.size == size
        assert reader.read(0, size) == data
        for edge in EDGES:
            assert reader.read(edge - 3, 6) == data[edge - 3 : edge + 3]


@pytest.mark.parametrize("size", SIZES)
def test_the_files_are_equally_long(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.index"
    seal_file(path, Key(SECRET), ASSOCIATED, picture(size))
    assert path.stat().st_size == len(oracle.seal(SECRET, ASSOCIATED, picture(size)))
