"""The sealed file without a disk: header, places and cipher of its segments (FORMAT.md, "The film")."""

import struct
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidTag

from vigfield import clock
from vigfield.errors import Damaged
from vigfield.seal.key import TAG_BYTES, Key, cipher

SEGMENT_BYTES = 65536
MAX_SEGMENTS = 1 << 32
SALT_BYTES = 32
PREFIX_BYTES = 7
HEADER_BYTES = 1 + SALT_BYTES + PREFIX_BYTES


@dataclass(frozen=True, slots=True)
class Header:
    """The first 40 bytes of a sealed file: public, random, and its own."""

    salt: bytes
    prefix: bytes

    @classmethod
    def random(cls) -> Self:
        """The header of a new file."""
        return cls(clock.random_bytes(SALT_BYTES), clock.random_bytes(PREFIX_BYTES))

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """The header at the beginning of a file; errors.Damaged if it is none."""
        if len(data) != HEADER_BYTES or data[0] != HEADER_BYTES:
            raise Damaged("this is not the header of a sealed file")
        return cls(data[1 : 1 + SALT_BYTES], data[1 + SALT_BYTES :])

    def encode(self) -> bytes:
        """The 40 bytes."""
        return bytes([HEADER_BYTES]) + self.salt + self.prefix


class Segments:
    """Seals and opens the segments of one file."""

    def __init__(self, key: Key, header: Header, associated: bytes) -> None:
        self._prefix = header.prefix
        self._cipher = cipher(key.derive_salted(header.salt, associated))

    def seal(self, number: int, plaintext: bytes | bytearray | memoryview, *, last: bool) -> bytes:
        """One segment as it lies in the file; only ever once for a number and flag, or for the same bytes."""
        return self._cipher.encrypt(self._nonce(number, last), plaintext, None)

    def open(self, number: int, sealed: bytes | memoryview, *, last: bool) -> bytes:
        """The plaintext of one segment; errors.Damaged if it is not this file's, not this one, or altered."""
        if number >= MAX_SEGMENTS or len(sealed) < TAG_BYTES:
            raise Damaged(f"segment {number} is cut short, or one too many")
        try:
            return self._cipher.decrypt(self._nonce(number, last), sealed, None)
        except InvalidTag:
            raise Damaged(f"segment {number} does not open") from None

    def _nonce(self, number: int, last: bool) -> bytes:
        return self._prefix + struct.pack(">IB", number, last)


def start(number: int) -> int:
    """The offset in the file at which a segment begins."""
    return number * SEGMENT_BYTES if number else HEADER_BYTES


def end(number: int) -> int:
    """The offset in the file at which a segment ends if it is full."""
    return (number + 1) * SEGMENT_BYTES


def room(number: int) -> int:
    """How many bytes of plaintext a segment takes."""
    return end(number) - start(number) - TAG_BYTES


def before(number: int) -> int:
    """How many bytes of plaintext lie in front of a segment."""
    return start(number) - HEADER_BYTES - number * TAG_BYTES


def holding(offset: int) -> int:
    """Which segment holds the byte of plaintext at `offset`."""
    return (offset + HEADER_BYTES) // (SEGMENT_BYTES - TAG_BYTES)


def segment_count(size: int) -> int:
    """How many segments, whole or begun, a file of `size` bytes has."""
    return -(-size // SEGMENT_BYTES) if size > HEADER_BYTES else 0


def plaintext_bytes(size: int) -> int:
    """How much plaintext a finished file of `size` bytes holds."""
    return size - HEADER_BYTES - segment_count(size) * TAG_BYTES


def sealed_whole(key: Key, header: Header, associated: bytes, data: bytes) -> bytes:
    """A finished file that holds `data`, made in memory."""
    segments = Segments(key, header, associated)
    last = holding(max(len(data) - 1, 0))
    pieces = [
        segments.seal(number, data[before(number) : before(number + 1)], last=number == last)
        for number in range(last + 1)
    ]
    return header.encode() + b"".join(pieces)
