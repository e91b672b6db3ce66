"""The only door to SQLCipher: opening a connection with a raw key, and what its errors mean."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlcipher3 import dbapi2

from vigfield.errors import Damaged, DiskFull, UnreadableVault, VaultInUse, VigfieldError
from vigfield.seal import Key

Connection = Any  # sqlcipher3 has no type stubs
BUSY_SECONDS = 5.0
_SETTINGS = """
PRAGMA temp_store = MEMORY;
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = ON;
PRAGMA foreign_keys = ON;
PRAGMA secure_delete = ON;
PRAGMA fullfsync = ON;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
"""


class DamagedDatabase(Damaged):
    """The database itself does not verify: its connection must not be used any more."""


def connect(path: Path, key: Key) -> Connection:
    """A connection for the calling thread alone; the first statement on it makes the file when it is empty.

    Exclusive, so there is no shared-memory file. Raises errors.Damaged when the key does not fit.
    """
    connection = _keyed(path, key, "rw")
    try:
        with translated("settings"):
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
        with translated("version"):
            return int(connection.execute("PRAGMA user_version").fetchone()[0])
    finally:
        connection.close()


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


def _keyed(path: Path, key: Key, mode: str) -> Connection:
    with translated("open"):
        connection = dbapi2.connect(
            f"file:{quote(str(path))}?mode={mode}", uri=True, timeout=BUSY_SECONDS, isolation_level=None
        )
    try:
        with translated("key"):
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
        case ["FULL"] | ["IOERR", "SHMSIZE"]:
            return DiskFull("the disk is full")
        case ["IOERR", *_]:
            return DamagedDatabase(f"the database could not be read or written: {name}")
        case ["CANTOPEN" | "PERM" | "READONLY" | "AUTH", *_]:
            return UnreadableVault(f"the database may not be used: {name}")
        case ["BUSY" | "LOCKED" | "PROTOCOL", *_]:
            return VaultInUse(f"another program uses the database: {name}")
        case ["CONSTRAINT", *_]:
            return ValueError(f"the database refuses: {error}")
        case _:
            return ValueError(f"{name} in: {statement}")
