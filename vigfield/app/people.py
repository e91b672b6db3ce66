"""Families and the people in them: found, added, changed, ended; and who has seen what of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from vigfield import clock
from vigfield.app.drafts import (
    CaregiverDraft,
    DetailsDraft,
    EndingDraft,
    FamilyDraft,
    Invalid,
    OtherDraft,
    faults,
)
from vigfield.app.opened import Opened, known
from vigfield.model import (
    Caregiver,
    Family,
    FamilyId,
    Infant,
    Intervention,
    OtherPerson,
    PersonId,
    Referral,
    Relationship,
)
from vigfield.store import Tx, audit, consents, families, recordings, sessions
from vigfield.store.audit import Event, Happening
from vigfield.store.families import Found

PAGE = 50
MOST_EVENTS = 300


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that happened to what is kept of a family, for a person to read."""

    event: Event
    about: str
    """What the event's subject is: `family`, `session`, `consent` or `film`."""


class People:
    """Every verb on families while the vault is open."""

    def __init__(self, opened: Opened) -> None:
        self._store = opened.store

    async def find(self, text: str = "", offset: int = 0, limit: int = PAGE) -> Found:
        """One page of the families in whose code or names every typed word occurs."""
        return await self._store.run(lambda tx: families.find(tx, text, limit=limit, offset=offset))

    async def count(self) -> int:
        """How many families there are."""
        return await self._store.run(families.count)

    async def get(self, family: FamilyId) -> Family:
        """One family; errors.Unknown when there is none."""
        return await self._store.run(lambda tx: known(families.get(tx, family)))

    async def learn_words(self) -> None:
        """Make families findable that were added by an earlier vigfield."""
        await self._store.run(families.learn_words)

    async def add(self, draft: FamilyDraft) -> Family | Invalid:
        """A new family, or what is wrong with the draft."""
        if found := faults(draft):
            return Invalid(found)
        family = _family(draft)

        def write(tx: Tx) -> Family | Invalid:
            if families.code_taken(tx, family.code):
                return Invalid({"code": "taken"})
            if not draft.even_so and families.alike(tx, family.infant.name, family.infant.born) is not None:
                return Invalid({"infant": "alike"})
            families.add(tx, family, clock.now())
            return family

        return await self._store.run(write)

    async def change(self, family_id: FamilyId, draft: DetailsDraft) -> Family | Invalid:
        """Write what is known of a family beside its people."""
        if found := faults(draft):
            return Invalid(found)

        def write(tx: Tx) -> Family | Invalid:
            if families.code_taken(tx, draft.code.strip(), family_id):
                return Invalid({"code": "taken"})
            before = known(families.get(tx, family_id))
            family = _detailed(before, draft)
            families.change(tx, family, clock.now())
            return family

        return await self._store.run(write)

    async def put_caregiver(
        self, family: FamilyId, draft: CaregiverDraft, person: PersonId | None = None
    ) -> Family | Invalid:
        """Write one caregiver: a new one, or the one with this id."""
        found = faults(draft)
        return Invalid(found) if found else await self._change(family, lambda old: _with(old, draft, person))

    async def put_other(
        self, family: FamilyId, draft: OtherDraft, person: PersonId | None = None
    ) -> Family | Invalid:
        """Write somebody else who may be on camera: a new one, or the one with this id."""
        if found := faults(draft):
            return Invalid(found)

        def put(old: Family) -> Family:
            one = OtherPerson(
                person or PersonId(clock.new_id()), old.id, draft.name.strip(), draft.who.strip(), draft.adult
            )
            kept = tuple(one if other.id == person else other for other in old.others)
            return replace(old, others=kept if person else (*kept, one))

        return await self._change(family, put)

    async def end(self, family: FamilyId, draft: EndingDraft) -> Family | Invalid:
        """The work with a family ended; the days of its films' destruction follow from it."""
        if found := faults(draft):
            return Invalid(found)
        return await self._change(
            family,
            lambda old: replace(
                old,
                intervention=replace(
                    old.intervention, ended=draft.day, ending=draft.ending, ending_note=draft.note.strip()
                ),
            ),
        )

    async def take_up(self, family: FamilyId) -> Family | Invalid:
        """The work with a family goes on after all."""
        return await self._change(
            family,
            lambda old: replace(old, intervention=Intervention(old.intervention.planned_cycles)),
        )

    async def seen(self, family: FamilyId) -> list[Seen]:
        """What happened to a family's record, newest first; that it was looked up here is no event."""

        def read(tx: Tx) -> list[Seen]:
            about = _about(tx, family)
            return [Seen(event, about[event.subject]) for event in audit.about(tx, about, MOST_EVENTS)]

        return await self._store.run(read)

    async def _change(self, family: FamilyId, alter: Callable[[Family], Family]) -> Family:
        def write(tx: Tx) -> Family:
            before = known(families.get(tx, family))
            after = alter(before)
            families.change(tx, after, clock.now())
            if after.intervention.ended != before.intervention.ended:
                ending = after.intervention.ending
                state = "going-on" if ending is None else ending.value
                audit.append(tx, clock.now(), Happening.FAMILY_ENDED, family, ending=state)
            return after

        return await self._store.run(write)


def _about(tx: Tx, family: FamilyId) -> dict[str, str]:
    """Every subject of events that belongs to a family, and what it is."""
    subjects: dict[str, str] = {family: "family"}
    subjects |= {one.id: "session" for one in sessions.of_family(tx, family)}
    subjects |= {one.id: "consent" for one in consents.newest_of_family(tx, family)}
    return subjects | {one.id: "film" for one in recordings.of_family(tx, family)}


def _family(draft: FamilyDraft) -> Family:
    family_id = FamilyId(clock.new_id())
    infant = Infant(PersonId(clock.new_id()), family_id, draft.infant.strip(), draft.born)
    caregiver = Caregiver(PersonId(clock.new_id()), family_id, draft.caregiver.strip(), _said(draft))
    return Family(family_id, draft.code.strip(), infant, (caregiver,), referral=_tidy(draft.referral))


def _said(draft: FamilyDraft | CaregiverDraft) -> Relationship:
    assert draft.relationship is not None  # a draft without it has a fault, and comes no further
    return draft.relationship


def _detailed(before: Family, draft: DetailsDraft) -> Family:
    return replace(
        before,
        code=draft.code.strip(),
        infant=replace(before.infant, name=draft.infant.strip(), born=draft.born),
        referral=_tidy(draft.referral),
        intervention=replace(before.intervention, planned_cycles=draft.planned_cycles),
        court_order=draft.court_order.strip(),
        local_authority=draft.local_authority.strip(),
    )


def _with(old: Family, draft: CaregiverDraft, person: PersonId | None) -> Family:
    one = Caregiver(
        id=person or PersonId(clock.new_id()),
        family=old.id,
        name=draft.name.strip(),
        relationship=_said(draft),
        contact=draft.contact.strip(),
        responsibility=draft.responsibility,
        language=draft.language.strip(),
        interpreter=draft.interpreter,
        under_16=draft.under_16,
    )
    kept = tuple(one if other.id == person else other for other in old.caregivers)
    return replace(old, caregivers=kept if person else (*kept, one))


def _tidy(referral: Referral) -> Referral:
    return Referral(
        referral.source.strip(), referral.received, referral.reason.strip(), referral.question.strip()
    )
