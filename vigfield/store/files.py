"""Small files and folders that survive a power cut and that nobody else may read."""

import errno
import io
import logging
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from vigfield.errors import Damaged, DiskFull, NotAVault, UnreadableVault, VigfieldError

logger = logging.getLogger(__name__)

LARGEST = 1_000_000
_BLOCK = 4096
_AS_IT_IS: int = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_DIRECTORY: int | None = getattr(os, "O_DIRECTORY", None)


def translated(error: OSError) -> VigfieldError:
    """What a failed system call means to a caller; the words name neither a path nor a value."""
    code = errno.errorcode.get(error.errno or 0, "unknown")
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return DiskFull("the disk is full")
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return UnreadableVault(f"the vault's folder may not be used: {code}")
        case errno.ENOTDIR:
            return NotAVault("the vault's folder is a file")
        case _:
            return Damaged(f"the vault's folder could not be read or written: {code}")


def make_folder(folder: Path) -> None:
    """Make a folder that only its owner may enter, and close an existing one to others."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        sync_folder(folder.parent)
    except OSError as error:
        raise translated(error) from None


def names_in(folder: Path) -> frozenset[str]:
    """The names in a folder; none when it does not exist."""
    try:
        return frozenset(entry.name for entry in folder.iterdir())
    except FileNotFoundError:
        return frozenset()
    except OSError as error:
        raise translated(error) from None


def exists(path: Path) -> bool:
    """Whether there is something of this name."""
    try:
        return path.exists()
    except OSError as error:
        raise translated(error) from None


def read_small(path: Path) -> bytes:
    """The whole of a small file; errors.Damaged when it is missing, too large or not a file."""
    try:
        handle = os.open(path, os.O_RDONLY | _AS_IT_IS)
        with os.fdopen(handle, "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise translated(error) from None
    if len(data) > LARGEST:
        raise Damaged("a small file of the vault is too large")
    return data


def read_at(path: Path, offset: int, count: int) -> bytes:
    """`count` bytes of a file from `offset` on, fewer at its end. errors.Damaged when it is not there."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | _AS_IT_IS), "rb") as file:
            file.seek(offset)
            return file.read(count)
    except OSError as error:
        raise translated(error) from None


def write_atomically(path: Path, data: bytes) -> None:
    """Put `data` in place of `path`: after a power cut it holds either the old bytes or the new ones."""
    _put_in_place(path, io.BytesIO(data))


def copy(source: Path, target: Path) -> None:
    """Copy a file of any size: after a power cut `target` is complete, or as it was."""
    try:
        with source.open("rb") as file:
            _put_in_place(target, file)
    except OSError as error:
        raise translated(error) from None


def create_empty(path: Path) -> None:
    """Make an empty file for its owner alone; errors.Damaged when there is one already."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _AS_IT_IS, 0o600))
        sync_folder(path.parent)
    except OSError as error:
        raise translated(error) from None


def remove(path: Path) -> None:
    """Remove a marker for good; nothing happens when it is not there."""
    try:
        path.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        raise translated(error) from None


def sync(path: Path) -> None:
    """Return when length and contents of a file are on the disk; nothing happens when it is not there."""
    if not exists(path):
        return
    try:
        with os.fdopen(os.open(path, os.O_RDWR | _AS_IT_IS), "r+b") as file:
            os.fsync(file.fileno())
    except OSError as error:
        raise translated(error) from None


def overwrite(path: Path) -> None:
    """Put zeros in the place of all that a file holds, once; what lies below a file may keep older blocks."""
    try:
        with os.fdopen(os.open(path, os.O_RDWR | _AS_IT_IS), "r+b") as file:
            for _ in range(-(-os.fstat(file.fileno()).st_size // _BLOCK)):
                file.write(bytes(_BLOCK))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise translated(error) from None


def remove_all(folder: Path, paths: Iterable[Path]) -> None:
    """Remove files of a folder for good, as many as can be; whoever has to know looks at what is left."""
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            logger.warning("a file was not removed: %s", errno.errorcode.get(error.errno or 0, "unknown"))
    try:
        sync_folder(folder)
    except OSError as error:
        raise translated(error) from None


def size(path: Path) -> int:
    """How long a file is, in bytes; of a link, the link."""
    try:
        return path.lstat().st_size
    except OSError as error:
        raise translated(error) from None


def sync_folder(folder: Path) -> None:
    """Make names that were made, changed or removed in a folder survive a power cut."""
    if _DIRECTORY is None:  # Windows journals names by itself and cannot open a folder
        return
    handle = os.open(folder, os.O_RDONLY | _DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _put_in_place(path: Path, source: BinaryIO) -> None:
    temporary = path.with_name(path.name + ".tmp")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _AS_IT_IS, 0o600)
        with os.fdopen(handle, "wb") as file:
            shutil.copyfileobj(source, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise translated(error) from None
