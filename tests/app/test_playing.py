"""Playing: one-time links, what expires, and films that are not what they were."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.app.kit import HELLO, Tablet, film, frames_of, part, send, tablet, tree
from vigfield import clock
from vigfield.app import PlayLink, playing
from vigfield.errors import Broken, Unknown
from vigfield.model import ConsentStatus, RecordingId, RecordingState
from vigfield.rules import Reason, Refused
from vigfield.store import consents

Act = Callable[[Tablet], Awaitable[None]]


def on(folder: Path, act: Act) -> None:
    async def run() -> None:
        async with tablet(folder / "vault") as one:
            await act(one)

    asyncio.run(run())


def test_a_link_works_once_and_its_film_until_another_is_opened(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        recording = await one.filmed()
        link = await one.work.playing.link(recording)
        assert isinstance(link, PlayLink)
        assert one.app.media(link.token) is None
        claimed = one.app.claim(link.token)
        assert claimed is not None
        token, opened = claimed
        assert one.app.claim(link.token) is None
        assert one.app.claim(token) is None
        assert one.app.media(token) is opened
        await one.work.playing.link(recording)
        assert one.app.media(token) is None
        with pytest.raises(Broken):
            opened.read(opened.size - 1, 1)

    on(tmp_path, act)


@pytest.mark.parametrize("claimed", [False, True])
def test_links_expire_and_close_their_film(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, claimed: bool
) -> None:
    async def act(one: Tablet) -> None:
        link = await one.work.playing.link(await one.filmed())
        assert isinstance(link, PlayLink)
        opened = one.work.playing._links[link.token].film
        found = one.app.claim(link.token) if claimed else None
        late = clock.monotonic() + (playing.PLAY_SECONDS if claimed else playing.LINK_SECONDS) + 1
        monkeypatch.setattr(clock, "monotonic", lambda: late)
        assert (one.app.media(found[0]) if found else one.app.claim(link.token)) is None
        with pytest.raises(Broken):
            opened.read(opened.size - 1, 1)

    on(tmp_path, act)


def test_what_may_not_be_played(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        with pytest.raises(Unknown):
            await one.work.playing.link(RecordingId("0" * 32))
        begun = await one.begin()
        assert await one.work.playing.link(begun.value.recording) == Refused(Reason.STILL_FILMING)
        await send(begun, 0, 3)
        await begun.lost()
        withdrawn = replace(one.consent, version=2, status=ConsentStatus.WITHDRAWN)
        await one.work.filming._opened.store.run(lambda tx: consents.add(tx, withdrawn, clock.now()))
        assert await one.work.playing.link(begun.value.recording) == Refused(Reason.WITHDRAWN)

    on(tmp_path, act)


def missing(path: Path) -> None:
    path.unlink()


def torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def altered(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def exchanged(path: Path) -> None:
    path.write_bytes(path.with_suffix(".film").read_bytes())


@pytest.mark.parametrize("spoil", [missing, torn, altered, emptied, exchanged])
def test_a_film_plays_without_its_index(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    async def act(one: Tablet) -> None:
        begun = await one.begin()
        await send(begun, 0, 5)
        await begun.lost()
        second = part(await one.app.begin(begun.next_token, HELLO))
        await send(second, 5, 7)
        await second.lost()
        await one.app.begin(second.next_token, HELLO)
        await one.work.filming.close()
        (index, _) = sorted((tmp_path / "vault" / "media").glob("*.index"))[:2]
        spoil(index)
        assert frames_of(await one.play(begun.value.recording)) == 12

    on(tmp_path, act)


@pytest.mark.parametrize("spoil", [torn, altered, emptied])
def test_a_film_that_does_not_verify_is_refused_and_left(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    async def act(one: Tablet) -> None:
        recording = await one.filmed()
        spoil(next((tmp_path / "vault" / "media").glob("*.film")))
        before = tree(tmp_path / "vault" / "media")
        assert await one.work.playing.link(recording) == Refused(Reason.DAMAGED)
        assert await one.work.playing.link(recording) == Refused(Reason.DAMAGED)
        assert tree(tmp_path / "vault" / "media") == before
        assert (await one.recording()).state is RecordingState.WHOLE  # what is known of how it was made

    on(tmp_path, act)


def test_one_film_is_not_played_in_place_of_another(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        first, second = await one.filmed(), await one.filmed(3)
        media = one.work.filming._opened.media
        media.film_path(first, 1).write_bytes(media.film_path(second, 1).read_bytes())
        assert await one.work.playing.link(first) == Refused(Reason.DAMAGED)
        assert frames_of(await one.play(second)) == 3

    on(tmp_path, act)


def test_the_player_gets_every_range_of_what_was_filmed(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        opened = await one.play(await one.filmed())
        whole = opened.read(0, opened.size)
        assert len(whole) == opened.size
        assert b"".join(film()[1]) in whole
        for offset, count in ((0, 1), (opened.size - 1, 1), (100, 4000), (opened.size - 5, 50)):
            assert opened.read(offset, count) == whole[offset : offset + count]
        assert opened.index["words"] == {"c": "d"}

    on(tmp_path, act)
