"""A policy that lists other fields: what it spells otherwise is told anew, that and nothing else."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.app.kit import CAREGIVER, CODE, INFANT, Tablet, family_of, session_draft
from tests.app.test_enrolling import joined, on, publish
from tests.sync.servers import Proxy, held
from tests.sync.signed import instant, policy_text
from vigfield import clock
from vigfield.app import CaregiverDraft, Ended, EndingDraft, leaving
from vigfield.model import (
    Delivery,
    Ending,
    Field,
    Identifier,
    Kind,
    Place,
    Policy,
    Relationship,
    Session,
    SessionStatus,
)
from vigfield.service import Served
from vigfield.store import Tx, outbox, respelling

STRICT = Policy()


async def sent(one: Tablet) -> int:
    """Tell the service all there is; how many items that were."""
    ended = await one.work.telling.run()
    assert isinstance(ended, Ended), ended
    counts = await one.work.practice.outbox_counts()
    assert counts == dict.fromkeys(Delivery, 0) | {Delivery.SENT: sum(counts.values())}
    return ended.sent


async def at(served: Served, address: str) -> str:
    return (await asyncio.to_thread(held, served.base, address)).text


@pytest.mark.parametrize("one_more", [*Field, *Identifier])
def test_exactly_what_is_spelled_otherwise_waits_again(tmp_path: Path, one_more: Field | Identifier) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        await fill_in(one)
        await joined(one, between)
        await sent(one)
        fields = frozenset({one_more} if isinstance(one_more, Field) else ())
        other = Policy(fields=fields, identifiers=frozenset(set(Identifier) - {one_more}))

        def change(tx: Tx) -> tuple[set[tuple[Kind, str]], set[tuple[Kind, str]]]:
            items = outbox.all(tx)
            differs = {
                (item.kind, item.id)
                for item in items
                if leaving.spelled(tx, item, STRICT) != leaving.spelled(tx, item, other)
            }
            count = respelling.under(tx, other.listed, clock.now())
            again = {(item.kind, item.id) for item in outbox.waiting(tx, 1000)}
            assert count == len(again)
            assert respelling.under(tx, other.listed, clock.now()) == 0
            return differs, again

        differs, again = await one.work.practice._store.run(change)
        assert again == differs
        assert 0 < len(again) < 3

    on(tmp_path, act)


async def fill_in(one: Tablet) -> None:
    """Something in every field that a policy may list, and in others like it."""
    await one.work.consenting.call_practitioner("Ottoline")
    mother = CaregiverDraft(CAREGIVER, Relationship.MOTHER, "0131 496 0719")
    await one.work.people.put_caregiver(one.family.id, mother, one.family.caregivers[0].id)
    first = session_draft(one.family.id)
    for days, place in enumerate((Place.ROOM, Place.HOME), 1):
        draft = replace(first, place=place, starts=first.starts + timedelta(days=days))
        planned = await one.work.diary.add(replace(draft, room="Bluebell" if place is Place.ROOM else ""))
        assert isinstance(planned, Session)
    await one.work.diary.mark(planned.id, SessionStatus.CANCELLED, "chickenpox")
    await one.work.people.end(one.family.id, EndingDraft(clock.today(), Ending.MOVED_AWAY, ""))
    await family_of(one.work, "SE-015")


def test_a_name_that_is_not_listed_any_more_is_left_out_of_the_next_version(tmp_path: Path) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        patient = f"Patient/{one.family.infant.id}"
        caregiver = f"RelatedPerson/{one.family.caregivers[0].id}"
        await publish(served, policy_text(3, fields=["infant-name", "caregiver-name"]))
        await joined(one, between)
        await sent(one)
        assert INFANT in await at(served, patient)
        assert CAREGIVER in await at(served, caregiver)
        assert await sent(one) == 0
        await publish(served, policy_text(4, fields=["caregiver-name"]))
        assert await sent(one) >= 1
        assert INFANT not in await at(served, patient)
        assert CODE in await at(served, patient)
        assert CAREGIVER in await at(served, caregiver)
        await publish(served, policy_text(5, fields=["caregiver-name"], sync={"every_minutes": 30}))
        assert await sent(one) <= 1  # that a policy was taken
        assert {i.version for i in await one.work.practice.outbox() if i.kind is Kind.CAREGIVER} == {1}

    on(tmp_path, act)


def test_a_policy_that_ends_by_itself_takes_the_names_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        now = clock.now()
        patient = f"Patient/{one.family.infant.id}"
        ends = instant(now + timedelta(hours=2))
        await publish(served, policy_text(fields=["infant-name"], expires=ends))
        await joined(one, between)
        await sent(one)
        assert INFANT in await at(served, patient)
        monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=3))
        assert await sent(one) >= 1
        assert INFANT not in await at(served, patient)

    on(tmp_path, act)


def test_keeping_the_policy_and_waiting_again_are_one_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(one: Tablet, between: Proxy, served: Served) -> None:
        await publish(served, policy_text(3))
        await joined(one, between)
        await sent(one)
        await publish(served, policy_text(4, fields=["infant-name"]))
        real = respelling.under

        def fails(*_: object) -> int:
            raise ValueError("no room")

        monkeypatch.setattr(respelling, "under", fails)
        with pytest.raises(ValueError, match="no room"):
            await one.work.telling.run()
        assert one.work.enrolling.inforce.policy.version == 3
        monkeypatch.setattr(respelling, "under", real)
        await sent(one)
        assert one.work.enrolling.inforce.policy.version == 4
        assert INFANT in await at(served, f"Patient/{one.family.infant.id}")

    on(tmp_path, act)
