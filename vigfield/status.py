"""What `vigfield status` says of a vault: ids, states and counts, and no names."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from vigfield.app import Door, Practice, Throttled, Wrong
from vigfield.app.opened import Opened
from vigfield.model import Consent, Delivery, Recording
from vigfield.store import Empty, look


@dataclass(frozen=True, slots=True)
class Status:
    """What to print, and whether the vault could be opened."""

    value: dict[str, object]
    opened: bool


async def status(folder: Path, passphrase: str) -> Status:
    """Open the vault, read it and leave it as it is; nothing is made, recovered or changed."""
    if isinstance(look(folder), Empty):
        return Status({"error": "no-vault"}, opened=False)
    door = Door(folder, demo=False)
    try:
        outcome = await door.unlock(passphrase)
        match outcome:
            case Opened():
                return Status(await _read(outcome), opened=True)
            case Wrong(left):
                return Status({"error": "wrong-passphrase", "left": left}, opened=False)
            case Throttled(seconds):
                return Status({"error": "throttled", "seconds": round(seconds)}, opened=False)
            case _:
                assert_never(outcome)
    finally:
        door.release()


async def _read(opened: Opened) -> dict[str, object]:
    try:
        films, consents, counts = await Practice(opened).everything()
    finally:
        await opened.close()
    return {
        "films": [_film(film) for film in films],
        "consents": [_consent(consent) for consent in consents],
        "outbox": {delivery.value: counts.get(delivery, 0) for delivery in Delivery},
    }


def _film(film: Recording) -> dict[str, object]:
    digests = [part.sha256 for part in film.parts if part.sha256]
    return {
        "id": film.id,
        "session": film.session,
        "state": film.state.value,
        "parts": len(film.parts),
        "seconds": round(film.seconds, 3),
        "frames": sum(part.frames for part in film.parts),
        "bytes": film.bytes,
        "digest": digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest(),
        "digests": digests,
    }


def _consent(consent: Consent) -> dict[str, object]:
    return {
        "id": consent.id,
        "version": consent.version,
        "status": consent.status.value,
        "agreed": sorted(scope.value for scope in consent.agreed),
        "from": consent.valid_from.isoformat(),
        "until": consent.valid_until.isoformat(),
    }
