"""Sessions: when and where people are met, and whether it took place."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from vigfield.errors import Unknown
from vigfield.model import FamilyId, Kind, Place, Session, SessionId, SessionKind, SessionStatus, Undo
from vigfield.store import audit, families, outbox
from vigfield.store.audit import Happening
from vigfield.store.columns import from_list, from_time, to_time
from vigfield.store.db import Row, Tx, Value

LONGEST = timedelta(days=2)  # of a session with its travel; what began earlier is over


def add(tx: Tx, session: Session, now: datetime) -> None:
    """Add a session. ValueError when its id is taken or its family is not known."""
    with _work_of(tx, session, session, now):
        tx.insert("session", id=session.id, **_columns(session))
    audit.append(tx, now, Happening.SESSION_ADDED, session.id, family=session.family or "")
    _remember_room(tx, session)
    _tell(tx, session, now, visit=session.status is SessionStatus.TOOK_PLACE)


def change(tx: Tx, session: Session, now: datetime) -> None:
    """Write a session as it is now, with the next sequence number. Raises errors.Unknown.

    Where it stands is changed by `mark` alone.
    """
    before = _known(tx, session.id)
    newer = max(session.sequence, before.sequence + 1)
    changed = replace(session, status=before.status, reason=before.reason, sequence=newer)
    with _work_of(tx, before, changed, now):
        _update(tx, changed)
    audit.append(tx, now, Happening.SESSION_CHANGED, session.id)
    _remember_room(tx, changed)
    _tell(tx, changed, now, visit=before.status is SessionStatus.TOOK_PLACE)


def get(tx: Tx, id_: SessionId) -> Session | None:
    """The session with this id."""
    row = tx.one("SELECT * FROM session WHERE id = ?", id_)
    return None if row is None else _session(row)


def several(tx: Tx, ids: Iterable[str]) -> dict[str, Session]:
    """The sessions with these ids, as far as there are any."""
    sql = "SELECT session.* FROM json_each(?) AS wanted CROSS JOIN session ON session.id = wanted.value"
    return {row["id"]: _session(row) for row in tx.all(sql, json.dumps(sorted(set(ids))))}


def with_uid(tx: Tx, uid: str) -> Session | None:
    """The session that came from a calendar file under this UID, or that a file of ours told of."""
    row = tx.one("SELECT * FROM session WHERE uid = ?1 AND uid <> ''", uid)
    return None if row is None else _session(row)


def on(tx: Tx, start: datetime, end: datetime) -> list[Session]:
    """The sessions that start at or after `start` and before `end`, in order."""
    rows = tx.all(
        "SELECT * FROM session WHERE ? <= starts AND starts < ? ORDER BY starts, id",
        from_time(start),
        from_time(end),
    )
    return [_session(row) for row in rows]


def around(tx: Tx, start: datetime, end: datetime) -> list[Session]:
    """The sessions that may go on at some time between `start` and `end`; also those that began before."""
    return on(tx, start - LONGEST, end + LONGEST)


def following(tx: Tx, moment: datetime) -> Session | None:
    """The next session that is still to come."""
    row = tx.one(
        """SELECT * FROM session WHERE starts >= ? AND status IN ('booked', 'arrived')
        ORDER BY starts, id LIMIT 1""",
        from_time(moment),
    )
    return None if row is None else _session(row)


def of_family(tx: Tx, family: FamilyId) -> list[Session]:
    """The sessions of a family, in order."""
    rows = tx.all("SELECT * FROM session WHERE family = ? ORDER BY starts, id", family)
    return [_session(row) for row in rows]


def begun(tx: Tx, family: FamilyId) -> datetime | None:
    """When the first session of a family began that took place; None before it."""
    row = tx.one(
        "SELECT min(starts) AS first FROM session WHERE family = ? AND status = 'took-place'", family
    )
    return None if row is None or row["first"] is None else to_time(row["first"])


def mark(
    tx: Tx,
    id_: SessionId,
    status: SessionStatus,
    now: datetime,
    reason: str = "",
    *,
    undo: Undo | None = None,
) -> None:
    """Say where a session stands; nothing happens when it stands there already. Raises errors.Unknown.

    The service is told of a visit once the session took place, and again should that be taken back: `undo`
    then says why, and stands in the event with what was said before.
    """
    session = _known(tx, id_)
    if session.status is status:
        return
    marked = replace(session, status=status, reason=reason, sequence=session.sequence + 1)
    with _work_of(tx, session, marked, now):
        _update(tx, marked)
    undone = {"was": session.status.value, "undo": undo.value} if undo else {}
    audit.append(tx, now, Happening.SESSION_MARKED, id_, status=status.value, **undone)
    _tell(tx, marked, now, visit=SessionStatus.TOOK_PLACE in (status, session.status))


def _known(tx: Tx, id_: SessionId) -> Session:
    session = get(tx, id_)
    if session is None:
        raise Unknown("no session has this id")
    return session


def _tell(tx: Tx, session: Session, now: datetime, *, visit: bool) -> None:
    """The service is told of sessions with families and of supervision; what a file brought is private.

    A `visit` is a family's; of supervision there is only the session.
    """
    if not session.private:
        outbox.touch(tx, Kind.SESSION, session.id, now)
    if visit and session.family is not None:
        outbox.touch(tx, Kind.VISIT, session.id, now)


@contextmanager
def _work_of(tx: Tx, before: Session, after: Session, now: datetime) -> Iterator[None]:
    """A change of a session; the work with its family is told anew where it begins otherwise by it."""
    began = {family: begun(tx, family) for family in {before.family, after.family} if family is not None}
    yield
    for family, moment in began.items():
        infant = families.infant_of(tx, family)
        if infant is not None and begun(tx, family) != moment:
            outbox.touch(tx, Kind.EPISODE, infant, now)


def _remember_room(tx: Tx, session: Session) -> None:
    if session.place is Place.ROOM and session.room.strip():
        tx.execute("INSERT OR IGNORE INTO room (name) VALUES (?)", session.room.strip())


def _update(tx: Tx, session: Session) -> None:
    columns = _columns(session)
    names = ", ".join(f"{name} = ?" for name in columns)
    tx.execute(f"UPDATE session SET {names} WHERE id = ?", *columns.values(), session.id)  # noqa: S608  our words


def _columns(session: Session) -> dict[str, Value]:
    return {
        "family": session.family,
        "kind": session.kind.value,
        "starts": from_time(session.starts),
        "minutes": session.minutes,
        "place": session.place.value,
        "room": session.room,
        "cycle": session.cycle,
        "on_camera": from_list(session.on_camera),
        "status": session.status.value,
        "travel": session.travel,
        "note": session.note,
        "reason": session.reason,
        "title": session.title,
        "uid": session.uid,
        "sequence": session.sequence,
    }


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
        travel=row["travel"],
        note=row["note"],
        reason=row["reason"],
        title=row["title"],
        uid=row["uid"],
        sequence=row["sequence"],
    )
