"""Recordings and their parts: what is known of each film, and its sealed key."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from vigfield.errors import Unknown
from vigfield.model import (
    FamilyId,
    Kind,
    Part,
    Quality,
    Recording,
    RecordingId,
    RecordingState,
    SessionId,
    SessionKind,
)
from vigfield.store import audit, outbox
from vigfield.store.audit import Happening
from vigfield.store.columns import from_list, from_time, to_time
from vigfield.store.db import Row, Tx, Value


def add(tx: Tx, recording: Recording, wrapped_key: bytes, now: datetime) -> None:
    """Add a recording with its sealed key, before its first byte. The service is not told of it yet.

    ValueError when its id is taken, or when its session, family or consent is not known.
    """
    tx.insert(
        "recording",
        id=recording.id,
        session=recording.session,
        family=recording.family,
        consent=recording.consent,
        consent_version=recording.consent_version,
        kind=recording.kind.value,
        started=from_time(recording.started),
        state=recording.state.value,
        width=recording.width,
        height=recording.height,
        mime=recording.mime,
        delivered=recording.quality.delivered,
        encoded=recording.quality.encoded,
        dropped=recording.quality.dropped,
        events=from_list(recording.quality.events),
        wrapped_key=wrapped_key,
    )
    for part in recording.parts:
        add_part(tx, part)
    audit.append(tx, now, Happening.FILMING_BEGAN, recording.id, session=recording.session)


def add_part(tx: Tx, part: Part) -> None:
    """Add a part, before its file is made. ValueError when the recording has a part of this number."""
    tx.insert(
        "part",
        recording=part.recording,
        number=part.number,
        state=part.state.value,
        bytes=part.bytes,
        sealed_bytes=part.sealed_bytes,
        sha256=part.sha256,
        seconds=part.seconds,
        frames=part.frames,
    )


def close_part(tx: Tx, part: Part) -> None:
    """Write down what a part's file has become, after it was closed on the disk. Raises errors.Unknown."""
    changed = tx.execute(
        """UPDATE part SET state = ?, bytes = ?, sealed_bytes = ?, sha256 = ?, seconds = ?, frames = ?
        WHERE recording = ? AND number = ?""",
        part.state.value,
        part.bytes,
        part.sealed_bytes,
        part.sha256,
        part.seconds,
        part.frames,
        part.recording,
        part.number,
    )
    if not changed:
        raise Unknown("no part has this number")


def close(tx: Tx, id_: RecordingId, state: RecordingState, quality: Quality, now: datetime) -> None:
    """Write down how a recording ended; from now on the service is told of it. Raises errors.Unknown."""
    if state is RecordingState.OPEN:
        raise ValueError("a recording does not end open")
    changed = tx.execute(
        """UPDATE recording SET state = ?, delivered = ?, encoded = ?, dropped = ?, events = ?
        WHERE id = ?""",
        state.value,
        quality.delivered,
        quality.encoded,
        quality.dropped,
        from_list(quality.events),
        id_,
    )
    if not changed:
        raise Unknown("no recording has this id")
    audit.append(tx, now, Happening.FILMING_ENDED, id_, state=state.value)
    outbox.touch(tx, Kind.RECORDING, id_, now)


def wrapped_key(tx: Tx, id_: RecordingId) -> bytes | None:
    """The sealed key of a recording."""
    row = tx.one("SELECT wrapped_key FROM recording WHERE id = ?", id_)
    return None if row is None else bytes(row["wrapped_key"])


def get(tx: Tx, id_: RecordingId) -> Recording | None:
    """The recording with this id."""
    found = _where(tx, "id = ?", id_)
    return found[0] if found else None


def of_session(tx: Tx, session: SessionId) -> list[Recording]:
    """The recordings of a session, oldest first."""
    return _where(tx, "session = ?", session)


def of_family(tx: Tx, family: FamilyId) -> list[Recording]:
    """The recordings of a family, oldest first."""
    return _where(tx, "family = ?", family)


def old(tx: Tx, started: datetime, ended: date, limit: int) -> list[Recording]:
    """Films still kept that began before `started`, or whose family's work ended by `ended`; oldest first."""
    rows = tx.all(
        """SELECT id FROM recording
            WHERE state IN ('whole', 'interrupted', 'empty', 'damaged') AND started < ?1
        UNION SELECT recording.id FROM family JOIN recording ON recording.family = family.id
            WHERE family.ended <= ?2 AND state IN ('whole', 'interrupted', 'empty', 'damaged')
        LIMIT ?3""",
        from_time(started),
        ended.isoformat(),
        limit,
    )
    return several(tx, [RecordingId(row["id"]) for row in rows])


def several(tx: Tx, ids: Sequence[RecordingId]) -> list[Recording]:
    """The recordings with these ids, oldest first."""
    return _where(tx, "id IN (SELECT value FROM json_each(?))", json.dumps(list(ids)))


def all(tx: Tx) -> list[Recording]:  # noqa: A001  read as recordings.all
    """Every recording, oldest first."""
    return _where(tx, "true")


def _where(tx: Tx, condition: str, *values: Value) -> list[Recording]:
    parts = defaultdict(list)
    chosen = f"SELECT id FROM recording WHERE {condition}"  # noqa: S608  conditions are constants
    for row in tx.all(f"SELECT * FROM part WHERE recording IN ({chosen}) ORDER BY number", *values):  # noqa: S608
        parts[row["recording"]].append(_part(row))
    rows = tx.all(f"SELECT * FROM recording WHERE {condition} ORDER BY started, id", *values)  # noqa: S608
    return [_recording(row, tuple(parts[row["id"]])) for row in rows]


def _recording(row: Row, parts: tuple[Part, ...]) -> Recording:
    return Recording(
        id=row["id"],
        session=row["session"],
        family=row["family"],
        consent=row["consent"],
        consent_version=row["consent_version"],
        kind=SessionKind(row["kind"]),
        started=to_time(row["started"]),
        state=RecordingState(row["state"]),
        width=row["width"],
        height=row["height"],
        mime=row["mime"],
        parts=parts,
        quality=_quality(row),
    )


def _part(row: Row) -> Part:
    return Part(
        recording=row["recording"],
        number=row["number"],
        state=RecordingState(row["state"]),
        bytes=row["bytes"],
        sealed_bytes=row["sealed_bytes"],
        sha256=row["sha256"],
        seconds=row["seconds"],
        frames=row["frames"],
    )


def _quality(row: Row) -> Quality:
    events = tuple((at, what) for at, what in json.loads(row["events"]))
    return Quality(row["delivered"], row["encoded"], row["dropped"], events)
