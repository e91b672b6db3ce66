"""The diary: clashes, the next cycles, and the days on which the clocks change."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import tzset

import pytest

from tests.app.kit import Tablet, session_draft, tablet
from vigfield import clock, rules
from vigfield.app import Invalid, SessionDraft
from vigfield.model import Booking, Place, Session, SessionKind, SessionStatus, Undo
from vigfield.rules import Elsewhere, RoomTaken
from vigfield.store import rooms
from vigfield.ui import months
from vigfield.ui.places import CalendarView

Act = Callable[[Tablet], Awaitable[None]]
OCTOBER, MARCH = date(2026, 10, 25), date(2027, 3, 28)


def on(folder: Path, act: Act) -> None:
    async def run() -> None:
        async with tablet(folder / "vault") as one:
            await act(one)

    asyncio.run(run())


@pytest.fixture
def london(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/London")
    tzset()
    yield
    monkeypatch.undo()
    tzset()


def draft(one: Tablet, day: int, at: str, room: str = "", minutes: int = 60) -> SessionDraft:
    starts = datetime.combine(clock.today() + timedelta(days=day), time.fromisoformat(at)).astimezone()
    place = Place.ROOM if room else Place.HOME
    return replace(
        session_draft(one.family.id), starts=starts, minutes=minutes, place=place, room=room, even_so=False
    )


@pytest.mark.parametrize(
    ("at", "minutes", "clashes"),
    [
        ("09:00", 60, False),
        ("09:00", 61, True),
        ("10:30", 5, True),
        ("10:59", 60, True),
        ("11:00", 60, False),
        ("08:00", 600, True),
    ],
)
def test_a_room_is_refused_when_it_is_taken(tmp_path: Path, at: str, minutes: int, clashes: bool) -> None:
    async def act(one: Tablet) -> None:
        diary = one.work.diary
        assert isinstance(await diary.add(draft(one, 5, "10:00", "Room 2")), Session)
        wanted = draft(one, 5, at, "  room   2 ", minutes)
        outcome = await diary.add(replace(wanted, even_so=True))
        assert isinstance(outcome, RoomTaken if clashes else Session)
        assert isinstance(
            await diary.add(replace(draft(one, 5, at, "Room 3", minutes), even_so=True)), Session
        )

    on(tmp_path, act)


def test_a_room_that_somebody_else_has_is_refused_too(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        wanted = draft(one, 5, "10:00", "Room 2")
        theirs = Booking(
            "u", "ROOM 2", wanted.starts - timedelta(minutes=30), wanted.starts + timedelta(minutes=1)
        )
        await one.work.diary._store.run(lambda tx: rooms.book(tx, [theirs]))
        assert await one.work.diary.add(wanted) == RoomTaken(
            "ROOM 2", theirs.starts, theirs.ends, theirs=True
        )
        await one.work.diary._store.run(lambda tx: rooms.free(tx, "u"))
        assert isinstance(await one.work.diary.add(wanted), Session)

    on(tmp_path, act)


def test_ones_own_time_is_said_with_its_travel_and_may_be_overridden(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        diary = one.work.diary
        first = await diary.add(replace(draft(one, 5, "10:00"), travel=30))
        assert isinstance(first, Session)
        again = draft(one, 5, "11:15")
        assert await diary.add(again) == Elsewhere(first)
        assert isinstance(await diary.add(replace(again, even_so=True)), Session)
        assert isinstance(await diary.add(draft(one, 5, "09:00", minutes=30)), Session)
        await diary.mark(first.id, SessionStatus.CANCELLED, "The family is ill")
        assert isinstance(await diary.add(draft(one, 5, "10:05", minutes=10)), Session)

    on(tmp_path, act)


def test_a_session_moves_and_does_not_clash_with_itself(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        diary = one.work.diary
        session = await diary.add(draft(one, 5, "10:00", "Room 2"))
        assert isinstance(session, Session)
        moved = await diary.change(session.id, draft(one, 5, "10:30", "Room 2"))
        assert isinstance(moved, Session)
        assert (moved.sequence, moved.id) == (1, session.id)
        assert await diary.rooms() == ["Room 2"]

    on(tmp_path, act)


def test_a_cancellation_has_its_reason_and_a_session_its_family(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        diary = one.work.diary
        assert await diary.mark(one.session.id, SessionStatus.CANCELLED, "  ") == Invalid(
            {"reason": "missing"}
        )
        nobody = replace(draft(one, 5, "10:00"), family=None)
        assert await diary.add(nobody) == Invalid({"family": "family"})
        supervision = await diary.add(replace(nobody, kind=SessionKind.SUPERVISION))
        assert isinstance(supervision, Session)
        assert (supervision.family, supervision.on_camera) == (None, ())
        assert await diary.add(replace(nobody, minutes=-1)) == Invalid(
            {"family": "family", "minutes": "minutes"}
        )

    on(tmp_path, act)


@pytest.mark.parametrize("status", [SessionStatus.CANCELLED, SessionStatus.DID_NOT_ATTEND])
def test_what_was_called_off_by_a_slip_is_planned_again_if_nothing_is_in_its_way(
    tmp_path: Path, status: SessionStatus
) -> None:
    async def act(one: Tablet) -> None:
        diary = one.work.diary
        wanted = draft(one, 5, "10:00", "Room 2")
        session = await diary.add(wanted)
        assert isinstance(session, Session)
        await diary.mark(session.id, status, "ill")
        other = await diary.add(wanted)
        assert isinstance(other, Session)
        taken = await diary.take_back(session.id, Undo.SLIP, even_so=True)
        assert isinstance(taken, RoomTaken)
        assert (await one.work.practice.visit(session.id)).session.status is status
        await diary.change(other.id, draft(one, 5, "10:00", "Room 3"))
        assert isinstance(await diary.take_back(session.id, Undo.SLIP), Elsewhere)
        again = await diary.take_back(session.id, Undo.OTHERWISE, even_so=True)
        assert isinstance(again, Session)
        assert (again.status, again.reason) == (SessionStatus.BOOKED, "")

    on(tmp_path, act)


def test_a_session_that_was_filmed_took_place(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        await one.work.diary.mark(one.session.id, SessionStatus.TOOK_PLACE)
        again = await one.work.diary.take_back(one.session.id, Undo.SLIP)
        assert isinstance(again, Session)
        await one.filmed()
        assert await one.work.diary.take_back(one.session.id, Undo.SLIP) == Invalid({"status": "took-place"})
        assert (await one.work.practice.visit(one.session.id)).session.status is SessionStatus.TOOK_PLACE

    on(tmp_path, act)


def test_the_next_cycles_are_proposed_and_planned_all_or_none(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        diary = one.work.diary
        first = draft(one, 20, "10:00", "Room 2")
        assert isinstance(await diary.add(draft(one, 34, "10:30", "Room 2")), Session)
        found = await diary.propose(first, 14, 3, with_reviews=True)
        assert [(p.draft.kind.value, p.draft.cycle, p.clash is not None) for p in found] == [
            ("filming", 1, False),
            ("shared-review", 1, False),
            ("filming", 2, True),
            ("shared-review", 2, False),
            ("filming", 3, False),
            ("shared-review", 3, False),
        ]
        before = len((await one.work.practice.family(one.family.id)).visits)
        assert isinstance(await diary.plan([p.draft for p in found]), RoomTaken)
        assert len((await one.work.practice.family(one.family.id)).visits) == before
        assert len(await diary.plan([p.draft for p in found if p.clash is None])) == 5  # type: ignore[arg-type]
        assert await diary.next_cycle(one.family.id) == 4

    on(tmp_path, act)


@pytest.mark.usefixtures("london")
@pytest.mark.parametrize("changes", [OCTOBER, MARCH])
def test_the_same_time_of_day_on_both_sides_of_a_clock_change(changes: date) -> None:
    starts = rules.proposed(changes - timedelta(days=9), time(9, 30), 7, 3)
    assert [clock.local(one).time() for one in starts] == [time(9, 30)] * 3
    assert len({one.utcoffset() for one in starts}) == 2


@pytest.mark.usefixtures("london")
def test_a_time_that_there_is_not_is_moved_on_by_the_hour() -> None:
    assert f"{clock.local(months.moment(MARCH, time(1, 30))):%H:%M}" == "02:30"
    assert f"{clock.local(months.moment(OCTOBER, time(1, 30))):%H:%M}" == "01:30"


@pytest.mark.usefixtures("london")
@pytest.mark.parametrize(("day", "hours"), [(OCTOBER, 25), (MARCH, 23), (date(2026, 6, 1), 24)])
def test_a_day_is_as_long_as_its_clock_makes_it(tmp_path: Path, day: date, hours: int) -> None:
    starts, ends = clock.midnight(day), clock.midnight(day + timedelta(days=1))
    assert ends - starts == timedelta(hours=hours)

    async def act(one: Tablet) -> None:
        for at in ("00:00", "23:59"):
            at_ = months.moment(day, time.fromisoformat(at))
            await one.work.diary.add(replace(draft(one, 0, "10:00"), starts=at_, even_so=True))
        span = await one.work.diary.between(day, day)
        assert [f"{clock.local(entry.session.starts):%H:%M}" for entry in span.entries] == ["00:00", "23:59"]

    on(tmp_path, act)


@pytest.mark.parametrize(
    ("view", "day", "first", "last", "rows"),
    [
        (CalendarView.MONTH, date(2028, 2, 29), date(2028, 1, 31), date(2028, 3, 5), 5),
        (CalendarView.MONTH, date(2027, 2, 1), date(2027, 2, 1), date(2027, 2, 28), 4),
        (CalendarView.MONTH, date(2026, 8, 15), date(2026, 7, 27), date(2026, 9, 6), 6),
        (CalendarView.WEEK, OCTOBER, date(2026, 10, 19), OCTOBER, 1),
        (CalendarView.DAY, MARCH, MARCH, MARCH, 1),
    ],
)
def test_which_days_are_in_sight(view: CalendarView, day: date, first: date, last: date, rows: int) -> None:
    assert months.days(view, day) == (first, last)
    assert len(months.weeks(view, day)) == rows


def test_a_month_on_from_its_last_day_is_the_last_day_of_the_next() -> None:
    assert months.turned(CalendarView.MONTH, date(2028, 1, 31), 1) == date(2028, 2, 29)
    assert months.turned(CalendarView.MONTH, date(2026, 1, 15), -1) == date(2025, 12, 15)
    assert months.turned(CalendarView.WEEK, MARCH, 1) == MARCH + timedelta(days=7)
