"""The schema goes forward one whole step at a time, and a sealed copy is taken first."""

import asyncio
import json
import re
import shutil
from pathlib import Path

import pytest

from tests.store.examples import NOW, add_all, key, new_consent, new_family, opened
from vigfield.errors import Damaged
from vigfield.model import Delivery, Kind, StillId
from vigfield.seal import Key
from vigfield.store import Store, Tx, audit, families, migrate, outbox, practitioner, stills
from vigfield.store.columns import from_time
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


def old_record(tx: Tx) -> None:
    """A family with a film, two pictures of which one was removed, a visit that was sent, and supervision."""
    at = from_time(NOW)
    tx.insert("family", id="f", code="HEATHER-12", added=at)
    tx.insert("infant", id="i", family="f", name="Ailsa", born="2025-03")
    about = {"starts": at, "minutes": 60, "place": "home", "room": "", "cycle": 1, "on_camera": "[]"}
    for id_, family, kind, uid in (
        ("visit", "f", "filming", ""),
        ("supervision", None, "supervision", ""),
        ("dentist", None, "other", "d@example"),
    ):
        tx.insert("session", id=id_, family=family, kind=kind, status="took-place", uid=uid, **about)
    [consent] = [new_consent(new_family("A", "Ailsa", "Morag"))]
    columns = {"footing": consent.footing.value, "agreed": "[]", "on_camera": "[]", "also_present": ""}
    days = {"valid_from": "2026-03-01", "valid_until": "2026-09-01", "signed_at": at, "signature": "{}"}
    form = {"form": "f", "form_version": "1", "form_language": "en", "status": "given", "sessions": "[]"}
    tx.insert("consent", id="c", version=1, family="f", given_by="m", **columns, **days, **form)
    film = {"width": 1, "height": 1, "mime": "", "delivered": 1, "encoded": 1, "dropped": 0, "events": "[]"}
    made = {"consent": "c", "consent_version": 1, "kind": "filming", "started": at, "state": "whole"}
    tx.insert("recording", id="r", session="visit", family="f", wrapped_key=b"k", **film, **made)
    for kind, number in (("still-kept", 1), ("still-kept", 2), ("still-removed", 1)):
        tx.insert("event", at=at, kind=kind, subject="r", detail=json.dumps({"number": number}))
    for id_, delivery in (("visit", "sent"), ("supervision", "waiting")):
        item = {"version": 1, "sent_version": 1, "etag": "1", "words": "", "changed": at}
        tx.insert("outbox", kind="visit", id=id_, delivery=delivery, **item)


def test_an_older_record_waits_to_be_told_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, steps = tmp_path / "data.db", migrate.steps()
    monkeypatch.setattr(migrate, "steps", lambda: steps[:4])
    with opened(path) as store:
        store.run_sync(old_record)
    monkeypatch.undo()
    with opened(path) as store:
        items = store.run_sync(outbox.all)
        owner = store.run_sync(practitioner.get)
        [still] = [item for item in items if item.kind is Kind.STILL]
        assert {(item.kind, item.id, item.version) for item in items} == {
            (Kind.PRACTITIONER, owner.id, 1),
            (Kind.EPISODE, "i", 1),
            (Kind.SESSION, "supervision", 1),
            (Kind.VISIT, "visit", 2),
            (Kind.STILL, still.id, 1),
        }
        assert {item.delivery for item in items} == {Delivery.WAITING}
        kept = store.run_sync(lambda tx: stills.get(tx, StillId(still.id)))
        assert kept is not None
        assert (kept.recording, kept.number, kept.removed) == ("r", 2, None)
        assert re.fullmatch("[0-9a-f]{32}", owner.id)
        assert sum(store.run_sync(outbox.log_counts).values()) == 0
        assert [event.id for event in store.run_sync(audit.all)] == ["", "", ""]
        store.run_sync(lambda tx: audit.append(tx, NOW, audit.Happening.UNLOCKED, "vault"))
        assert sum(store.run_sync(outbox.log_counts).values()) == 1
