"""What happened, in order: the one place where events are appended; nothing changes or removes them."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vigfield import clock
from vigfield.model import Kind
from vigfield.store import outbox
from vigfield.store.columns import from_time, to_time
from vigfield.store.db import Row, Tx

_WORD = re.compile(r"[A-Za-z0-9.:_-]{0,64}")


class Happening(StrEnum):
    """The kinds of events."""

    UNLOCKED = "unlocked"
    LOCKED = "locked"
    PASSPHRASE_CHANGED = "passphrase-changed"  # noqa: S105  the name of an event
    RECOVERY_SET = "recovery-set"
    RECOVERY_REMOVED = "recovery-removed"
    RECOVERED = "recovered"
    FAMILY_ADDED = "family-added"
    FAMILY_CHANGED = "family-changed"
    FAMILY_ENDED = "family-ended"
    SESSION_ADDED = "session-added"
    SESSION_CHANGED = "session-changed"
    SESSION_MARKED = "session-marked"
    CALENDAR_IMPORTED = "calendar-imported"
    CALENDAR_EXPORTED = "calendar-exported"
    CONSENT_SIGNED = "consent-signed"
    CONSENT_AMENDED = "consent-amended"
    CONSENT_PARTLY_WITHDRAWN = "consent-partly-withdrawn"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    CONSENT_SHOWN = "consent-shown"
    PAPER_HANDED_OUT = "paper-handed-out"
    ERASURE_ASKED = "erasure-asked"
    ERASURE_TAKEN_BACK = "erasure-taken-back"
    HOLD_BEGAN = "hold-began"
    HOLD_LIFTED = "hold-lifted"
    CERTIFICATES_EXPORTED = "certificates-exported"
    FILMING_BEGAN = "filming-began"
    FILMING_ENDED = "filming-ended"
    FILM_PLAYED = "film-played"
    ERASING_BEGAN = "erasing-began"
    FILM_ERASED = "film-erased"
    STILL_KEPT = "still-kept"
    STILL_REMOVED = "still-removed"
    SERVICE_ENROLLED = "service-enrolled"
    POLICY_TAKEN = "policy-taken"
    FILM_SENDING_BEGAN = "film-sending-began"
    FILM_SENT = "film-sent"
    FILM_TAKING_BACK = "film-taking-back"
    FILM_TAKEN_BACK = "film-taken-back"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to the subject with an id; `detail` holds ids, kinds and counts.

    `id` is its own, under which the service is told of it; empty for what happened before there was one.
    """

    seq: int
    at: datetime
    kind: Happening
    subject: str
    detail: dict[str, str | int]
    id: str = ""


def append(tx: Tx, at: datetime, kind: Happening, subject: str, **detail: str | int) -> int:
    """Write down an event, of which the service is told; its place in the order.

    ValueError for a text that is no id, kind or state.
    """
    words = [subject, *(value for value in detail.values() if isinstance(value, str))]
    if any(_WORD.fullmatch(word) is None for word in words):
        raise ValueError("an event holds ids, kinds and counts only")
    row = tx.one(
        "INSERT INTO event (id, at, kind, subject, detail) VALUES (?, ?, ?, ?, ?) RETURNING seq",
        id_ := clock.new_id(),
        from_time(at),
        kind.value,
        subject,
        json.dumps(detail, sort_keys=True),
    )
    assert row is not None
    outbox.touch(tx, Kind.EVENT, id_, at)
    return int(row["seq"])


def get(tx: Tx, id_: str) -> Event | None:
    """The event with this id."""
    row = tx.one("SELECT * FROM event WHERE id = ?1 AND id <> ''", id_)
    return None if row is None else _event(row)


def all(tx: Tx) -> list[Event]:  # noqa: A001  read as audit.all
    """Every event, oldest first."""
    return [_event(row) for row in tx.all("SELECT * FROM event ORDER BY seq")]


def newest(tx: Tx) -> datetime | None:
    """The latest time of any event, in whatever order they were written."""
    return _time(tx.one("SELECT max(at) AS at FROM event"))


def newest_since(tx: Tx, subject: str) -> datetime | None:
    """The latest time of any event written with, or after, the last one of this subject."""
    return _time(
        tx.one(
            """SELECT at FROM event INDEXED BY event_by_time
            WHERE seq >= (SELECT max(seq) FROM event WHERE subject = ?) ORDER BY at DESC LIMIT 1""",
            subject,
        )
    )


def _time(row: Row | None) -> datetime | None:
    return None if row is None or row["at"] is None else to_time(row["at"])


def of(tx: Tx, subject: str) -> list[Event]:
    """What happened to one subject, oldest first."""
    return [_event(row) for row in tx.all("SELECT * FROM event WHERE subject = ? ORDER BY seq", subject)]


def about(tx: Tx, subjects: Iterable[str], limit: int) -> list[Event]:
    """What happened last to any of these subjects, newest first."""
    wanted = json.dumps(sorted(set(subjects)))
    rows = tx.all(
        """SELECT * FROM event WHERE subject IN (SELECT value FROM json_each(?)) ORDER BY seq DESC LIMIT ?""",
        wanted,
        limit,
    )
    return [_event(row) for row in rows]


def _event(row: Row) -> Event:
    detail = json.loads(row["detail"])
    return Event(row["seq"], to_time(row["at"]), Happening(row["kind"]), row["subject"], detail, row["id"])
