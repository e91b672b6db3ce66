"""One fault each in a finished film: we refuse it where we should, and Tink refuses it too."""

from collections import Counter
from pathlib import Path

import pytest

from tests.seal import oracle
from tests.seal.films import ASSOCIATED, SECRET, content, key
from tests.seal.given import DATA, SIZE, Vector, finished, load
from vigfield.errors import Damaged
from vigfield.seal import Key, Reader, Writer, seal_file
from vigfield.seal.segments import before

FILM = finished()["film"]
VECTORS = {vector.name: vector for vector in load("film.json", finished())}


def test_how_many_there_are() -> None:
    kinds = Counter(name.split()[0] if name.startswith(("flip", "cut")) else "other" for name in VECTORS)
    assert kinds == {"flip": 21, "cut": 42, "other": 20}
    assert Counter(vector.expected["refused"] for vector in VECTORS.values()) == {"open": 67, "read": 16}
    assert len({vector.files["film"] for vector in VECTORS.values()} | {FILM}) == 84, (
        "each is another file, and none is whole"
    )
    assert len(OTHERS) == 5


def test_without_a_fault_it_opens(tmp_path: Path) -> None:
    path = tmp_path / "film"
    path.write_bytes(FILM)
    assert content(path) == DATA == oracle.opens(SECRET, ASSOCIATED, FILM)


@pytest.mark.parametrize("vector", VECTORS.values(), ids=lambda vector: vector.name)
def test_a_fault_is_refused(tmp_path: Path, vector: Vector, tried: Counter[str]) -> None:
    path = tmp_path / "film"
    path.write_bytes(vector.files["film"])
    tried["film vectors"] += 1
    if vector.expected["refused"] == "open":
        with pytest.raises(Damaged):
            Reader.open(path, key(), ASSOCIATED)
        return
    with Reader.open(path, key(), ASSOCIATED) as reader, pytest.raises(Damaged):
        reader.read(0, reader.size)


@pytest.mark.parametrize("vector", VECTORS.values(), ids=lambda vector: vector.name)
def test_tink_refuses_it_too(vector: Vector, tried: Counter[str]) -> None:
    assert oracle.opens(SECRET, ASSOCIATED, vector.files["film"]) is None
    tried["film vectors refused by Tink"] += 1


@pytest.mark.parametrize("number", range(3))
def test_a_fault_costs_no_other_segment(tmp_path: Path, number: int) -> None:
    path = tmp_path / "film"
    path.write_bytes(VECTORS[f"flip segment {number} begin"].files["film"])
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
def test_another_key_or_other_associated_data(
    tmp_path: Path, secret: bytes, associated: bytes, tried: Counter[str]
) -> None:
    path = tmp_path / "film"
    path.write_bytes(FILM)
    tried["wrong keys or associated data"] += 1
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
