"""The few calls to the operating system that a sealed file needs; tests make each of them fail."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vigfield.errors import Damaged, DiskFailed, DiskFull, Missing, UnreadableVault, VigfieldError

_PORTABLE = getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)  # a pipe under a film's name must not hold us up
_FULL = {errno.ENOSPC, errno.EDQUOT}
_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}
# A disk that was pulled out, a share that went away: says nothing of the bytes, which may be there again.
_GONE_NAMES = ("ENOENT", "ENODEV", "ENXIO", "ENOTCONN", "ESTALE", "ENOMEDIUM", "EREMOTEIO", "ETIMEDOUT")
_GONE = {getattr(errno, name) for name in _GONE_NAMES if hasattr(errno, name)}
_sync_data = getattr(os, "fdatasync", os.fsync)


class Disk:
    """The disk as it is. Every method raises OSError; offsets and sizes are bytes."""

    def create(self, path: Path) -> int:
        """A new file, readable by its owner only, open for reading and writing."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _PORTABLE, 0o600)

    def open(self, path: Path, *, write: bool = False) -> int:
        """A file that is there; a link or anything but a regular file is refused."""
        handle = os.open(path, (os.O_RDWR if write else os.O_RDONLY) | _PORTABLE | _NO_WAIT)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise OSError(errno.EINVAL, "not a regular file")
        return handle

    @contextmanager
    def opened(self, path: Path, *, write: bool = False) -> Iterator[int]:
        """As `open`, closed at the end of the block."""
        handle = self.open(path, write=write)
        try:
            yield handle
        finally:
            self.close(handle)

    def close(self, handle: int) -> None:
        """Close a file; says nothing about what arrived on the disk."""
        os.close(handle)

    def exists(self, path: Path) -> bool:
        """Whether anything has this name, be it a broken link."""
        return path.is_symlink() or path.exists()

    def size(self, handle: int) -> int:
        """How long the file is."""
        return os.fstat(handle).st_size

    def read(self, handle: int, offset: int, count: int) -> bytes:
        """`count` bytes from `offset`, fewer only at the end of the file. Moves the file's position."""
        os.lseek(handle, offset, os.SEEK_SET)
        data = os.read(handle, count)
        while 0 < len(data) < count and (more := os.read(handle, count - len(data))):
            data += more
        return data

    def write(self, handle: int, offset: int, data: bytes) -> None:
        """All of `data` at `offset`. Moves the file's position."""
        os.lseek(handle, offset, os.SEEK_SET)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]

    def truncate(self, handle: int, size: int) -> None:
        """Cut the file to `size`."""
        os.ftruncate(handle, size)

    def sync_data(self, handle: int) -> None:
        """Return when contents and length are on the disk."""
        _sync_data(handle)

    def sync(self, handle: int) -> None:
        """Return when contents, length and everything else about the file are on the disk."""
        os.fsync(handle)

    def sync_folder(self, folder: Path) -> None:
        """Return when the names in the folder are on the disk (Windows has no such call)."""
        if os.name == "nt":
            return
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def rename(self, old: Path, new: Path) -> None:
        """Give the file its new name in one step, replacing what had it."""
        old.replace(new)

    def remove(self, path: Path) -> None:
        """Take the name away."""
        path.unlink()


DISK = Disk()


@contextmanager
def translated() -> Iterator[None]:
    """Turn the OSErrors of a block into vigfield's.

    These are errors.DiskFull, UnreadableVault, DiskFailed, Missing or Damaged.

    The name of the file stays out of the message: a vault's folder may be called after a person.
    """
    try:
        yield
    except OSError as error:
        raise _ours(error) from None


def _ours(error: OSError) -> VigfieldError:
    name = errno.errorcode.get(error.errno or 0, "an unknown error")
    if error.errno in _FULL:
        return DiskFull(f"the disk is full ({name})")
    if error.errno in _REFUSED:
        return UnreadableVault(f"the disk refused ({name})")
    if error.errno == errno.EIO:
        return DiskFailed("the disk failed (EIO)")
    if error.errno in _GONE:
        return Missing(f"the file or its disk is not there ({name})")
    return Damaged(f"the disk answered {name}")
