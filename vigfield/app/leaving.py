"""What would leave this tablet: every waiting item as the resource that is sent, letter by letter.

The record is loaded here and the rules are asked here, in one transaction; `sync.egress` decides.
"""

import json
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import assert_never

from vigfield import clock, rules
from vigfield.app.ground import may_tell
from vigfield.app.opened import known
from vigfield.model import (
    ConsentId,
    Delivery,
    Family,
    Kind,
    OutboxItem,
    PersonId,
    Policy,
    Recording,
    RecordingId,
    SessionId,
    Still,
    StillId,
)
from vigfield.store import (
    Tx,
    audit,
    consents,
    erasure,
    families,
    outbox,
    practitioner,
    recordings,
    sessions,
    stills,
)
from vigfield.store.audit import Event
from vigfield.sync import Put, Resource, egress
from vigfield.sync.egress import Reason, Record, Rule, Withheld
from vigfield.sync.spelling import TYPES


@dataclass(frozen=True, slots=True)
class Leaving:
    """One item as it would be sent: `text` is its JSON."""

    kind: Kind
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Held:
    """One item that waits and would not be sent, and why."""

    item: OutboxItem
    reason: Reason


@dataclass(frozen=True, slots=True)
class Listed:
    """One item of the outbox, and why it is held back if it is."""

    item: OutboxItem
    held: Reason | None


@dataclass(frozen=True, slots=True)
class NextRun:
    """How many items wait, and how many entries of the log.

    Of the first of them: what the next run would send, and what it would not.
    """

    waiting: int
    logged: int
    items: tuple[Leaving, ...]
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Items that wait: those that are sent, and those that are held back.

    `absent` is where the service has nothing, because what belongs there is held back.
    """

    puts: tuple[Put, ...]
    held: tuple[Held, ...]
    absent: frozenset[str]


def next_run(tx: Tx, policy: Policy, most: int) -> NextRun:
    """The first `most` items of what the next run would send."""
    found = waiting(tx, policy, most)
    items = tuple(Leaving(put.kind, put.id, readable(put.resource)) for put in found.puts)
    counted, logged = outbox.counts(tx), outbox.log_counts(tx)
    return NextRun(counted[Delivery.WAITING], logged[Delivery.WAITING], items, found.held)


def readable(resource: object) -> str:
    """JSON for a person to read."""
    return json.dumps(resource, indent=2, ensure_ascii=False)


def waiting(tx: Tx, policy: Policy, most: int) -> Waiting:
    """The first `most` items that wait, as they are sent."""
    puts: list[Put] = []
    held: list[Held] = []
    absent: set[str] = set()
    for item in outbox.waiting(tx, most):
        one = put_of(tx, item, policy, absent)
        if isinstance(one, Put):
            puts.append(one)
            continue
        held.append(one)
        absent |= set() if item.etag else {_at(item.kind, item.id)}
    return Waiting(tuple(puts), tuple(held), frozenset(absent))


def listed(tx: Tx, policy: Policy, most: int) -> list[Listed]:
    """The last `most` items that changed, newest first."""
    return [Listed(item, _held(tx, item, policy)) for item in outbox.newest(tx, most)]


def put_of(tx: Tx, item: OutboxItem, policy: Policy, absent: AbstractSet[str] = frozenset()) -> Put | Held:
    """An item as it is sent under a policy, or why it is not.

    An entry of the log names nothing that is in `absent`.
    """
    found = spelled(tx, item, policy, absent)
    if isinstance(found, Withheld):
        return Held(item, found.reason)
    return Put(item.kind, item.id, item.version, found, item.etag, item.tried > 0)


def spelled(
    tx: Tx, item: OutboxItem, policy: Policy, absent: AbstractSet[str] = frozenset()
) -> Resource | Withheld:
    """What the gate says of an item, with the rules asked now."""
    record = _record(tx, item, absent)
    return egress.gate(record, policy, _rule(tx, record))


def family_of(tx: Tx, item: OutboxItem) -> Family | None:
    """The family that an item is about; None where it is about none."""
    match item.kind:
        case Kind.PRACTITIONER | Kind.EVENT:
            return None
        case Kind.INFANT | Kind.CAREGIVER | Kind.EPISODE:
            return known(families.of_person(tx, PersonId(item.id)))
        case Kind.SESSION | Kind.VISIT:
            family = known(sessions.get(tx, SessionId(item.id))).family
        case Kind.CONSENT:
            family = known(consents.get(tx, ConsentId(item.id))).family
        case Kind.RECORDING:
            family = known(recordings.get(tx, RecordingId(item.id))).family
        case Kind.STILL:
            family = _film_of(tx, known(stills.get(tx, StillId(item.id)))).family
        case _:
            assert_never(item.kind)
    return None if family is None else known(families.get(tx, family))


def _held(tx: Tx, item: OutboxItem, policy: Policy) -> Reason | None:
    found = spelled(tx, item, policy) if item.delivery is Delivery.WAITING else None
    return found.reason if isinstance(found, Withheld) else None


def _record(tx: Tx, item: OutboxItem, absent: AbstractSet[str]) -> Record:
    family = family_of(tx, item)
    match item.kind:
        case Kind.PRACTITIONER:
            return egress.Owner(practitioner.get(tx))
        case Kind.INFANT:
            return egress.Infant(known(family))
        case Kind.CAREGIVER:
            return egress.Caregiver(known(family), PersonId(item.id))
        case Kind.EPISODE:
            return _episode(tx, known(family))
        case Kind.SESSION:
            session = known(sessions.get(tx, SessionId(item.id)))
            if family is None:
                return egress.Own(session, practitioner.get(tx))
            return egress.Planned(session, family)
        case Kind.VISIT:
            session = known(sessions.get(tx, SessionId(item.id)))
            return egress.Visit(session, known(family), practitioner.get(tx))
        case Kind.CONSENT:
            return egress.Agreed(known(consents.get(tx, ConsentId(item.id))), known(family))
        case Kind.RECORDING:
            recording = known(recordings.get(tx, RecordingId(item.id)))
            return egress.Film(recording, known(family), erasure.get(tx, recording.id))
        case Kind.STILL:
            return egress.Kept(known(stills.get(tx, StillId(item.id))), known(family))
        case Kind.EVENT:
            return _logged(tx, known(audit.get(tx, item.id)), absent)
        case _:
            assert_never(item.kind)


def _episode(tx: Tx, family: Family) -> Record:
    begun = sessions.begun(tx, family.id)
    return egress.Episode(family, None if begun is None else clock.local(begun).date())


def _logged(tx: Tx, event: Event, absent: AbstractSet[str]) -> Record:
    about = _address(tx, event.subject)
    return egress.Logged(
        event.id, event.at, event.kind.value, "" if about in absent else about, practitioner.get(tx)
    )


def _address(tx: Tx, subject: str) -> str:
    """Where the service has, or is to have, what an event is about; empty where it is not told of it."""
    for kind in (Kind.SESSION, Kind.CONSENT, Kind.RECORDING):
        if outbox.item(tx, kind, subject) is not None:
            return _at(kind, subject)
    infant = families.infant_of(tx, subject)
    return "" if infant is None else _at(Kind.INFANT, infant)


def _at(kind: Kind, id_: str) -> str:
    return f"{TYPES[kind]}/{id_}"


def _told(tx: Tx, recording: Recording, use: rules.Use) -> Rule:
    return Rule.ALLOWS if isinstance(may_tell(tx, recording, use), rules.Allowed) else Rule.REFUSES


def _film_of(tx: Tx, still: Still) -> Recording:
    return known(recordings.get(tx, still.recording))


def _rule(tx: Tx, record: Record) -> Rule:
    """What consent's rule says of telling the service of a record."""
    match record:
        case egress.Agreed(consent):
            state = rules.standing(consent, clock.today())
            return Rule.ALLOWS if rules.permits(state, rules.Use.SYNC) else Rule.REFUSES
        case egress.Film(recording):
            return _told(tx, recording, rules.Use.SYNC)
        case egress.Kept(still):
            use = rules.Use.MAKE_STILL if still.removed is None else rules.Use.SYNC
            return _told(tx, _film_of(tx, still), use)
        case _:
            return Rule.NOT_ASKED
