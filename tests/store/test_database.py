"""One transaction at a time, errors in our own words, and a file that is left as it is when it is wrong."""

import asyncio
import threading
from hashlib import sha256
from pathlib import Path

import pytest

from tests.store.examples import NOW, add_all, key, new_family, opened
from vigfield.errors import Broken, Damaged, DiskFull, NewerVault, Unknown, VaultInUse
from vigfield.seal import Key
from vigfield.store import Store, Tx, families, settings

PAGE = 4096


def fingerprints(folder: Path) -> dict[str, str]:
    """What every file holds; the shared-memory file is rebuilt from the journal and is no evidence."""
    paths = (path for path in folder.iterdir() if not path.name.endswith("-shm"))
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in paths if path.stat().st_size}


def test_the_settings_are_those_that_were_decided(store: Store) -> None:
    def value(name: str) -> object:
        row = store.run_sync(lambda tx: tx.one(f"PRAGMA {name}"))
        assert row is not None
        return next(iter(row.values()))

    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "temp_store": 2,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "trusted_schema": 0,
        "cipher_memory_security": "1",
        "cipher_use_hmac": "1",
    }
    assert {name: value(name) for name in wanted} == wanted


def test_a_transaction_is_whole_or_not_at_all(store: Store) -> None:
    def fail(tx: Tx) -> None:
        families.add(tx, new_family("A", "Iona", "Morag"), NOW)
        raise Unknown("of no consequence")

    with pytest.raises(Unknown):
        store.run_sync(fail)
    assert store.run_sync(families.all) == []
    store.run_sync(add_all)
    assert len(store.run_sync(families.all)) == 1


def test_many_at_once_take_turns(store: Store) -> None:
    def count(tx: Tx) -> None:
        settings.put(tx, "n", str(int(settings.get(tx, "n") or 0) + 1))

    async def many() -> None:
        await asyncio.gather(*(store.run(count) for _ in range(50)))

    threads = [threading.Thread(target=store.run_sync, args=(count,)) for _ in range(10)]
    for thread in threads:
        thread.start()
    asyncio.run(many())
    for thread in threads:
        thread.join()
    assert store.run_sync(lambda tx: settings.get(tx, "n")) == "60"


def test_a_transaction_cannot_be_kept(store: Store) -> None:
    kept = store.run_sync(lambda tx: tx)
    with pytest.raises(Broken):
        store.run_sync(lambda _: kept.execute("SELECT 1"))


def test_a_closed_store_says_so_and_closes_twice(store: Store) -> None:
    asyncio.run(store.close())
    asyncio.run(store.close())
    with pytest.raises(Broken):
        store.run_sync(families.all)


def test_closing_waits_for_what_was_asked_for(tmp_path: Path) -> None:
    async def close_at_once() -> None:
        store = await Store.open(tmp_path / "data.db", key())
        put = asyncio.ensure_future(store.run(lambda tx: settings.put(tx, "a", "b")))
        await asyncio.sleep(0)
        await store.close()
        await put

    asyncio.run(close_at_once())
    with opened(tmp_path / "data.db") as store:
        assert store.run_sync(lambda tx: settings.get(tx, "a")) == "b"


def test_an_opening_that_nobody_waits_for_lets_go_of_the_file(tmp_path: Path) -> None:
    async def give_up() -> None:
        opening = asyncio.ensure_future(Store.open(tmp_path / "data.db", key()))
        await asyncio.sleep(0)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening

    asyncio.run(give_up())
    for thread in [one for one in threading.enumerate() if one.name.startswith("database")]:
        thread.join()
    with opened(tmp_path / "data.db") as store:
        assert store.run_sync(families.all) == []


def test_two_stores_on_one_file_are_one_too_many(store: Store, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("vigfield.store.cipher.BUSY_SECONDS", 0.0)
    store.run_sync(add_all)
    with pytest.raises(VaultInUse):
        asyncio.run(Store.open(tmp_path / "data.db", key()))
    assert len(store.run_sync(families.all)) == 1


def test_a_full_database_loses_nothing_and_goes_on(store: Store) -> None:
    store.run_sync(add_all)
    pages = store.run_sync(lambda tx: tx.one("PRAGMA page_count"))
    store.run_sync(lambda tx: tx.one(f"PRAGMA max_page_count = {pages['page_count']}"))
    with pytest.raises(DiskFull):
        store.run_sync(lambda tx: settings.put(tx, "big", "x" * 100_000))
    store.run_sync(lambda tx: tx.one("PRAGMA max_page_count = 100000"))
    assert len(store.run_sync(families.all)) == 1
    store.run_sync(lambda tx: settings.put(tx, "big", "x" * 100_000))


@pytest.mark.parametrize("hot", [False, True], ids=["closed", "killed"])
def test_the_wrong_key_is_damage_and_changes_nothing(tmp_path: Path, hot: bool) -> None:
    folder = filled(tmp_path, hot=hot)
    before = fingerprints(folder)
    with pytest.raises(Damaged) as caught:
        asyncio.run(Store.open(folder / "data.db", Key(bytes(32))))
    assert fingerprints(folder) == before
    assert no_secret_in(caught.value)


def filled(tmp_path: Path, hot: bool) -> Path:
    """A folder with a database of one family and enough pages; `hot` as a killed process leaves it."""
    live, folder = tmp_path / "live", tmp_path / "found"
    live.mkdir()
    folder.mkdir()
    with opened(live / "data.db") as store:
        store.run_sync(add_all)
        store.run_sync(lambda tx: settings.put(tx, "big", "x" * 100_000))
        if hot:
            copy_files(live, folder)
    if not hot:
        copy_files(live, folder)
    return folder


def copy_files(source: Path, target: Path) -> None:
    for path in source.iterdir():
        if not path.name.endswith("-shm"):
            (target / path.name).write_bytes(path.read_bytes())


def no_secret_in(error: BaseException) -> bool:
    words = "".join(repr(value) for value in (error, error.__context__, error.__cause__))
    return not any(secret in words for secret in (key().reveal().hex(), "x'", "00" * 8))


def test_a_killed_database_comes_back_with_everything_committed(tmp_path: Path) -> None:
    folder = filled(tmp_path, hot=True)
    assert (folder / "data.db-wal").stat().st_size > 0
    with opened(folder / "data.db") as store:
        assert len(store.run_sync(families.all)) == 1


def test_a_flipped_bit_in_any_page_is_damage_and_changes_nothing(tmp_path: Path) -> None:
    folder = filled(tmp_path, hot=False)
    whole = (folder / "data.db").read_bytes()
    assert len(whole) // PAGE > 40
    for page in range(len(whole) // PAGE):
        flipped = bytearray(whole)
        flipped[page * PAGE + (page * 131 + 7) % PAGE] ^= 1 << page % 8
        (folder / "data.db").write_bytes(flipped)
        with pytest.raises(Damaged):
            verify(folder)
        assert (folder / "data.db").read_bytes() == flipped


def test_a_whole_database_verifies(tmp_path: Path) -> None:
    verify(filled(tmp_path, hot=True))


def verify(folder: Path) -> None:
    with opened(folder / "data.db") as store:
        asyncio.run(store.verify())


def everything(tx: Tx) -> list[object]:
    """Every row of every table, each read for itself, however the ones before went."""
    tables = [
        row["name"] for row in tx.all("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    ]
    return [tx.all(f"SELECT * FROM {table}") for table in tables]


def test_damage_never_reaches_a_reader(tmp_path: Path) -> None:
    """SQLCipher hands out a damaged last overflow page as zeros: the commit must fail then."""
    folder = filled(tmp_path, hot=False)
    with opened(folder / "data.db") as store:
        truth = store.run_sync(everything)
    whole = (folder / "data.db").read_bytes()
    verdicts = [read_with_flip(folder, whole, page) for page in range(len(whole) // PAGE)]
    assert all(verdict in (truth, "damaged") for verdict in verdicts)
    assert verdicts.count("damaged") > 25


def read_with_flip(folder: Path, whole: bytes, page: int) -> object:
    flipped = bytearray(whole)
    flipped[page * PAGE + 100] ^= 1
    (folder / "data.db").write_bytes(flipped)
    try:
        with opened(folder / "data.db") as store:
            return read_and_read_again(store)
    except Damaged:
        return "damaged"


def read_and_read_again(store: Store) -> object:
    try:
        return store.run_sync(everything)
    except Damaged:
        with pytest.raises(Broken):
            store.run_sync(families.all)
        raise


def test_damage_of_something_else_leaves_the_store_usable(store: Store) -> None:
    def fail(_: Tx) -> None:
        raise Damaged("a wrapped key does not open")

    with pytest.raises(Damaged):
        store.run_sync(fail)
    assert store.run_sync(families.all) == []


@pytest.mark.parametrize("data", [b"", b"\x00" * PAGE * 3, b"SQLite format 3\x00" + b"\x00" * 5000, b"short"])
def test_a_file_that_is_no_database_is_damage_and_is_kept(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "data.db").write_bytes(data)
    with pytest.raises(Damaged):
        asyncio.run(Store.open(tmp_path / "data.db", key()))
    assert (tmp_path / "data.db").read_bytes() == data


def test_a_newer_schema_is_told_and_changes_nothing(tmp_path: Path) -> None:
    with opened(tmp_path / "data.db") as store:
        store.run_sync(add_all)
        store.run_sync(lambda tx: tx.execute("PRAGMA user_version = 999"))
    before = fingerprints(tmp_path)
    with pytest.raises(NewerVault):
        asyncio.run(Store.open(tmp_path / "data.db", key()))
    assert fingerprints(tmp_path) == before


def test_no_value_is_in_an_errors_words(store: Store) -> None:
    planted = "Morag-MacLeod"
    for sql in (
        "INSERT INTO setting VALUES (?)",
        "INSERT INTO nowhere VALUES (?)",
        "SELEC ?",
        "SELECT abs(?, 1)",
    ):
        with pytest.raises(ValueError, match=r" in: ") as caught:
            store.run_sync(lambda tx, sql=sql: tx.execute(sql, planted))
        assert planted not in repr(caught.value) + repr(caught.value.__context__)
    with pytest.raises(ValueError, match="misuse"):
        store.run_sync(lambda tx: tx.execute("SELECT ?", object()))
    store.run_sync(lambda tx: settings.put(tx, planted, planted))
    with pytest.raises(ValueError, match=r"setting\.key") as caught:
        store.run_sync(lambda tx: tx.insert("setting", key=planted, value=planted))
    assert planted not in repr(caught.value) + repr(caught.value.__context__)


def test_a_path_with_odd_characters_is_the_path_that_is_used(tmp_path: Path) -> None:
    folder = tmp_path / "mine & yours? #1 %41 ü"
    folder.mkdir()
    with opened(folder / "data.db") as store:
        store.run_sync(add_all)
    assert (folder / "data.db").stat().st_size > PAGE
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]
