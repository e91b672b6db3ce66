"""A disk in memory that forgets what was not synced, tears writes, and fails at any chosen step."""

import copy
import errno
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import ClassVar, Self

from vigfield.seal.disk import Disk

BLOCK = 512
FOLDER = Path("/vault")
PART, TAIL, FILM = FOLDER / "a.part", FOLDER / "a.tail", FOLDER / "a.film"


Ledger = dict[tuple[bytes, int, bool], bytes]
"""Which plaintext a nonce was used for: by the file's prefix, the segment's number and its flag."""


class Died(BaseException):
    """The process is gone: nothing after this moment happened."""


@dataclass(slots=True)
class Inode:
    """A file: as the process sees it, as it surely is on the disk, and the changes in between."""

    live: bytearray = field(default_factory=bytearray)
    safe: bytes = b""
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def write(self, offset: int, data: bytes) -> None:
        put(self.live, offset, data)
        self.pending.append((offset, data))

    def truncate(self, size: int) -> None:
        cut(self.live, size)
        self.pending.append((size, None))

    def sync(self) -> None:
        self.safe = bytes(self.live)
        self.pending.clear()


class MemoryDisk(Disk):
    """Counts every step that changes something. At step `fail_at` it dies, or raises OSError(`error`).

    It carries the ledger of nonces of its own past: two copies have two futures.
    """

    ledger_in_use: ClassVar[Ledger] = {}

    def __init__(self) -> None:
        self.ledger: Ledger = {}
        self.names: dict[Path, Inode] = {}
        self.name_history: list[dict[Path, Inode]] = [{}]
        self.handles: dict[int, Inode] = {}
        self.steps = 0
        self.first_change = 0
        self.fail_at = 0
        self.error: int | None = None
        self.chance = Random(0)
        self.dead = False

    def failing(self, step: int, error: int | None = None, seed: int = 0) -> Self:
        """Fail at this step from now (1 is the next one): die, or raise OSError(error)."""
        self.steps, self.first_change, self.fail_at, self.error = 0, 0, step, error
        self.chance = Random(seed)
        return self

    def copied(self) -> "MemoryDisk":
        """The same disk once more, for another try from here."""
        return copy.deepcopy(self)

    def killed(self) -> Self:
        """The process died and the machine lives: everything written is there."""
        self.handles.clear()
        self.steps, self.first_change, self.fail_at, self.error, self.dead = 0, 0, 0, None, False
        return self

    def power_cut(self, seed: int) -> Self:
        """The machine lost power: of what was not synced any part may be there, and any other not."""
        chance = Random(seed * 1000 + self.steps)
        self.names = dict(chance.choice(self.name_history))
        self.name_history = [self.names.copy()]
        for inode in self.names.values():
            settle_inode(inode, chance)
        return self.killed()

    def content(self, path: Path) -> bytes:
        return bytes(self.names[path].live)

    def overwrite(self, path: Path, data: bytes) -> None:
        """Change a file behind everybody's back."""
        inode = self.names[path]
        inode.live[:] = data
        inode.sync()

    def forget(self, path: Path) -> None:
        """Take a name away behind everybody's back."""
        del self.names[path]
        self.name_history = [self.names.copy()]

    # What a sealed file calls.

    def create(self, path: Path) -> int:
        self._change()
        if path in self.names:
            raise FileExistsError(errno.EEXIST, "exists")
        self._renamed({**self.names, path: Inode()})
        return self._handle(path)

    def open(self, path: Path, *, write: bool = False) -> int:
        self._alive()
        if path not in self.names:
            raise FileNotFoundError(errno.ENOENT, "missing")
        return self._handle(path)

    def close(self, handle: int) -> None:
        if not self.dead:
            del self.handles[handle]

    def exists(self, path: Path) -> bool:
        self._alive()
        return path in self.names

    def size(self, handle: int) -> int:
        return len(self.handles[handle].live)

    def read(self, handle: int, offset: int, count: int) -> bytes:
        self._alive()
        return bytes(self.handles[handle].live[offset : offset + count])

    def write(self, handle: int, offset: int, data: bytes) -> None:
        inode = self.handles[handle]
        self._change(lambda: inode.write(offset, data[: self.chance.randrange(len(data) + 1)]))
        inode.write(offset, data)

    def truncate(self, handle: int, size: int) -> None:
        self._change()
        self.handles[handle].truncate(size)

    def sync_data(self, handle: int) -> None:
        self._step()
        self.handles[handle].sync()

    def sync(self, handle: int) -> None:
        self.sync_data(handle)

    def sync_folder(self, folder: Path) -> None:
        self._step()
        self.name_history = [self.names.copy()]

    def rename(self, old: Path, new: Path) -> None:
        self._change()
        self._renamed(
            {name: inode for name, inode in self.names.items() if name != old} | {new: self.names[old]}
        )

    def remove(self, path: Path) -> None:
        self._change()
        self._renamed({name: inode for name, inode in self.names.items() if name != path})

    def _handle(self, path: Path) -> int:
        MemoryDisk.ledger_in_use = self.ledger
        handle = max(self.handles, default=2) + 1
        self.handles[handle] = self.names[path]
        return handle

    def _renamed(self, names: dict[Path, Inode]) -> None:
        self.names = names
        self.name_history.append(names.copy())

    def _alive(self) -> None:
        if self.dead:
            raise Died

    def _change(self, torn: Callable[[], None] = lambda: None) -> None:
        self.first_change = self.first_change or self.steps + 1
        self._step(torn)

    def _step(self, torn: Callable[[], None] = lambda: None) -> None:
        self._alive()
        self.steps += 1
        if self.steps != self.fail_at:
            return
        torn()
        if self.error is not None:
            raise OSError(self.error, "as asked")
        self.dead = True
        raise Died


def settle_inode(inode: Inode, chance: Random) -> None:
    """Decide what of a file reached the disk."""
    content = bytearray(inode.safe)
    for where, data in inode.pending:
        fate = chance.choice(("all", "all", "none", "prefix", "blocks"))
        if fate == "none":
            continue
        if data is None:
            cut(content, where)
        elif fate == "blocks":
            put_some_blocks(content, where, data, chance)
        else:
            put(content, where, data if fate == "all" else data[: chance.randrange(len(data) + 1)])
    inode.live[:] = content
    inode.sync()


def put_some_blocks(content: bytearray, offset: int, data: bytes, chance: Random) -> None:
    """Write only some of the blocks that the data touches; the length is as if all were written."""
    cut(content, max(len(content), offset + len(data)))
    begin = 0
    while begin < len(data):
        stop = min(len(data), (offset + begin) // BLOCK * BLOCK + BLOCK - offset)
        if chance.random() < 0.5:
            put(content, offset + begin, data[begin:stop])
        begin = stop


def put(content: bytearray, offset: int, data: bytes) -> None:
    if data:
        cut(content, max(len(content), offset))
        content[offset : offset + len(data)] = data


def cut(content: bytearray, size: int) -> None:
    del content[size:]
    content.extend(bytes(size - len(content)))
