"""Writing a sealed file while its bytes come in, and reading one that is finished (FORMAT.md, "Writing")."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

from vigfield.errors import Broken, Damaged
from vigfield.seal.disk import DISK, Disk, translated
from vigfield.seal.key import TAG_BYTES, Key
from vigfield.seal.segments import (
    HEADER_BYTES,
    Header,
    Segments,
    before,
    end,
    holding,
    plaintext_bytes,
    room,
    sealed_whole,
    segment_count,
    start,
)
from vigfield.seal.tail import WRITER_SLOTS, Record, Tail, tail_path


@dataclass(frozen=True, slots=True)
class Sealed:
    """A finished file: bytes of plaintext in it, bytes of the file, and the file's SHA-256 in hexadecimal."""

    bytes: int
    sealed_bytes: int
    sha256: str


class Writer:
    """One film being written. For one thread at a time; only `finish` finishes it.

    The first error of the disk is raised as errors.DiskFull, errors.UnreadableVault or errors.Damaged.
    Every call after it, and after `finish` or `abandon`, raises errors.Broken; the files are for `recover`.
    """

    def __init__(self, path: Path, key: Key, associated: bytes, disk: Disk) -> None:
        self._open = bytearray()
        self._handles = ExitStack()
        self._path = path
        self._disk = disk
        self._header = Header.random()
        self._segments = Segments(key, self._header, associated)
        self._tail = Tail(key, self._header, associated)
        self._digest = hashlib.sha256()
        self._segment = 0
        self._written = 0
        self._synced = 0
        self._sequence = 0
        self._acknowledged = 0
        self._usable = True

    @classmethod
    def create(cls, path: Path, key: Key, associated: bytes, *, disk: Disk = DISK) -> Self:
        """Begin a film at `path`, with its tail beside it; neither may exist (errors.Damaged).

        `associated` says which film this is; it is needed to read. The key may be wiped afterwards.
        """
        writer = cls(path, key, associated, disk)
        with writer._in_use():
            writer._begin()
        return writer

    @property
    def length(self) -> int:
        """How many bytes were appended."""
        return before(self._segment) + len(self._open)

    def append(self, data: bytes) -> None:
        """Take bytes; they are safe only after the next `sync`."""
        with self._in_use():
            rest = memoryview(data)
            while len(self._open) + len(rest) > (full := room(self._segment)):
                missing = full - len(self._open)
                piece, rest = rest[:missing], rest[missing:]
                if self._open:
                    self._open += piece
                self._put(self._segments.seal(self._segment, self._open or piece, last=False))
                self._open.clear()
                self._segment += 1
            self._open += rest

    def sync(self) -> None:
        """Return when everything appended so far survives a loss of power."""
        with self._in_use():
            self._sync()

    def finish(self, final: Path) -> Sealed:
        """Close the film for good and give it its final name, a free one (errors.Damaged) in the same folder.

        Returns when all of it is on the disk and the tail is gone.
        """
        with self._in_use():
            if self._disk.exists(final):
                raise Damaged("the finished file is there already")
            self._sync()
            self._journal()
            length = self.length
            self._put(self._segments.seal(self._segment, self._open, last=True))
            self._disk.sync(self._main)
            self.abandon()
            settle(self._disk, self._path, final)
            return Sealed(length, self._written, self._digest.hexdigest())

    def abandon(self) -> None:
        """Close the files and leave them for `recover`. May be called at any time, and again."""
        self._usable = False
        self._open.clear()
        self._handles.close()

    def __del__(self) -> None:
        self.abandon()

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        if not self._usable:
            raise Broken("this film was finished or abandoned, or an earlier write failed")
        try:
            with translated():
                yield
        except BaseException:
            self.abandon()
            raise

    def _begin(self) -> None:
        if self._disk.exists(self._path) or self._disk.exists(tail_path(self._path)):
            raise Damaged("a film of this name is there already")
        self._journaled = self._created(tail_path(self._path))
        self._main = self._created(self._path)
        self._journal()
        self._disk.sync_folder(self._path.parent)
        self._put(self._header.encode())
        self._sync_main()

    def _created(self, path: Path) -> int:
        handle = self._disk.create(path)
        self._handles.callback(self._disk.close, handle)
        return handle

    def _sync(self) -> None:
        self._sync_main()
        if self._acknowledged != self.length:
            self._journal()

    def _sync_main(self) -> None:
        if self._synced != self._written:
            self._disk.sync_data(self._main)
            self._synced = self._written

    def _journal(self) -> None:
        self._sequence += 1
        slot = WRITER_SLOTS[self._sequence % len(WRITER_SLOTS)]
        record = Record(self._sequence, self._segment, bytes(self._open))
        self._tail.write(self._disk, self._journaled, slot, record)
        self._acknowledged = record.length

    def _put(self, sealed: bytes) -> None:
        self._disk.write(self._main, self._written, sealed)
        self._digest.update(sealed)
        self._written += len(sealed)


class Reader:
    """A finished file, opened and checked. Threads may read at the same time."""

    def __init__(self, disk: Disk, handle: int) -> None:
        self._disk = disk
        self._handle = handle
        self._sealed_bytes = 0
        self._lock = Lock()
        self._usable = True

    @classmethod
    def open(cls, path: Path, key: Key, associated: bytes, *, disk: Disk = DISK) -> Self:
        """Open a finished file; its header and its last segment are checked first.

        errors.Damaged when the file is missing, unfinished, cut, lengthened or altered there, or when the key
        or the associated data are not its own. The key may be wiped afterwards.
        """
        with translated():
            reader = cls(disk, disk.open(path))
            try:
                reader._begin(key, associated)
            except BaseException:
                reader.close()
                raise
            return reader

    @property
    def size(self) -> int:
        """How many bytes of plaintext the file holds."""
        return plaintext_bytes(self._sealed_bytes)

    def read(self, offset: int, count: int) -> bytes:
        """`count` bytes from `offset`, fewer only at the end. Decrypts what is touched, and nothing else.

        errors.Damaged when a segment in the range was altered; errors.Broken after `close`.
        """
        if offset < 0 or count < 0:
            raise ValueError("offset and count cannot be negative")
        stop = min(offset + count, self.size)
        if offset >= stop:
            return b""
        first, last = holding(offset), holding(stop - 1)
        pieces = [memoryview(piece) for piece in self._plaintext(first, last)]
        pieces[-1] = pieces[-1][: stop - before(last)]
        pieces[0] = pieces[0][offset - before(first) :]
        return b"".join(pieces)

    def close(self) -> None:
        """Close the file. May be called again."""
        with self._lock:
            if self._usable:
                self._usable = False
                self._disk.close(self._handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    @property
    def _last(self) -> int:
        return segment_count(self._sealed_bytes) - 1

    def _begin(self, key: Key, associated: bytes) -> None:
        self._sealed_bytes = self._disk.size(self._handle)
        if self._sealed_bytes < HEADER_BYTES + TAG_BYTES:
            raise Damaged("the file is too short to be finished")
        header = Header.decode(self._sealed(0, HEADER_BYTES))
        self._segments = Segments(key, header, associated)
        self._plaintext(self._last, self._last)

    def _plaintext(self, first: int, last: int) -> list[bytes]:
        """The plaintexts of these segments; a view of what was read saves a copy of each."""
        base = start(first)
        sealed = memoryview(self._sealed(base, end(last)))

        def opened(number: int) -> bytes:
            piece = sealed[start(number) - base : end(number) - base]
            return self._segments.open(number, piece, last=number == self._last)

        return list(map(opened, range(first, last + 1)))

    def _sealed(self, begin: int, stop: int) -> bytes:
        with self._lock, translated():
            if not self._usable:
                raise Broken("this file was closed")
            return self._disk.read(self._handle, begin, min(stop, self._sealed_bytes) - begin)


def settle(disk: Disk, path: Path, final: Path, *, keep_tail: bool = False) -> None:
    """Give a closed film its final name, then remove its tail; may be repeated. OSError as it comes."""
    if disk.exists(path) or not disk.exists(final):  # without either, the disk that had it is gone
        disk.rename(path, final)
    disk.sync_folder(final.parent)
    if disk.exists(tail_path(path)) and not keep_tail:
        disk.remove(tail_path(path))
        disk.sync_folder(path.parent)


def seal_file(path: Path, key: Key, associated: bytes, data: bytes, *, disk: Disk = DISK) -> Sealed:
    """Seal `data` into a finished file in one step, in place of an earlier file of that name.

    For what can be made again (an index): there is no tail, and after a crash either the old file is there or
    the new one. Errors as those of Writer. What a crash left at `path` + `.new` is begun again.
    """
    sealed = sealed_whole(key, Header.random(), associated, data)
    unfinished = path.with_name(path.name + ".new")
    with translated():
        if disk.exists(unfinished):
            disk.remove(unfinished)
        handle = disk.create(unfinished)
        try:
            disk.write(handle, 0, sealed)
            disk.sync(handle)
        finally:
            disk.close(handle)
        disk.rename(unfinished, path)
        disk.sync_folder(path.parent)
    return Sealed(len(data), len(sealed), hashlib.sha256(sealed).hexdigest())
