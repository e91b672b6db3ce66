"""Another passphrase and a recovery key: what opens the vault before, after, and when it is cut short."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.app.kit import CHEAP, PASSPHRASE, Tablet, tablet, unlocked
from vigfield import keyholder
from vigfield.app import Door, Open, TooWeak, Wrong
from vigfield.app.door import NoReply, Renewed, Throttled
from vigfield.app.keys import recipient_from
from vigfield.app.opened import Opened
from vigfield.errors import DiskFull, VigfieldError
from vigfield.seal import Key, PublicKey
from vigfield.store import audit, files

NEW = "eleven brave herons knit slowly"


def on(folder: Path, act: Callable[[Tablet], Awaitable[None]]) -> None:
    async def run() -> None:
        async with tablet(folder) as one:
            await act(one)

    asyncio.run(run())


def opens(folder: Path, passphrase: str) -> bool:
    """Whether a new process opens the vault with it."""

    async def run() -> bool:
        door = Door(folder, demo=False)
        try:
            outcome = await door.unlock(passphrase)
            if isinstance(outcome, Opened):
                await outcome.close()
            return isinstance(outcome, Opened)
        finally:
            door.release()

    return asyncio.run(run())


def header(folder: Path) -> dict[str, object]:
    value: dict[str, object] = json.loads((folder / "vault.json").read_text())
    return value


def happened(one: Tablet) -> Awaitable[list[str]]:
    return one.work.keys._opened.store.run(lambda tx: [event.kind.value for event in audit.all(tx)])


def test_only_the_new_passphrase_opens_the_vault(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        film = await one.filmed()
        assert await one.work.keys.change(PASSPHRASE, NEW) == Renewed()
        assert "passphrase-changed" in await happened(one)
        await one.app.lock()
        assert await one.app.unlock(PASSPHRASE) == Wrong(9)
        again = await one.app.unlock(NEW)
        assert isinstance(again, Open)
        one.work = again.work
        assert (await one.play(film)).size > 0

    on(tmp_path / "vault", act)
    assert not opens(tmp_path / "vault", PASSPHRASE)
    assert opens(tmp_path / "vault", NEW)


def test_the_films_and_the_database_are_not_sealed_anew(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        await one.filmed()
        media = one.work.keys._opened.media.folder
        before = {path.name: path.read_bytes() for path in media.iterdir()}
        assert await one.work.keys.change(PASSPHRASE, NEW) == Renewed()
        assert {path.name: path.read_bytes() for path in media.iterdir()} == before

    on(tmp_path / "vault", act)


def test_a_wrong_or_weak_passphrase_changes_nothing(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        before = header(tmp_path / "vault")
        assert isinstance(await one.work.keys.change(PASSPHRASE, "password"), TooWeak)
        assert await one.work.keys.change(NEW, NEW) == Wrong(9)
        for left in range(8, -1, -1):
            assert await one.work.keys.let_nobody_recover(NEW) == Wrong(left)
        assert isinstance(await one.work.keys.change(PASSPHRASE, NEW), Throttled)
        assert header(tmp_path / "vault") == before
        assert "passphrase-changed" not in await happened(one)

    on(tmp_path / "vault", act)


STEPS = ("before", "written", "renamed")
CHILD = """
import asyncio, os, signal, sys
from pathlib import Path
from tests.app.kit import CHEAP
from vigfield.app import Door, door
from vigfield.store import files
door.calibrate = lambda: CHEAP
folder, step, old, new = Path(sys.argv[1]), sys.argv[2], *sys.stdin.read().split("\\n")[:2]
real = os.replace
def die(*paths, **more):
    if not str(paths[1]).endswith("vault.json"):
        return real(*paths, **more)
    if step == "renamed":
        real(*paths, **more)
    os.kill(os.getpid(), signal.SIGKILL)
async def main():
    one = Door(folder, demo=False)
    if step == "before":
        door.make_slot = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    os.replace = os.rename = die
    await one.change(old, new)
asyncio.run(main())
"""


@pytest.mark.parametrize("step", STEPS)
def test_a_change_that_is_cut_short_leaves_one_passphrase_that_works(tmp_path: Path, step: str) -> None:
    folder = tmp_path / "vault"

    async def make() -> None:
        async with unlocked(folder):
            pass

    asyncio.run(make())
    died = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder), step],
        input=f"{PASSPHRASE}\n{NEW}\n",
        text=True,
        capture_output=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert died.returncode == -9, died.stderr
    assert opens(folder, NEW) == (step == "renamed")
    assert opens(folder, PASSPHRASE) == (step != "renamed")


def test_a_full_disk_leaves_the_old_passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = files.write_atomically

    def full(path: Path, data: bytes) -> None:
        if path.name == "vault.json":
            raise DiskFull("no room")
        real(path, data)

    async def act(one: Tablet) -> None:
        monkeypatch.setattr(files, "write_atomically", full)
        with pytest.raises(DiskFull):
            await one.work.keys.change(PASSPHRASE, NEW)
        monkeypatch.setattr(files, "write_atomically", real)
        assert "passphrase-changed" not in await happened(one)

    on(tmp_path / "vault", act)
    assert opens(tmp_path / "vault", PASSPHRASE)


class Holder:
    """The holder of a recovery key, with the commands' own functions."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "holder.key"
        made = keyholder.make_pair(self.file)
        assert isinstance(made, str)
        self.public_text = made
        found = recipient_from(made)
        assert found is not None
        self.public: PublicKey = found

    def reply(self, line: str) -> str:
        request = keyholder.asked(line)
        assert not isinstance(request, keyholder.Trouble)
        answered = keyholder.reply(request, request.number, self.file)
        assert not isinstance(answered, keyholder.Trouble)
        return answered


def test_a_forgotten_passphrase_is_replaced_with_the_holders_help(tmp_path: Path) -> None:
    holder = Holder(tmp_path)

    async def act(one: Tablet) -> None:
        film = await one.filmed()
        assert await one.work.keys.recipient() is None
        assert await one.work.keys.let_recover(PASSPHRASE, holder.public) == Renewed()
        assert await one.work.keys.recipient() == holder.public
        await one.app.lock()
        request = await one.app.request()
        assert request is not None
        reply = holder.reply(request.encode())
        assert isinstance(await one.app.recover(reply, "password"), TooWeak)
        assert await one.app.recover(request.encode(), NEW) == NoReply()
        assert await one.app.recover("", NEW) == NoReply()
        again = await one.app.recover(reply, NEW)
        assert isinstance(again, Open)
        one.work = again.work
        assert (await one.play(film)).size > 0
        assert "recovered" in await happened(one)
        await one.app.lock()
        assert await one.app.recover(reply, PASSPHRASE) == NoReply()  # a reply is good for one request
        assert await one.app.unlock(PASSPHRASE) == Wrong(9)

    on(tmp_path / "vault", act)
    assert opens(tmp_path / "vault", NEW)


def test_the_holder_stays_when_the_passphrase_changes_and_goes_when_asked(tmp_path: Path) -> None:
    holder = Holder(tmp_path)

    async def act(one: Tablet) -> None:
        keys = one.work.keys
        assert await keys.let_recover(PASSPHRASE, holder.public) == Renewed()
        assert await keys.let_recover(PASSPHRASE, holder.public) == Renewed()
        assert await keys.change(PASSPHRASE, NEW) == Renewed()
        assert await keys.recipient() == holder.public
        assert len(header(tmp_path / "vault")["slots"]) == 2  # type: ignore[arg-type]
        assert await keys.let_nobody_recover(NEW) == Renewed()
        assert await keys.recipient() is None
        await one.app.lock()
        assert await one.app.request() is None
        assert await one.app.recover("", NEW) == NoReply()
        assert {"recovery-set", "recovery-removed"} <= set(await _after_unlock(one, NEW))

    on(tmp_path / "vault", act)


async def _after_unlock(one: Tablet, passphrase: str) -> list[str]:
    again = await one.app.unlock(passphrase)
    assert isinstance(again, Open)
    one.work = again.work
    return await happened(one)


def test_a_reply_from_before_a_restart_is_of_no_use(tmp_path: Path) -> None:
    holder = Holder(tmp_path)
    replies: list[str] = []

    async def first(one: Tablet) -> None:
        assert await one.work.keys.let_recover(PASSPHRASE, holder.public) == Renewed()
        await one.app.lock()
        request = await one.app.request()
        assert request is not None
        replies.append(holder.reply(request.encode()))

    async def second() -> None:
        door = Door(tmp_path / "vault", demo=False)
        try:
            assert await door.recover(replies[0], NEW) == NoReply()
        finally:
            door.release()

    on(tmp_path / "vault", first)
    asyncio.run(second())
    assert opens(tmp_path / "vault", PASSPHRASE)


def test_a_holder_who_sends_another_key_changes_nothing(tmp_path: Path) -> None:
    """A reply that opens but holds no key of this vault: the vault is not given a passphrase for it."""
    holder = Holder(tmp_path)

    async def act(one: Tablet) -> None:
        assert await one.work.keys.let_recover(PASSPHRASE, holder.public) == Renewed()
        await one.app.lock()
        request = await one.app.request()
        assert request is not None
        info = b"vigfield recovery reply 1 " + request.data
        forged = keyholder.encode("reply", request.reply_to.seal(Key.random(), info))
        before = header(tmp_path / "vault")
        with pytest.raises(VigfieldError):
            await one.app.recover(forged, NEW)
        assert header(tmp_path / "vault") == before

    on(tmp_path / "vault", act)
    assert opens(tmp_path / "vault", PASSPHRASE)


def test_the_private_key_is_for_its_owner_alone_and_never_overwritten(tmp_path: Path) -> None:
    holder = Holder(tmp_path)
    assert holder.file.stat().st_mode & 0o777 == 0o600
    before = holder.file.read_bytes()
    assert keyholder.make_pair(holder.file) is keyholder.Trouble.FILE
    assert holder.file.read_bytes() == before


def test_the_holder_is_told_what_is_wrong(tmp_path: Path) -> None:
    holder, other = Holder(tmp_path), tmp_path / "other.key"
    assert isinstance(keyholder.make_pair(other), str)

    async def act(one: Tablet) -> None:
        await one.work.keys.let_recover(PASSPHRASE, holder.public)
        await one.app.lock()
        request = await one.app.request()
        assert request is not None
        wrong = "0" * 20 if request.number != "0" * 20 else "1" * 20
        torn = tmp_path / "torn.key"
        torn.write_text(holder.file.read_text()[:-4])
        for number, file, trouble in (
            (wrong, holder.file, keyholder.Trouble.NUMBER),
            (request.number, other, keyholder.Trouble.OTHER_KEY),
            (request.number, tmp_path / "none", keyholder.Trouble.FILE),
            (request.number, torn, keyholder.Trouble.NO_KEY),
        ):
            assert keyholder.reply(request, number, file) is trouble
        assert keyholder.asked(request.encode()[:-3]) is keyholder.Trouble.TORN

    on(tmp_path / "vault", act)


def test_the_cost_of_a_new_slot_is_calibrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    monkeypatch.setattr("vigfield.app.door.calibrate", lambda: asked.append(True) or CHEAP)

    async def act(one: Tablet) -> None:
        asked.clear()
        await one.work.keys.change(PASSPHRASE, NEW)
        assert asked == [True]

    on(tmp_path / "vault", act)
