"""What a practitioner is reminded of: each thing while it is true, and quickly in a record of ten years."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.app.kit import Tablet, consent_draft, family_of, session_draft, tablet
from tests.store.examples import new_family, new_session
from vigfield import clock
from vigfield.app import Given, HoldDraft, Reminders
from vigfield.model import (
    Due,
    Ground,
    HoldKind,
    RecordingId,
    Session,
    SessionKind,
    SessionStatus,
    What,
)
from vigfield.rules import Urgency
from vigfield.store import Tx, families, retention, reviews, sessions

Act = Callable[[Tablet], Awaitable[None]]
DAY = timedelta(days=1)


def on(folder: Path, act: Act) -> None:
    async def run() -> None:
        async with tablet(folder / "vault") as one:
            await act(one)

    asyncio.run(run())


async def reminders(one: Tablet, later: timedelta = timedelta(0)) -> Reminders:
    return await one.work.reminding.today(clock.now() + later)


async def session(one: Tablet, kind: SessionKind, ago: int, status: SessionStatus, cycle: int = 1) -> Session:
    """A session of the family so many days ago, that stands so."""
    draft = replace(session_draft(one.family.id, kind), starts=clock.now() - ago * DAY, cycle=cycle)
    added = await one.work.diary.add(draft)
    assert isinstance(added, Session)
    marked = await one.work.diary.mark(added.id, status, "ill")
    assert isinstance(marked, Session)
    return marked


def test_the_next_session_is_the_first_that_still_comes(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        await one.work.diary.mark(one.session.id, SessionStatus.CANCELLED, "ill")
        assert (await reminders(one)).next is None
        await session(one, SessionKind.FILMING, -2, SessionStatus.CANCELLED)
        later = await session(one, SessionKind.FILMING, -4, SessionStatus.BOOKED)
        sooner = await session(one, SessionKind.SHARED_REVIEW, -3, SessionStatus.BOOKED)
        found = (await reminders(one)).next
        assert found is not None
        assert (found.session.id, found.family) == (sooner.id, one.family)
        found = (await reminders(one, 3.5 * DAY)).next
        assert found is not None
        assert found.session.id == later.id

    on(tmp_path, act)


@pytest.mark.parametrize(("days", "there"), [(-1, False), (0, True), (14, True), (15, False)])
def test_a_consent_is_spoken_of_in_its_last_fourteen_days(tmp_path: Path, days: int, *, there: bool) -> None:
    async def act(one: Tablet) -> None:
        ends = clock.today() + 30 * DAY
        noon = datetime.combine(ends - days * DAY, datetime.min.time().replace(hour=12)).astimezone()
        found = (await one.work.reminding.today(noon)).ending
        assert [(end.family.code, end.day) for end in found] == ([(one.family.code, ends)] if there else [])

    on(tmp_path, act)


def test_a_consent_that_was_taken_back_or_replaced_is_not_spoken_of(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        soon = 20 * DAY
        assert len((await reminders(one, soon)).ending) == 1
        longer = replace(consent_draft(one.family), valid_until=clock.today() + 300 * DAY)
        assert isinstance(await one.work.consenting.give(longer), Given)
        assert (await reminders(one, soon)).ending == ()
        family, _ = await family_of(one.work, "SE-015")
        assert isinstance(await one.work.consenting.give(consent_draft(family)), Given)
        assert [end.family.code for end in (await reminders(one, soon)).ending] == ["SE-015"]
        await one.app.withdraw(family.id)
        assert (await reminders(one, soon)).ending == ()

    on(tmp_path, act)


def test_a_film_without_a_shared_review_is_spoken_of_from_a_week_on(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        for ago in (6, 91):
            await session(one, SessionKind.FILMING, ago, SessionStatus.TOOK_PLACE, cycle=ago)
        await session(one, SessionKind.FILMING, 20, SessionStatus.DID_NOT_ATTEND, cycle=20)
        assert (await reminders(one)).unreviewed == ()
        for ago in (8, 9, 10, 89):
            await session(one, SessionKind.FILMING, ago, SessionStatus.TOOK_PLACE, cycle=ago)
        await session(one, SessionKind.SHARED_REVIEW, -3, SessionStatus.BOOKED, cycle=8)
        await session(one, SessionKind.SHARED_REVIEW, 2, SessionStatus.TOOK_PLACE, cycle=9)
        await session(one, SessionKind.SHARED_REVIEW, 2, SessionStatus.CANCELLED, cycle=10)
        await session(one, SessionKind.FIRST_MEETING, 2, SessionStatus.TOOK_PLACE, cycle=89)
        found = (await reminders(one)).unreviewed
        assert [(film.family.code, film.cycle) for film in found] == [(one.family.code, c) for c in (89, 10)]

    on(tmp_path, act)


def test_a_review_with_another_family_is_not_theirs(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        await session(one, SessionKind.FILMING, 10, SessionStatus.TOOK_PLACE)
        other, _ = await family_of(one.work, "SE-015")
        here, one.family = one.family, other
        await session(one, SessionKind.SHARED_REVIEW, 3, SessionStatus.TOOK_PLACE)
        assert [film.family.id for film in (await reminders(one)).unreviewed] == [here.id]

    on(tmp_path, act)


async def ask(one: Tablet, film: RecordingId, days: int) -> None:
    due = Due(film, What.FILM, Ground.CAREGIVER_ASKED, clock.now() - 40 * DAY, clock.today() + days * DAY)
    await one.work.keeping._store.run(lambda tx: retention.ask(tx, due))


def test_what_is_to_be_erased_is_spoken_of_unless_it_is_held(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        film = await one.filmed()
        assert (await reminders(one)).erasures == ()
        await ask(one, film, 3)
        assert [item.erasable.urgency for item in (await reminders(one)).erasures] == [Urgency.DUE]
        await ask(one, film, -1)
        assert [item.erasable.urgency for item in (await reminders(one)).erasures] == [Urgency.OVERDUE]
        assert await one.work.keeping.hold(one.family.id, HoldDraft(HoldKind.LEGAL, "court")) is not None
        assert (await reminders(one)).erasures == ()

    on(tmp_path, act)


def plans(tx: Tx, query: str, *values: str) -> list[str]:
    """How SQLite would answer; a list of nothing is answered without looking, whatever its plan says."""
    if query.endswith("IN ()"):
        return []
    return [str(row["detail"]) for row in tx.all(f"EXPLAIN QUERY PLAN {query}", *values)]


class Watched:
    """A transaction that asks how each query would be answered before it is."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self.plans: list[str] = []

    def all(self, sql: str, *values: object) -> list[object]:
        self.plans += plans(self._tx, sql, *values)  # type: ignore[arg-type]
        return list(self._tx.all(sql, *values))  # type: ignore[arg-type]

    def one(self, sql: str, *values: object) -> object:
        self.plans += plans(self._tx, sql, *values)  # type: ignore[arg-type]
        return self._tx.one(sql, *values)  # type: ignore[arg-type]


LARGE = ("session", "filming", "review", "consent", "recording", "family", "infant", "caregiver", "event")


def scanned(plans_: list[str]) -> list[str]:
    """The large tables that are read from end to end."""
    words = [plan.split() for plan in plans_]
    return [
        " ".join(plan) for plan in words if plan[0] == "SCAN" and plan[1] in LARGE and "USING" not in plan
    ]


def fill(tx: Tx, count: int) -> None:
    """Many families, each with a session for every tenth day."""
    for number in range(count):
        family = new_family(f"MANY-{number}", "Ailsa", "Morag")
        families.add(tx, family, clock.now())
        for ago in range(0, 100, 10):
            sessions.add(tx, new_session(family, clock.now() - ago * DAY), clock.now())


def test_nothing_large_is_read_from_end_to_end(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        reminding = one.work.reminding

        def read(tx: Tx) -> list[str]:
            fill(tx, 20)
            tx.execute("ANALYZE")
            watched = Watched(tx)
            reminding._read(watched, clock.now())  # type: ignore[arg-type]
            return watched.plans

        found = await reminding._store.run(read)
        assert any("session_by_start" in plan for plan in found)
        assert any(plan.startswith("SEARCH review") for plan in found)
        assert scanned(found) == []

    on(tmp_path, act)


def test_the_watch_sees_a_scan(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        def read(tx: Tx) -> list[str]:
            return plans(tx, "SELECT * FROM session WHERE note = ?", "x")

        assert scanned(await one.work.reminding._store.run(read)) == ["SCAN session"]

    on(tmp_path, act)


def test_the_query_of_reviews_is_limited(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        for cycle in range(1, 5):
            await session(one, SessionKind.FILMING, 10 + cycle, SessionStatus.TOOK_PLACE, cycle)
        ages = clock.now() - 90 * DAY, clock.now() - 7 * DAY
        found = await one.work.reminding._store.run(lambda tx: reviews.missing(tx, *ages, 3))
        assert [cycle for _, cycle, _ in found] == [4, 3, 2]

    on(tmp_path, act)
