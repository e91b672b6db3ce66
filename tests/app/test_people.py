"""Families: found by any part of a name in any script, changed without losing anybody, ended and taken up."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.app.kit import CODE, Tablet, consent_draft, family_draft, tablet
from vigfield import clock
from vigfield.app import (
    CaregiverDraft,
    DetailsDraft,
    EndingDraft,
    FamilyDraft,
    Given,
    Happening,
    Invalid,
    OtherDraft,
)
from vigfield.model import Ending, Family, Footing, Kind, Referral, Relationship, Responsibility
from vigfield.store import families

Act = Callable[[Tablet], Awaitable[None]]


def on(folder: Path, act: Act) -> None:
    async def run() -> None:
        async with tablet(folder / "vault") as one:
            await act(one)

    asyncio.run(run())


def details(family: Family) -> DetailsDraft:
    return DetailsDraft(family.code, family.infant.name, family.infant.born, Referral(), 4, "", "")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("zoe", ["B-1"]),
        ("ZOË", ["B-1"]),
        ("nguyen", ["B-2"]),
        ("ليلى", ["B-3"]),
        ("田中", ["B-4"]),
        ("b-", ["B-1", "B-2", "B-3", "B-4"]),
        ("b- zoe", ["B-1"]),
        ("100%", ["B-4"]),
        ("_", []),
        ("%", ["B-4"]),
        ("\\", []),
        ("nobody", []),
    ],
)
def test_a_family_is_found_by_any_part_of_any_name(tmp_path: Path, typed: str, found: list[str]) -> None:
    async def act(one: Tablet) -> None:
        for number, name in enumerate(("Zoë", "Nguyễn Thị", "ليلى", "田中 100%"), 1):
            draft = FamilyDraft(f"B-{number}", name, Relationship.MOTHER, f"I{number}", "2026-01")
            assert isinstance(await one.work.people.add(draft), Family)
        page = await one.work.people.find(typed)
        assert ([family.code for family in page.families], page.count) == (found, len(found))

    on(tmp_path, act)


def test_a_page_at_a_time(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        for number in range(7):
            draft = FamilyDraft(f"P-{number}", "Q", Relationship.MOTHER, f"I{number}", "2026-01")
            await one.work.people.add(draft)
        page = await one.work.people.find("p-", offset=4, limit=2)
        assert ([family.code for family in page.families], page.count) == (["P-4", "P-5"], 7)

    on(tmp_path, act)


def test_the_same_infant_once_more_is_asked_about(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        again = replace(family_draft("SE-015"), even_so=False)
        assert await one.work.people.add(again) == Invalid({"infant": "alike"})
        assert isinstance(await one.work.people.add(replace(again, even_so=True)), Family)

    on(tmp_path, act)


@pytest.mark.parametrize(
    ("born", "fault"),
    [("2024-02-29", ""), ("2023-02-29", "no-such-day"), ("2024-2-9", "month"), ("2024-02-32", "month")],
)
def test_days_of_birth(tmp_path: Path, born: str, fault: str) -> None:
    async def act(one: Tablet) -> None:
        outcome = await one.work.people.add(replace(family_draft("SE-015"), born=born))
        assert outcome == Invalid({"born": fault}) if fault else isinstance(outcome, Family)

    on(tmp_path, act)


def test_nobody_is_lost_and_the_service_is_told_of_what_it_knows(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        people, id_ = one.work.people, one.family.id
        father = CaregiverDraft(
            "Callum", Relationship.FATHER, "0131", Responsibility.COURT_ORDER, "Scots", True, True
        )
        assert isinstance(await people.put_caregiver(id_, father), Family)
        with_aunt = await people.put_other(id_, OtherDraft("Peregrine", "aunt", adult=True))
        assert isinstance(with_aunt, Family)
        assert [c.name for c in with_aunt.caregivers][1:] == ["Callum"]
        assert with_aunt.caregivers[1].under_16
        kinds = [item.kind for item in await one.work.practice.outbox()]
        assert kinds.count(Kind.CAREGIVER) == 2
        renamed = await people.change(
            id_, replace(details(with_aunt), code="SE-099", court_order="No contact")
        )
        assert isinstance(renamed, Family)
        assert (renamed.court_order, renamed.intervention.planned_cycles) == ("No contact", 4)
        assert (await people.find("peregrine")).families == (renamed,)
        alone = replace(renamed, others=())
        with pytest.raises(ValueError, match="lost"):
            await people._store.run(lambda tx: families.change(tx, alone, clock.now()))

    on(tmp_path, act)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"code": "a b"}, {"code": "code"}),
        ({"born": "soon"}, {"born": "month"}),
        ({"planned_cycles": 0}, {"planned_cycles": "cycle"}),
        ({"court_order": "x" * 5001}, {"court_order": "long-note"}),
        ({"local_authority": "a\x07"}, {"local_authority": "control"}),
        ({"referral": Referral(received=clock.today() + timedelta(days=2))}, {"received": "future"}),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_changed(
    tmp_path: Path, change: dict[str, object], fault: dict[str, str]
) -> None:
    async def act(one: Tablet) -> None:
        draft = replace(details(one.family), **change)  # type: ignore[arg-type]
        assert await one.work.people.change(one.family.id, draft) == Invalid(fault)
        assert await one.work.people.get(one.family.id) == one.family

    on(tmp_path, act)


def test_the_work_ends_and_is_taken_up_again(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        people, id_ = one.work.people, one.family.id
        later = EndingDraft(clock.today() + timedelta(days=1), Ending.COMPLETED, "")
        assert await people.end(id_, later) == Invalid({"day": "future"})
        ended = await people.end(id_, EndingDraft(clock.today(), Ending.MOVED_AWAY, "To Skye"))
        assert isinstance(ended, Family)
        assert ended.intervention.ending is Ending.MOVED_AWAY
        again = await people.take_up(id_)
        assert isinstance(again, Family)
        assert again.intervention.ended is None

    on(tmp_path, act)


def test_who_has_seen_what_is_all_there(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        film = await one.filmed()
        await one.play(film)
        await one.app.withdraw(one.family.id)
        seen = await one.work.people.seen(one.family.id)
        kinds = [entry.event.kind for entry in reversed(seen)]
        assert kinds[:3] == [Happening.FAMILY_ADDED, Happening.SESSION_ADDED, Happening.CONSENT_SIGNED]
        assert {Happening.FILM_PLAYED, Happening.CONSENT_WITHDRAWN, Happening.ERASURE_ASKED} <= set(kinds)
        assert {entry.about for entry in seen} == {"family", "session", "consent", "film"}

    on(tmp_path, act)


def test_a_caregiver_without_responsibility_cannot_rest_a_consent_on_it(tmp_path: Path) -> None:
    async def act(one: Tablet) -> None:
        person = one.family.caregivers[0].id
        draft = CaregiverDraft("Z", Relationship.OTHER, responsibility=Responsibility.NONE)
        assert isinstance(await one.work.people.put_caregiver(one.family.id, draft, person), Family)
        rests = consent_draft(one.family)
        assert await one.app.give(rests) == Invalid({"footing": "no-responsibility"})
        assert isinstance(await one.app.give(replace(rests, footing=Footing.DELEGATED)), Given)
        assert one.family.code == CODE

    on(tmp_path, act)
