"""The vectors under tests/seal/vectors: one fault each, as pieces of true files that are made here again."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from unittest import mock

from tests.seal.disks import PART, TAIL, MemoryDisk
from tests.seal.films import ASSOCIATED, SECRET, picture
from vigfield import clock
from vigfield.seal import Key, Writer
from vigfield.seal.segments import Header, before, sealed_whole

FOLDER = Path(__file__).parent / "vectors"
SIZE = before(3) + 1000
DATA = picture(SIZE)
HEADER = Header(bytes(range(32, 64)), bytes(range(64, 71)))
OTHER_PART = b"film 1 part 1"
OLDER, NEWER = before(2) + 5_000, before(3) + 1_000
SYNCED = (1_000, OLDER, NEWER)


@dataclass(frozen=True, slots=True)
class Vector:
    """One fault: the files that it leaves, by name, and what must come of it."""

    name: str
    files: Mapping[str, bytes]
    expected: Mapping[str, object]


def load(name: str, sources: Mapping[str, bytes]) -> list[Vector]:
    """The vectors of one file. The true files must be those that they were made from."""
    said = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    digests = {source: hashlib.sha256(data).hexdigest() for source, data in sources.items()}
    assert digests == said["sources"], "the true files are not what they were"
    return [_vector(entry, sources) for entry in said["vectors"]]


def _vector(entry: dict[str, dict[str, object]], sources: Mapping[str, bytes]) -> Vector:
    files = {
        file: b"".join(_piece(piece, sources) for piece in pieces) for file, pieces in entry["files"].items()
    }
    return Vector(str(entry["fault"]), files, entry["expected"])


def _piece(piece: Sequence[object], sources: Mapping[str, bytes]) -> bytes:
    """`["hex", "00ff"]`, `["zeros", 16]`, or `[SOURCE, BEGIN, END]`."""
    match piece:
        case ["hex", str(digits)]:
            return bytes.fromhex(digits)
        case ["zeros", int(count)]:
            return bytes(count)
        case [str(source), int(begin), int(end)]:
            return sources[source][begin:end]
        case _:
            raise ValueError(piece)


@cache
def finished() -> dict[str, bytes]:
    """A film of four segments, another one under the same key, and another part."""
    return {
        "film": sealed_whole(Key(SECRET), HEADER, ASSOCIATED, DATA),
        "another film": sealed_whole(Key(SECRET), Header(bytes(32), HEADER.prefix), ASSOCIATED, DATA),
        "another part": sealed_whole(Key(SECRET), HEADER, OTHER_PART, DATA),
    }


@cache
def interrupted() -> dict[str, bytes]:
    """A film that was synced at each of SYNCED and got 50 bytes more; what others left; an earlier moment."""
    with mock.patch.object(clock, "random_bytes", Random(7).randbytes):
        film, part = written(*SYNCED, NEWER + 50), written(9, NEWER, NEWER, associated=OTHER_PART)
        other, again = written(9, NEWER, NEWER, secret=bytes(32)), written(9, NEWER, NEWER)
    with mock.patch.object(clock, "random_bytes", Random(7).randbytes):
        earlier = written(*SYNCED[:2], OLDER)
    return {
        "film": film.content(PART),
        "tail": film.content(TAIL),
        "earlier tail": earlier.content(TAIL),
        "tail of another part": part.content(TAIL),
        "tail of another film": other.content(TAIL),
        "tail of another try": again.content(TAIL),
    }


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
