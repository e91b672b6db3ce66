"""ISO BMFF boxes, read with every bound checked, and written."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from vigfield.errors import Damaged

LONG_HEADER = 16


class Malformed(Damaged):
    """Bytes that are not the boxes, or the index, that they should be; what stores them may be in order."""


@dataclass(frozen=True, slots=True)
class Header:
    """A box's first bytes: its kind, how long the header is, and how long the box is with it."""

    kind: bytes
    length: int
    size: int


@dataclass(frozen=True, slots=True)
class Box:
    """One box: where it starts in what was read, its whole size, and what it holds."""

    kind: bytes
    at: int
    size: int
    body: memoryview


def header(data: bytes | memoryview) -> Header:
    """The box header at the start of `data` (16 bytes are always enough); Malformed if there is none.

    A size of 0 ("to the end of the file") counts as damage: nothing that is still growing may be read so.
    """
    fields = Fields(data)
    size, kind = fields.u32(), bytes(fields.take(4))
    found = Header(kind, LONG_HEADER, fields.u64()) if size == 1 else Header(kind, 8, size)
    if found.size < found.length:
        raise Malformed("box smaller than its header")
    return found


def boxes(data: memoryview) -> Iterator[Box]:
    """The boxes that fill `data` exactly, in order; Malformed at the first one that does not fit."""
    at = 0
    while at < len(data):
        head = header(data[at : at + LONG_HEADER])
        if head.size > len(data) - at:
            raise Malformed("box longer than what holds it")
        yield Box(head.kind, at, head.size, data[at + head.length : at + head.size])
        at += head.size


def children(data: memoryview, kind: bytes) -> list[memoryview]:
    """The bodies of all boxes of one kind directly within `data`."""
    return [box.body for box in boxes(data) if box.kind == kind]


def child(data: memoryview, *path: bytes) -> memoryview:
    """The body of the one box at the end of `path`; Malformed if there is not exactly one at each step."""
    for kind in path:
        found = children(data, kind)
        if len(found) != 1:
            raise Malformed("a box is missing or there twice")
        data = found[0]
    return data


class Fields:
    """Big-endian fields read one after another; Malformed when there are too few bytes."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes | memoryview) -> None:
        self._data = memoryview(data)
        self._at = 0

    def take(self, count: int) -> memoryview:
        """The next `count` bytes."""
        piece = self._data[self._at : self._at + count]
        if len(piece) != count:
            raise Malformed("box too short")
        self._at += count
        return piece

    def rest(self) -> memoryview:
        """Every byte not read yet."""
        return self.take(len(self._data) - self._at)

    def u32(self) -> int:
        return int.from_bytes(self.take(4))

    def u64(self) -> int:
        return int.from_bytes(self.take(8))

    def signed(self, count: int) -> int:
        """A two's complement number of `count` bytes."""
        return int.from_bytes(self.take(count), signed=True)

    def version(self) -> tuple[int, int]:
        """The version and the flags that start a full box."""
        word = self.u32()
        return word >> 24, word & 0xFFFFFF


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box with a short header; its parts together must stay below 4 GiB."""
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


def full(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """A full box: a box that starts with a version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)
