"""Sessions: when and where a family is met, and whether it took place."""

import json
from datetime import datetime

from vigfield.errors import Unknown
from vigfield.model import FamilyId, Kind, Place, Session, SessionId, SessionKind, SessionStatus
from vigfield.store import audit, outbox
from vigfield.store.audit import Happening
from vigfield.store.columns import from_list, from_time, to_time
from vigfield.store.db import Row, Tx


def add(tx: Tx, session: Session, now: datetime) -> None:
    """Add a session. ValueError when its id is taken or its family is not known."""
    tx.insert(
        "session",
        id=session.id,
        family=session.family,
        kind=session.kind.value,
        starts=from_time(session.starts),
        minutes=session.minutes,
        place=session.place.value,
        room=session.room,
        cycle=session.cycle,
        on_camera=from_list(session.on_camera),
        status=session.status.value,
    )
    audit.append(tx, now, Happening.SESSION_ADDED, session.id, family=session.family)
    outbox.touch(tx, Kind.SESSION, session.id, now)
    if session.status is SessionStatus.TOOK_PLACE:
        outbox.touch(tx, Kind.VISIT, session.id, now)


def get(tx: Tx, id_: SessionId) -> Session | None:
    """The session with this id."""
    row = tx.one("SELECT * FROM session WHERE id = ?", id_)
    return None if row is None else _session(row)


def on(tx: Tx, start: datetime, end: datetime) -> list[Session]:
    """The sessions that start at or after `start` and before `end`, in order."""
    rows = tx.all(
        "SELECT * FROM session WHERE ? <= starts AND starts < ? ORDER BY starts, id",
        from_time(start),
        from_time(end),
    )
    return [_session(row) for row in rows]


def of_family(tx: Tx, family: FamilyId) -> list[Session]:
    """The sessions of a family, in order."""
    rows = tx.all("SELECT * FROM session WHERE family = ? ORDER BY starts, id", family)
    return [_session(row) for row in rows]


def mark(tx: Tx, id_: SessionId, status: SessionStatus, now: datetime) -> None:
    """Say where a session stands; nothing happens when it stands there already. Raises errors.Unknown.

    The service is told of a visit once the session took place, and again should that be taken back.
    """
    session = get(tx, id_)
    if session is None:
        raise Unknown("no session has this id")
    if session.status is status:
        return
    tx.execute("UPDATE session SET status = ? WHERE id = ?", status.value, id_)
    audit.append(tx, now, Happening.SESSION_MARKED, id_, status=status.value)
    outbox.touch(tx, Kind.SESSION, id_, now)
    if SessionStatus.TOOK_PLACE in (status, session.status):
        outbox.touch(tx, Kind.VISIT, id_, now)


def _session(row: Row) -> Session:
    return Session(
        id=row["id"],
        family=row["family"],
        kind=SessionKind(row["kind"]),
        starts=to_time(row["starts"]),
        minutes=row["minutes"],
        place=Place(row["place"]),
        room=row["room"],
        cycle=row["cycle"],
        on_camera=tuple(json.loads(row["on_camera"])),
        status=SessionStatus(row["status"]),
    )
