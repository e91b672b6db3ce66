"""Pictures kept from films: when each was kept and removed; the picture itself is a sealed file."""

from datetime import datetime

from vigfield import clock
from vigfield.model import Kind, RecordingId, Still, StillId
from vigfield.store import audit, outbox
from vigfield.store.audit import Happening
from vigfield.store.columns import from_time, to_time
from vigfield.store.db import Row, Tx


def keep(tx: Tx, recording: RecordingId, number: int, now: datetime) -> None:
    """Write down that a picture was kept, once its file is there."""
    id_ = StillId(clock.new_id())
    tx.insert("still", id=id_, recording=recording, number=number, kept=from_time(now), removed=None)
    audit.append(tx, now, Happening.STILL_KEPT, recording, number=number)
    outbox.touch(tx, Kind.STILL, id_, now)


def remove(tx: Tx, recording: RecordingId, number: int, now: datetime) -> None:
    """Write down that a picture was removed, once its file is gone."""
    _gone(tx, [one for one in _kept(tx, recording) if one.number == number], now)
    audit.append(tx, now, Happening.STILL_REMOVED, recording, number=number)


def remove_all(tx: Tx, recording: RecordingId, now: datetime) -> None:
    """Write down that no picture of a film is left, as its key is gone."""
    _gone(tx, _kept(tx, recording), now)


def get(tx: Tx, id_: StillId) -> Still | None:
    """The picture with this id."""
    row = tx.one("SELECT * FROM still WHERE id = ?", id_)
    return None if row is None else _still(row)


def _kept(tx: Tx, recording: RecordingId) -> list[Still]:
    rows = tx.all("SELECT * FROM still WHERE recording = ? AND removed IS NULL ORDER BY number", recording)
    return [_still(row) for row in rows]


def _gone(tx: Tx, some: list[Still], now: datetime) -> None:
    for one in some:
        tx.execute("UPDATE still SET removed = ? WHERE id = ?", from_time(now), one.id)
        outbox.touch(tx, Kind.STILL, one.id, now)


def _still(row: Row) -> Still:
    removed = row["removed"]
    return Still(
        id=row["id"],
        recording=row["recording"],
        number=row["number"],
        kept=to_time(row["kept"]),
        removed=None if removed is None else to_time(removed),
    )
