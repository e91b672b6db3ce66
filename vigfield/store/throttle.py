"""The throttle on wrong passphrases: at most 10 tries in any 5 minutes, also across restarts.

The clock may be turned back: a try that seems to lie in the future counts as made now. A file that cannot
be read or understood counts as 10 tries made now, never as none.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from vigfield.errors import VigfieldError
from vigfield.store import files
from vigfield.store.vault import THROTTLE, VaultFolder

TRIES = 10
WINDOW = 300_000  # milliseconds


@dataclass(frozen=True, slots=True)
class Go:
    """This try is counted and may be made now; `left` more may follow at once."""

    left: int


@dataclass(frozen=True, slots=True)
class Wait:
    """No try now; the next one is possible in `seconds`."""

    seconds: float


class Throttle:
    """The tries at the passphrase of a vault folder that this process holds."""

    def __init__(self, folder: VaultFolder) -> None:
        self._path = folder.path / THROTTLE

    def begin(self, now: datetime) -> Go | Wait:
        """Count a try, on the disk, before it is made; or say how long to wait. Blocking.

        Raises errors.DiskFull or UnreadableVault when the try cannot be counted: it must not be made then.
        """
        at = int(now.timestamp() * 1000)
        tried = self._recent(at)
        if len(tried) >= TRIES:
            self._write(tried)
            return Wait((tried[0] + WINDOW - at) / 1000)
        self._write([*tried, at])
        return Go(TRIES - 1 - len(tried))

    def succeeded(self) -> None:
        """The passphrase was right: forget the tries. Blocking."""
        self._write([])

    def _recent(self, now: int) -> list[int]:
        """The last tries that still count, oldest first, none of them later than now."""
        past = sorted(min(moment, now) for moment in self._read(now))
        return [moment for moment in past if moment > now - WINDOW][-TRIES:]

    def _read(self, now: int) -> list[int]:
        try:
            found: object = json.loads(files.read_small(self._path))
        except (VigfieldError, ValueError, RecursionError):
            return [now] * TRIES
        match found:
            case {"tried": [*moments]} if all(type(moment) is int for moment in moments):
                return moments
            case _:
                return [now] * TRIES

    def _write(self, tried: list[int]) -> None:
        files.write_atomically(self._path, json.dumps({"tried": tried}).encode())
