"""What would leave this tablet: every waiting item as the resource that is sent, letter by letter.

The record is loaded here and the rules are asked here, in one transaction; `sync.egress` decides.
"""

import json
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import assert_never

from vigfield import clock, rules
from vigfield.app.ground import may_tell
from vigfield.app.opened import known
from vigfield.app.subjects import Subjects
from vigfield.model import Delivery, Family, Kind, OutboxItem, PersonId, Policy, Recording, Still, StillId
from vigfield.store import (
    Tx,
    audit,
    erasure,
    families,
    outbox,
    practitioner,
    recordings,
    sessions,
    stills,
    uploads,
)
from vigfield.store.audit import Event
from vigfield.sync import Put, Resource, egress, targets
from vigfield.sync.egress import Reason, Record, Rule, Withheld
from vigfield.sync.spelling import TYPES

# Of two kinds that are one type at the service, only the first is referred to.
_KINDS = {TYPES[kind]: kind for kind in reversed(Kind)}


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
    """One item of the outbox, and why it is held back if it is; `code` is of its family, if it has one."""

    item: OutboxItem
    code: str
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

    `back` is where the service has nothing for that, of these and of those before them.
    """

    puts: tuple[Put, ...]
    held: tuple[Held, ...]
    back: frozenset[str]


def next_run(tx: Tx, policy: Policy, most: int) -> NextRun:
    """The first `most` items of what the next run would send."""
    found = puts_of(tx, outbox.waiting(tx, most), policy)
    items = tuple(Leaving(put.kind, put.id, readable(put.resource)) for put in found.puts)
    counted, logged = outbox.counts(tx), outbox.log_counts(tx)
    return NextRun(counted[Delivery.WAITING], logged[Delivery.WAITING], items, found.held)


def readable(resource: object) -> str:
    """JSON for a person to read."""
    return json.dumps(resource, indent=2, ensure_ascii=False)


def listed(tx: Tx, policy: Policy, most: int) -> list[Listed]:
    """The first `most` items as a person looks at them."""
    items = outbox.to_look_at(tx, most)
    subjects = Subjects.of(tx, items)
    return [_listed(tx, subjects, item, policy) for item in items]


def puts_of(
    tx: Tx, items: Iterable[OutboxItem], policy: Policy, back: AbstractSet[str] = frozenset()
) -> Waiting:
    """Items as they are sent under a policy, read in one transaction.

    `back` is where the service has nothing, because what belongs there was held back before these.
    """
    listed_ = list(items)
    subjects = Subjects.of(tx, listed_)
    going: list[tuple[OutboxItem, Resource, frozenset[str]]] = []
    held: list[Held] = []
    kept = set(back)
    for item in listed_:
        found = _spelled(tx, subjects, item, policy, kept)
        if isinstance(found, Withheld):
            held.append(Held(item, found.reason))
            kept |= set() if item.etag else {_at(item.kind, item.id)}
        else:
            going.append((item, found, targets(found)))
    absent = _absent(tx, frozenset[str]().union(*(to for _, _, to in going)))
    puts = [
        Put(item.kind, item.id, item.version, found, item.etag, item.tried > 0, to & absent)
        for item, found, to in going
    ]
    return Waiting(tuple(puts), tuple(held), frozenset(kept))


def spelled(tx: Tx, item: OutboxItem, policy: Policy) -> Resource | Withheld:
    """What the gate says of an item, with the rules asked now."""
    return _spelled(tx, Subjects.of(tx, [item]), item, policy)


def _spelled(
    tx: Tx, subjects: Subjects, item: OutboxItem, policy: Policy, back: AbstractSet[str] = frozenset()
) -> Resource | Withheld:
    record = _record(tx, subjects, item, back)
    return egress.gate(record, policy, _rule(tx, record))


def _listed(tx: Tx, subjects: Subjects, item: OutboxItem, policy: Policy) -> Listed:
    family = subjects.family(item)
    found = _spelled(tx, subjects, item, policy) if item.delivery is Delivery.WAITING else None
    held = found.reason if isinstance(found, Withheld) else None
    return Listed(item, "" if family is None else family.code, held)


def _record(tx: Tx, found: Subjects, item: OutboxItem, back: AbstractSet[str]) -> Record:
    family = found.family(item)
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
            session = found.sessions[item.id]
            if family is None:
                return egress.Own(session, practitioner.get(tx))
            return egress.Planned(session, family)
        case Kind.VISIT:
            return egress.Visit(found.sessions[item.id], known(family), practitioner.get(tx))
        case Kind.CONSENT:
            return egress.Agreed(found.consents[item.id], known(family))
        case Kind.RECORDING:
            recording = found.recordings[item.id]
            return egress.Film(recording, known(family), erasure.get(tx, recording.id))
        case Kind.COPY:
            recording = found.recordings[item.id]
            upload = known(uploads.get(tx, recording.id))
            return egress.Copy(recording, known(family), upload, erasure.get(tx, recording.id))
        case Kind.STILL:
            return egress.Kept(known(stills.get(tx, StillId(item.id))), known(family))
        case Kind.EVENT:
            return _logged(tx, known(audit.get(tx, item.id)), back)
        case _:
            assert_never(item.kind)


def _episode(tx: Tx, family: Family) -> Record:
    begun = sessions.begun(tx, family.id)
    return egress.Episode(family, None if begun is None else clock.local(begun).date())


def _logged(tx: Tx, event: Event, back: AbstractSet[str]) -> Record:
    about = _address(tx, event.subject)
    return egress.Logged(
        event.id, event.at, event.kind.value, "" if about in back else about, practitioner.get(tx)
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
        case egress.Film(recording) | egress.Copy(recording):
            return _told(tx, recording, rules.Use.SYNC)
        case egress.Kept(still):
            use = rules.Use.MAKE_STILL if still.removed is None else rules.Use.SYNC
            return _told(tx, _film_of(tx, still), use)
        case _:
            return Rule.NOT_ASKED


def _absent(tx: Tx, addresses: Iterable[str]) -> frozenset[str]:
    """Which of these addresses (`Patient/8a…`) the service is not known to hold."""
    pieces = (one.partition("/") for one in addresses)
    named = {(_KINDS[kind], id_): f"{kind}/{id_}" for kind, _, id_ in pieces if kind in _KINDS}
    return frozenset(named[one] for one in outbox.absent(tx, named))
