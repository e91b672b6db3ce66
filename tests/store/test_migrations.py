"""The schema goes forward one whole step at a time, and a sealed copy is taken first."""

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.store.examples import NOW, add_all, key, new_family, opened
from vigfield.errors import Damaged
from vigfield.seal import Key
from vigfield.store import Store, families, migrate
from vigfield.store.migrate import Step, copy_path

NEXT = "ALTER TABLE family ADD COLUMN note TEXT NOT NULL DEFAULT ''; CREATE TABLE extra (id TEXT) STRICT;"
FAULTY = NEXT + " INSERT INTO nowhere VALUES (1);"


def future(monkeypatch: pytest.MonkeyPatch, *scripts: str) -> None:
    """Pretend that these steps follow the ones there are."""
    now = migrate.steps()
    more = tuple(Step(now[-1].to + n, sql) for n, sql in enumerate(scripts, 1))
    monkeypatch.setattr(migrate, "steps", lambda: now + more)


def test_the_steps_are_numbered_without_gaps() -> None:
    steps = migrate.steps()
    assert [step.to for step in steps] == list(range(1, len(steps) + 1))


def test_a_new_database_is_at_the_newest_version_and_has_no_copy(tmp_path: Path) -> None:
    with opened(tmp_path / "data.db") as store:
        row = store.run_sync(lambda tx: tx.one("PRAGMA user_version"))
    assert row == {"user_version": migrate.steps()[-1].to}
    assert [path.name for path in tmp_path.iterdir()] == ["data.db"]


def test_a_step_forward_takes_a_sealed_copy_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, version = tmp_path / "data.db", migrate.steps()[-1].to
    with opened(path) as store:
        family = store.run_sync(add_all)[0]
    future(monkeypatch, NEXT, "CREATE TABLE more (id TEXT) STRICT;")
    with opened(path) as store:
        assert store.run_sync(families.all) == [family]
        store.run_sync(lambda tx: families.add(tx, new_family("B"), NOW))
        assert store.run_sync(lambda tx: tx.one("PRAGMA user_version")) == {"user_version": version + 2}
    monkeypatch.undo()
    copy = copy_path(path, version)
    assert copy.stat().st_mode & 0o777 == 0o600
    assert b"Ailsa" not in copy.read_bytes()
    with pytest.raises(Damaged):
        asyncio.run(Store.open(copy, Key(bytes(32))))
    with opened(copy) as store:
        assert store.run_sync(families.all) == [family]


def test_a_copy_holds_what_a_killed_process_had_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "live").mkdir()
    (tmp_path / "found").mkdir()
    with opened(tmp_path / "live" / "data.db") as store:
        family = store.run_sync(add_all)[0]
        for name in ("data.db", "data.db-wal"):
            shutil.copy(tmp_path / "live" / name, tmp_path / "found")
    future(monkeypatch, NEXT)
    with opened(tmp_path / "found" / "data.db"):
        pass
    monkeypatch.undo()
    with opened(copy_path(tmp_path / "found" / "data.db", migrate.steps()[-1].to)) as store:
        assert store.run_sync(families.all) == [family]


def test_a_step_that_fails_leaves_the_version_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "data.db"
    with opened(path) as store:
        family = store.run_sync(add_all)[0]
    future(monkeypatch, FAULTY)
    with pytest.raises(ValueError, match="migration"):
        asyncio.run(Store.open(path, key()))
    monkeypatch.undo()
    with opened(path) as store:
        assert store.run_sync(families.all) == [family]
        assert store.run_sync(lambda tx: tx.one("SELECT 1 FROM sqlite_schema WHERE name = 'extra'")) is None


def test_a_step_that_failed_can_be_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "data.db"
    with opened(path) as store:
        store.run_sync(add_all)
    future(monkeypatch, FAULTY)
    with pytest.raises(ValueError, match="migration"):
        asyncio.run(Store.open(path, key()))
    monkeypatch.undo()
    future(monkeypatch, NEXT)
    with opened(path) as store:
        assert len(store.run_sync(families.all)) == 1


def test_every_past_schema_still_opens(tmp_path: Path) -> None:
    """One sealed database per released schema is kept beside this test, made with the key of the examples."""
    found = sorted(Path(__file__).parent.glob("schema-*.db"))
    assert len(found) == len(migrate.steps())
    for past in found:
        shutil.copy(past, tmp_path)
        with opened(tmp_path / past.name) as store:
            (family,) = store.run_sync(families.all)
            assert family.code == "HEATHER-12"
            assert store.run_sync(lambda tx: tx.all("PRAGMA foreign_key_check")) == []
