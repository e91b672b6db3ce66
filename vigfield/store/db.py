"""The database: one thread owns the connection, and one `run` is one transaction."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Self, TypeVar

from vigfield.errors import Broken
from vigfield.seal import Key
from vigfield.store import cipher, files, migrate

T = TypeVar("T")
Row = Mapping[str, Any]
Value = str | int | float | bytes | None


class Tx:
    """A transaction in progress; of no use once the function that was given it has returned."""

    def __init__(self, connection: cipher.Connection) -> None:
        self._connection: cipher.Connection | None = connection

    def execute(self, sql: str, *values: Value) -> int:
        """Run one statement; how many rows it changed. ValueError when a constraint refuses it."""
        with cipher.translated(sql):
            return int(self._open.execute(sql, values).rowcount)

    def many(self, sql: str, rows: Iterable[tuple[Value, ...]]) -> None:
        """Run one statement for each of these rows of values. ValueError when a constraint refuses one."""
        with cipher.translated(sql):
            self._open.executemany(sql, rows)

    def insert(self, table: str, **values: Value) -> None:
        """Add a row. ValueError when a constraint refuses it. Table and columns are our own words."""
        places = ", ".join("?" * len(values))
        sql = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})"  # noqa: S608  no value is in it
        self.execute(sql, *values.values())

    def one(self, sql: str, *values: Value) -> Row | None:
        """The first row of a query, or None when there is none."""
        with cipher.translated(sql):
            cursor = self._open.execute(sql, values)
            row = cursor.fetchone()
            return None if row is None else dict(zip(_columns(cursor), row, strict=True))

    def all(self, sql: str, *values: Value) -> list[Row]:
        """Every row of a query."""
        with cipher.translated(sql):
            cursor = self._open.execute(sql, values)
            columns = _columns(cursor)
            return [dict(zip(columns, row, strict=True)) for row in cursor]

    def end(self) -> None:
        """Make it useless, so that no statement can slip out of the transaction."""
        self._connection = None

    @property
    def _open(self) -> cipher.Connection:
        if self._connection is None:
            raise Broken("the transaction is over")
        return self._connection


class Store:
    """An open database. After damage was met every call raises errors.Broken until it is opened anew."""

    def __init__(self, thread: ThreadPoolExecutor, connection: cipher.Connection, path: Path) -> None:
        self._thread = thread
        self._path = path
        self._connection: cipher.Connection | None = connection

    @classmethod
    async def open(cls, path: Path, key: Key) -> Self:
        """Open the database at `path` and bring it to the newest schema; make it when no file is there.

        Raises errors.Damaged for a wrong key or a damaged file, NewerVault, DiskFull, UnreadableVault, or
        VaultInUse. The key is not kept.
        """
        thread = ThreadPoolExecutor(1, "database")
        opening = thread.submit(migrate.open_current, path, key, migrate.steps())
        try:
            return cls(thread, await asyncio.wrap_future(opening), path)
        except BaseException:
            thread.submit(_close_unused, opening)
            thread.shutdown(wait=False)
            raise

    async def run(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in one transaction: it is on the disk when this returns, or undone when it raises.

        What `work` has read is true only once this returns: damage may show at the commit alone.
        Cancelling the caller does not stop work that has begun.
        """
        return await asyncio.wrap_future(self._submit(work))

    def run_sync(self, work: Callable[[Tx], T]) -> T:
        """As `run`, blocking; for threads other than the event loop's and the database's own."""
        return self._submit(work).result()

    async def verify(self) -> None:
        """Check the seal of every page, read or not; errors.Damaged when one does not verify."""
        await asyncio.wrap_future(self._on_thread(cipher.verify))

    async def scrub(self) -> None:
        """Leave nothing of what was deleted: not in a page, not in the journal, not in a migration's copy.

        SQLite overwrites what it deletes, but not what it once moved to another page: so every page is
        written anew. Safe to repeat; until it has returned, nothing may be called gone. Raises errors.Damaged
        before anything is changed, DiskFull, UnreadableVault, or VaultInUse when the journal stays filled.
        """
        await asyncio.wrap_future(self._on_thread(self._scrub))

    async def close(self) -> None:
        """Finish what was asked for, and close the database. Safe to call twice."""
        with suppress(RuntimeError):  # the thread is shut down: closed before
            await asyncio.wrap_future(self._thread.submit(self._disconnect))
        self._thread.shutdown(wait=False)

    def _submit(self, work: Callable[[Tx], T]) -> Future[T]:
        return self._on_thread(lambda connection: self._in_transaction(connection, work))

    def _on_thread(self, work: Callable[[cipher.Connection], T]) -> Future[T]:
        try:
            return self._thread.submit(self._guarded, work)
        except RuntimeError:
            raise Broken("the database is closed") from None

    def _guarded(self, work: Callable[[cipher.Connection], T]) -> T:
        try:
            return work(self._usable())
        except cipher.DamagedDatabase:
            self._disconnect()
            raise

    def _scrub(self, connection: cipher.Connection) -> None:
        cipher.verify(connection)
        cipher.rewrite(connection)
        files.sync(self._path.with_name(f"{self._path.name}-wal"))
        for copy in migrate.copies(self._path):
            files.overwrite(copy)
            files.remove(copy)

    def _usable(self) -> cipher.Connection:
        if self._connection is None:
            raise Broken("the database is closed, or met damage earlier")
        return self._connection

    def _in_transaction(self, connection: cipher.Connection, work: Callable[[Tx], T]) -> T:
        tx = Tx(connection)
        try:
            tx.execute("BEGIN IMMEDIATE")
            outcome = work(tx)
            tx.execute("COMMIT")
        except BaseException:
            _roll_back(connection)
            raise
        finally:
            tx.end()
        return outcome

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):  # nothing is lost: what was committed is in the journal
                connection.close()


def _close_unused(opening: Future[cipher.Connection]) -> None:
    """Close what was opened for a caller who no longer waits; on the thread that opened it."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


def _roll_back(connection: cipher.Connection) -> None:
    """Undo what is left of a transaction; SQLite has done it by itself after some errors."""
    if connection.in_transaction:
        with suppress(Exception):  # the first error is the one to report; a damaged file fails here too
            connection.execute("ROLLBACK")


def _columns(cursor: Any) -> list[str]:
    return [column[0] for column in cursor.description or ()]
