"""What is to be erased until when, and the holds that stop it."""

from datetime import date, datetime

from vigfield.errors import Unknown
from vigfield.model import Due, FamilyId, Ground, Hold, HoldKind, RecordingId, What
from vigfield.store import audit
from vigfield.store.audit import Happening
from vigfield.store.columns import from_time, to_time
from vigfield.store.db import Row, Tx


def ask(tx: Tx, due: Due) -> bool:
    """Queue an erasure; one that waits already keeps the earlier day. Whether anything was changed."""
    changed = tx.execute(
        """INSERT INTO due (recording, what, ground, asked, by) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (recording, what) DO UPDATE
        SET ground = excluded.ground, asked = excluded.asked, by = excluded.by, done = NULL
        WHERE done IS NOT NULL OR excluded.by < by""",
        due.recording,
        due.what.value,
        due.ground.value,
        from_time(due.asked),
        due.by.isoformat(),
    )
    if changed:
        audit.append(
            tx,
            due.asked,
            Happening.ERASURE_ASKED,
            due.recording,
            what=due.what.value,
            ground=due.ground.value,
        )
    return changed > 0


def done(tx: Tx, recording: RecordingId, what: What, now: datetime) -> None:
    """What was queued is erased; nothing happens when it was not queued."""
    tx.execute(
        "UPDATE due SET done = ? WHERE recording = ? AND what = ? AND done IS NULL",
        from_time(now),
        recording,
        what.value,
    )


def take_back(tx: Tx, recording: RecordingId, now: datetime) -> None:
    """What was queued for a withdrawal is agreed to again: it is not erased for that any more."""
    changed = tx.execute(
        "UPDATE due SET done = ? WHERE recording = ? AND ground = ? AND done IS NULL",
        from_time(now),
        recording,
        Ground.CONSENT_WITHDRAWN.value,
    )
    if changed:
        audit.append(tx, now, Happening.ERASURE_TAKEN_BACK, recording)


def asked(tx: Tx) -> list[Due]:
    """Every erasure that was asked for and is not done."""
    return [_due(row) for row in tx.all("SELECT * FROM due WHERE done IS NULL ORDER BY by, recording, what")]


def asked_of(tx: Tx, recording: RecordingId) -> list[Due]:
    """What is queued of one film."""
    rows = tx.all("SELECT * FROM due WHERE recording = ? AND done IS NULL ORDER BY what", recording)
    return [_due(row) for row in rows]


def hold(tx: Tx, one: Hold) -> None:
    """Begin a hold. ValueError when the family is held already, or when there is no reason."""
    tx.insert(
        "hold",
        id=one.id,
        family=one.family,
        kind=one.kind.value,
        reason=one.reason,
        begun=from_time(one.begun),
    )
    audit.append(tx, one.begun, Happening.HOLD_BEGAN, one.family, why=one.kind.value)


def lift(tx: Tx, family: FamilyId, reason: str, now: datetime) -> None:
    """End the hold of a family, with the reason. Raises errors.Unknown when there is none."""
    changed = tx.execute(
        "UPDATE hold SET lifted = ?, lifted_reason = ? WHERE family = ? AND lifted IS NULL",
        from_time(now),
        reason,
        family,
    )
    if not changed:
        raise Unknown("no hold is in force")
    audit.append(tx, now, Happening.HOLD_LIFTED, family)


def holds(tx: Tx) -> list[Hold]:
    """Every hold that is in force."""
    return [_hold(row) for row in tx.all("SELECT * FROM hold WHERE lifted IS NULL ORDER BY begun, id")]


def holds_of(tx: Tx, family: FamilyId) -> list[Hold]:
    """Every hold that a family has or had, oldest first."""
    return [_hold(row) for row in tx.all("SELECT * FROM hold WHERE family = ? ORDER BY begun, id", family)]


def _due(row: Row) -> Due:
    return Due(
        RecordingId(row["recording"]),
        What(row["what"]),
        Ground(row["ground"]),
        to_time(row["asked"]),
        date.fromisoformat(row["by"]),
    )


def _hold(row: Row) -> Hold:
    lifted = row["lifted"]
    return Hold(
        id=row["id"],
        family=row["family"],
        kind=HoldKind(row["kind"]),
        reason=row["reason"],
        begun=to_time(row["begun"]),
        lifted=None if lifted is None else to_time(lifted),
        lifted_reason=row["lifted_reason"],
    )
