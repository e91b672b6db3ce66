"""The only door to SQLCipher: opening a connection with a raw key, and what its errors mean."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlcipher3 import dbapi2

from vigfield.errors import Damaged, DiskFailed, DiskFull, UnreadableVault, VaultInUse, VigfieldError
from vigfield.seal import Key

Connection = Any  # sqlcipher3 has no type stubs
BUSY_SECONDS = 5.0
INDEX_BYTES = 65536  # more than a journal's index takes
# A page that does not verify may be handed out as zeros; then every later statement, and above all the
# COMMIT, fails in these words alone. An error of our own SQL always has words of its own.
_NO_WORDS = "SQL logic error"
_SETTINGS = """
PRAGMA temp_store = MEMORY;
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = ON;
PRAGMA foreign_keys = ON;
PRAGMA recursive_triggers = ON;
PRAGMA secure_delete = ON;
PRAGMA fullfsync = ON;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
"""


class DamagedDatabase(Damaged):
    """The database itself does not verify: its connection must not be used any more."""


class FailedDatabase(DamagedDatabase, DiskFailed):
    """The disk failed under the database; its connection must not be used any more, but may be made anew."""


def connect(path: Path, key: Key) -> Connection:
    """A connection for the calling thread alone; the first statement on it makes the file when it is empty.

    Exclusive, so there is no shared-memory file. Raises errors.Damaged when the key does not fit.
    """
    connection = _keyed(path, key, "rw")
    try:
        with _on_disk("settings", path):
            connection.executescript(_SETTINGS)
    except BaseException:
        connection.close()
        raise
    return connection


def version_of(path: Path, key: Key) -> int:
    """The schema's version, read without changing a byte of the database or its journal.

    Raises errors.Damaged when the key does not fit or the file is no database.
    """
    connection = _keyed(path, key, "ro")
    try:
        with _on_disk("version", path):
            return int(connection.execute("PRAGMA user_version").fetchone()[0])
    finally:
        connection.close()


def verify(connection: Connection) -> None:
    """Check the seal of every page; errors.Damaged when one does not verify, and the others still read."""
    with translated("verify"):
        faults = connection.execute("PRAGMA cipher_integrity_check").fetchall()
    if faults:
        raise Damaged(f"{len(faults)} pages of the database do not verify")


def rewrite(connection: Connection) -> None:
    """Write every page anew and empty the journal: what was deleted before is in neither of them.

    Raises errors.VaultInUse when the journal could not be emptied.
    """
    with translated("rewrite"):
        connection.execute("VACUUM")
        busy, left, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy or left:
        raise VaultInUse("the journal could not be emptied")


@contextmanager
def translated(statement: str) -> Iterator[None]:
    """Turn SQLCipher's errors into ours. `statement` is our own SQL: it holds no value and no key.

    What is neither the disk's nor the file's fault is the caller's: ValueError. SQLite's own words are kept
    for broken constraints only (they name columns); any others might quote a value.
    """
    try:
        yield
    except dbapi2.Error as error:
        raise _meaning(error, statement) from None
    except MemoryError:  # what SQLCipher says of a connection that has met a page that does not verify
        raise DamagedDatabase("the database does not verify") from None


@contextmanager
def _on_disk(statement: str, path: Path) -> Iterator[None]:
    """As `translated`, while opening: SQLite calls a disk that is full by other names then."""
    try:
        with translated(statement):
            yield
    except (DamagedDatabase, UnreadableVault):
        if shutil.disk_usage(path.parent).free < INDEX_BYTES:
            raise DiskFull("the disk is full") from None
        raise


def _keyed(path: Path, key: Key, mode: str) -> Connection:
    with _on_disk("open", path):
        connection = dbapi2.connect(
            f"file:{quote(str(path))}?mode={mode}", uri=True, timeout=BUSY_SECONDS, isolation_level=None
        )
    try:
        with _on_disk("key", path):
            _give(connection, key)
    except BaseException:
        connection.close()
        raise
    return connection


def _give(connection: Connection, key: Key) -> None:
    """Hand over the raw key through the C interface, so that it is never part of a statement's text."""
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.execute("PRAGMA cipher_memory_security = ON")
    words = bytearray(b"x'" + key.reveal().hex().encode() + b"'")
    try:
        connection.set_key(words)
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    finally:
        words[:] = bytes(len(words))


def _meaning(error: dbapi2.Error, statement: str) -> VigfieldError | ValueError:
    name = str(getattr(error, "sqlite_errorname", "misuse"))
    match name.split("_")[1:]:
        case ["NOTADB" | "CORRUPT", *_]:
            return DamagedDatabase(f"the database does not verify: {name}")
        case ["FULL"]:
            return DiskFull("the disk is full")
        case ["ERROR"] if str(error) == _NO_WORDS:
            return DamagedDatabase("the database does not verify")
        case ["IOERR", *_]:
            return FailedDatabase(f"the database could not be read or written: {name}")
        case ["CANTOPEN" | "PERM" | "READONLY" | "AUTH", *_]:
            return UnreadableVault(f"the database may not be used: {name}")
        case ["BUSY" | "LOCKED" | "PROTOCOL", *_]:
            return VaultInUse(f"another program uses the database: {name}")
        case ["CONSTRAINT", *_]:
            return ValueError(f"the database refuses: {error}")
        case _:
            return ValueError(f"{name} in: {statement}")
