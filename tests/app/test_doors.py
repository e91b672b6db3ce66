"""Several vaults on one tablet: who is listed, who is opened, and that nobody's is touched by another's."""

import asyncio
import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.app.kit import CHEAP, PASSPHRASE, family_draft, tree
from vigfield.app import App, Choosing, Doors, Entry, Fresh, Locked, Open, PageWords, Wrong, door, doors
from vigfield.errors import Damaged, DiskFull, NewerVault, UnreadableVault
from vigfield.store import look, vault_folders
from vigfield.ui import doorwords

OTHER = "nine quiet foxes paint bridges"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "calibrate", lambda: CHEAP)


@asynccontextmanager
async def shared(folder: Path) -> AsyncIterator[App]:
    """A tablet with vaults beside `folder`/vault, where the first one used to be."""
    app = App(Doors(folder / "vaults", folder / "vault"), PageWords({}, {}), None)
    try:
        yield app
    finally:
        await app.close()


async def make(app: App, passphrase: str, code: str) -> None:
    assert isinstance(app.state, Fresh)
    opened = await app.create(passphrase)
    assert isinstance(opened, Open)
    await opened.work.people.add(family_draft(code))
    await app.lock()


async def both(app: App) -> None:
    """Two practitioners, one after the other."""
    await make(app, PASSPHRASE, "AA-001")
    await app.go_to(None)
    await make(app, OTHER, "BB-002")


async def codes(app: App, place: int, passphrase: str) -> list[str]:
    """Whose families are in the vault at this place of the list."""
    assert isinstance(app.state, Choosing)
    await app.go_to(app.state.entries[place])
    opened = await app.unlock(passphrase)
    assert isinstance(opened, Open)
    families = (await opened.work.people.find()).families
    await app.lock()
    return [family.code for family in families]


def test_an_empty_tablet_asks_for_a_vault_and_one_vault_for_its_passphrase(tmp_path: Path) -> None:
    async def run() -> None:
        async with shared(tmp_path) as app:
            await make(app, PASSPHRASE, "AA-001")
            assert isinstance(app.state, Locked)
            assert not app.neighbours
        assert [path.name for path in (tmp_path / "vaults").iterdir()] == ["vault-1"]
        async with shared(tmp_path) as app:
            assert isinstance(app.state, Locked)
            assert isinstance(await app.unlock(PASSPHRASE), Open)

    asyncio.run(run())


def test_each_opens_a_vault_of_their_own_and_no_other(tmp_path: Path) -> None:
    async def run() -> None:
        async with shared(tmp_path) as app:
            await both(app)
            assert await codes(app, 0, PASSPHRASE) == ["AA-001"]
            assert await codes(app, 1, OTHER) == ["BB-002"]
            assert isinstance(app.state, Choosing)
            await app.go_to(app.state.entries[0])
            assert isinstance(await app.unlock(OTHER), Wrong)
            await app.go_back()
            assert isinstance(app.state, Choosing)
            await app.go_to(app.state.entries[1])
            assert isinstance(await app.unlock(PASSPHRASE), Wrong)

    asyncio.run(run())


def test_nothing_of_one_changes_while_the_other_is_used(tmp_path: Path) -> None:
    async def run() -> None:
        async with shared(tmp_path) as app:
            await both(app)
            before = tree(tmp_path / "vaults" / "vault-1")
            assert await codes(app, 1, OTHER) == ["BB-002"]
            assert tree(tmp_path / "vaults" / "vault-1") == before

    asyncio.run(run())


def test_a_vault_from_before_is_one_of_them(tmp_path: Path) -> None:
    async def run() -> None:
        old = App(door.Door(tmp_path / "vault", demo=False), PageWords({}, {}), None)
        await make(old, PASSPHRASE, "AA-001")
        await old.close()
        async with shared(tmp_path) as app:
            assert isinstance(app.state, Locked)
            await app.go_to(None)
            await make(app, OTHER, "BB-002")
            assert await codes(app, 0, PASSPHRASE) == ["AA-001"]

    asyncio.run(run())


def test_a_broken_vault_is_listed_and_hides_no_other(tmp_path: Path) -> None:
    async def run() -> None:
        async with shared(tmp_path) as app:
            await both(app)
        vaults = tmp_path / "vaults"
        (vaults / "vault-1" / "vault.json").write_text("torn")
        (vaults / "vault-3").mkdir()
        (vaults / "vault-3" / "vault.json").write_text('{"format": 99}')
        (vaults / "holiday").mkdir()
        (vaults / "holiday" / "beach.jpg").write_text("not ours")
        (vaults / "a file").write_text("not ours either")
        before = tree(vaults)
        async with shared(tmp_path) as app:
            assert isinstance(app.state, Choosing)
            entries = app.state.entries
            assert [entry.path.name for entry in entries] == ["vault-1", "vault-2", "vault-3"]
            assert [type(entry.fault) for entry in entries] == [Damaged, type(None), NewerVault]
            assert tree(vaults) == before
            assert await codes(app, 1, OTHER) == ["BB-002"]
            assert isinstance(app.state, Choosing)
            await app.go_to(None)
            assert isinstance(app.state, Fresh)
        assert look(vaults / "vault-4") is not None

    asyncio.run(run())


def test_a_closed_folder_of_vaults_is_said_and_does_not_hide_the_vault_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def make_beside() -> None:
        old = App(door.Door(tmp_path / "vault", demo=False), PageWords({}, {}), None)
        await make(old, PASSPHRASE, "AA-001")
        await old.close()

    asyncio.run(make_beside())
    names = Path.iterdir

    def forbidden(path: Path) -> object:
        if path == tmp_path / "vaults":
            raise PermissionError(errno.EACCES, "no")
        return names(path)

    monkeypatch.setattr(Path, "iterdir", forbidden)
    entries = Doors(tmp_path / "vaults", tmp_path / "vault").entries()
    assert [type(entry.fault) for entry in entries] == [type(None), UnreadableVault]


def test_a_folder_that_may_not_be_looked_at_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vaults" / "vault-1").mkdir(parents=True)

    def forbidden(_: Path) -> object:
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(Path, "is_dir", forbidden)
    assert [path.name for path in vault_folders(tmp_path / "vaults")] == ["vault-1"]


def test_the_tenth_vault_comes_after_the_second(tmp_path: Path) -> None:
    for number in (1, 10, 2):
        (tmp_path / f"vault-{number}").mkdir()
    assert [path.name for path in vault_folders(tmp_path)] == ["vault-1", "vault-2", "vault-10"]


def test_a_disk_that_takes_no_new_vault_is_said_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vault-1").mkdir()
    asked: list[Path] = []

    def full(path: Path, demo: bool) -> object:
        asked.append(path)
        assert len(asked) == 1, "every number would be tried, without end"
        raise DiskFull("no room")

    monkeypatch.setattr(doors, "Door", full)
    with pytest.raises(DiskFull):
        Doors(tmp_path).new()
    assert asked == [tmp_path / "vault-1"]


def test_while_a_vault_is_open_nobody_goes_to_another_door(tmp_path: Path) -> None:
    async def run() -> None:
        async with shared(tmp_path) as app:
            await both(app)
            assert isinstance(app.state, Choosing)
            entries = app.state.entries
            await app.go_to(entries[0])
            opened = await app.unlock(PASSPHRASE)
            await app.go_to(entries[1])
            await app.go_back()
            assert app.state == opened
            await app.lock()
            assert app.state == Choosing(entries)

    asyncio.run(run())


def test_a_lock_holds_though_the_other_vaults_cannot_be_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_: Doors) -> tuple[Entry, ...]:
        raise UnreadableVault("the folder may not be read")

    async def run() -> None:
        async with shared(tmp_path) as app:
            await both(app)
            assert isinstance(app.state, Choosing)
            await app.go_to(app.state.entries[0])
            assert isinstance(await app.unlock(PASSPHRASE), Open)
            with monkeypatch.context() as patched:
                patched.setattr(Doors, "entries", gone)
                await app.lock()
            assert isinstance(app.state, Locked)
            assert isinstance(await app.unlock(PASSPHRASE), Open)

    asyncio.run(run())


def test_an_empty_door_that_nobody_used_is_used_next(tmp_path: Path) -> None:
    async def run() -> None:
        async with shared(tmp_path) as app:
            await make(app, PASSPHRASE, "AA-001")
            for _ in range(3):
                await app.go_to(None)
                await app.go_back()
            await app.go_to(None)
            await make(app, OTHER, "BB-002")
        assert sorted(path.name for path in (tmp_path / "vaults").iterdir()) == ["vault-1", "vault-2"]

    asyncio.run(run())


def test_a_name_comes_from_the_id_alone_and_two_of_one_name_are_told_apart(tmp_path: Path) -> None:
    assert doorwords.name("a vault") == doorwords.name("a vault")
    found = {doorwords.name(f"vault {number}").words for number in range(9000)}
    assert len(found) == 32 * 16
    same = [f"vault {number}" for number in range(4000)]
    twice = [id_ for id_ in same if doorwords.name(id_) == doorwords.name("vault 0")][:2]
    first, second = doorwords.names([Entry(tmp_path, id_) for id_ in twice])
    assert second.words == f"{first.words} 2"
    entries = [Entry(tmp_path, id_) for id_ in twice]
    assert doorwords.own(twice[1], entries) == second
    assert doorwords.own("a new one", entries) == doorwords.name("a new one")
