"""Films on their way to the service: where each sealed file goes, how much is there, and what ended it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from vigfield.errors import Unknown
from vigfield.model import Kind, RecordingId, Snag, Upload, UploadPart, UploadState
from vigfield.store import audit, outbox
from vigfield.store.audit import Happening
from vigfield.store.columns import from_time, to_time
from vigfield.store.db import Row, Tx


def begin(tx: Tx, one: Upload) -> None:
    """A film is to go, before its first byte does; an upload that was taken back begins anew.

    Until all has arrived the service's record goes on saying that it was taken back. ValueError when an
    upload of this film goes on, or has arrived.
    """
    before = get(tx, one.recording)
    if before is not None and before.state is not UploadState.TAKEN_BACK:
        raise ValueError("an upload of this film is under way")
    tx.execute("DELETE FROM upload_part WHERE recording = ?", one.recording)
    tx.execute("DELETE FROM upload WHERE recording = ?", one.recording)
    tx.insert(
        "upload",
        recording=one.recording,
        state=UploadState.GOING.value,
        policy=one.policy,
        kid=one.kid,
        sealed_key=one.sealed_key,
        base=one.base,
        begun=from_time(one.begun),
        taken_back=None if before is None or before.taken_back is None else from_time(before.taken_back),
        removed=int(before is not None and before.removed),
    )
    for part in one.parts:
        tx.insert("upload_part", recording=one.recording, number=part.number)
    audit.append(tx, one.begun, Happening.FILM_SENDING_BEGAN, one.recording, policy=one.policy)


def located(tx: Tx, recording: RecordingId, number: int, location: str) -> None:
    """A part has this place at the service, and nothing in it; written before a byte goes there."""
    _part(tx, recording, UploadPart(number, location))


def reached(tx: Tx, recording: RecordingId, number: int, offset: int) -> None:
    """The service says that it has `offset` bytes of a part."""
    tx.execute(
        "UPDATE upload_part SET reached = ? WHERE recording = ? AND number = ?", offset, recording, number
    )


def arrived(tx: Tx, recording: RecordingId, part: UploadPart) -> None:
    """The service has all of a part."""
    _part(tx, recording, part)


def whole(tx: Tx, recording: RecordingId, now: datetime) -> None:
    """All parts have arrived; the service is told where, and with which key, in its record."""
    tx.execute(
        "UPDATE upload SET ended = ?, taken_back = NULL, removed = 0 WHERE recording = ?",
        from_time(now),
        recording,
    )
    _to(tx, recording, UploadState.WHOLE)
    audit.append(tx, now, Happening.FILM_SENT, recording)
    outbox.touch(tx, Kind.COPY, recording, now)


def stuck(tx: Tx, recording: RecordingId, snag: Snag, words: str = "") -> None:
    """It goes no further by itself, and why; `words` are the server's."""
    _to(tx, recording, UploadState.STUCK, snag, words)


def go_on(tx: Tx, recording: RecordingId) -> None:
    """A person wants a film that is stuck to be tried again; nothing happens to any other."""
    tx.execute(
        "UPDATE upload SET state = ?, snag = NULL, words = '' WHERE recording = ? AND state = ?",
        UploadState.GOING.value,
        recording,
        UploadState.STUCK.value,
    )


def take_back(tx: Tx, recording: RecordingId, now: datetime) -> None:
    """It must not be at the service; where the service's record named it, that changes at once."""
    _to(tx, recording, UploadState.TAKING_BACK)
    tx.execute("UPDATE upload SET taken_back = ? WHERE recording = ?", from_time(now), recording)
    audit.append(tx, now, Happening.FILM_TAKING_BACK, recording)
    _retell(tx, recording, now)


def taken_back(tx: Tx, recording: RecordingId, removed: bool, now: datetime) -> None:
    """Nothing of it is at the service any more as far as the server says, or that it cannot remove it."""
    _to(tx, recording, UploadState.TAKEN_BACK)
    tx.execute("UPDATE upload SET removed = ? WHERE recording = ?", int(removed), recording)
    if removed:
        tx.execute("UPDATE upload_part SET location = '', reached = 0 WHERE recording = ?", recording)
    audit.append(tx, now, Happening.FILM_TAKEN_BACK, recording, removed=int(removed))
    _retell(tx, recording, now)


def get(tx: Tx, recording: RecordingId) -> Upload | None:
    """The upload of a film, if there ever was one."""
    row = tx.one("SELECT * FROM upload WHERE recording = ?", recording)
    return None if row is None else replace(_upload(row), parts=_parts(tx, recording))


def newest(tx: Tx, limit: int) -> list[RecordingId]:
    """Films of which there is an upload, the last begun first."""
    rows = tx.all("SELECT recording FROM upload ORDER BY begun DESC, recording LIMIT ?", limit)
    return [RecordingId(row["recording"]) for row in rows]


def open(tx: Tx) -> list[RecordingId]:  # noqa: A001  read as uploads.open
    """Films of which there is an upload: what is to be taken back first, then as they were begun."""
    rows = tx.all("SELECT recording FROM upload ORDER BY state <> 'taking-back', begun, recording")
    return [RecordingId(row["recording"]) for row in rows]


def untold(tx: Tx, limit: int) -> list[RecordingId]:
    """Films that can be played, without an upload, whose family once agreed to one; oldest first."""
    rows = tx.all(
        """SELECT id FROM recording
        WHERE state IN ('whole', 'interrupted')
            AND NOT EXISTS (SELECT 1 FROM upload WHERE upload.recording = recording.id)
            AND EXISTS (SELECT 1 FROM consent WHERE consent.family = recording.family
                AND consent.agreed LIKE '%"send-video"%')
        ORDER BY started, id LIMIT ?""",
        limit,
    )
    return [RecordingId(row["id"]) for row in rows]


def _retell(tx: Tx, recording: RecordingId, now: datetime) -> None:
    if outbox.item(tx, Kind.COPY, recording) is not None:
        outbox.touch(tx, Kind.COPY, recording, now)


def _to(
    tx: Tx, recording: RecordingId, state: UploadState, snag: Snag | None = None, words: str = ""
) -> None:
    changed = tx.execute(
        "UPDATE upload SET state = ?, snag = ?, words = ? WHERE recording = ?",
        state.value,
        None if snag is None else snag.value,
        words[: outbox.LONGEST_WORDS],
        recording,
    )
    if not changed:
        raise Unknown("there is no upload of this film")


def _part(tx: Tx, recording: RecordingId, part: UploadPart) -> None:
    changed = tx.execute(
        """UPDATE upload_part SET location = ?, reached = ?, arrived = ?, verified = ?
        WHERE recording = ? AND number = ?""",
        part.location,
        part.reached,
        int(part.arrived),
        int(part.verified),
        recording,
        part.number,
    )
    if not changed:
        raise Unknown("an upload has no such part")


def _parts(tx: Tx, recording: str) -> tuple[UploadPart, ...]:
    rows: Sequence[Row] = tx.all("SELECT * FROM upload_part WHERE recording = ? ORDER BY number", recording)
    return tuple(_upload_part(row) for row in rows)


def _upload_part(row: Row) -> UploadPart:
    return UploadPart(
        row["number"], row["location"], row["reached"], bool(row["arrived"]), bool(row["verified"])
    )


def _upload(row: Row) -> Upload:
    return Upload(
        recording=RecordingId(row["recording"]),
        state=UploadState(row["state"]),
        policy=row["policy"],
        kid=row["kid"],
        sealed_key=bytes(row["sealed_key"]),
        base=row["base"],
        begun=to_time(row["begun"]),
        ended=None if row["ended"] is None else to_time(row["ended"]),
        taken_back=None if row["taken_back"] is None else to_time(row["taken_back"]),
        removed=bool(row["removed"]),
        snag=None if row["snag"] is None else Snag(row["snag"]),
        words=row["words"],
    )
