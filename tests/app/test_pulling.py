"""What the office changed, against what was changed here: nothing is lost, a withdrawal wins at once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.app.kit import Tablet, consent_draft, end, send, tablet
from tests.app.test_enrolling import joined
from tests.sync.servers import Cut, Say, ask, foreign_edit, held, proxy, reference_service
from vigfield import clock
from vigfield.app import Ended, Given, PutOff
from vigfield.app.pulling import CANCELLED_THERE, News
from vigfield.model import ConsentStatus, Delivery, Kind, RecordingState, Scope, SessionStatus, What
from vigfield.service import Served
from vigfield.store import Tx
from vigfield.sync import Why

Act = Callable[[Tablet, Served], Awaitable[None]]
HEADERS = {"Content-Type": "application/fhir+json"}


def on(folder: Path, act: Act) -> None:
    """A tablet that has told its service everything there was."""
    with reference_service(folder / "service.db") as served:

        async def run() -> None:
            async with proxy(served.port) as between, tablet(folder / "vault") as one:
                await joined(one, between)
                assert isinstance(await one.work.telling.run(), Ended)
                await act(one, served)

        asyncio.run(run())


async def edit(served: Served, address: str, **fields: object) -> None:
    await asyncio.to_thread(foreign_edit, served.base, address, fields)


async def news(one: Tablet) -> News:
    """What a run brings, with the run that a withdrawal begins."""
    await asyncio.gather(*one.app._tasks)
    before = one.work.telling.heard
    await one.work.telling.run()
    await asyncio.gather(*one.app._tasks)
    return one.work.telling.heard.since(before)


async def consent(one: Tablet) -> tuple[ConsentStatus, frozenset[Scope]]:
    (found,) = await one.work.consenting.of_family(one.family.id)
    return found.consent.status, found.consent.agreed


async def delivery(one: Tablet, kind: Kind) -> Delivery:
    (found,) = [item.delivery for item in await one.work.practice.outbox() if item.kind is kind]
    return found


async def status(one: Tablet) -> SessionStatus:
    return (await one.work.practice.visit(one.session.id)).session.status


def test_a_withdrawal_at_the_office_is_heard_after_a_film_and_the_film_is_queued(tmp_path: Path) -> None:
    async def act(one: Tablet, served: Served) -> None:
        film = await one.filmed()
        assert await news(one) == News()
        await edit(served, f"Consent/{one.consent.id}", status="inactive")
        assert await news(one) == News(withdrawn=1)
        assert (await consent(one))[0] is ConsentStatus.WITHDRAWN
        assert await delivery(one, Kind.CONSENT) is Delivery.SENT
        queue = await one.work.keeping.queue()
        assert [(item.recording.id, item.erasable.due.what) for item in queue] == [(film, What.FILM)]
        assert await news(one) == News()

    on(tmp_path, act)


def test_a_withdrawal_stops_a_film_that_is_being_made(tmp_path: Path) -> None:
    async def act(one: Tablet, served: Served) -> None:
        await edit(served, f"Consent/{one.consent.id}", status="inactive")
        begun = await one.begin()
        await send(begun, frames=6)
        assert not begun.stop.is_set()
        assert await news(one) == News(withdrawn=1)
        assert begun.stop.is_set()
        await begun.finish(end(begun, 6))
        made = await one.work.practice.recording(begun.value.recording)
        assert (made.state, made.parts[0].frames) == (RecordingState.WHOLE, 6)

    on(tmp_path, act)


def test_a_withdrawal_wins_over_what_was_signed_here_and_not_told(tmp_path: Path) -> None:
    async def act(one: Tablet, served: Served) -> None:
        await edit(served, f"Consent/{one.consent.id}", status="inactive")
        both = (Scope.FILM_INTERACTION, Scope.STILLS)
        draft = replace(consent_draft(one.family, None, *both), amends=one.consent.id)
        assert isinstance(await one.app.give(draft), Given)
        await news(one)
        assert one.work.telling.heard == News(withdrawn=1)
        assert (await consent(one))[0] is ConsentStatus.WITHDRAWN
        there = (await asyncio.to_thread(held, served.base, f"Consent/{one.consent.id}")).json()
        assert there["status"] == "inactive"

    on(tmp_path, act)


def test_one_scope_may_be_taken_back_there_and_none_is_ever_given(tmp_path: Path) -> None:
    async def act(one: Tablet, served: Served) -> None:
        address = f"Consent/{one.consent.id}"
        there = (await asyncio.to_thread(held, served.base, address)).json()
        turned = [dict(one, type="permit" if one["type"] == "deny" else "deny") for one in parts(there)]
        provision = there["provision"] | {"provision": turned}
        await edit(served, address, provision=provision)
        assert await news(one) == News(withdrawn=1)
        status_, _ = await consent(one)
        assert status_ is ConsentStatus.WITHDRAWN  # its only scope was taken back, and no other came

    on(tmp_path, act)


def parts(consent_: dict[str, dict[str, list[dict[str, object]]]]) -> list[dict[str, object]]:
    return consent_["provision"]["provision"]


def test_a_session_that_was_changed_on_both_sides_keeps_both(tmp_path: Path) -> None:
    async def act(one: Tablet, served: Served) -> None:
        later = (one.session.starts + timedelta(hours=2)).isoformat()
        ends = (one.session.ends + timedelta(hours=2)).isoformat()
        await edit(served, f"Appointment/{one.session.id}", start=later, end=ends)
        await one.work.diary.mark(one.session.id, SessionStatus.ARRIVED)
        assert await news(one) == News(conflicts=1)
        assert await status(one) is SessionStatus.ARRIVED
        assert await delivery(one, Kind.SESSION) is Delivery.CONFLICT
        two = await one.work.telling.deciding.two(Kind.SESSION, one.session.id)
        assert two is not None
        assert {line.field for line in two.lines} == {"start", "end", "status"}
        await one.work.telling.deciding.keep_ours(Kind.SESSION, one.session.id)
        assert await news(one) == News()
        there = (await asyncio.to_thread(held, served.base, f"Appointment/{one.session.id}")).json()
        assert there["status"] == "arrived"

    on(tmp_path, act)


def test_a_person_may_take_theirs(tmp_path: Path) -> None:
    async def act(one: Tablet, served: Served) -> None:
        hour = timedelta(hours=1)
        times = {
            "start": (one.session.starts + hour).isoformat(),
            "end": (one.session.ends + hour).isoformat(),
        }
        await edit(served, f"Appointment/{one.session.id}", **times)
        await one.work.diary.mark(one.session.id, SessionStatus.ARRIVED)
        assert await news(one) == News(conflicts=1)
        await one.work.telling.deciding.take_theirs(Kind.SESSION, one.session.id)
        found = (await one.work.practice.visit(one.session.id)).session
        assert (found.starts, found.status) == (one.session.starts + hour, SessionStatus.BOOKED)
        assert await delivery(one, Kind.SESSION) is Delivery.SENT
        assert await news(one) == News()

    on(tmp_path, act)


def test_theirs_is_not_taken_where_it_would_cancel_a_film(tmp_path: Path) -> None:
    async def act(one: Tablet, served: Served) -> None:
        await one.filmed()
        await news(one)
        await edit(served, f"Appointment/{one.session.id}", status="cancelled")
        await news(one)
        await one.work.telling.deciding.take_theirs(Kind.SESSION, one.session.id)
        assert await status(one) is SessionStatus.TOOK_PLACE
        assert await delivery(one, Kind.SESSION) is Delivery.LEFT

    on(tmp_path, act)


def test_a_service_that_is_away_is_said_to_be(tmp_path: Path) -> None:
    with reference_service(tmp_path / "service.db") as served:

        async def run() -> None:
            async with proxy(served.port) as between, tablet(tmp_path / "vault") as one:
                await joined(one, between)
                assert isinstance(await one.work.telling.run(), Ended)
                between.faults += [Cut(), Cut()]  # the policy, and what is taken in
                outcome = await one.work.telling.run()
                assert isinstance(outcome, PutOff)
                assert outcome.why == "away"

        asyncio.run(run())


def test_a_session_is_cancelled_from_afar_unless_it_was_filmed(tmp_path: Path) -> None:
    async def act(one: Tablet, served: Served) -> None:
        film = await one.filmed()
        assert await news(one) == News()
        await edit(served, f"Appointment/{one.session.id}", status="cancelled")
        assert await news(one) == News(conflicts=1)
        assert await status(one) is SessionStatus.TOOK_PLACE
        assert (await one.work.practice.recording(film)).state is RecordingState.WHOLE

    on(tmp_path, act)


def test_a_cancellation_says_where_it_was_made(tmp_path: Path) -> None:
    async def act(one: Tablet, served: Served) -> None:
        await edit(served, f"Appointment/{one.session.id}", status="cancelled")
        assert await news(one) == News(sessions=1)
        found = (await one.work.practice.visit(one.session.id)).session
        assert (found.status, found.reason) == (SessionStatus.CANCELLED, CANCELLED_THERE)
        assert await delivery(one, Kind.SESSION) is Delivery.SENT

    on(tmp_path, act)


def test_what_makes_no_sense_changes_nothing(tmp_path: Path) -> None:
    async def act(one: Tablet, served: Served) -> None:
        before = (await one.work.practice.visit(one.session.id)).session
        await edit(served, f"Appointment/{one.session.id}", start="yesterday", end=7)
        assert await news(one) == News()
        assert (await one.work.practice.visit(one.session.id)).session == before

    on(tmp_path, act)


def test_of_other_families_appointments_only_the_room_and_the_time_are_kept(tmp_path: Path) -> None:
    async def act(one: Tablet, served: Served) -> None:
        starts = clock.now() + timedelta(days=1)
        garden = {"resourceType": "Location", "id": "garden", "name": "Garden room", "status": "active"}
        theirs = {
            "resourceType": "Appointment",
            "id": "theirs",
            "status": "booked",
            "description": "Zephyrine Oddname",
            "start": starts.isoformat(),
            "end": (starts + timedelta(hours=1)).isoformat(),
            "participant": [{"actor": {"reference": "Location/garden"}, "status": "accepted"}],
        }
        for resource in (garden, theirs):
            address = f"{resource['resourceType']}/{resource['id']}"
            await asyncio.to_thread(ask, served.base, "PUT", address, json=resource, headers=HEADERS)
        assert await news(one) == News()
        found = await one.work.diary.between(clock.today(), clock.today() + timedelta(days=3))
        assert [(booking.room, booking.starts) for booking in found.bookings] == [("Garden room", starts)]
        dump = await one.work.practice._store.run(
            lambda tx: str([dict(row) for row in tx.all("SELECT * FROM booking")])
        )
        assert "Oddname" not in dump
        await edit(served, "Appointment/theirs", status="cancelled")
        await news(one)
        found = await one.work.diary.between(clock.today(), clock.today() + timedelta(days=3))
        assert found.bookings == ()

    on(tmp_path, act)


def everything(tx: Tx) -> list[object]:
    """Every row of every table."""
    tables = [row["name"] for row in tx.all("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    return [tuple(row) for table in tables for row in tx.all(f"SELECT * FROM {table}")]


@pytest.mark.parametrize("fault", [Say("403 Forbidden"), Say("200 OK", b"[]"), Say("404 Not Found")])
def test_a_service_that_lets_nobody_search_is_told_all_the_same(tmp_path: Path, fault: Say) -> None:
    with reference_service(tmp_path / "service.db") as served:

        async def run() -> None:
            async with proxy(served.port) as between, tablet(tmp_path / "vault") as one:
                await joined(one, between)
                between.faults += [Say("404 Not Found"), fault]  # no policy, and no search
                assert isinstance(await one.work.telling.run(), Ended)
                assert one.work.telling.heard.why in (Why.NOT_ALLOWED, Why.RUBBISH)
                assert await delivery(one, Kind.SESSION) is Delivery.SENT

        asyncio.run(run())
