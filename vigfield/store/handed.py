"""What was handed to the network, letter by letter: written before it leaves, and never removed."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from vigfield.model import Kind
from vigfield.store.columns import from_time, to_time
from vigfield.store.db import Row, Tx


@dataclass(frozen=True, slots=True)
class Handed:
    """One item as it left: `text` is its JSON. `acknowledged` is None until the service said it has it."""

    kind: Kind
    id: str
    version: int
    text: str
    first: datetime
    last: datetime
    acknowledged: datetime | None


def over(tx: Tx, items: Iterable[tuple[Kind, str, int, str]], now: datetime) -> None:
    """Items (kind, id, version, text) are about to leave; the outbox remembers that they may have arrived."""
    at, going = from_time(now), list(items)
    tx.many(
        """INSERT INTO handed (kind, id, version, text, digest, first, last) VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (kind, id, version, digest) DO UPDATE SET last = excluded.last""",
        [(kind.value, id_, version, text, _digest(text), at, at) for kind, id_, version, text in going],
    )
    tx.many(
        "UPDATE outbox SET tried = max(tried, ?) WHERE kind = ? AND id = ?",
        [(version, kind.value, id_) for kind, id_, version, _ in going],
    )


def acknowledge(tx: Tx, items: Iterable[tuple[Kind, str, int]], now: datetime) -> None:
    """The service has these versions (kind, id, version)."""
    at = from_time(now)
    tx.many(
        """UPDATE handed SET acknowledged = ?
        WHERE kind = ? AND id = ? AND version = ? AND acknowledged IS NULL""",
        [(at, kind.value, id_, version) for kind, id_, version in items],
    )


def newest(tx: Tx, limit: int) -> list[Handed]:
    """The last that left, newest first; without the log."""
    return _newest(tx, "kind <> 'event'", limit)


def newest_of_log(tx: Tx, limit: int) -> list[Handed]:
    """The last entries of the log that left, newest first."""
    return _newest(tx, "kind = 'event'", limit)


def count(tx: Tx) -> int:
    """How many have left, without the log."""
    return _count(tx, "kind <> 'event'")


def count_of_log(tx: Tx) -> int:
    """How many entries of the log have left."""
    return _count(tx, "kind = 'event'")


def _newest(tx: Tx, which: str, limit: int) -> list[Handed]:
    sql = f"SELECT * FROM handed WHERE {which} ORDER BY seq DESC LIMIT ?"  # noqa: S608  our words
    return [_handed(row) for row in tx.all(sql, limit)]


def _count(tx: Tx, which: str) -> int:
    row = tx.one(f"SELECT count(*) AS entries FROM handed WHERE {which}")  # noqa: S608  our words
    return 0 if row is None else int(row["entries"])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _handed(row: Row) -> Handed:
    done = row["acknowledged"]
    return Handed(
        kind=Kind(row["kind"]),
        id=row["id"],
        version=row["version"],
        text=row["text"],
        first=to_time(row["first"]),
        last=to_time(row["last"]),
        acknowledged=None if done is None else to_time(done),
    )
