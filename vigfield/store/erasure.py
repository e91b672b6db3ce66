"""Erased films: the key out of its row, and a certificate that is only ever completed."""

import json
from collections.abc import Sequence
from datetime import datetime

from vigfield.errors import Unknown
from vigfield.model import Certificate, Ground, Kind, RecordingId, RecordingState
from vigfield.store import audit, outbox, recordings, stills
from vigfield.store.audit import Happening
from vigfield.store.columns import from_list, from_time, to_time
from vigfield.store.db import Row, Tx


def begin(tx: Tx, id_: RecordingId, ground: Ground, files: Sequence[tuple[str, int]], now: datetime) -> None:
    """Take the sealed key out of its row and begin the certificate; nothing undoes this.

    Copies of the key may be left in free pages until the store was scrubbed. Raises errors.Unknown, and
    ValueError when a certificate has been begun already.
    """
    recording = recordings.get(tx, id_)
    if recording is None:
        raise Unknown("no recording has this id")
    tx.insert(
        "certificate",
        recording=id_,
        ground=ground.value,
        was=recording.state.value,
        files=from_list(files),
        begun=from_time(now),
    )
    tx.execute(
        "UPDATE recording SET wrapped_key = zeroblob(0), state = ? WHERE id = ?",
        RecordingState.ERASING.value,
        id_,
    )
    audit.append(tx, now, Happening.ERASING_BEGAN, id_, ground=ground.value)


def key_gone(tx: Tx, id_: RecordingId, now: datetime) -> None:
    """Write down that no copy of the sealed key is left in the vault; the service is told from now on."""
    if _first(tx, "key_gone", id_, now):
        outbox.touch(tx, Kind.RECORDING, id_, now)
        stills.remove_all(tx, id_, now)


def complete(tx: Tx, id_: RecordingId, now: datetime) -> None:
    """Write down that no file is left either: the film is erased. ValueError while its key is not gone."""
    if _first(tx, "completed", id_, now):
        tx.execute("UPDATE recording SET state = ? WHERE id = ?", RecordingState.ERASED.value, id_)
        audit.append(tx, now, Happening.FILM_ERASED, id_)


def get(tx: Tx, id_: RecordingId) -> Certificate | None:
    """The certificate of a recording, if it was erased or is being erased."""
    row = tx.one("SELECT * FROM certificate WHERE recording = ?", id_)
    return None if row is None else _certificate(tx, row)


def all(tx: Tx) -> list[Certificate]:  # noqa: A001  read as erasure.all
    """Every certificate, newest first."""
    rows = tx.all("SELECT * FROM certificate ORDER BY begun DESC, recording")
    return [_certificate(tx, row) for row in rows]


def unfinished(tx: Tx) -> list[RecordingId]:
    """The recordings that are being erased, oldest first."""
    rows = tx.all("SELECT recording FROM certificate WHERE completed IS NULL ORDER BY begun, recording")
    return [RecordingId(row["recording"]) for row in rows]


def _first(tx: Tx, column: str, id_: RecordingId, now: datetime) -> bool:
    """Put a time in a column, once; whether it was not there yet."""
    sql = f"UPDATE certificate SET {column} = ? WHERE recording = ? AND {column} IS NULL"  # noqa: S608  our words
    return tx.execute(sql, from_time(now), id_) > 0


def _certificate(tx: Tx, row: Row) -> Certificate:
    recording = recordings.get(tx, row["recording"])
    assert recording is not None
    return Certificate(
        recording=recording.id,
        ground=Ground(row["ground"]),
        was=RecordingState(row["was"]),
        parts=recording.parts,
        files=tuple((name, size) for name, size in json.loads(row["files"])),
        begun=to_time(row["begun"]),
        key_gone=_time(row["key_gone"]),
        completed=_time(row["completed"]),
    )


def _time(text: str | None) -> datetime | None:
    return None if text is None else to_time(text)
