"""Pictures from a film: sealed under its key, agreed to at every use, gone when a person removes them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.app.kit import Tablet, consent_draft, tablet, tree
from vigfield import clock
from vigfield.app import Given
from vigfield.app import stills as stills_module
from vigfield.app.stills import FilmStills
from vigfield.errors import Damaged, DiskFull, VigfieldError
from vigfield.loopback import NoStill, Still
from vigfield.model import ConsentStatus, Recording, RecordingId, Scope
from vigfield.rules import Reason
from vigfield.store import Tx, audit, consents, recordings

PICTURE = b"\x89PNG\n" + bytes(range(256)) * 300
BOTH = (Scope.FILM_INTERACTION, Scope.STILLS)
Act = Callable[[Tablet, FilmStills], Awaitable[None]]


def on(folder: Path, act: Act, *scopes: Scope) -> None:
    async def run() -> None:
        async with tablet(folder / "vault") as one:
            agreed = await one.work.consenting.give(consent_draft(one.family, None, *(scopes or BOTH)))
            assert isinstance(agreed, Given)
            await act(one, (await one.play(await one.filmed())).stills)

    asyncio.run(run())


async def keep(stills: FilmStills, frame: int = 3) -> Still:
    kept = await stills.keep(frame, PICTURE)
    assert isinstance(kept, Still), kept
    return kept


def files(folder: Path) -> dict[str, bytes]:
    return {name: data for name, data in tree(folder / "vault" / "media").items() if ".still" in name}


def test_a_picture_comes_back_as_it_was_and_lies_sealed(tmp_path: Path) -> None:
    async def act(one: Tablet, stills: FilmStills) -> None:
        first, second = await keep(stills), await keep(stills, 7)
        assert (first.number, first.frame, second.number, second.frame) == (1, 3, 2, 7)
        assert second.seconds > first.seconds > 0
        assert await stills.all() == [first, second]
        assert await stills.picture(1) == PICTURE
        assert await stills.picture(3) is None
        recording = (await one.recording()).id
        assert sorted(files(tmp_path)) == [f"{recording}-001.still", f"{recording}-002.still"]
        assert not any(b"PNG" in data or bytes(range(64)) in data for data in files(tmp_path).values())

    on(tmp_path, act)


def test_it_is_there_when_the_film_is_played_again(tmp_path: Path) -> None:
    async def act(one: Tablet, stills: FilmStills) -> None:
        kept = await keep(stills)
        again = (await one.play((await one.recording()).id)).stills
        assert await again.all() == [kept]

    on(tmp_path, act)


def test_a_person_may_remove_one(tmp_path: Path) -> None:
    async def act(one: Tablet, stills: FilmStills) -> None:
        await keep(stills)
        second = await keep(stills)
        assert await stills.remove(1)
        assert not await stills.remove(1)
        assert await stills.all() == [second]
        recording = (await one.recording()).id
        assert list(files(tmp_path)) == [f"{recording}-002.still"]
        happened = await one.work.filming._opened.store.run(lambda tx: audit.of(tx, recording))
        assert [(event.kind.value, event.detail) for event in happened[-3:]] == [
            ("still-kept", {"number": 1}),
            ("still-kept", {"number": 2}),
            ("still-removed", {"number": 1}),
        ]

    on(tmp_path, act)


def test_without_consent_to_pictures_none_is_kept_or_shown(tmp_path: Path) -> None:
    async def act(one: Tablet, stills: FilmStills) -> None:
        no = NoStill(Reason.STILLS_REFUSED.value)
        assert [await stills.keep(0, PICTURE), await stills.all(), await stills.picture(1)] == [no] * 3
        assert files(tmp_path) == {}

    on(tmp_path, act, Scope.FILM_INTERACTION)


async def _withdraw(one: Tablet) -> None:
    def newer(tx: Tx) -> None:
        recording = recordings.get(tx, RecordingId(film.id))
        assert recording is not None
        consent = consents.get(tx, recording.consent)
        assert consent is not None
        taken_back = replace(consent, version=consent.version + 1, status=ConsentStatus.WITHDRAWN)
        consents.add(tx, taken_back, clock.now())

    film: Recording = await one.recording()
    await one.work.filming._opened.store.run(newer)


def test_a_withdrawal_hides_them_at_once_and_they_can_still_be_removed(tmp_path: Path) -> None:
    async def act(one: Tablet, stills: FilmStills) -> None:
        await keep(stills)
        await _withdraw(one)
        no = NoStill(Reason.WITHDRAWN.value)
        assert [await stills.keep(0, PICTURE), await stills.all(), await stills.picture(1)] == [no] * 3
        assert await stills.remove(1)
        assert files(tmp_path) == {}

    on(tmp_path, act)


def test_a_withdrawal_while_one_is_being_kept_takes_it_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(one: Tablet, stills: FilmStills) -> None:
        loop, seal_file = asyncio.get_running_loop(), stills_module.seal_file

        def late(*arguments: object) -> object:
            sealed = seal_file(*arguments)  # type: ignore[arg-type]
            asyncio.run_coroutine_threadsafe(_withdraw(one), loop).result()
            return sealed

        monkeypatch.setattr(stills_module, "seal_file", late)
        assert await stills.keep(0, PICTURE) == NoStill(Reason.WITHDRAWN.value)
        assert files(tmp_path) == {}

    on(tmp_path, act)


def test_a_full_disk_is_said_and_the_film_is_untouched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(one: Tablet, stills: FilmStills) -> None:
        def full(*_: object) -> object:
            raise DiskFull("the disk is full")

        before = tree(tmp_path / "vault" / "media")
        monkeypatch.setattr(stills_module, "seal_file", full)
        assert await stills.keep(0, PICTURE) == NoStill(Reason.DISK_FULL.value)
        assert tree(tmp_path / "vault" / "media") == before

    on(tmp_path, act)


def test_one_that_does_not_verify_is_not_shown_and_left(tmp_path: Path) -> None:
    async def act(one: Tablet, stills: FilmStills) -> None:
        await keep(stills)
        second = await keep(stills)
        media = one.work.filming._opened.media
        recording = (await one.recording()).id
        path = media.still_path(recording, 1)
        path.write_bytes(media.still_path(recording, 2).read_bytes())  # another's, in its place
        before = files(tmp_path)
        assert await stills.all() == [second]
        with pytest.raises(Damaged):
            await stills.picture(1)
        assert files(tmp_path) == before
        assert (await keep(stills)).number == 3

    on(tmp_path, act)


def test_after_the_lock_there_are_none(tmp_path: Path) -> None:
    async def act(one: Tablet, stills: FilmStills) -> None:
        await keep(stills)
        await one.app.lock()
        for ask in (stills.all(), stills.picture(1), stills.keep(0, PICTURE)):
            with pytest.raises(VigfieldError):
                await ask
        assert len(files(tmp_path)) == 1

    on(tmp_path, act)
