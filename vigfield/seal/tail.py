"""The journal beside a film that is being written: what is in its open segment (FORMAT.md, "The tail")."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag

from vigfield import clock
from vigfield.seal.disk import Disk
from vigfield.seal.key import NONCE_BYTES, TAG_BYTES, Key, cipher
from vigfield.seal.segments import Header, before, room

SLOT_BYTES = 17 * 4096
WRITER_SLOTS = (0, 1)
RECOVERY_SLOT = 2

_PURPOSE = b"vigfield tail 1"
_LENGTH = struct.Struct(">I")
_RECORD = struct.Struct(">QIQ")


@dataclass(frozen=True, slots=True)
class Record:
    """The open segment of a film as it was at one sync."""

    sequence: int
    segment: int
    plaintext: bytes = field(repr=False)

    @property
    def length(self) -> int:
        """How many bytes the film had at that sync."""
        return before(self.segment) + len(self.plaintext)

    def encode(self) -> bytes:
        """The record as it is sealed into a slot."""
        return _RECORD.pack(self.sequence, self.segment, self.length) + self.plaintext


class Tail:
    """The slots of one film's tail: seals and opens records, and knows where they lie."""

    def __init__(self, key: Key, header: Header, associated: bytes) -> None:
        self._cipher = cipher(key.derive(_PURPOSE).derive_salted(header.salt, associated))

    def seal(self, slot: int, record: Record) -> bytes:
        """What is to be written at the beginning of the slot."""
        nonce = clock.random_bytes(NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, record.encode(), bytes([slot]))
        return _LENGTH.pack(len(sealed)) + nonce + sealed

    def open(self, slot: int, data: bytes) -> Record | None:
        """The record in a slot; None if there is none that is whole and of this film."""
        begin = _LENGTH.size + NONCE_BYTES
        if len(data) < begin:
            return None
        (count,) = _LENGTH.unpack_from(data)
        sealed = data[begin : begin + count]
        if len(sealed) != count or count < _RECORD.size + TAG_BYTES:
            return None
        try:
            return _decoded(self._cipher.decrypt(data[_LENGTH.size : begin], sealed, bytes([slot])))
        except InvalidTag:
            return None

    def write(self, disk: Disk, handle: int, slot: int, record: Record) -> None:
        """Put a record into a slot; returns when it is on the disk."""
        disk.write(handle, slot * SLOT_BYTES, self.seal(slot, record))
        disk.sync_data(handle)

    def read(self, disk: Disk, handle: int, slots: Iterable[int]) -> Record | None:
        """The newest record in these slots; None if none of them holds one."""
        found = [self.open(slot, disk.read(handle, slot * SLOT_BYTES, SLOT_BYTES)) for slot in slots]
        return max((record for record in found if record), key=lambda record: record.sequence, default=None)


def tail_path(path: Path) -> Path:
    """Where the tail of the film at `path` lies."""
    return path.with_suffix(".tail")


def _decoded(data: bytes) -> Record | None:
    sequence, segment, length = _RECORD.unpack_from(data)
    record = Record(sequence, segment, data[_RECORD.size :])
    return record if record.length == length and len(record.plaintext) <= room(segment) else None
