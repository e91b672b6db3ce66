"""Sealed films on their way, as the screens say it: what waits and why, how far, what came back."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.app.kit import Tablet, consent_draft
from tests.ui.fake import Tab
from tests.ui.test_duties import open_at
from tests.ui.test_screens import on, tab
from vigfield import clock
from vigfield.app import Given
from vigfield.model import RecordingId, Scope, Snag, Upload, UploadPart, UploadState
from vigfield.store import Tx, uploads
from vigfield.ui import Host, places, servicewords, uploadwords


def going(recording: RecordingId, size: int = 0) -> Upload:
    """An upload that has begun, with `size` bytes of its one part there."""
    parts = (UploadPart(1, "https://films.example/1", size),)
    now = clock.now()
    return Upload(
        recording, UploadState.GOING, 3, "video-1", b"s" * 80, "https://films.example", now, parts=parts
    )


Story = Callable[[Tx, RecordingId], object]


@dataclass(frozen=True)
class Case:
    """What happened to an upload that had begun, and what is then said of it."""

    story: Story
    said: tuple[str, ...]


def _whole(tx: Tx, id_: RecordingId, *, verified: bool) -> None:
    uploads.arrived(tx, id_, UploadPart(1, "https://films.example/1", 9, True, verified))
    uploads.whole(tx, id_, clock.now())


def _back(tx: Tx, id_: RecordingId, *, removed: bool) -> None:
    uploads.take_back(tx, id_, clock.now())
    uploads.taken_back(tx, id_, removed, clock.now())


CASES = {
    "going": Case(lambda tx, id_: uploads.reached(tx, id_, 1, 2_000_000), ("On its way", "2.0 MB of")),
    "whole and read back": Case(
        lambda tx, id_: _whole(tx, id_, verified=True), ("At your service", uploadwords.VERIFIED)
    ),
    "whole": Case(
        lambda tx, id_: _whole(tx, id_, verified=False), ("At your service", uploadwords.NOT_VERIFIED)
    ),
    **{
        f"stuck: {snag}": Case(
            lambda tx, id_, snag=snag: uploads.stuck(tx, id_, snag, "no room left"),  # type: ignore[misc]
            ("Not sent", uploadwords.SNAGS[snag], "no room left"),
        )
        for snag in Snag
    },
    "taking back": Case(
        lambda tx, id_: uploads.take_back(tx, id_, clock.now()), ("Being taken back", uploadwords.TRIES)
    ),
    "taken back": Case(lambda tx, id_: _back(tx, id_, removed=True), ("Taken back", uploadwords.REMOVED)),
    "taken back, and still there": Case(
        lambda tx, id_: _back(tx, id_, removed=False), ("Taken back", uploadwords.NOT_REMOVED)
    ),
}


async def begun(one: Tablet) -> RecordingId:
    agreed = consent_draft(one.family, None, Scope.FILM_INTERACTION, Scope.SEND_VIDEO)
    assert isinstance(await one.app.give(agreed), Given)
    recording = await one.filmed()
    await one.work.practice._store.run(lambda tx: uploads.begin(tx, going(recording)))
    return recording


def test_there_is_a_case_for_every_state() -> None:
    assert len(CASES) == 6 + len(Snag)
    assert set(uploadwords.STATES) == set(UploadState)
    assert set(uploadwords.SNAGS) == set(Snag)


@pytest.mark.parametrize("case", CASES)
def test_the_service_page_and_the_session_say_where_it_stands(tmp_path: Path, case: str) -> None:
    async def act(one: Tablet, host: Host) -> None:
        async with tab(one, host) as first:
            await open_at(one, first, places.Sending())
            recording = await begun(one)
            await one.work.practice._store.run(lambda tx: CASES[case].story(tx, recording))
            one.app.announce()
            await _until_it_says(first, f"away-{recording}", CASES[case].said)
            assert first.has(f"resend-{recording}") == case.startswith("stuck")
            first.desk.go(places.SessionPlace(one.session.id))
            await _until_it_says(first, f"away-{recording}", CASES[case].said)

    on(tmp_path, act)


def test_nothing_is_said_of_films_where_none_may_go(tmp_path: Path) -> None:
    async def act(one: Tablet, host: Host) -> None:
        async with tab(one, host) as first:
            await open_at(one, first, places.Sending())
            await one.filmed()
            one.app.announce()
            await _settled(first)
            assert uploadwords.TITLE not in first.texts()
            assert servicewords.FILMS_STAY in first.texts()

    on(tmp_path, act)


async def _until_it_says(tab_: Tab, identifier: str, said: tuple[str, ...]) -> None:
    """Wait until a control is there and says all of this."""
    async with asyncio.timeout(30):
        while not (tab_.has(identifier) and all(one in tab_.text(identifier) for one in said)):
            await tab_.settle()


async def _settled(tab_: Tab) -> None:
    await tab_.until("send-now")
