"""What the service is to be told: one row per item, changed in the same transaction as the item itself.

An item has two counters of our own changes: `version` counts them, `sent_version` is the last one that the
service acknowledged. It is `sent` only while the two are equal; the schema itself refuses anything else.
An answer that comes late, for a version that is no longer the newest, says nothing about the newest.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from vigfield.errors import Unknown
from vigfield.model import Delivery, Kind, OutboxItem
from vigfield.store.columns import from_time, to_time
from vigfield.store.db import Row, Tx

LONGEST_WORDS = 500
_IN_ORDER = "CASE kind " + " ".join(f"WHEN '{kind}' THEN {rank}" for rank, kind in enumerate(Kind)) + " END"
_TO_LOOK_AT = (Delivery.CONFLICT, Delivery.REFUSED, Delivery.WAITING, Delivery.LEFT, Delivery.SENT)
_BY_ORDER = f"ORDER BY {_IN_ORDER}, changed, id"


@dataclass(frozen=True, slots=True)
class Theirs:
    """What the service holds: its JSON and its etag, both empty when it was deleted there.

    `words` are what it said of ours.
    """

    words: str = ""
    text: str = ""
    etag: str = ""


def touch(tx: Tx, kind: Kind, subject: str, now: datetime) -> int:
    """Say that an item is new or has changed; returns its version. It waits, whatever was answered before."""
    row = tx.one(
        """INSERT INTO outbox (kind, id, version, sent_version, etag, delivery, words, changed)
        VALUES (?, ?, 1, 0, '', 'waiting', '', ?)
        ON CONFLICT (kind, id) DO UPDATE SET
            version = version + 1, delivery = 'waiting', words = '', changed = excluded.changed,
            theirs = '', theirs_etag = ''
        RETURNING version""",
        kind.value,
        subject,
        from_time(now),
    )
    assert row is not None
    return int(row["version"])


def waiting(tx: Tx, limit: int, after: OutboxItem | None = None) -> list[OutboxItem]:
    """The first items that wait, or the first after this one.

    The order is one in which references point backwards only: by kind, then by their last change.
    """
    found: list[OutboxItem] = []
    for kind in list(Kind) if after is None else list(Kind)[list(Kind).index(after.kind) :]:
        same = after is not None and after.kind is kind
        since = (from_time(after.changed), after.id) if after is not None and same else ("", "")
        rows = tx.all(
            """SELECT * FROM outbox WHERE delivery = 'waiting' AND kind = ? AND (changed, id) > (?, ?)
            ORDER BY changed, id LIMIT ?""",
            kind.value,
            *since,
            limit - len(found),
        )
        found += [_item(row) for row in rows]
        if len(found) == limit:
            break
    return found


def absent(tx: Tx, items: Iterable[tuple[Kind, str]]) -> set[tuple[Kind, str]]:
    """Which of these the service is not known to hold, in whatever version."""
    rows = tx.all(
        """SELECT outbox.kind, outbox.id FROM json_each(?) AS wanted
        CROSS JOIN outbox ON outbox.kind = wanted.value ->> 0 AND outbox.id = wanted.value ->> 1
        WHERE sent_version = 0 AND etag = '' AND theirs_etag = ''""",
        json.dumps(sorted(items)),
    )
    return {(Kind(row["kind"]), str(row["id"])) for row in rows}


def all(tx: Tx) -> list[OutboxItem]:  # noqa: A001  read as outbox.all
    """Every item but those of the log, in the same order."""
    sql = f"SELECT * FROM outbox WHERE kind <> 'event' {_BY_ORDER}"  # noqa: S608  constants
    return [_item(row) for row in tx.all(sql)]


def to_look_at(tx: Tx, limit: int) -> list[OutboxItem]:
    """Items as a person looks at them: what asks for a decision, waits, is done; without the log."""
    found: list[OutboxItem] = []
    for delivery in _TO_LOOK_AT:
        rows = tx.all(
            """SELECT * FROM outbox WHERE delivery = ? AND kind <> 'event'
            ORDER BY changed DESC, kind, id LIMIT ?""",
            delivery.value,
            limit - len(found),
        )
        found += map(_item, rows)
    return found


def counts(tx: Tx) -> dict[Delivery, int]:
    """How many items stand where, without the log; every state is there."""
    return _counts(tx, "INDEXED BY outbox_record WHERE kind <> 'event'")


def log_counts(tx: Tx) -> dict[Delivery, int]:
    """The same of the entries of the log."""
    return _counts(tx, "INDEXED BY outbox_log WHERE kind = 'event'")


def retry_log(tx: Tx) -> None:
    """Let every entry of the log wait again that was refused."""
    tx.execute(
        "UPDATE outbox SET delivery = 'waiting', words = '' WHERE kind = 'event' AND delivery = 'refused'"
    )


def item(tx: Tx, kind: Kind, subject: str) -> OutboxItem | None:
    """One item, if the service is to be told of it at all."""
    row = tx.one("SELECT * FROM outbox WHERE kind = ? AND id = ?", kind.value, subject)
    return None if row is None else _item(row)


def accept(tx: Tx, kind: Kind, subject: str, version: int, etag: str) -> None:
    """The service acknowledged a version and holds it under this etag.

    The item is sent when that is its newest version; otherwise it stands where it stood. An answer older
    than one stored before changes nothing. Raises errors.Unknown, and ValueError for a version never made.
    """
    changed = tx.execute(
        """UPDATE outbox SET sent_version = ?1, etag = ?2,
            delivery = CASE version WHEN ?1 THEN 'sent' ELSE delivery END,
            words = CASE version WHEN ?1 THEN '' ELSE words END
        WHERE kind = ?3 AND id = ?4 AND sent_version <= ?1 AND ?1 BETWEEN 1 AND version""",
        version,
        etag,
        kind.value,
        subject,
    )
    if not changed:
        _known(tx, kind, subject, version)


def refuse(tx: Tx, kind: Kind, subject: str, version: int, words: str) -> None:
    """The service refused a version; its words (cut to 500 characters) are kept for a person to read."""
    _answered(tx, _known(tx, kind, subject, version), version, Delivery.REFUSED, words)


def conflict(tx: Tx, kind: Kind, subject: str, version: int, theirs: Theirs) -> None:
    """The service holds a change of somebody else's that our version does not know of; both are kept."""
    found = _known(tx, kind, subject, version)
    if not _answered(tx, found, version, Delivery.CONFLICT, theirs.words):
        return
    tx.execute(
        "UPDATE outbox SET theirs = ?, theirs_etag = ? WHERE kind = ? AND id = ?",
        theirs.text,
        theirs.etag,
        kind.value,
        subject,
    )


def theirs(tx: Tx, kind: Kind, subject: str) -> Theirs:
    """What the service holds instead of ours, as it was when the conflict was found."""
    row = tx.one(
        "SELECT words, theirs, theirs_etag FROM outbox WHERE kind = ? AND id = ?", kind.value, subject
    )
    return Theirs() if row is None else Theirs(row["words"], row["theirs"], row["theirs_etag"])


def retry(tx: Tx, kind: Kind, subject: str) -> None:
    """Let a refused item, or one that was left, wait again; nothing happens to any other."""
    tx.execute(
        """UPDATE outbox SET delivery = 'waiting', words = ''
        WHERE kind = ? AND id = ? AND delivery IN ('refused', 'left')""",
        kind.value,
        subject,
    )


def keep_ours(tx: Tx, kind: Kind, subject: str) -> None:
    """A person decided a conflict: ours is to replace exactly what was shown to be there."""
    tx.execute(
        """UPDATE outbox SET delivery = 'waiting', words = '', etag = theirs_etag,
            tried = CASE theirs_etag WHEN '' THEN 0 ELSE tried END, theirs = '', theirs_etag = ''
        WHERE kind = ? AND id = ? AND delivery = 'conflict'""",
        kind.value,
        subject,
    )


def leave(tx: Tx, kind: Kind, subject: str) -> None:
    """A person decided that the service keeps what it has: a refused or conflicting item is not sent.

    Its next change waits again, on top of what was there.
    """
    tx.execute(
        """UPDATE outbox SET delivery = 'left', words = '',
            etag = CASE delivery WHEN 'conflict' THEN theirs_etag ELSE etag END
        WHERE kind = ? AND id = ? AND delivery IN ('refused', 'conflict')""",
        kind.value,
        subject,
    )


def _counts(tx: Tx, which: str) -> dict[Delivery, int]:
    sql = f"SELECT delivery, count(*) AS items FROM outbox {which} GROUP BY delivery"  # noqa: S608  our words
    return dict.fromkeys(Delivery, 0) | {Delivery(row["delivery"]): int(row["items"]) for row in tx.all(sql)}


def _known(tx: Tx, kind: Kind, subject: str, version: int) -> OutboxItem:
    found = item(tx, kind, subject)
    if found is None:
        raise Unknown("the outbox has no such item")
    if not 1 <= version <= found.version:
        raise ValueError("an answer to a version that was never made")
    return found


def _answered(tx: Tx, found: OutboxItem, version: int, delivery: Delivery, words: str) -> bool:
    is_newest = found.sent_version < version == found.version
    if is_newest:
        _put(tx, found, delivery, words[:LONGEST_WORDS])
    return is_newest


def _put(tx: Tx, found: OutboxItem, delivery: Delivery, words: str) -> None:
    tx.execute(
        "UPDATE outbox SET delivery = ?, words = ? WHERE kind = ? AND id = ?",
        delivery.value,
        words,
        found.kind.value,
        found.id,
    )


def _item(row: Row) -> OutboxItem:
    return OutboxItem(
        kind=Kind(row["kind"]),
        id=row["id"],
        version=row["version"],
        sent_version=row["sent_version"],
        etag=row["etag"],
        delivery=Delivery(row["delivery"]),
        words=row["words"],
        changed=to_time(row["changed"]),
        tried=row["tried"],
    )
