"""Where every sample of one part lies: built while filming, kept beside the film, or scanned from it."""

import contextlib
from collections.abc import Callable, Iterable
from typing import Self

from vigfield.loopback.mp4.boxes import LONG_HEADER, Malformed, header
from vigfield.loopback.mp4.message import (
    MAX_MESSAGE,
    Bad,
    Fragment,
    Init,
    Run,
    Trailer,
    check_message,
    parse_fragment,
)
from vigfield.loopback.mp4.table import Table, pack, unpack


class Index:
    """The sample tables of one part. `length` is how many bytes of the part are whole messages."""

    def __init__(self, tables: Iterable[Table] = (), length: int = 0) -> None:
        self.length = length
        self._tables = {table.track.id: table for table in tables}

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables of the tracks that have samples."""
        return tuple(table for table in self._tables.values() if table.sizes)

    @property
    def frames(self) -> int:
        """How many pictures there are."""
        return sum(len(table.sizes) for table in self.tables if table.track.kind == "vide")

    @property
    def seconds(self) -> float:
        """From the start of the first sample of any track to the end of the last."""
        tables = self.tables
        if not tables:
            return 0.0
        begin = min(table.begin / table.track.timescale for table in tables)
        end = max((table.last + table.last_duration) / table.track.timescale for table in tables)
        return max(0.0, end - begin)

    def add(self, message: bytes, position: int) -> None:
        """Take in the next whole message, stored at `position`.

        Raises Damaged, and changes nothing, if it is no message or does not follow on what came before.
        """
        if position != self.length:
            raise Malformed("a message is missing before this one")
        found = check_message(message)
        if isinstance(found, Bad):
            raise Malformed(found.why)
        self.take(found, len(message))

    def take(self, message: Init | Fragment | Trailer, size: int) -> None:
        """Like `add`, with a message of `size` bytes that was checked already."""
        if isinstance(message, Init) != (self.length == 0):
            raise Malformed("the init segment is first, and there is one")
        match message:
            case Init(tracks):
                self._tables = {track.id: Table(track) for track in tracks}
            case Fragment(runs):
                self._take_runs(runs)
            case Trailer():
                pass
        self.length += size

    def _take_runs(self, runs: tuple[Run, ...]) -> None:
        if any(run.track not in self._tables for run in runs):
            raise Malformed("samples of an unknown track")
        if not all(self._tables[run.track].takes(run) for run in runs):
            raise Malformed("a time out of bounds")
        for run in runs:
            self._tables[run.track].add(run, self.length)

    def encode(self) -> bytes:
        """The index as bytes, some 3 a sample."""
        return pack(tuple(self._tables.values()), self.length)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """The index that `encode` made; Damaged for any other bytes."""
        tables, length = unpack(data)
        return cls(tables, length)


def scan(read: Callable[[int, int], bytes], size: int) -> Index:
    """The index of a stored part, from the part itself: `read(offset, count)` of `size` bytes.

    It ends at the last whole message; what follows (a torn fragment) is left out, as `Index.length` tells.
    Bytes that are not a film give an empty index. Errors of `read` pass through.
    """
    index = Index()
    with contextlib.suppress(Malformed):
        while index.length < size:
            index.take(*_message_at(read, index.length, size - index.length))
    return index


def _message_at(
    read: Callable[[int, int], bytes], at: int, left: int
) -> tuple[Init | Fragment | Trailer, int]:
    """The message at `at`, of which only the tables are read, and its size; Malformed if none or torn."""
    first = header(read(at, LONG_HEADER))
    if first.size > min(MAX_MESSAGE, left):
        raise Malformed("torn")
    if first.kind == b"mfra":
        return Trailer(), first.size
    tables = read(at, min(first.size + LONG_HEADER, left))
    second = header(tables[first.size :])
    size = first.size + second.size
    if size > min(MAX_MESSAGE, left):
        raise Malformed("torn")
    if (first.kind, second.kind) == (b"moof", b"mdat"):
        moof = memoryview(tables)[first.length : first.size]
        return parse_fragment(moof, first.size + second.length, size), size
    found = check_message(read(at, size))
    if isinstance(found, Bad):
        raise Malformed(found.why)
    return found, size
