"""The reference service's store: the newest version of each resource in one plain SQLite file."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from vigfield import clock
from vigfield.errors import Damaged
from vigfield.service.checks import ADDRESS, Refused, Write, references

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS resource (
    kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, updated INTEGER NOT NULL UNIQUE,
    body TEXT NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID
"""
_READ = "SELECT kind, id, version, updated, body FROM resource WHERE kind = ? AND id = ?"
_WRITE = "INSERT OR REPLACE INTO resource (kind, id, version, updated, body) VALUES (?, ?, ?, ?, ?)"
_LAST = "SELECT coalesce(max(updated), 0) FROM resource"
_SPAN = "FROM resource WHERE kind = ? AND updated > ? AND updated <= ?"
_COUNT = f"SELECT count(*) {_SPAN}"
_OLDEST = f"SELECT kind, id, version, updated, body {_SPAN} ORDER BY updated ASC LIMIT ?"
_NEWEST = f"SELECT kind, id, version, updated, body {_SPAN} ORDER BY updated DESC LIMIT ?"


@dataclass(frozen=True, slots=True)
class Record:
    """A stored resource: `version` counts from 1; `updated`, in milliseconds since 1970, is unique."""

    kind: str
    id: str
    version: int
    updated: int
    body: str

    @property
    def etag(self) -> str:
        """The version as an ETag."""
        return f'W/"{self.version}"'

    @property
    def moment(self) -> datetime:
        """When it was written."""
        return _EPOCH + timedelta(milliseconds=self.updated)

    @property
    def resource(self) -> dict[str, object]:
        """The resource, with the `meta` fields that a server sets."""
        resource: dict[str, object] = json.loads(self.body)
        sent = resource.get("meta")
        meta = {**sent} if isinstance(sent, dict) else {}
        meta |= {"versionId": str(self.version), "lastUpdated": instant(self.moment)}
        return {**resource, "meta": meta}


@dataclass(frozen=True, slots=True)
class Query:
    """A search by time: `after` and `until` (inclusive) in milliseconds, newest first if `newest_first`."""

    kind: str
    after: int
    until: int
    count: int
    newest_first: bool


@dataclass(frozen=True, slots=True)
class Page:
    """What a search found: the first records, and how many there are in all."""

    records: tuple[Record, ...]
    total: int


class Records:
    """The store. Every method may be called from any thread; errors.Damaged if the file is no database."""

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        try:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute(_SCHEMA)
        except sqlite3.DatabaseError:
            self._db.close()
            raise Damaged("the reference service's database does not open") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def read(self, kind: str, id_: str) -> Record | None:
        """The newest version, or None."""
        with self._lock:
            return self._read(kind, id_)

    def write(self, writes: Sequence[Write]) -> list[Record]:
        """Write all, or nothing: Refused if a version is not the expected one, or a target is missing."""
        with self._lock, self._transaction():
            written = [self._write(one) for one in writes]
            for one in writes:
                self._check_targets(one)
            return written

    def search(self, query: Query) -> Page:
        """The first `count` records of one kind written in a span of time, in the order of their writing."""
        span = (query.kind, query.after, query.until)
        listing = _NEWEST if query.newest_first else _OLDEST
        with self._lock:
            (total,) = self._db.execute(_COUNT, span).fetchone()
            rows = self._db.execute(listing, (*span, query.count)).fetchall()
        return Page(tuple(Record(*row) for row in rows), total)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _read(self, kind: str, id_: str) -> Record | None:
        row = self._db.execute(_READ, (kind, id_)).fetchone()
        return Record(*row) if row else None

    def _write(self, one: Write) -> Record:
        held = self._read(one.kind, one.id)
        if one.if_match and (held is None or str(held.version) != one.if_match):
            raise Refused(412, f"{one.address}: version {one.if_match} is not the newest here")
        version = held.version + 1 if held else 1
        record = Record(one.kind, one.id, version, self._next_moment(), json.dumps(one.resource))
        self._db.execute(_WRITE, (record.kind, record.id, record.version, record.updated, record.body))
        return record

    def _next_moment(self) -> int:
        last: int = self._db.execute(_LAST).fetchone()[0]
        return max(milliseconds(clock.now()), last + 1)

    def _check_targets(self, one: Write) -> None:
        for target in references(one.resource):
            address = ADDRESS.fullmatch(target)
            if address is None or self._read(address["kind"], address["id"]) is None:
                raise Refused(422, f"{one.address}: the reference {target[:140]} leads nowhere")


def milliseconds(moment: datetime) -> int:
    """Whole milliseconds since 1970."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def instant(moment: datetime) -> str:
    """A FHIR instant in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
