"""What would leave this tablet: every waiting item as the resource that is sent, letter by letter."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self, assert_never

from vigfield.app.opened import known
from vigfield.model import (
    Certificate,
    Consent,
    Delivery,
    Family,
    FamilyId,
    Kind,
    OutboxItem,
    PersonId,
    Policy,
    Recording,
    RecordingId,
    RecordingState,
    Session,
)
from vigfield.store import Tx, consents, erasure, families, outbox, recordings, sessions
from vigfield.sync import Put, fhir, targets

_ERASED = (RecordingState.ERASING, RecordingState.ERASED)
# What a resource may refer to, and where it stands in the outbox.
_KINDS = {
    "Patient": Kind.INFANT,
    "RelatedPerson": Kind.CAREGIVER,
    "Appointment": Kind.SESSION,
    "Encounter": Kind.VISIT,
}


@dataclass(frozen=True, slots=True)
class Leaving:
    """One item as it would be sent: `text` is its JSON."""

    kind: Kind
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class NextRun:
    """What the next run would send: how many items wait, and the first of them."""

    waiting: int
    items: tuple[Leaving, ...]


def next_run(tx: Tx, policy: Policy, most: int) -> NextRun:
    """The first `most` items of what the next run would send."""
    puts = puts_of(tx, outbox.waiting(tx, most), policy)
    items = tuple(Leaving(put.kind, put.id, readable(put.resource)) for put in puts)
    return NextRun(outbox.counts(tx)[Delivery.WAITING], items)


def readable(resource: object) -> str:
    """JSON for a person to read."""
    return json.dumps(resource, indent=2, ensure_ascii=False)


def put_of(tx: Tx, item: OutboxItem, policy: Policy) -> Put:
    """An item as it is sent under a policy."""
    (found,) = puts_of(tx, [item], policy)
    return found


def puts_of(tx: Tx, items: Sequence[OutboxItem], policy: Policy) -> list[Put]:
    """Items as they are sent under a policy; the same few questions to the database for however many."""
    subjects = _Subjects.of(tx, items)
    resources = [_resource(subjects, item, policy) for item in items]
    refers = [targets(resource) for resource in resources]
    absent = _absent(tx, frozenset().union(*refers))
    return [
        Put(item.kind, item.id, item.version, resource, item.etag, item.tried > 0, to & absent)
        for item, resource, to in zip(items, resources, refers, strict=True)
    ]


def family_of(tx: Tx, item: OutboxItem) -> Family:
    """The family that an item is about."""
    return _Subjects.of(tx, [item]).family(item)


@dataclass(frozen=True, slots=True)
class _Subjects:
    """What items are about, by id."""

    people: Mapping[str, FamilyId]
    sessions: Mapping[str, Session]
    consents: Mapping[str, Consent]
    recordings: Mapping[str, Recording]
    certificates: Mapping[str, Certificate]
    families: Mapping[FamilyId, Family]

    @classmethod
    def of(cls, tx: Tx, items: Sequence[OutboxItem]) -> Self:
        """Read them."""
        ids = {kind: [item.id for item in items if item.kind is kind] for kind in Kind}
        people = families.of_people(tx, ids[Kind.INFANT] + ids[Kind.CAREGIVER])
        met = sessions.several(tx, ids[Kind.SESSION] + ids[Kind.VISIT])
        given = consents.several(tx, ids[Kind.CONSENT])
        films = recordings.several(tx, [RecordingId(id_) for id_ in ids[Kind.RECORDING]])
        erased: dict[str, Certificate] = {
            one.id: known(erasure.get(tx, one.id)) for one in films if one.state in _ERASED
        }
        whose = {*people.values(), *(one.family for one in given.values()), *(one.family for one in films)}
        whose |= {one.family for one in met.values() if one.family is not None}
        filmed: dict[str, Recording] = {one.id: one for one in films}
        return cls(people, met, given, filmed, erased, families.several(tx, whose))

    def family(self, item: OutboxItem) -> Family:
        """The family that an item is about. Sessions without one are not in the outbox."""
        match item.kind:
            case Kind.INFANT | Kind.CAREGIVER:
                found = self.people.get(item.id)
            case Kind.SESSION | Kind.VISIT:
                found = known(self.sessions.get(item.id)).family
            case Kind.CONSENT:
                found = known(self.consents.get(item.id)).family
            case Kind.RECORDING:
                found = known(self.recordings.get(item.id)).family
            case _:
                assert_never(item.kind)
        return known(None if found is None else self.families.get(found))


def _resource(found: _Subjects, item: OutboxItem, policy: Policy) -> dict[str, object]:
    family = found.family(item)
    match item.kind:
        case Kind.INFANT:
            return fhir.patient(family, policy)
        case Kind.CAREGIVER:
            return fhir.related_person(family, PersonId(item.id), policy)
        case Kind.SESSION:
            return fhir.appointment(found.sessions[item.id], family)
        case Kind.VISIT:
            return fhir.encounter(found.sessions[item.id], family)
        case Kind.CONSENT:
            return fhir.consent(found.consents[item.id], family)
        case Kind.RECORDING:
            return fhir.media(found.recordings[item.id], family, found.certificates.get(item.id))
        case _:
            assert_never(item.kind)


def _absent(tx: Tx, addresses: Iterable[str]) -> frozenset[str]:
    """Which of these addresses (`Patient/8a…`) the service is not known to hold."""
    pieces = (one.partition("/") for one in addresses)
    named = {(_KINDS[kind], id_): f"{kind}/{id_}" for kind, _, id_ in pieces if kind in _KINDS}
    return frozenset(named[one] for one in outbox.absent(tx, named))
