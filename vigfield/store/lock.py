"""One process at a time in a vault folder; the operating system lets go when the process ends."""

import os
import sys
from pathlib import Path

from vigfield.errors import VaultInUse
from vigfield.store import files

if sys.platform == "win32":
    import msvcrt

    def _seize(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _seize(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Lock:
    """Held from construction until `release`; errors.VaultInUse when somebody else holds it."""

    def __init__(self, path: Path) -> None:
        try:
            self._handle: int | None = os.open(
                path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600
            )
        except OSError as error:
            raise files.translated(error) from None
        try:
            _seize(self._handle)
        except OSError:
            self.release()
            raise VaultInUse("another vigfield has this vault open") from None

    @property
    def held(self) -> bool:
        """Whether `release` has not been called yet."""
        return self._handle is not None

    def release(self) -> None:
        """Let somebody else have it. The file stays: removing it would let two processes in."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
