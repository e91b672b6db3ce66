"""Bringing a database to the newest schema: numbered steps forward, each whole or not at all."""

import logging
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from vigfield.errors import Damaged, NewerVault
from vigfield.seal import Key
from vigfield.store import cipher, files

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """The SQL that leads from version `to - 1` to `to`."""

    to: int
    sql: str


def steps() -> tuple[Step, ...]:
    """The steps of this vigfield, from `migrations/NNNN_words.sql`, in order."""
    found = sorted(
        (file.name, file.read_text("utf-8"))
        for file in resources.files("vigfield.store.migrations").iterdir()
        if file.name.endswith(".sql")
    )
    return tuple(Step(int(name[:4]), sql) for name, sql in found)


def open_current(path: Path, key: Key, through: tuple[Step, ...]) -> cipher.Connection:
    """A connection to the database at the newest version; the file is made when it is not there.

    Before an existing database changes its schema, a copy of it, as sealed as itself, is put beside it.
    Raises errors.NewerVault, and errors.Damaged for a wrong key, a damaged or a hollow file; all without
    changing a byte of it.
    """
    version = _version(path, key)
    newest = through[-1].to
    if version > newest:
        raise NewerVault(f"the database has schema {version}")
    if 0 < version < newest:
        _copy(path, key, version)
    connection = cipher.connect(path, key)
    try:
        for step in through[version:]:
            _apply(connection, step)
    except BaseException:
        connection.close()
        raise
    return connection


def copy_path(path: Path, version: int) -> Path:
    """Where the copy of a database from before it left `version` is."""
    return path.with_name(f"{path.name}.schema-{version}")


def copies(path: Path) -> list[Path]:
    """Every copy of a database that a step forward has left, whole or not."""
    names = files.names_in(path.parent)
    return [path.with_name(name) for name in names if name.startswith(f"{path.name}.schema-")]


def _version(path: Path, key: Key) -> int:
    if not files.exists(path):
        files.create_empty(path)
        return 0
    version = cipher.version_of(path, key)
    if version < 1:
        raise Damaged("the database is hollow")
    return version


def _copy(path: Path, key: Key, version: int) -> None:
    cipher.connect(path, key).close()  # folds the journal into the file
    files.copy(path, copy_path(path, version))
    logger.info("copied the database before leaving schema %d", version)


def _apply(connection: cipher.Connection, step: Step) -> None:
    """One step, whole or not at all. References are checked at its end: a table may be made anew in it."""
    with cipher.translated(f"migration {step.to}"):
        connection.executescript("PRAGMA foreign_keys = OFF;")
        try:
            connection.executescript(f"BEGIN IMMEDIATE;\n{step.sql}\nPRAGMA user_version = {step.to};")
            if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise Damaged("a record refers to nothing")
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            connection.executescript("PRAGMA foreign_keys = ON;")
    logger.info("brought the database to schema %d", step.to)
