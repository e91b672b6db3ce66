"""Erasing a film, all parts real: what is gone, what is said, and that no failure makes it say more."""

import asyncio
import errno
import os
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.app.kit import NAMES, PASSPHRASE, Tablet, send, tablet, tree, unlocked, until, work_of
from tests.store.pages import everything, found
from tests.sync.servers import held, reference_service
from vigfield.app import Erasable, Erasure, PlayLink
from vigfield.app.door import Door
from vigfield.app.erasing import Erasing
from vigfield.app.opened import DATABASE, unwrap_film_key
from vigfield.errors import Broken, Damaged, DiskFull, Unknown, VigfieldError
from vigfield.model import Delivery, Ground, Kind, RecordingId, RecordingState
from vigfield.rules import Reason, Refused
from vigfield.seal import Key
from vigfield.status import status
from vigfield.store import Store, audit, outbox, recordings
from vigfield.store.audit import Happening

Act = Callable[[Tablet], Awaitable[None]]
WHY = Ground.CAREGIVER_ASKED


def on(folder: Path, act: Act) -> None:
    async def run() -> None:
        async with tablet(folder / "vault") as one:
            await act(one)

    asyncio.run(run())


async def keys_of(erasing: Erasing, film: RecordingId) -> tuple[bytes, bytes]:
    """A film's key as it is sealed in the database, and as it is."""
    opened = erasing._opened
    wrapped = await opened.store.run(lambda tx: recordings.wrapped_key(tx, film))
    assert wrapped
    with_key = unwrap_film_key(opened, film, wrapped)
    return wrapped, bytes(with_key.reveal())


async def database_key(folder: Path) -> bytes:
    """The key of the vault's database, while no app has the vault."""
    door = Door(folder, demo=False)
    try:
        vault = await door._try(PASSPHRASE)
        assert isinstance(vault, Key)
        return bytes(vault.derive(DATABASE).reveal())
    finally:
        door.release()


async def left(folder: Path, *keys: bytes) -> set[bytes]:
    """Which of the keys are anywhere in a vault that no app has open."""
    return found(keys, everything(folder, await database_key(folder)))


async def left_beside(folder: Path, *keys: bytes) -> set[bytes]:
    """As `left`, of a vault that an app has, as it is on the disk now."""
    copy = folder.with_name("copy")
    shutil.copytree(folder, copy)
    try:
        return await left(copy, *keys)
    finally:
        shutil.rmtree(copy)


def state_of(folder: Path, film: RecordingId) -> str:
    """As `vigfield status` says it, which finishes nothing."""
    films = asyncio.run(status(folder, PASSPHRASE)).value["films"]
    return next(str(one["state"]) for one in films if one["id"] == film)  # type: ignore[attr-defined]


def test_an_erased_film_is_gone_and_the_others_are_not(tmp_path: Path) -> None:
    keys: list[tuple[bytes, bytes]] = []

    async def act(one: Tablet) -> None:
        first, second = await one.filmed(), await one.filmed()
        keys.extend([await keys_of(one.work.erasing, first), await keys_of(one.work.erasing, second)])
        others = {name: data for name, data in tree(tmp_path / "vault/media").items() if first not in name}
        for kind in ("tail", "part", "still", "anything"):
            (tmp_path / "vault/media" / f"{first}-002.{kind}").write_bytes(b"x")
        looked = await one.work.erasing.look(first)
        assert isinstance(looked, Erasable)
        assert (looked.recording.id, looked.pictures) == (first, 1)
        erased = await one.work.erasing.erase(first, WHY)
        assert isinstance(erased, Erasure)
        certificate = erased.certificate
        assert (certificate.ground, certificate.was, erased.left) == (WHY, RecordingState.WHOLE, 0)
        assert certificate.begun <= certificate.key_gone <= certificate.completed  # type: ignore[operator]
        assert [part.sha256 for part in certificate.parts] == [erased.recording.parts[0].sha256]
        assert {name for name, _ in certificate.files} == {
            *(f"{first}-001.{kind}" for kind in ("film", "index")),
            *(f"{first}-002.{kind}" for kind in ("tail", "part", "still", "anything")),
        }
        assert tree(tmp_path / "vault/media") == others
        assert erased.recording.state is RecordingState.ERASED
        (await one.play(second)).close()

    on(tmp_path, act)
    assert asyncio.run(left(tmp_path / "vault", *keys[0], *keys[1])) == {keys[1][0]}


def test_the_key_was_there_before_and_the_film_itself_opens_with_it(tmp_path: Path) -> None:
    """The scan's positive control, on the whole vault."""
    keys: list[bytes] = []

    async def act(one: Tablet) -> None:
        keys.extend(await keys_of(one.work.erasing, await one.filmed()))

    on(tmp_path, act)
    assert asyncio.run(left(tmp_path / "vault", *keys)) == {keys[0]}


def test_everything_afterwards_says_that_it_was_erased(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        film = await one.filmed()
        link = await one.work.playing.link(film)
        assert isinstance(link, PlayLink)
        playing = one.work.playing._links[link.token].film
        await one.work.erasing.erase(film, WHY)
        assert one.app.claim(link.token) is None
        with pytest.raises((OSError, VigfieldError)):
            playing.read(0, playing.size)
        refused = Refused(Reason.ERASED)
        assert await one.work.playing.link(film) == refused
        assert await one.work.erasing.look(film) == refused
        assert await one.work.erasing.erase(film, Ground.BY_MISTAKE) == refused
        assert (await one.work.erasing.of(film)).certificate.ground is WHY
        assert [each.recording.id for each in await one.work.erasing.all()] == [film]
        with pytest.raises(Unknown):
            await one.work.erasing.of(RecordingId("0" * 32))
        item = await one.work.erasing._opened.store.run(lambda tx: outbox.item(tx, Kind.RECORDING, film))
        assert item is not None
        assert item.version == 2

    on(tmp_path, act)

    async def again() -> None:
        async with unlocked(tmp_path / "vault") as app:
            (each,) = await work_of(app).erasing.all()
            assert each.recording.state is RecordingState.ERASED
            assert await work_of(app).playing.link(each.recording.id) == Refused(Reason.ERASED)
            assert work_of(app).recovered == 0

    asyncio.run(again())
    value = asyncio.run(status(tmp_path / "vault", PASSPHRASE)).value
    assert [name for name in NAMES if name in str(value)] == []
    assert [each["state"] for each in value["films"]] == ["erased"]  # type: ignore[attr-defined]


def test_a_film_that_is_being_made_is_not_erased(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        begun = await one.begin()
        await send(begun)
        film = begun.value.recording
        assert await one.work.erasing.erase(film, WHY) == Refused(Reason.STILL_FILMING)
        await begun.lost()
        assert await one.work.erasing.look(film) == Refused(Reason.STILL_FILMING)
        assert (await one.recording()).state is RecordingState.OPEN
        await one.work.filming.close()
        assert isinstance(await one.work.erasing.erase(film, WHY), Erasure)

    on(tmp_path, act)


def test_a_film_whose_consent_was_withdrawn_can_be_erased(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        film = await one.filmed()
        await one.app.withdraw(one.family.id)
        erased = await one.work.erasing.erase(film, Ground.CONSENT_WITHDRAWN)
        assert isinstance(erased, Erasure)
        assert erased.certificate.completed is not None

    on(tmp_path, act)


def test_a_film_without_files_can_be_erased_and_the_certificate_says_so(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        film = await one.filmed()
        away = [path.name for path in one.work.erasing._opened.media.files_of(film)]
        for name in away:
            (tmp_path / "vault/media" / name).rename(tmp_path / name)
        erased = await one.work.erasing.erase(film, WHY)
        assert isinstance(erased, Erasure)
        assert (erased.certificate.files, erased.recording.state) == ((), RecordingState.ERASED)
        for name in away:
            (tmp_path / name).rename(tmp_path / "vault/media" / name)
        await one.app.lock()
        await one.app.unlock(PASSPHRASE)
        assert tree(tmp_path / "vault/media") == {}, "files that come back are removed at the next unlock"

    on(tmp_path, act)


def refuse(code: int, *names: str) -> Callable[..., None]:
    """`os.unlink` on a disk that does not let go of files with these endings."""
    real = os.unlink

    def unlink(path: str | os.PathLike[str], **more: int) -> None:
        if "/vault/media/" in str(path) and str(path).endswith(names):
            raise OSError(code, "as asked")
        real(path, **more)

    return unlink


@pytest.mark.parametrize("code", [errno.EIO, errno.EACCES, errno.EROFS])
def test_files_that_cannot_be_removed_are_counted_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    async def act(one: Tablet) -> None:
        film = await one.filmed()
        wrapped = (await keys_of(one.work.erasing, film))[0]
        with monkeypatch.context() as patch:
            patch.setattr(os, "unlink", refuse(code, ".film"))
            erased = await one.work.erasing.erase(film, WHY)
            assert isinstance(erased, Erasure)
            assert (erased.left, erased.recording.state) == (1, RecordingState.ERASING)
            assert erased.certificate.key_gone is not None
            assert erased.certificate.completed is None
            assert [path.suffix for path in (tmp_path / "vault/media").iterdir()] == [".film"]
            assert await one.work.playing.link(film) == Refused(Reason.ERASED)
            assert (await one.work.erasing.finish(film)).left == 1
            await one.app.lock()
            assert await left_beside(tmp_path / "vault", wrapped) == set()
            await one.app.unlock(PASSPHRASE)
            assert (await work_of(one.app).erasing.of(film)).left == 1
        last = await work_of(one.app).erasing.finish(film)
        assert (last.left, last.recording.state) == (0, RecordingState.ERASED)
        assert last.certificate.begun == erased.certificate.begun

    on(tmp_path, act)


async def failing(*_: object) -> None:
    raise DiskFull("as asked")


def test_a_key_that_may_be_left_somewhere_is_not_called_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(one: Tablet) -> None:
        film = await one.filmed()
        wrapped = (await keys_of(one.work.erasing, film))[0]
        with monkeypatch.context() as patch:
            patch.setattr(Store, "scrub", failing)
            erased = await one.work.erasing.erase(film, WHY)
            assert isinstance(erased, Erasure)
            assert (erased.certificate.key_gone, erased.certificate.completed) == (None, None)
            assert erased.recording.state is RecordingState.ERASING
            assert erased.left == 2
            assert await left_beside(tmp_path / "vault", wrapped) == {wrapped}
            item = await one.work.erasing._opened.store.run(lambda tx: outbox.item(tx, Kind.RECORDING, film))
            assert item is not None
            assert item.version == 1, "the service is told nothing yet"
        await one.app.lock()
        await one.app.unlock(PASSPHRASE)
        last = await work_of(one.app).erasing.of(film)
        assert (last.left, last.recording.state) == (0, RecordingState.ERASED)
        assert await left_beside(tmp_path / "vault", wrapped) == set()

    on(tmp_path, act)


def test_a_database_that_does_not_verify_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def damaged(*_: object) -> None:
        raise Damaged("as asked")

    async def act(one: Tablet) -> None:
        film = await one.filmed()
        before = tree(tmp_path / "vault/media")
        with monkeypatch.context() as patch:
            patch.setattr(Store, "verify", damaged)
            with pytest.raises(Damaged):
                await one.work.erasing.erase(film, WHY)
        assert tree(tmp_path / "vault/media") == before
        (await one.play(film)).close()

    on(tmp_path, act)


def test_a_disk_that_is_away_keeps_an_erasure_from_ending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(one: Tablet) -> None:
        film = await one.filmed()
        with monkeypatch.context() as patch:
            patch.setattr(os, "unlink", refuse(errno.EIO, ".film", ".index"))
            await one.work.erasing.erase(film, WHY)
        (tmp_path / "vault/media").rename(tmp_path / "away")
        assert (await one.work.erasing.finish(film)).recording.state is RecordingState.ERASING
        (tmp_path / "away").rename(tmp_path / "vault/media")
        assert (await one.work.erasing.finish(film)).recording.state is RecordingState.ERASED

    on(tmp_path, act)


def test_a_lock_waits_for_the_erasure_in_hand(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        film = await one.filmed()
        erasing = asyncio.create_task(one.work.erasing.erase(film, WHY))
        await until(one.work.erasing._turn.locked)
        await asyncio.gather(erasing, one.app.lock(), return_exceptions=True)
        with pytest.raises(Broken):
            await one.work.erasing.erase(film, WHY)

    on(tmp_path, act)
    assert list((tmp_path / "vault/media").iterdir()) == []


def test_who_did_what_is_written_down(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        film = await one.filmed()
        (await one.play(film)).close()
        await one.work.erasing.erase(film, WHY)
        await one.app.lock()
        await one.app.unlock(PASSPHRASE)
        store = work_of(one.app).erasing._opened.store
        of_film = await store.run(lambda tx: audit.of(tx, film))
        assert [event.kind for event in of_film[-3:]] == [
            Happening.FILM_PLAYED,
            Happening.ERASING_BEGAN,
            Happening.FILM_ERASED,
        ]
        assert of_film[-2].detail == {"ground": WHY.value}
        of_vault = await store.run(lambda tx: audit.of(tx, "vault"))
        locked = [Happening.UNLOCKED, Happening.LOCKED]
        assert [event.kind for event in of_vault] == [*locked, *locked, Happening.UNLOCKED]

    on(tmp_path, act)


def test_a_lock_under_cover_is_written_down_once(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        begun = await one.begin()
        await send(begun)
        await one.app.lock()
        await one.app.unlock(PASSPHRASE)
        await one.app.lock()
        await begun.lost()
        await one.work.filming.close()
        await asyncio.gather(*one.app._tasks)
        await one.app.unlock(PASSPHRASE)
        of_vault = await work_of(one.app).erasing._opened.store.run(lambda tx: audit.of(tx, "vault"))
        kinds = [event.kind.value for event in of_vault]
        assert kinds == [*["unlocked", "locked"] * 3, "unlocked"]

    on(tmp_path, act)


def test_the_service_is_told_that_a_film_was_erased(tmp_path: Path) -> None:
    async def act(service: str) -> None:
        async with tablet(tmp_path / "vault", service) as one:
            film = await one.filmed()
            await one.work.telling.run()
            before = held(service, f"Media/{film}").json()
            await one.work.erasing.erase(film, WHY)
            await one.work.telling.run()
            after = held(service, f"Media/{film}").json()
            assert (await one.work.practice.outbox_counts())[Delivery.SENT] == 8
        assert after["status"] == before["status"] == "completed"
        urls = [extension["url"] for extension in after["extension"]]
        assert "urn:vigfield:extension:erased" in urls
        assert len(urls) == len(before["extension"]) + 1

    with reference_service(tmp_path / "service.db") as served:
        asyncio.run(act(served.base))
