"""A tablet's clock that jumps: nothing lasts longer, films and locks do not notice, and a person is told."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.app.kit import PASSPHRASE, Tablet, consent_draft, end, film, send, tablet
from vigfield import clock
from vigfield.app import FilmLink, Given, Open
from vigfield.model import RecordingState, Scope
from vigfield.rules import Reason, Refused
from vigfield.store import audit
from vigfield.ui import filmwords

DAY = timedelta(days=1)
YEAR = timedelta(days=365)


@pytest.fixture
def turn(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Set the tablet's clock so much off the truth; the monotonic one is not a person's to set."""

    def turned(by: timedelta) -> None:
        monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + by)

    return turned


def on(folder: Path, act: Callable[[Tablet], Awaitable[None]]) -> None:
    async def run() -> None:
        async with tablet(folder / "vault") as one:
            await act(one)

    asyncio.run(run())


async def unlock_again(one: Tablet) -> None:
    """Work as it is after a lock and an unlock, which is written down with the clock as it is."""
    await one.app.lock()
    state = await one.app.unlock(PASSPHRASE)
    assert isinstance(state, Open)
    one.work = state.work


@pytest.mark.parametrize("by", [-YEAR, -DAY, DAY, YEAR], ids=lambda by: f"{by.days}-days")
def test_a_jump_in_mid_film_ends_no_film_and_changes_no_length(
    tmp_path: Path, turn: Callable[[timedelta], None], by: timedelta
) -> None:
    async def act(one: Tablet) -> None:
        await one.filmed()
        begun = await one.begin()
        await send(begun, 0, 6)
        turn(by)
        written = [await asyncio.to_thread(begun.write, [fragment]) for fragment in film()[1][6:12]]
        assert not any(ack.stop for ack in written)
        await begun.finish(end(begun))
        made = await one.work.practice.recording(begun.value.recording)
        assert (made.state, made.parts[0].frames) == (RecordingState.WHOLE, 12)
        lengths = {other.seconds for other in (await one.work.practice.everything())[0]}
        assert lengths == {made.seconds}

    on(tmp_path, act)


@pytest.mark.parametrize("by", [-YEAR, YEAR], ids=lambda by: f"{by.days}-days")
def test_a_jump_neither_locks_nor_keeps_from_locking(
    tmp_path: Path, turn: Callable[[timedelta], None], by: timedelta
) -> None:
    async def act(one: Tablet) -> None:
        one.app.touch()
        turn(by)
        assert 0 <= clock.monotonic() - one.app._touched < 60

    on(tmp_path, act)


def test_a_clock_turned_back_does_not_bring_an_ended_consent_back(
    tmp_path: Path, turn: Callable[[timedelta], None]
) -> None:
    async def act(one: Tablet) -> None:
        turn(31 * DAY)
        await unlock_again(one)
        assert await one.work.filming.link(one.session.id) == Refused(Reason.EXPIRED)
        turn(timedelta())
        await unlock_again(one)
        assert await one.work.filming.link(one.session.id) == Refused(Reason.EXPIRED)
        # If the clock was wrong then, a new consent is the way out; it does not end at once.
        assert isinstance(await one.work.consenting.give(consent_draft(one.family)), Given)
        assert isinstance(await one.work.filming.link(one.session.id), FilmLink)

    on(tmp_path, act)


def test_a_clock_turned_back_after_a_consent_does_not_make_it_begin_later(
    tmp_path: Path, turn: Callable[[timedelta], None]
) -> None:
    async def act(one: Tablet) -> None:
        turn(-YEAR)
        await unlock_again(one)
        assert isinstance(await one.work.filming.link(one.session.id), FilmLink)

    on(tmp_path, act)


def test_a_no_that_was_said_with_the_clock_turned_back_is_still_the_last_word(
    tmp_path: Path, turn: Callable[[timedelta], None]
) -> None:
    async def act(one: Tablet) -> None:
        turn(-DAY)
        refused = consent_draft(one.family, None, Scope.FILM_REVIEW)
        assert isinstance(await one.work.consenting.give(refused), Given)
        turn(timedelta())
        assert await one.work.filming.link(one.session.id) == Refused(Reason.SCOPE_REFUSED)

    on(tmp_path, act)


def test_a_clock_that_is_behind_is_told_of(tmp_path: Path, turn: Callable[[timedelta], None]) -> None:
    async def act(one: Tablet) -> None:
        practice = one.work.practice
        assert await practice.clock_behind() is None
        turn(-timedelta(minutes=3))
        assert await practice.clock_behind() is None
        turn(-DAY)
        newest = await one.work.filming._opened.store.run(audit.newest)
        assert await practice.clock_behind() == newest
        assert str(clock.local(newest).year) in filmwords.clock_behind(newest)
        turn(YEAR)
        assert await practice.clock_behind() is None

    on(tmp_path, act)
