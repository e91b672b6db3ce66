"""The folders of browser windows: held by a lock while they are in use, removed later if one was left behind.

A folder stays behind when vigfield is killed. It is removed at a later start if it is beyond doubt one of
ours that nobody uses: by its name, owner and mode, a real folder that holds nothing but what `make` and the
browser put there, with a lock that nobody has, and named by no living process. All others are left alone.
Windows has no such lock: nothing is removed there.
"""

import contextlib
import logging
import os
import re
import shutil
import stat
import sys
import tempfile
from pathlib import Path

if sys.platform != "win32":
    import fcntl

logger = logging.getLogger(__name__)

HELD = "held"
PAGE = "open.html"
PROFILE = "profile"
_NAME = re.compile(r"vigfield-[A-Za-z0-9_]{8}")
_OURS = {HELD, PAGE, PROFILE}


class Folder:
    """A folder for one window, held from `make` until `let_go` or the end of this process."""

    def __init__(self, path: Path, lock: int | None) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def make(cls) -> "Folder":
        """A new folder in the machine's temporary one, for this user only."""
        path = Path(tempfile.mkdtemp(prefix="vigfield-"))
        if sys.platform == "win32":
            return cls(path, None)
        # Locked before it gets its name: whoever finds the name finds the lock taken.
        new = path / f"{HELD}.new"
        lock = os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        new.rename(path / HELD)
        return cls(path, lock)

    def remove(self) -> bool:
        """Remove the folder with all that is in it; False while something still writes into it."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self.path.exists():
            return False
        self.let_go()
        return True

    def let_go(self) -> None:
        """Hold it no longer. May be called again."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def remove_left_behind(parent: Path | None = None, proc: Path = Path("/proc")) -> int:
    """Remove the folders that earlier windows of this user left; returns how many. Blocking, never fails."""
    if sys.platform == "win32":
        return 0
    count = 0
    for path in _candidates(parent or Path(tempfile.gettempdir())):
        with contextlib.suppress(OSError):
            count += _removed(path, proc)
    if count:
        logger.info("removed %d browser profiles that were left behind", count)
    return count


def _candidates(parent: Path) -> list[Path]:
    try:
        return [path for path in parent.iterdir() if _NAME.fullmatch(path.name)]
    except OSError:
        return []


def _removed(path: Path, proc: Path) -> bool:
    """Remove one folder if it is ours and nobody's any more. OSError leaves it as it is."""
    if not _is_ours(path):
        return False
    lock = os.open(path / HELD, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _in_use(path, proc):
            return False
        if (path / PROFILE).exists():
            shutil.rmtree(path / PROFILE)
        shutil.rmtree(path)  # the lock's file goes last: whatever fails before can be done again
        return True
    finally:
        os.close(lock)


def _is_ours(path: Path) -> bool:
    found = path.lstat()
    private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700
    if not private or found.st_uid != os.geteuid():
        return False
    names = {entry.name for entry in path.iterdir()}
    return HELD in names and names <= _OURS


def _in_use(path: Path, proc: Path) -> bool:
    """Whether a browser that outlived vigfield still has it: by its own lock, or by a command line."""
    with contextlib.suppress(OSError, ValueError):
        holder = int((path / PROFILE / "SingletonLock").readlink().name.rpartition("-")[2])
        if _lives(holder):
            return True
    named = os.fsencode(path)
    return any(named in _command_line(one) for one in _processes(proc))


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _processes(proc: Path) -> list[Path]:
    try:
        return [one for one in proc.iterdir() if one.name.isdigit()]
    except OSError:
        return []


def _command_line(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""
