"""The door: making a vault, opening it, the throttle, and every folder that is not a vault."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.app.kit import PASSPHRASE, tree, unlocked
from vigfield import clock
from vigfield.app import Door, Throttled, TooWeak, Wrong
from vigfield.app.opened import Opened
from vigfield.errors import (
    Damaged,
    DiskFull,
    NewerVault,
    NotAVault,
    RealVault,
    UnreadableVault,
    VaultInUse,
    VigfieldError,
)
from vigfield.store import Store, VaultFolder, files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "vault"


def make(folder: Path) -> None:
    async def run() -> None:
        async with unlocked(folder, anew=True):
            pass

    asyncio.run(run())


def unlock(folder: Path, *passphrases: str) -> list[Opened | Wrong | Throttled]:
    """What a new process makes of these passphrases, one after the other."""

    async def run() -> list[Opened | Wrong | Throttled]:
        door = Door(folder, demo=False)
        try:
            outcomes = []
            for passphrase in passphrases:
                outcome = await door.unlock(passphrase)
                if isinstance(outcome, Opened):
                    await outcome.close()
                outcomes.append(outcome)
            return outcomes
        finally:
            door.release()

    return asyncio.run(run())


def kinds(outcomes: list[Opened | Wrong | Throttled]) -> list[str]:
    return [type(outcome).__name__ for outcome in outcomes]


def test_a_vault_opens_with_its_passphrase_alone(folder: Path) -> None:
    make(folder)
    assert kinds(unlock(folder, PASSPHRASE)) == ["Opened"]
    assert unlock(folder, "", PASSPHRASE.upper(), f"{PASSPHRASE} ") == [Wrong(9), Wrong(8), Wrong(7)]


def test_a_passphrase_typed_on_another_keyboard_opens_it(folder: Path) -> None:
    async def run() -> None:
        door = Door(folder, demo=False)
        made = await door.create("zwo\u0308lf Ka\u0308fer u\u0308ber Ba\u0308ume")
        assert isinstance(made, Opened)
        await made.close()
        door.release()

    asyncio.run(run())
    assert kinds(unlock(folder, "zwölf Käfer über Bäume")) == ["Opened"]


def test_a_weak_passphrase_makes_nothing(folder: Path) -> None:
    async def run() -> None:
        door = Door(folder, demo=False)
        assert isinstance(await door.create("password"), TooWeak)
        assert not door.exists
        door.release()

    asyncio.run(run())
    assert not list(folder.glob("data-*"))


def test_wrong_passphrases_are_throttled_across_a_restart(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(folder)
    assert unlock(folder, *["wrong"] * 6) == [Wrong(left) for left in range(9, 3, -1)]
    assert unlock(folder, *["wrong"] * 4) == [Wrong(left) for left in range(3, -1, -1)]
    (outcome,) = unlock(folder, PASSPHRASE)
    assert isinstance(outcome, Throttled)
    assert 0 < outcome.seconds <= 300
    later = clock.now() + timedelta(minutes=6)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert kinds(unlock(folder, PASSPHRASE, "wrong")) == ["Opened", "Wrong"]


def test_the_right_passphrase_forgets_the_wrong_ones(folder: Path) -> None:
    make(folder)
    assert kinds(unlock(folder, *["wrong"] * 9, PASSPHRASE, *["wrong"] * 9, PASSPHRASE)).count("Opened") == 2


def test_a_try_that_cannot_be_counted_is_not_made(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(folder)

    def full(*_: object) -> None:
        raise DiskFull("injected")

    def never(*_: object) -> None:
        raise AssertionError("a try was made")

    monkeypatch.setattr(files, "write_atomically", full)
    monkeypatch.setattr("vigfield.app.door.open_slot", never)
    with pytest.raises(DiskFull):
        unlock(folder, PASSPHRASE)


def test_two_doors_on_one_folder(folder: Path) -> None:
    make(folder)
    first = Door(folder, demo=False)
    before = tree(folder)
    with pytest.raises(VaultInUse):
        Door(folder, demo=False)
    assert tree(folder) == before
    first.release()
    Door(folder, demo=False).release()


def test_a_vault_is_not_made_twice(folder: Path) -> None:
    async def run() -> None:
        door = Door(folder, demo=False)
        opened = await door.create(PASSPHRASE)
        assert isinstance(opened, Opened)
        with pytest.raises(VaultInUse):
            await door.create("another fine long passphrase")
        await opened.close()
        door.release()

    asyncio.run(run())
    assert len(list(folder.glob("data-*.db"))) == 1
    assert kinds(unlock(folder, PASSPHRASE)) == ["Opened"]


def test_a_demonstration_never_opens_a_real_vault(folder: Path) -> None:
    make(folder)
    before = tree(folder)
    with pytest.raises(RealVault):
        Door(folder, demo=True)
    assert tree(folder) == before
    Door(folder, demo=False).release()


# Folders that are no vault


def something_else(folder: Path) -> None:
    folder.mkdir()
    (folder / "letters.txt").write_text("dear")


def a_file(folder: Path) -> None:
    folder.write_text("not a folder")


def newer(folder: Path) -> None:
    make(folder)
    header = json.loads((folder / "vault.json").read_bytes())
    (folder / "vault.json").write_text(json.dumps({**header, "format": 2}))


def not_json(folder: Path) -> None:
    make(folder)
    (folder / "vault.json").write_bytes(b"\x00\xff{")


def without_slots(folder: Path) -> None:
    make(folder)
    header = json.loads((folder / "vault.json").read_bytes())
    (folder / "vault.json").write_text(json.dumps({**header, "slots": []}))


def altered_slot(folder: Path) -> None:
    make(folder)
    header = json.loads((folder / "vault.json").read_bytes())
    header["slots"][0]["wrapped"] = "AAAA" + header["slots"][0]["wrapped"][4:]
    (folder / "vault.json").write_text(json.dumps(header))


def newer_slot(folder: Path) -> None:
    make(folder)
    header = json.loads((folder / "vault.json").read_bytes())
    header["slots"][0]["version"] = 2
    (folder / "vault.json").write_text(json.dumps(header))


def header_lost(folder: Path) -> None:
    make(folder)
    (folder / "vault.json").unlink()


def database_lost(folder: Path) -> None:
    make(folder)
    next(folder.glob("data-*.db")).unlink()


def database_altered(folder: Path) -> None:
    make(folder)
    path = next(folder.glob("data-*.db"))
    data = bytearray(path.read_bytes())
    data[4096 + 100] ^= 1
    data[100] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (something_else, NotAVault),
        (a_file, NotAVault),
        (newer, NewerVault),
        (not_json, Damaged),
        (without_slots, Damaged),
        (altered_slot, Damaged),
        (newer_slot, NewerVault),
        (header_lost, Damaged),
        (database_lost, Damaged),
        (database_altered, Damaged),
    ],
)
def test_a_folder_that_is_no_vault_is_told_and_left(
    folder: Path, spoil: Callable[[Path], None], error: type[VigfieldError]
) -> None:
    spoil(folder)
    before = tree(folder) if folder.is_dir() else {}
    with pytest.raises(error):
        unlock(folder, PASSPHRASE)
    after = tree(folder) if folder.is_dir() else {}
    after.pop("throttle.json", None)  # a try is counted before it is made
    before.pop("throttle.json", None)
    assert after == before


@pytest.mark.parametrize("name", ["vault.json", "."])
def test_what_may_not_be_read_is_told_as_that(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Permissions do not stop root, so the refusal is made up."""
    make(folder)
    refused = (folder / name).resolve()
    monkeypatch.setattr(files.os, "open", _refusing(files.os.open, refused))
    monkeypatch.setattr(Path, "iterdir", _refusing(Path.iterdir, refused))
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    with pytest.raises(UnreadableVault):
        unlock(folder, PASSPHRASE)
    monkeypatch.undo()
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def _refusing(real: Callable[..., object], refused: Path) -> Callable[..., object]:
    def maybe(path: Path, *more: object) -> object:
        if Path(path).resolve() == refused:
            raise PermissionError(13, "injected")
        return real(path, *more)

    return maybe


# Creation, cut short

STEPS: list[tuple[object, str]] = [
    ("vigfield.app.door.calibrate", ""),
    ("vigfield.app.door.make_slot", ""),
    (VaultFolder, "database"),
    (Store, "open"),
    (VaultFolder, "write"),
]


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_creation_that_is_cut_short_can_be_done_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    def cut(*_: object) -> None:
        raise DiskFull("injected")

    async def run() -> None:
        door = Door(folder, demo=False)
        with monkeypatch.context() as patch:
            target, name = STEPS[step]
            patch.setattr(target, name, cut) if name else patch.setattr(target, cut)  # type: ignore[call-overload]
            with pytest.raises(DiskFull):
                await door.create(PASSPHRASE)
        assert not door.exists
        door.release()
        again = Door(folder, demo=False)  # after a restart
        opened = await again.create(PASSPHRASE)
        assert isinstance(opened, Opened)
        await opened.close()
        again.release()

    asyncio.run(run())
    assert kinds(unlock(folder, PASSPHRASE)) == ["Opened"]
