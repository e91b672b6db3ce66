"""Telling the service: one run at a time, and "sent" only when the acknowledgement is stored."""

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from vigfield import __version__, clock
from vigfield.app.enrolling import Enrolling, Reach
from vigfield.app.opened import Opened, known
from vigfield.model import (
    ConsentId,
    Delivery,
    Family,
    Kind,
    Networks,
    OutboxItem,
    PersonId,
    Policy,
    RecordingId,
    Session,
    SessionId,
)
from vigfield.store import Tx, consents, erasure, families, outbox, recordings, sessions
from vigfield.sync import (
    Accepted,
    Batch,
    Conflict,
    FhirClient,
    Later,
    Outcome,
    Put,
    Rejected,
    Why,
    fhir,
    push,
)
from vigfield.sync.reply import Absent, Failure, Found, Refusal, Reply

MOST = 100_000
PATIENCE = 5.0  # seconds for a reply when the vault is being locked
LOCKED = "locked"
TOO_OLD = "too-old"


@dataclass(frozen=True, slots=True)
class NeverRun:
    """No run has ended since the vault was opened."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A run came to its end: how many items the service acknowledged, refused, or holds differently."""

    at: datetime
    sent: int
    refused: int
    conflicts: int


@dataclass(frozen=True, slots=True)
class PutOff:
    """The service could not be told now, and why; everything that was not sent still waits."""

    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class NoService:
    """This vault has no service to tell."""


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


Run = NeverRun | Ended | PutOff | NoService


class _Client(FhirClient):
    """A client that finishes the request in hand and asks nothing more once `stopped` is set."""

    stopped = False

    async def push(self, batch: Batch) -> tuple[Reply, ...] | Refusal | Failure:
        """As FhirClient's; a Failure once stopped."""
        return Failure(Why.AWAY) if self.stopped else await super().push(batch)

    async def read(self, put: Put) -> Found | Absent | Failure:
        """As FhirClient's; a Failure once stopped."""
        return Failure(Why.AWAY) if self.stopped else await super().read(put)


class Telling:
    """The outbox on its way: what waits is mapped, pushed and settled."""

    def __init__(self, opened: Opened, enrolling: Enrolling, changed: Callable[[], None]) -> None:
        self._store = opened.store
        self._enrolling = enrolling
        self._changed = changed
        self._one = asyncio.Lock()
        self._stopped = False
        self._client: _Client | None = None
        self._running: asyncio.Task[Run] | None = None
        self._last: Run = NeverRun()

    @property
    def last(self) -> Run:
        """How the last run ended."""
        return NoService() if self._enrolling.reach is None else self._last

    @property
    def may_begin(self) -> bool:
        """Whether a run may begin by itself: a person begins it where policy minds the network."""
        policy = self._enrolling.inforce.policy
        return self._enrolling.reach is not None and policy.networks is Networks.ANY

    @property
    def running(self) -> bool:
        """Whether a run is going on."""
        return self._one.locked()

    async def run(self) -> Run:
        """Tell the service what waits. A second call while one runs waits for its turn."""
        reach = self._enrolling.reach
        if reach is None:
            return self.last
        async with self._one:
            if self._stopped:
                return self.last
            self._running = asyncio.create_task(self._run(reach))
            self._changed()
            try:
                await asyncio.wait({self._running})
            finally:
                await _cancelled(self._running)
            self._last = PutOff(clock.now(), LOCKED) if self._running.cancelled() else self._running.result()
        self._changed()
        return self.last

    async def next_run(self, most: int) -> NextRun:
        """What the next run would send, letter by letter: the first `most` of it."""
        policy = self._enrolling.inforce.policy

        def read(tx: Tx) -> NextRun:
            puts = [_put(tx, item, policy) for item in outbox.waiting(tx, most)]
            items = tuple(
                Leaving(put.kind, put.id, json.dumps(put.resource, indent=2, ensure_ascii=False))
                for put in puts
            )
            return NextRun(outbox.counts(tx)[Delivery.WAITING], items)

        return await self._store.run(read)

    async def stop(self) -> None:
        """Store what the request in hand brings, for as long as PATIENCE, and begin no other."""
        self._stopped = True
        if self._client is not None:
            self._client.stopped = True
        if self._running is not None:
            await asyncio.wait({self._running}, timeout=PATIENCE)
            await _cancelled(self._running)

    async def retry(self, kind: Kind, item: str) -> None:
        """Let a refused item wait again."""
        await self._store.run(lambda tx: outbox.retry(tx, kind, item))
        self._changed()

    async def _run(self, reach: Reach) -> Run:
        async with _Client(reach.base, trust=reach.trust, login=reach.login) as client:
            self._client = client
            await self._enrolling.renew(client)
            if self._enrolling.inforce.policy.minimum_app > version():
                return PutOff(clock.now(), TOO_OLD)
            return await self._drain(client)

    async def _drain(self, client: FhirClient) -> Run:
        policy = self._enrolling.inforce.policy
        puts = await self._store.run(lambda tx: [_put(tx, item, policy) for item in outbox.waiting(tx, MOST)])
        sent = refused = conflicts = 0
        put_off: Why | None = None
        async for outcome in push(client, puts):
            match outcome:
                case Accepted():
                    sent += 1
                case Rejected():
                    refused += 1
                case Conflict():
                    conflicts += 1
                case Later(why=why):
                    put_off = put_off or why
                    continue
                case _:
                    assert_never(outcome)
            await self._settle(outcome)
        if self._stopped:
            return PutOff(clock.now(), LOCKED)
        return PutOff(clock.now(), put_off) if put_off else Ended(clock.now(), sent, refused, conflicts)

    async def _settle(self, outcome: Accepted | Rejected | Conflict) -> None:
        await self._store.run(lambda tx: settle(tx, outcome))
        self._changed()


async def _cancelled(task: asyncio.Task[Run]) -> None:
    """Cancel a task unless it is done, and wait until it is."""
    task.cancel()
    await asyncio.wait({task})


def settle(tx: Tx, outcome: Outcome) -> None:
    """Store what the service said of one item."""
    match outcome:
        case Accepted(kind, item, version, etag):
            outbox.accept(tx, kind, item, version, etag)
        case Rejected(kind, item, version, words):
            outbox.refuse(tx, kind, item, version, words)
        case Conflict(kind, item, version, words):
            outbox.conflict(tx, kind, item, version, words)
        case Later():
            return
        case _:
            assert_never(outcome)


def version() -> tuple[int, int, int]:
    """Ours, as a policy names it."""
    first, second, third, *_ = (int(piece) for piece in re.findall(r"\d+", __version__))
    return first, second, third


def _put(tx: Tx, item: OutboxItem, policy: Policy) -> Put:
    return Put(item.kind, item.id, item.version, _resource(tx, item, policy), item.etag)


def _resource(tx: Tx, item: OutboxItem, policy: Policy) -> dict[str, object]:
    match item.kind:
        case Kind.INFANT:
            family = known(families.of_person(tx, PersonId(item.id)))
            return fhir.patient(family, policy)
        case Kind.CAREGIVER:
            family = known(families.of_person(tx, PersonId(item.id)))
            return fhir.related_person(family, PersonId(item.id), policy)
        case Kind.SESSION:
            session = known(sessions.get(tx, SessionId(item.id)))
            return fhir.appointment(session, _family_of(tx, session))
        case Kind.VISIT:
            session = known(sessions.get(tx, SessionId(item.id)))
            return fhir.encounter(session, _family_of(tx, session))
        case Kind.CONSENT:
            consent = known(consents.get(tx, ConsentId(item.id)))
            return fhir.consent(consent, known(families.get(tx, consent.family)))
        case Kind.RECORDING:
            recording = known(recordings.get(tx, RecordingId(item.id)))
            certificate = erasure.get(tx, recording.id)
            return fhir.media(recording, known(families.get(tx, recording.family)), certificate)
        case _:
            assert_never(item.kind)


def _family_of(tx: Tx, session: Session) -> Family:
    """The family of a session that the service is told of; the others are not in the outbox."""
    return known(None if session.family is None else families.get(tx, session.family))
