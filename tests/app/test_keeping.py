"""How long films are kept, all parts real: what is due when, what a hold stops, clocks that are turned."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.app.kit import NAMES, PASSPHRASE, Tablet, consent_draft, family_of, tablet, tree
from vigfield import clock
from vigfield.app import EndingDraft, Erasure, Given, HoldDraft, Invalid, Item, Open
from vigfield.errors import Unknown
from vigfield.loopback import Still
from vigfield.model import (
    Due,
    Ending,
    Family,
    Ground,
    Hold,
    HoldKind,
    RecordingId,
    RecordingState,
    Scope,
    What,
)
from vigfield.rules import Reason, Refused, Urgency
from vigfield.store import audit, retention
from vigfield.store.audit import Happening

Act = Callable[[Tablet], Awaitable[None]]
Turn = Callable[[int], None]
DAY = timedelta(days=1)
HELD = HoldDraft(HoldKind.SAFEGUARDING, "  asked for by the safeguarding lead ")
PICTURE = b"\x89PNG\n" + bytes(300)


@pytest.fixture
def turn(monkeypatch: pytest.MonkeyPatch) -> Turn:
    """Set the tablet's clock so many days off the truth."""

    def turned(days: int) -> None:
        monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + days * DAY)

    return turned


def on(folder: Path, act: Act) -> None:
    async def run() -> None:
        async with tablet(folder / "vault") as one:
            await act(one)

    asyncio.run(run())


async def queue(one: Tablet) -> list[tuple[RecordingId, Urgency]]:
    return [(item.recording.id, item.erasable.urgency) for item in await one.work.keeping.queue()]


async def first(one: Tablet) -> Item:
    return (await one.work.keeping.queue())[0]


async def ask(one: Tablet, film: RecordingId, days: int, what: What = What.FILM) -> None:
    """Queue an erasure that is to be done so many days from now."""
    due = Due(film, what, Ground.CAREGIVER_ASKED, clock.now(), clock.today() + days * DAY)
    await one.work.keeping._store.run(lambda tx: retention.ask(tx, due))


@pytest.mark.parametrize(
    ("days", "urgency"),
    [(334, None), (335, Urgency.DUE), (365, Urgency.DUE), (366, Urgency.OVERDUE), (4000, Urgency.OVERDUE)],
)
def test_a_film_is_due_a_month_before_its_year_is_over(
    tmp_path: Path, turn: Turn, days: int, urgency: Urgency | None
) -> None:
    async def act(one: Tablet) -> None:
        film = await one.filmed()
        turn(days)
        assert await queue(one) == ([] if urgency is None else [(film, urgency)])

    on(tmp_path, act)


def test_the_end_of_the_work_brings_the_day_forward(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        film = await one.filmed()
        assert (await one.work.keeping.of(film)).destroy_by == clock.today() + 365 * DAY
        ended = await one.work.people.end(one.family.id, EndingDraft(clock.today(), Ending.COMPLETED, ""))
        assert isinstance(ended, Family)
        assert (await one.work.keeping.of(film)).destroy_by == clock.today() + 60 * DAY

    on(tmp_path, act)


def test_a_withdrawal_gives_four_weeks(tmp_path: Path, turn: Turn) -> None:
    async def act(one: Tablet) -> None:
        film = await one.filmed()
        await one.app.withdraw(one.family.id)
        item = await first(one)
        by = clock.today() + 28 * DAY
        assert (item.erasable.due.ground, item.erasable.due.by) == (Ground.CONSENT_WITHDRAWN, by)
        assert await queue(one) == [(film, Urgency.DUE)]
        turn(29)
        assert await queue(one) == [(film, Urgency.OVERDUE)]

    on(tmp_path, act)


def test_a_new_consent_brings_back_no_film_of_a_withdrawn_one(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        film = await one.filmed()
        await one.app.withdraw(one.family.id)
        assert isinstance(await one.work.consenting.give(consent_draft(one.family)), Given)
        assert await queue(one) == [(film, Urgency.DUE)]

    on(tmp_path, act)


def test_pictures_that_are_agreed_to_again_are_taken_off_the_queue(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        await pictured(one)
        assert isinstance(await one.work.consenting.give(consent_draft(one.family)), Given)
        assert (await first(one)).erasable.due.what is What.PICTURES
        both = consent_draft(one.family, None, Scope.FILM_INTERACTION, Scope.STILLS)
        assert isinstance(await one.work.consenting.give(both), Given)
        assert await queue(one) == []

    on(tmp_path, act)


def test_a_clock_that_is_turned_back_puts_nothing_off(tmp_path: Path, turn: Turn) -> None:
    async def act(one: Tablet) -> None:
        film = await one.filmed()
        turn(366)
        await one.app.lock()
        state = await one.app.unlock(PASSPHRASE)  # written down a year later
        assert isinstance(state, Open)
        one.work = state.work
        for days in (0, -1000):
            turn(days)
            assert await queue(one) == [(film, Urgency.OVERDUE)]
            assert await one.work.practice.clock_behind() is not None

    on(tmp_path, act)


def test_a_clock_that_is_turned_on_erases_nothing(tmp_path: Path, turn: Turn) -> None:
    async def act(one: Tablet) -> None:
        film = await one.filmed()
        before = tree(tmp_path / "vault" / "media")
        turn(4000)
        await one.app.lock()
        state = await one.app.unlock(PASSPHRASE)
        assert isinstance(state, Open)
        one.work = state.work
        await one.work.keeping.queue()
        await one.work.reminding.today(clock.now())
        assert (await one.work.practice.recording(film)).state is RecordingState.WHOLE
        assert tree(tmp_path / "vault" / "media") == before

    on(tmp_path, act)


def test_the_most_urgent_is_first_and_what_is_held_last(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        films = [await one.filmed() for _ in range(3)]
        for film, days in zip(films, (5, -3, 2), strict=True):
            await ask(one, film, days)
        late, soon, later = films[1], films[2], films[0]
        assert await queue(one) == [(late, Urgency.OVERDUE), (soon, Urgency.DUE), (later, Urgency.DUE)]
        one.family, one.session = await family_of(one.work, "SE-015")
        assert isinstance(await one.work.consenting.give(consent_draft(one.family)), Given)
        held = await one.filmed()
        await ask(one, held, -9)
        assert isinstance(await one.work.keeping.hold(one.family.id, HELD), Hold)
        assert (await queue(one))[-1] == (held, Urgency.HELD)
        assert len(await queue(one)) == 4

    on(tmp_path, act)


def test_an_earlier_day_counts_and_a_later_one_does_not(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        film = await one.filmed()
        for days, kept in ((9, 9), (3, 3), (20, 3)):
            await ask(one, film, days)
            assert (await first(one)).erasable.due.by == clock.today() + kept * DAY

    on(tmp_path, act)


def test_a_hold_stops_every_erasure_until_it_is_lifted(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        film = await one.filmed()
        await ask(one, film, -1)
        before = tree(tmp_path / "vault" / "media")
        begun = await one.work.keeping.hold(one.family.id, HELD)
        assert isinstance(begun, Hold)
        assert begun.reason == HELD.reason.strip()
        assert await queue(one) == [(film, Urgency.HELD)]
        erasing = one.work.erasing
        assert await erasing.look(film) == Refused(Reason.HELD)
        for ground in Ground:
            assert await erasing.erase(film, ground) == Refused(Reason.HELD)
        assert tree(tmp_path / "vault" / "media") == before
        assert await one.work.keeping.lift(one.family.id, HoldDraft(HoldKind.OTHER, "case closed")) is None
        assert await queue(one) == [(film, Urgency.OVERDUE)]
        assert isinstance(await erasing.erase(film, Ground.TIME_OVER), Erasure)
        assert await queue(one) == []

    on(tmp_path, act)


def test_a_hold_needs_a_reason_and_there_is_one_at_a_time(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        keeping, family = one.work.keeping, one.family.id
        empty = HoldDraft(HoldKind.LEGAL, "   ")
        assert await keeping.hold(family, empty) == Invalid({"reason": "missing"})
        with pytest.raises(Unknown):
            await keeping.lift(family, HELD)
        assert isinstance(await keeping.hold(family, HELD), Hold)
        assert await keeping.hold(family, HELD) == Invalid({"reason": "held"})
        assert await keeping.lift(family, empty) == Invalid({"reason": "missing"})
        assert await keeping.hold_of(family) is not None
        await keeping.lift(family, HELD)
        assert await keeping.hold_of(family) is None
        assert isinstance(await keeping.hold(family, HELD), Hold)

    on(tmp_path, act)


def test_a_hold_on_one_family_is_none_on_another(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        film = await one.filmed()
        other, _ = await family_of(one.work, "SE-015")
        assert isinstance(await one.work.keeping.hold(other.id, HELD), Hold)
        assert isinstance(await one.work.erasing.erase(film, Ground.BY_MISTAKE), Erasure)

    on(tmp_path, act)


def test_a_hold_is_written_down_without_its_reason(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        await one.work.keeping.hold(one.family.id, HELD)
        await one.work.keeping.lift(one.family.id, HoldDraft(HoldKind.OTHER, "case closed"))
        events = await one.work.keeping._store.run(lambda tx: audit.of(tx, one.family.id))
        kinds = [event.kind for event in events]
        assert kinds[-2:] == [Happening.HOLD_BEGAN, Happening.HOLD_LIFTED]
        assert "safeguarding lead" not in str(events)
        assert "case closed" not in str(events)

    on(tmp_path, act)


async def pictured(one: Tablet) -> RecordingId:
    """A film with two pictures kept from it."""
    both = consent_draft(one.family, None, Scope.FILM_INTERACTION, Scope.STILLS)
    assert isinstance(await one.work.consenting.give(both), Given)
    film = await one.filmed()
    stills = (await one.play(film)).stills
    for frame in (3, 7):
        assert isinstance(await stills.keep(frame, PICTURE), Still)
    return film


def pictures(folder: Path) -> list[str]:
    return [name for name in tree(folder / "vault" / "media") if ".still" in name]


def test_pictures_that_were_taken_back_go_and_the_film_stays(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        film = await pictured(one)
        assert isinstance(await one.work.consenting.give(consent_draft(one.family)), Given)
        item = await first(one)
        assert (item.recording.id, item.erasable.due.what) == (film, What.PICTURES)
        assert len(pictures(tmp_path)) == 2
        before = tree(tmp_path / "vault" / "media")
        assert await one.work.keeping.erase_pictures(film) == 2
        assert pictures(tmp_path) == []
        after = tree(tmp_path / "vault" / "media")
        assert after == {name: data for name, data in before.items() if ".still" not in name}
        assert await queue(one) == []
        assert (await one.work.practice.recording(film)).state is RecordingState.WHOLE

    on(tmp_path, act)


def test_a_film_that_is_erased_takes_its_pictures_off_the_queue(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        film = await pictured(one)
        await ask(one, film, 1, What.PICTURES)
        await ask(one, film, 1)
        assert len(await queue(one)) == 2
        assert isinstance(await one.work.erasing.erase(film, Ground.CAREGIVER_ASKED), Erasure)
        assert await queue(one) == []
        assert pictures(tmp_path) == []

    on(tmp_path, act)


def test_a_hold_keeps_the_pictures_too(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        film = await pictured(one)
        await ask(one, film, -1, What.PICTURES)
        assert isinstance(await one.work.keeping.hold(one.family.id, HELD), Hold)
        assert await queue(one) == [(film, Urgency.HELD)]
        assert await one.work.keeping.erase_pictures(film) == Refused(Reason.HELD)
        assert len(pictures(tmp_path)) == 2

    on(tmp_path, act)


def test_certificates_are_handed_out_without_a_name(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        films = [await one.filmed() for _ in range(2)]
        for film in films:
            assert isinstance(await one.work.erasing.erase(film, Ground.BY_MISTAKE), Erasure)
        data = await one.work.keeping.certificates()
        found = json.loads(data)
        assert {one["recording"] for one in found["certificates"]} == set(films)
        assert all(one["completed"] for one in found["certificates"])
        assert [name for name in (*NAMES, one.family.code) if name.encode() in data] == []

    on(tmp_path, act)
