"""How long films are kept: what is to be erased and when, what holds it, and the certificates to hand out."""

import asyncio
import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from vigfield import clock, rules
from vigfield.app.drafts import HoldDraft, Invalid, faults
from vigfield.app.ground import latest_day
from vigfield.app.inforce import InForce
from vigfield.app.opened import Opened, known
from vigfield.model import (
    Due,
    Family,
    FamilyId,
    Hold,
    Policy,
    Recording,
    RecordingId,
    What,
)
from vigfield.rules import Erasable, Reason, Refused
from vigfield.store import Tx, audit, erasure, families, files, recordings, retention, stills
from vigfield.store.audit import Happening

MOST = 100
NOTICE = timedelta(days=30)
CERTIFICATES = "vigfield certificates 1"


@dataclass(frozen=True, slots=True)
class Item:
    """One erasure in the queue, with the film and the family that it is about."""

    erasable: Erasable
    recording: Recording
    family: Family


@dataclass(frozen=True, slots=True)
class Kept:
    """Until when a film is kept, what is queued of it, and the hold on its family."""

    destroy_by: date
    queued: tuple[Due, ...]
    hold: Hold | None


class Keeping:
    """Every verb on retention while the vault is open. Nothing here erases a film by itself."""

    def __init__(self, opened: Opened, inforce: InForce) -> None:
        self._opened = opened
        self._store = opened.store
        self._inforce = inforce

    async def queue(self) -> list[Item]:
        """What is to be erased, the most urgent first; at most 100 of it."""
        return await self._store.run(lambda tx: due_items(tx, self._inforce.policy))

    async def of(self, recording: RecordingId) -> Kept:
        """How long one film is kept; errors.Unknown when there is none."""

        def read(tx: Tx) -> Kept:
            film = known(recordings.get(tx, recording))
            family = known(families.get(tx, film.family))
            by = rules.destroy_by(film, family, self._inforce.policy.retention)
            return Kept(by, tuple(retention.asked_of(tx, recording)), _hold(tx, film.family))

        return await self._store.run(read)

    async def hold_of(self, family: FamilyId) -> Hold | None:
        """The hold on a family that is in force."""
        return await self._store.run(lambda tx: _hold(tx, family))

    async def hold(self, family: FamilyId, draft: HoldDraft) -> Hold | Invalid:
        """Stop every destruction of a family's films, with a reason."""
        if found := faults(draft):
            return Invalid(found)

        def write(tx: Tx) -> Hold | Invalid:
            known(families.get(tx, family))
            if _hold(tx, family) is not None:
                return Invalid({"reason": "held"})
            one = Hold(clock.new_id(), family, draft.kind, draft.reason.strip(), clock.now())
            retention.hold(tx, one)
            return one

        return await self._store.run(write)

    async def lift(self, family: FamilyId, draft: HoldDraft) -> Invalid | None:
        """End a hold, with a reason; errors.Unknown when there is none."""
        if found := faults(draft):
            return Invalid(found)
        await self._store.run(lambda tx: retention.lift(tx, family, draft.reason.strip(), clock.now()))
        return None

    async def erase_pictures(self, recording: RecordingId) -> int | Refused:
        """Remove the pictures kept from a film, and say so in the queue; how many there were.

        Refused while there is a hold on the family.
        """
        film = await self._store.run(lambda tx: known(recordings.get(tx, recording)))
        if await self.hold_of(film.family) is not None:
            return Refused(Reason.HELD)
        media = self._opened.media
        numbers = await asyncio.to_thread(media.stills, recording)
        for number in numbers:
            await asyncio.to_thread(files.remove, media.still_path(recording, number))
            gone = partial(stills.remove, recording=recording, number=number, now=clock.now())
            await self._store.run(gone)
        await self._store.run(lambda tx: retention.done(tx, recording, What.PICTURES, clock.now()))
        return len(numbers)

    async def certificates(self) -> bytes:
        """Every certificate as JSON: ids, digests, times and grounds, and nothing of what was filmed."""

        def read(tx: Tx) -> list[dict[str, object]]:
            audit.append(tx, clock.now(), Happening.CERTIFICATES_EXPORTED, "certificates")
            return [_certificate(tx, one.recording) for one in erasure.all(tx)]

        found = await self._store.run(read)
        return json.dumps({"format": CERTIFICATES, "certificates": found}, indent=1).encode()


def due_items(tx: Tx, policy: Policy) -> list[Item]:
    """The queue of erasures as of the latest day that is known to have come."""
    kept, today = policy.retention, latest_day(tx)
    soon = today + NOTICE
    started = clock.midnight(soon - timedelta(days=kept.after_filming) + timedelta(days=1))
    asked = retention.asked(tx)
    films = {one.id: one for one in recordings.several(tx, [due.recording for due in asked])}
    old = recordings.old(tx, started, soon - timedelta(days=kept.after_ending), MOST)
    films |= {one.id: one for one in old}
    known_ = families.several(tx, [film.family for film in films.values()])
    pairs = [(film, known_[film.family]) for film in films.values()]
    queued = rules.queue(pairs, asked, retention.holds(tx), kept, today)
    items = [Item(one, films[one.due.recording], known_[films[one.due.recording].family]) for one in queued]
    return items[:MOST]


def _hold(tx: Tx, family: FamilyId) -> Hold | None:
    in_force = [one for one in retention.holds_of(tx, family) if one.lifted is None]
    return in_force[0] if in_force else None


def _certificate(tx: Tx, recording: RecordingId) -> dict[str, object]:
    one = known(erasure.get(tx, recording))
    return {
        "recording": one.recording,
        "ground": one.ground.value,
        "was": one.was.value,
        "begun": one.begun.isoformat(),
        "key_gone": None if one.key_gone is None else one.key_gone.isoformat(),
        "completed": None if one.completed is None else one.completed.isoformat(),
        "parts": [
            {"number": part.number, "sha256": part.sha256, "sealed_bytes": part.sealed_bytes}
            for part in one.parts
        ],
    }
