"""After an erasure the sealed key is in no page, no journal and no copy: looked for with the vault's key."""

import asyncio
import random
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.store.examples import LATER, NOW, SECRET, add_all, closed, key, new_recording, opened
from tests.store.pages import everything, found
from vigfield.errors import Damaged, Unknown, VaultInUse
from vigfield.model import Certificate, Ground, Kind, Part, Quality, RecordingId, RecordingState
from vigfield.seal import Key
from vigfield.store import Store, Tx, audit, cipher, consents, erasure, migrate, outbox, recordings
from vigfield.store.audit import Happening
from vigfield.store.migrate import copy_path

FILMS = 150
PAST = Path(__file__).parent / "schema-1.db"


def films(tx: Tx, count: int, chance: random.Random) -> dict[RecordingId, bytes]:
    """Films of one session that have ended, with what happened while filming, and each one's sealed key."""
    _, session, consent, _ = add_all(tx)
    keys: dict[RecordingId, bytes] = {}
    for number in range(count):
        film = new_recording(session, consent, NOW + timedelta(minutes=number))
        keys[film.id] = chance.randbytes(60)
        recordings.add(tx, film, keys[film.id], NOW)
        recordings.add_part(tx, Part(film.id, 1, RecordingState.OPEN))
    for film_id in chance.sample(list(keys), count):
        happened = tuple((float(at), "sound-lost") for at in range(chance.choice([0, 2, 20, 60])))
        recordings.close_part(tx, closed(Part(film_id, 1, RecordingState.OPEN)))
        recordings.close(tx, film_id, RecordingState.WHOLE, Quality(1, 1, 0, happened), NOW)
    return keys


def begin(tx: Tx, film: RecordingId) -> None:
    erasure.begin(tx, film, Ground.CAREGIVER_ASKED, [(f"{film}-001.film", 1000)], LATER)


def left(folder: Path, *keys: bytes) -> set[bytes]:
    return found(keys, everything(folder, SECRET))


def checkpoint(store: Store) -> None:
    """Empty the journal, and no more than that."""
    asyncio.run(as_coroutine(store, lambda c: c.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()))


async def as_coroutine(store: Store, work: Any) -> None:
    await asyncio.wrap_future(store._on_thread(work))


def test_after_a_scrub_the_key_is_nowhere(tmp_path: Path) -> None:
    with opened(tmp_path / "data.db") as store:
        keys = store.run_sync(lambda tx: films(tx, 5, random.Random(1)))
        film, other = list(keys)[1:3]
        assert left(tmp_path, keys[film]) == {keys[film]}
        store.run_sync(lambda tx: begin(tx, film))
        assert left(tmp_path, keys[film]) == {keys[film]}, "the journal keeps what was there before"
        asyncio.run(store.scrub())
        assert left(tmp_path, *keys.values()) == set(keys.values()) - {keys[film]}
        assert store.run_sync(lambda tx: recordings.wrapped_key(tx, film)) == b""
        assert store.run_sync(lambda tx: recordings.wrapped_key(tx, other)) == keys[other]
    assert left(tmp_path, keys[film]) == set()


def test_a_key_that_sqlite_once_moved_is_left_until_every_page_is_written_anew(tmp_path: Path) -> None:
    """`secure_delete` overwrites what is deleted, but not what was moved to another page before."""
    with opened(tmp_path / "data.db") as store:
        needles = [one for seed in (2, 3) for one in store.run_sync(lambda tx, seed=seed: moved(tx, seed))]  # type: ignore[misc]
        assert left(tmp_path, *needles) == set(needles)
        store.run_sync(lambda tx: tx.execute("UPDATE note SET what = x''"))
        checkpoint(store)
        assert 0 < len(left(tmp_path, *needles)) < len(needles) / 10
        asyncio.run(store.scrub())
        assert left(tmp_path, *needles) == set()


def moved(tx: Tx, seed: int) -> list[bytes]:
    """Rows that grow while others come, so that pages split; the secret that each row holds."""
    chance, secrets = random.Random(seed), []
    tx.execute("CREATE TABLE IF NOT EXISTS note (id TEXT PRIMARY KEY, text TEXT, what BLOB NOT NULL) STRICT")
    ids: list[str] = []
    for _ in range(300):
        ids.append(chance.randbytes(16).hex())
        secrets.append(chance.randbytes(60))
        tx.insert("note", id=ids[-1], text="", what=secrets[-1])
        grown = "x" * chance.choice([0, 50, 300, 900])
        tx.execute("UPDATE note SET text = ? WHERE id = ?", grown, chance.choice(ids))
    return secrets


def test_none_of_many_keys_is_left(tmp_path: Path) -> None:
    with opened(tmp_path / "data.db") as store:
        keys = store.run_sync(lambda tx: films(tx, FILMS, random.Random(1)))
        store.run_sync(lambda tx: [begin(tx, film) for film in keys])
        asyncio.run(store.scrub())
        assert left(tmp_path, *keys.values()) == set()


def test_the_scan_sees_what_is_deleted_without_being_overwritten(tmp_path: Path) -> None:
    with opened(tmp_path / "data.db") as store:
        keys = store.run_sync(lambda tx: films(tx, 20, random.Random(1)))
        asyncio.run(as_coroutine(store, lambda c: c.execute("PRAGMA secure_delete = OFF")))
        for film in keys:
            store.run_sync(lambda tx, film=film: begin(tx, film))  # type: ignore[misc]
        checkpoint(store)
        assert left(tmp_path, *keys.values()) != set()


def test_the_scan_sees_the_freelist(tmp_path: Path) -> None:
    with opened(tmp_path / "data.db") as store:
        asyncio.run(as_coroutine(store, lambda c: c.execute("PRAGMA secure_delete = OFF")))
        needle = random.Random(1).randbytes(60)
        store.run_sync(lambda tx: tx.execute("CREATE TABLE brief (what BLOB)"))
        store.run_sync(lambda tx: tx.execute("INSERT INTO brief VALUES (?)", needle + bytes(9000)))
        store.run_sync(lambda tx: tx.execute("DROP TABLE brief"))
        checkpoint(store)
        assert left(tmp_path, needle) == {needle}
        asyncio.run(store.scrub())
        assert left(tmp_path, needle) == set()


def test_copies_from_before_a_migration_go_too(tmp_path: Path) -> None:
    path, needle = tmp_path / "data.db", b"a sealed key"
    shutil.copy(PAST, path)
    with opened(path) as store:
        torn = path.with_name(copy_path(path, 1).name + ".tmp")
        torn.write_bytes(copy_path(path, 1).read_bytes()[:40_000])
        (tmp_path / "data-of-another.db.schema-1").write_bytes(b"not ours")
        (film,) = store.run_sync(recordings.all)
        store.run_sync(lambda tx: begin(tx, film.id))
        assert left(tmp_path, needle) == {needle}
        asyncio.run(store.scrub())
        assert left(tmp_path, needle) == set()
    assert {one.name for one in tmp_path.iterdir()} == {"data.db", "data-of-another.db.schema-1"}


def test_a_copy_that_cannot_be_removed_is_an_error(tmp_path: Path) -> None:
    with opened(tmp_path / "data.db") as store:
        copy_path(tmp_path / "data.db", 1).mkdir()  # as good as a file that may not be written, for root too
        with pytest.raises(Damaged):
            asyncio.run(store.scrub())


def test_a_journal_that_cannot_be_emptied_is_an_error() -> None:
    class Busy:
        def execute(self, _: str) -> "Busy":
            return self

        def fetchone(self) -> tuple[int, int, int]:
            return 1, 7, 7

    with pytest.raises(VaultInUse):
        cipher.rewrite(Busy())


def test_a_scrub_changes_nothing_else(tmp_path: Path) -> None:
    def read(tx: Tx) -> list[object]:
        names = [row["name"] for row in tx.all("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        rows = [tx.all(f"SELECT * FROM {name}") for name in sorted(names)]
        schema = tx.all("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name")
        return [rows, schema, consents.all(tx), tx.one("PRAGMA user_version")]

    with opened(tmp_path / "data.db") as store:
        store.run_sync(lambda tx: films(tx, 30, random.Random(1)))
        before = store.run_sync(read)
        for _ in range(2):
            asyncio.run(store.scrub())
            assert store.run_sync(read) == before
        assert store.run_sync(lambda tx: tx.all("PRAGMA foreign_key_check")) == []
    with opened(tmp_path / "data.db") as store:
        assert store.run_sync(read) == before


def test_a_damaged_database_is_not_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "data.db"
    with opened(path) as store:
        store.run_sync(lambda tx: films(tx, 30, random.Random(1)))
    data = bytearray(path.read_bytes())
    data[-3000] ^= 1
    path.write_bytes(data)
    copy_path(path, 1).write_bytes(b"the last hope")
    with opened(path) as store:
        with pytest.raises(Damaged):
            asyncio.run(store.scrub())
        assert store.run_sync(lambda tx: tx.one("SELECT 1")) is not None
    assert path.read_bytes() == data
    assert copy_path(path, 1).read_bytes() == b"the last hope"


def test_what_the_certificate_says_step_by_step(tmp_path: Path) -> None:
    with opened(tmp_path / "data.db") as store:
        film = next(iter(store.run_sync(lambda tx: films(tx, 1, random.Random(1)))))
        parts = store.run_sync(lambda tx: recordings.get(tx, film)).parts  # type: ignore[union-attr]
        expected = Certificate(
            film, Ground.CAREGIVER_ASKED, RecordingState.WHOLE, parts, ((f"{film}-001.film", 1000),), LATER
        )
        store.run_sync(lambda tx: begin(tx, film))
        assert state(store, film) == (expected, RecordingState.ERASING, 1)
        assert store.run_sync(erasure.unfinished) == [film]
        for _ in range(2):
            store.run_sync(lambda tx: erasure.key_gone(tx, film, LATER))
        gone = replace(expected, key_gone=LATER)
        assert state(store, film) == (gone, RecordingState.ERASING, 2), "the service is told once, and now"
        for _ in range(2):
            store.run_sync(lambda tx: erasure.complete(tx, film, LATER))
        assert state(store, film) == (replace(gone, completed=LATER), RecordingState.ERASED, 2)
        assert (store.run_sync(erasure.unfinished), len(store.run_sync(erasure.all))) == ([], 1)
        kinds = [event.kind for event in store.run_sync(lambda tx: audit.of(tx, film))]
        assert kinds[-2:] == [Happening.ERASING_BEGAN, Happening.FILM_ERASED]


def state(store: Store, film: RecordingId) -> tuple[Certificate | None, RecordingState, int]:
    def read(tx: Tx) -> tuple[Certificate | None, RecordingState, int]:
        recording, item = recordings.get(tx, film), outbox.item(tx, Kind.RECORDING, film)
        assert recording is not None
        assert item is not None
        return erasure.get(tx, film), recording.state, item.version

    return store.run_sync(read)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE certificate SET ground = 'by-mistake'",
        "UPDATE certificate SET files = '[]'",
        "UPDATE certificate SET key_gone = NULL",
        "UPDATE certificate SET completed = '2030-01-01T00:00:00.000000Z'",
        "DELETE FROM certificate",
        "UPDATE recording SET wrapped_key = x'00'",
        "UPDATE part SET sha256 = 'cd'",
        "DELETE FROM part",
    ],
)
def test_nobody_changes_a_certificate_or_brings_a_key_back(tmp_path: Path, sql: str) -> None:
    with opened(tmp_path / "data.db") as store:
        film = next(iter(store.run_sync(lambda tx: films(tx, 1, random.Random(1)))))
        for step in (begin, lambda tx, id_: erasure.key_gone(tx, id_, LATER)):
            store.run_sync(lambda tx, step=step: step(tx, film))  # type: ignore[misc]
        store.run_sync(lambda tx: erasure.complete(tx, film, LATER))
        with pytest.raises(ValueError, match="never"):
            store.run_sync(lambda tx: tx.execute(sql))


def test_steps_out_of_order_are_refused(tmp_path: Path) -> None:
    with opened(tmp_path / "data.db") as store:
        film = next(iter(store.run_sync(lambda tx: films(tx, 1, random.Random(1)))))
        with pytest.raises(Unknown):
            store.run_sync(lambda tx: begin(tx, RecordingId("nobody")))
        store.run_sync(lambda tx: begin(tx, film))
        with pytest.raises(ValueError, match="refuses"):
            store.run_sync(lambda tx: erasure.complete(tx, film, LATER))
        with pytest.raises(ValueError, match="refuses"):
            store.run_sync(lambda tx: begin(tx, film))
        assert state(store, film)[1] is RecordingState.ERASING


def test_a_wrong_key_shows_nothing(tmp_path: Path) -> None:
    """The scan finds a key because it decrypts, and only then."""
    with opened(tmp_path / "data.db") as store:
        keys = store.run_sync(lambda tx: films(tx, 3, random.Random(1)))
        checkpoint(store)
        assert found(keys.values(), everything(tmp_path, bytes(32))) == set()
        assert left(tmp_path, *keys.values()) == set(keys.values())
    assert migrate.copies(tmp_path / "data.db") == []
    with pytest.raises(Damaged):
        asyncio.run(Store.open(tmp_path / "data.db", Key(bytes(32))))
    assert key().reveal() == SECRET
