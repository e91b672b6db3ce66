"""Telling the service over real HTTP: one run at a time, nothing lost, nobody blocked, an end at a lock."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.app.kit import NAMES, PASSPHRASE, Tablet, family_of, tablet, unlocked, work_of
from tests.sync.servers import (
    Cut,
    LoseReply,
    Proxy,
    Say,
    Stall,
    ask,
    foreign_edit,
    held,
    proxy,
    reference_service,
)
from vigfield import clock
from vigfield.app import Ended, NeverRun, NoService, PutOff, draining, leaving, telling
from vigfield.model import Delivery, Kind, OutboxItem, SessionStatus
from vigfield.rules import Reason as RuleSays
from vigfield.rules import Refused
from vigfield.service import Served
from vigfield.store import outbox
from vigfield.sync.egress import Reason, Withheld

Act = Callable[[Tablet, Proxy, Served], Awaitable[None]]
ITEMS = 6  # practitioner, infant, caregiver, episode, session, consent


def on(folder: Path, act: Act) -> None:
    """A tablet whose service is the real one behind a proxy that breaks what it is told to."""
    with reference_service(folder / "service.db") as served:

        async def run() -> None:
            async with proxy(served.port) as between, tablet(folder / "vault", between.base) as one:
                await act(one, between, served)

        asyncio.run(run())


async def deliveries(one: Tablet) -> dict[Kind, Delivery]:
    return {item.kind: item.delivery for item in await one.work.practice.outbox()}


async def items(one: Tablet) -> list[OutboxItem]:
    return await one.work.practice.outbox()


def test_everything_is_told_without_a_name_and_called_sent_when_that_is_stored(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        ended = await one.work.telling.run()
        assert isinstance(ended, Ended)
        assert (ended.sent, ended.refused, ended.conflicts) == (ITEMS, 0, 0)
        await one.filmed()
        await asyncio.gather(*one.app._tasks)
        await one.work.telling.run()
        assert set((await deliveries(one)).values()) == {Delivery.SENT}
        assert set(await deliveries(one)) == set(Kind) - {Kind.COPY, Kind.STILL, Kind.EVENT}
        assert all(item.sent_version == item.version and item.etag for item in await items(one))
        said = b"".join(between.seen)
        assert [name for name in NAMES if name.encode() in said] == []
        media = await asyncio.to_thread(ask, served.base, "GET", "Media")
        assert media.json()["total"] == 1

    on(tmp_path, act)


def test_two_runs_take_turns_and_tell_once(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        first, second = await asyncio.gather(one.work.telling.run(), one.work.telling.run())
        assert isinstance(first, Ended)
        assert isinstance(second, Ended)
        assert (first.sent, second.sent) == (ITEMS, 0)
        assert len(between.seen) == 1

    on(tmp_path, act)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Cut(), "away"),
        (Say("200 OK", b"<html>a portal</html>"), "rubbish"),
        (Say("302 Found", b"", ("Location: http://127.0.0.1:1/",)), "rubbish"),
        (Say("401 Unauthorized"), "not-allowed"),
        (Say("429 Too Many Requests"), "slow"),
    ],
)
def test_a_service_in_trouble_leaves_everything_waiting(tmp_path: Path, fault: object, why: str) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        between.faults.append(fault)  # type: ignore[arg-type]
        before = await items(one)
        outcome = await one.work.telling.run()
        assert isinstance(outcome, PutOff)
        assert outcome.why == why
        assert [replace(item, tried=0) for item in await items(one)] == before
        assert {item.delivery for item in before} == {Delivery.WAITING}
        assert isinstance(await one.work.telling.run(), Ended)
        assert set((await deliveries(one)).values()) == {Delivery.SENT}

    on(tmp_path, act)


def test_a_service_that_is_not_there(tmp_path: Path) -> None:
    async def run() -> None:
        async with tablet(tmp_path / "vault", "http://127.0.0.1:1/fhir") as one:
            outcome = await one.work.telling.run()
            assert isinstance(outcome, PutOff)
            assert outcome.why == "away"
            assert not one.work.telling.running

    asyncio.run(run())


def test_a_lost_reply_is_told_again_and_counts_once(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        between.faults.append(LoseReply())
        assert isinstance(await one.work.telling.run(), PutOff)
        assert isinstance(await one.work.telling.run(), Ended)
        assert set((await deliveries(one)).values()) == {Delivery.SENT}
        assert (await asyncio.to_thread(ask, served.base, "GET", "Patient")).json()["total"] == 1

    on(tmp_path, act)


def test_what_another_person_wrote_after_a_lost_reply_is_not_overwritten(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        between.faults.append(LoseReply())
        assert isinstance(await one.work.telling.run(), PutOff)
        address = f"Appointment/{one.session.id}"
        theirs = await asyncio.to_thread(foreign_edit, served.base, address)
        ended = await one.work.telling.run()
        assert isinstance(ended, Ended)
        assert ended.conflicts == 1
        assert (await deliveries(one))[Kind.SESSION] is Delivery.CONFLICT
        assert (await asyncio.to_thread(held, served.base, address)).json()["active"] == theirs["active"]

    on(tmp_path, act)


async def in_conflict(one: Tablet, served: Served) -> str:
    """The session was changed here and there; where it is there."""
    await one.work.telling.run()
    address = f"Appointment/{one.session.id}"
    await asyncio.to_thread(foreign_edit, served.base, address)
    await one.work.diary.mark(one.session.id, SessionStatus.ARRIVED)
    await one.work.telling.run()
    assert (await deliveries(one))[Kind.SESSION] is Delivery.CONFLICT
    return address


def test_both_sides_of_a_conflict_are_shown_and_ours_may_be_sent(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        address = await in_conflict(one, served)
        two = await one.work.telling.deciding.two(Kind.SESSION, one.session.id)
        assert two is not None
        assert {(line.field, line.ours, line.theirs) for line in two.lines} == {
            ("active", "", "true"),
            ("status", "arrived", "booked"),
        }
        await one.work.telling.deciding.keep_ours(Kind.SESSION, one.session.id)
        assert isinstance(await one.work.telling.run(), Ended)
        assert (await deliveries(one))[Kind.SESSION] is Delivery.SENT
        there = (await asyncio.to_thread(held, served.base, address)).json()
        assert (there["status"], "active" in there) == ("arrived", False)
        assert await one.work.telling.deciding.two(Kind.SESSION, one.session.id) is None

    on(tmp_path, act)


def test_theirs_may_be_left_and_the_next_change_goes_on_top_of_it(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        address = await in_conflict(one, served)
        await one.work.telling.deciding.leave(Kind.SESSION, one.session.id)
        assert isinstance(await one.work.telling.run(), Ended)
        assert (await deliveries(one))[Kind.SESSION] is Delivery.LEFT
        assert (await asyncio.to_thread(held, served.base, address)).json()["status"] == "booked"
        await one.work.diary.mark(one.session.id, SessionStatus.TOOK_PLACE)
        await one.work.telling.run()
        assert (await deliveries(one))[Kind.SESSION] is Delivery.SENT
        assert (await asyncio.to_thread(held, served.base, address)).json()["status"] == "fulfilled"

    on(tmp_path, act)


def test_a_change_after_the_decision_is_a_conflict_again(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        address = await in_conflict(one, served)
        await one.work.telling.deciding.keep_ours(Kind.SESSION, one.session.id)
        edit = {"comment": "moved again"}
        await asyncio.to_thread(foreign_edit, served.base, address, edit)
        await one.work.telling.run()
        assert (await deliveries(one))[Kind.SESSION] is Delivery.CONFLICT
        assert (await asyncio.to_thread(held, served.base, address)).json()["comment"] == "moved again"

    on(tmp_path, act)


def test_all_that_left_is_written_down_letter_by_letter(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        between.faults.append(LoseReply())
        await one.work.telling.run()
        count, left = await one.work.telling.left(100)
        assert count == len(left) == ITEMS
        assert {entry.acknowledged for entry in left} == {None}
        bundle = json.loads(between.seen[0].partition(b"\r\n\r\n")[2])
        logged, log = await one.work.telling.log_left(100)
        assert logged == len(log) > 0
        left = [*log, *left]
        sent = [entry["resource"] for entry in bundle["entry"]]
        assert [json.loads(entry.text) for entry in reversed(left)] == sent
        await one.work.telling.run()
        again, left = await one.work.telling.left(100)
        assert again == ITEMS
        assert None not in {entry.acknowledged for entry in left}

    on(tmp_path, act)


def test_a_service_that_asks_for_time_is_given_it(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        for status in ("429 Too Many Requests", "503 Service Unavailable"):
            between.faults.append(Say(status, b"", ("Retry-After: 120",)))
            asked = len(between.seen)
            outcome = await one.work.telling.run()
            assert isinstance(outcome, PutOff)
            assert outcome.after == 120
            assert len(between.seen) == asked + 1
            assert set((await deliveries(one)).values()) == {Delivery.WAITING}

    on(tmp_path, act)


def test_a_run_begins_by_itself_and_ever_less_often_while_nobody_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(clock, "monotonic", lambda: now)
    monkeypatch.setattr(telling, "chance", lambda: 1.0)

    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        nonlocal now
        now += 15 * 60  # after the run at the unlock
        assert one.work.telling.due
        between.faults += [Cut()] * 4 + [Say("503 Service Unavailable", b"", ("Retry-After: 1000",))]
        for wait in (30, 60, 120, 240, 1000):
            assert isinstance(await one.work.telling.run(), PutOff)
            now += wait - 1
            assert not one.work.telling.due
            assert one.work.telling.may_begin is (wait < 1000)  # what a service asked for holds for all
            now += 1
            assert one.work.telling.due
        assert isinstance(await one.work.telling.run(), Ended)
        now += 15 * 60 - 1
        assert not one.work.telling.due
        now += 1
        assert one.work.telling.due

    on(tmp_path, act)


def test_a_refused_item_blocks_only_what_refers_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        other, _ = await family_of(one.work, "SE-015")
        real = leaving._spelled

        def spoilt(tx: object, about: object, item: OutboxItem, *more: object) -> dict[str, object]:
            found = real(tx, about, item, *more)  # type: ignore[arg-type]
            assert not isinstance(found, Withheld)
            return (
                found | {"id": "another"}
                if item.kind is Kind.INFANT and item.id == one.family.infant.id
                else found
            )

        monkeypatch.setattr(leaving, "_spelled", spoilt)
        outcome = await one.work.telling.run()
        assert isinstance(outcome, PutOff)
        assert outcome.why == "waits"
        found = {item.id: item for item in await items(one) if item.kind is not Kind.EPISODE}
        assert found[one.family.infant.id].delivery is Delivery.REFUSED
        assert found[one.family.infant.id].words
        assert found[one.consent.id].delivery is Delivery.WAITING
        assert found[other.infant.id].delivery is Delivery.SENT
        assert found[other.caregivers[0].id].delivery is Delivery.SENT
        monkeypatch.setattr(leaving, "_spelled", real)
        await one.work.telling.deciding.retry(Kind.INFANT, one.family.infant.id)
        assert isinstance(await one.work.telling.run(), Ended)
        assert set((await deliveries(one)).values()) == {Delivery.SENT}

    on(tmp_path, act)


def test_what_no_consent_covers_is_held_back_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        film = await one.filmed()
        real = leaving.may_tell
        monkeypatch.setattr(leaving, "may_tell", lambda tx, recording, use: Refused(RuleSays.OTHER_SESSION))
        (held,) = (await one.work.telling.next_run(20)).held
        assert (held.item.id, held.reason) == (film, Reason.NO_CONSENT)
        outcome = await one.work.telling.run()
        assert isinstance(outcome, Ended)
        assert outcome.held == 1
        assert film.encode() not in b"".join(between.seen)
        found = await deliveries(one)
        assert found.pop(Kind.RECORDING) is Delivery.WAITING
        assert set(found.values()) == {Delivery.SENT}
        assert [one_.held for one_ in await one.work.telling.listed(20) if one_.item.id == film] == [
            Reason.NO_CONSENT
        ]
        monkeypatch.setattr(leaving, "may_tell", real)
        assert isinstance(await one.work.telling.run(), Ended)
        assert (await deliveries(one))[Kind.RECORDING] is Delivery.SENT

    on(tmp_path, act)


def test_a_film_whose_consent_was_taken_back_is_still_told_of(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        await one.filmed()
        await one.app.withdraw(one.family.id)
        outcome = await one.work.telling.run()
        assert isinstance(outcome, Ended)
        assert outcome.held == 0
        assert set((await deliveries(one)).values()) == {Delivery.SENT}

    on(tmp_path, act)


def test_a_lock_stores_what_the_request_in_hand_brings_and_begins_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling.FhirClient, "push", _slow(telling.FhirClient.push))

    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        for number in range(40):  # three items each: more than one batch
            await family_of(one.work, f"SE-{100 + number}")
        running = asyncio.create_task(one.work.telling.run())
        await _IN_HAND.wait()
        locking = asyncio.create_task(one.app.lock())
        await asyncio.sleep(0)
        _GO.set()
        await locking
        outcome = await running
        assert isinstance(outcome, PutOff)
        assert outcome.why == "locked"
        assert len(between.seen) == 1
        await one.app.unlock(PASSPHRASE)
        one.work = work_of(one.app)
        counts = await one.work.practice.outbox_counts()
        assert counts[Delivery.SENT] >= 50

    _IN_HAND.clear()
    _GO.clear()
    on(tmp_path, act)


_IN_HAND, _GO = asyncio.Event(), asyncio.Event()


def _slow(real: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
    """The request is made, and its reply waits for `_GO`, but for the empty run at the unlock."""

    async def push(client: object, batch: tuple[object, ...]) -> object:
        reply = await real(client, batch)
        _IN_HAND.set()
        await _GO.wait()
        return reply

    return push


def test_a_lock_does_not_wait_for_a_service_that_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "PATIENCE", 0.01)

    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        asked = asyncio.Event()

        async def never(*_: object) -> None:
            asked.set()
            await asyncio.Event().wait()

        monkeypatch.setattr(telling.FhirClient, "push", never)
        running = asyncio.create_task(one.work.telling.run())
        await asked.wait()
        await one.app.lock()
        outcome = await running
        assert isinstance(outcome, PutOff)
        assert outcome.why == "locked"
        assert not one.work.telling.running
        assert await one.work.telling.run() == outcome

    on(tmp_path, act)


def test_a_screen_that_goes_away_takes_its_run_with_it_and_the_next_one_works(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        between.faults.append(Stall())
        running = asyncio.create_task(one.work.telling.run())
        while not between.seen:  # noqa: ASYNC110  the proxy has no event for it
            await asyncio.sleep(0.005)
        running.cancel()
        await asyncio.wait({running})
        assert isinstance(await one.work.telling.run(), Ended)

    on(tmp_path, act)


def test_without_a_service_everything_waits(tmp_path: Path) -> None:
    async def run() -> None:
        async with tablet(tmp_path / "vault") as one:
            assert one.work.telling.last == NoService()
            assert await one.work.telling.run() == NoService()
            one.app.tell_soon()
            assert not one.app._tasks
            assert set((await deliveries(one)).values()) == {Delivery.WAITING}

    asyncio.run(run())


def test_what_changed_while_it_was_told_waits_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = draining.settle

    def changed_meanwhile(tx: outbox.Tx, outcome: object) -> None:
        if getattr(outcome, "kind", None) is Kind.SESSION:
            outbox.touch(tx, Kind.SESSION, outcome.id, clock.now())  # type: ignore[attr-defined]
        real(tx, outcome)  # type: ignore[arg-type]

    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        monkeypatch.setattr(draining, "settle", changed_meanwhile)
        await one.work.telling.run()
        assert (await deliveries(one))[Kind.SESSION] is Delivery.WAITING
        monkeypatch.setattr(draining, "settle", real)
        await one.work.telling.run()
        assert (await deliveries(one))[Kind.SESSION] is Delivery.SENT

    on(tmp_path, act)


def test_the_next_unlock_tells_what_waits(tmp_path: Path) -> None:
    with reference_service(tmp_path / "service.db") as served:

        async def run() -> None:
            async with tablet(tmp_path / "vault"):
                pass
            async with unlocked(tmp_path / "vault", served.base) as app:
                assert isinstance(work_of(app).telling.last, NeverRun)
                await asyncio.gather(*app._tasks)
                counts = await work_of(app).practice.outbox_counts()
                assert counts[Delivery.SENT] == ITEMS

        asyncio.run(run())
    assert json.dumps(PASSPHRASE).strip('"').encode() not in (tmp_path / "service.db").read_bytes()
