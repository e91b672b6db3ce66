"""What would leave this tablet: every waiting item as the resource that is sent, letter by letter."""

import json
from dataclasses import dataclass
from typing import assert_never

from vigfield.app.opened import known
from vigfield.model import (
    ConsentId,
    Delivery,
    Family,
    Kind,
    OutboxItem,
    PersonId,
    Policy,
    RecordingId,
    Session,
    SessionId,
)
from vigfield.store import Tx, consents, erasure, families, outbox, recordings, sessions, uploads
from vigfield.sync import Put, fhir
from vigfield.sync.document import document


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
    puts = waiting(tx, policy, most)
    items = tuple(Leaving(put.kind, put.id, readable(put.resource)) for put in puts)
    return NextRun(outbox.counts(tx)[Delivery.WAITING], items)


def readable(resource: object) -> str:
    """JSON for a person to read."""
    return json.dumps(resource, indent=2, ensure_ascii=False)


def waiting(tx: Tx, policy: Policy, most: int) -> list[Put]:
    """The first `most` items that wait, as they are sent."""
    return [put_of(tx, item, policy) for item in outbox.waiting(tx, most)]


def put_of(tx: Tx, item: OutboxItem, policy: Policy) -> Put:
    """An item as it is sent under a policy."""
    return Put(item.kind, item.id, item.version, _resource(tx, item, policy), item.etag, item.tried > 0)


def family_of(tx: Tx, item: OutboxItem) -> Family:
    """The family that an item is about."""
    match item.kind:
        case Kind.INFANT | Kind.CAREGIVER:
            return known(families.of_person(tx, PersonId(item.id)))
        case Kind.SESSION | Kind.VISIT:
            return _family_of(tx, known(sessions.get(tx, SessionId(item.id))))
        case Kind.CONSENT:
            return known(families.get(tx, known(consents.get(tx, ConsentId(item.id))).family))
        case Kind.RECORDING | Kind.COPY:
            return known(families.get(tx, known(recordings.get(tx, RecordingId(item.id))).family))
        case _:
            assert_never(item.kind)


def _resource(tx: Tx, item: OutboxItem, policy: Policy) -> dict[str, object]:
    family = family_of(tx, item)
    match item.kind:
        case Kind.INFANT:
            return fhir.patient(family, policy)
        case Kind.CAREGIVER:
            return fhir.related_person(family, PersonId(item.id), policy)
        case Kind.SESSION:
            return fhir.appointment(known(sessions.get(tx, SessionId(item.id))), family)
        case Kind.VISIT:
            return fhir.encounter(known(sessions.get(tx, SessionId(item.id))), family)
        case Kind.CONSENT:
            return fhir.consent(known(consents.get(tx, ConsentId(item.id))), family)
        case Kind.RECORDING:
            recording = known(recordings.get(tx, RecordingId(item.id)))
            return fhir.media(recording, family, erasure.get(tx, recording.id))
        case Kind.COPY:
            recording = known(recordings.get(tx, RecordingId(item.id)))
            return document(recording, family, known(uploads.get(tx, recording.id)))
        case _:
            assert_never(item.kind)


def _family_of(tx: Tx, session: Session) -> Family:
    """The family of a session that the service is told of; the others are not in the outbox."""
    return known(None if session.family is None else families.get(tx, session.family))
