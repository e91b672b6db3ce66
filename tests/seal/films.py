"""Films for the tests: bytes that tell where they belong, and a short history of writing them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tests.seal.disks import FILM, PART
from vigfield.seal import Key, Reader, Sealed, Writer
from vigfield.seal.disk import DISK, Disk
from vigfield.seal.segments import before

SECRET = bytes(range(32))
ASSOCIATED = b"film 1 part 0"
SYNC = "sync"

# Syncs inside a segment, at its edge, one before and one behind it; with and without a full segment before.
HISTORY: tuple[int | str, ...] = (
    SYNC, 1000, SYNC, 70_000, SYNC, SYNC,
    before(2) - 71_001, SYNC, 1, SYNC, 1, SYNC, 150_000, 30_000, SYNC, 5_000,
)  # fmt: skip


def key() -> Key:
    return Key(SECRET)


def picture(size: int, begin: int = 0) -> bytes:
    """The bytes of a film from `begin`: positions of four bytes each, so that no two places are alike."""
    first = begin // 4
    words = b"".join(number.to_bytes(4, "big") for number in range(first, (begin + size) // 4 + 1))
    return words[begin - first * 4 :][:size]


@dataclass(slots=True)
class Progress:
    """How far a history came before it was cut off."""

    created: bool = False
    acknowledged: int = 0
    edges: set[int] = field(default_factory=lambda: {0})
    sealed: Sealed | None = None


def play(disk: Disk, history: Sequence[int | str], progress: Progress) -> None:
    """Write a film as the history says, and finish it; `progress` is true at every moment."""
    writer = Writer.create(PART, key(), ASSOCIATED, disk=disk)
    progress.created = True
    for step in history:
        if isinstance(step, int):
            writer.append(picture(step, writer.length))
        else:
            progress.edges.add(writer.length)
            writer.sync()
            progress.acknowledged = writer.length
    progress.edges.add(writer.length)
    progress.sealed = writer.finish(FILM)
    progress.acknowledged = progress.sealed.bytes


def content(path: Path, disk: Disk = DISK, associated: bytes = ASSOCIATED) -> bytes:
    """Everything in a finished film."""
    with Reader.open(path, key(), associated, disk=disk) as reader:
        return reader.read(0, reader.size)


def interrupted(folder: Path, history: Sequence[int | str], associated: bytes = ASSOCIATED) -> Path:
    """A film on the real disk whose writer went away after the history."""
    path = folder / f"{next(_names)}.part"
    writer = Writer.create(path, key(), associated)
    for step in history:
        if isinstance(step, int):
            writer.append(picture(step, writer.length))
        else:
            writer.sync()
    writer.abandon()
    return path


_names = count()
