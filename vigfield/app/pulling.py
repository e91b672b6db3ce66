"""Taking in what was changed at the service: withdrawals first, then rooms, then appointments.

The defaults, stated in docs/sync.md: a withdrawal always wins; a change here that was not told yet stands
against theirs until a person decides; a session that was filmed is never cancelled from afar.
"""

import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from vigfield import clock
from vigfield.app.consenting import EVERYTHING
from vigfield.app.opened import Opened, known
from vigfield.model import (
    OF_A_FAMILY,
    OFF,
    Booking,
    ConsentId,
    ConsentStatus,
    Delivery,
    Family,
    FamilyId,
    Kind,
    PersonId,
    Place,
    Scope,
    Session,
    SessionId,
    SessionStatus,
)
from vigfield.store import Tx, consents, families, outbox, pulled, recordings, rooms, sessions, settings
from vigfield.store.outbox import Theirs
from vigfield.sync import FhirClient, Why
from vigfield.sync.pull import Changed, pull
from vigfield.sync.pulled import Meeting, Refusal, meeting, refusal, room
from vigfield.sync.reply import Failure, version_of
from vigfield.sync.same import Resource, untouched

Withdraw = Callable[[FamilyId, ConsentId, frozenset[Scope]], Awaitable[object]]

CANCELLED_THERE = "cancelled at the service"
UID = "service:"

_ROOMS = "service-rooms"


@dataclass(frozen=True, slots=True)
class News:
    """What a pull brought: consents taken back, sessions changed or added, conflicts; why it ended early.

    `after` is for how many seconds the service asks to be left alone; 0 when it does not.
    """

    withdrawn: int = 0
    sessions: int = 0
    conflicts: int = 0
    why: Why | None = None
    after: float = 0.0

    def and_then(self, later: "News") -> "News":
        """Both together; whether it ended early is the later one's."""
        return News(
            self.withdrawn + later.withdrawn,
            self.sessions + later.sessions,
            self.conflicts + later.conflicts,
            later.why,
            later.after,
        )

    def since(self, earlier: "News") -> "News":
        """What came after an earlier sum."""
        return News(
            self.withdrawn - earlier.withdrawn,
            self.sessions - earlier.sessions,
            self.conflicts - earlier.conflicts,
            self.why,
            self.after,
        )


class Pulling:
    """The way in. `withdraw` takes a consent back as a person's touch does: at once, films and all."""

    def __init__(self, opened: Opened, withdraw: Withdraw) -> None:
        self._store = opened.store
        self._withdraw = withdraw

    async def run(self, client: FhirClient) -> News:
        """Take in what changed since the last time."""
        news = News()
        steps = {"Consent": self._changed_consents, "Location": self._rooms, "Appointment": self._meetings}
        for kind, take in steps.items():
            since = await self._store.run(partial(pulled.until, kind=kind))
            async for piece in pull(client, kind, since):
                if isinstance(piece, Failure):
                    return replace(news, why=piece.why, after=piece.after)
                news = await take(news, piece)
                await self._store.run(partial(pulled.reached, kind=kind, moment=piece.until))
        return news

    async def refused(self, resources: Iterable[Resource], why: Why | None) -> News:
        """Take back what is refused in versions that were met while sending: a withdrawal wins there too."""
        consents_ = tuple(one for one in resources if one.get("resourceType") == "Consent")
        return await self._consents(News(why=why), consents_)

    async def _changed_consents(self, news: News, piece: Changed) -> News:
        return await self._consents(news, piece.resources)

    async def _consents(self, news: News, resources: Iterable[Resource]) -> News:
        for resource in resources:
            found = refusal(resource)
            if found is not None and await self._refuse(found, resource):
                news = replace(news, withdrawn=news.withdrawn + 1)
        return news

    async def _refuse(self, found: Refusal, resource: Resource) -> bool:
        """Take back what is refused there. Our own earlier words are no refusal; that all is off is one."""
        ours = await self._store.run(lambda tx: consents.get(tx, ConsentId(found.id)))
        if ours is None:
            return False
        if ours.status is ConsentStatus.WITHDRAWN:
            if found.scopes is None:
                await self._store.run(lambda tx: _agreed(tx, Kind.CONSENT, ours.id, resource))
            return False
        scopes = EVERYTHING if found.scopes is None else found.scopes & ours.agreed
        if not scopes or (found.scopes is not None and untouched(resource)):
            return False
        await self._withdraw(ours.family, ours.id, scopes)
        if found.scopes is None:
            await self._store.run(lambda tx: _agreed(tx, Kind.CONSENT, ours.id, resource))
        return True

    async def _rooms(self, news: News, piece: Changed) -> News:
        def write(tx: Tx) -> None:
            names = _room_names(tx)
            for found in filter(None, map(room, piece.resources)):
                names[found.id] = found.name
                rooms.add(tx, found.name)
            settings.put(tx, _ROOMS, json.dumps(names))

        await self._store.run(write)
        return news

    async def _meetings(self, news: News, piece: Changed) -> News:
        return await self._store.run(lambda tx: _all(tx, news, piece.resources, clock.now()))


def _all(tx: Tx, news: News, resources: Sequence[Resource], now: datetime) -> News:
    names = _room_names(tx)
    for resource in resources:
        found = meeting(resource)
        if found is None:
            continue
        ours = sessions.get(tx, SessionId(found.id))
        family = _family(tx, found)
        if ours is not None:
            news = _ours(tx, news, ours, found, resource)
        elif family is not None and found.status in (SessionStatus.BOOKED, SessionStatus.ARRIVED):
            sessions.add(tx, _added(found, family, names), now)
            _agreed(tx, Kind.SESSION, found.id, resource)
            news = replace(news, sessions=news.sessions + 1)
        elif family is None:
            _book(tx, found, names)
    return news


def _ours(tx: Tx, news: News, ours: Session, found: Meeting, resource: Resource) -> News:
    """A session that is known here: theirs is taken over where nothing of ours is in its way."""
    item = outbox.item(tx, Kind.SESSION, ours.id)
    if item is None or untouched(resource) or version_of(resource) == item.etag:
        return news
    theirs = replace(ours, starts=found.starts, minutes=found.minutes, status=found.status or ours.status)
    if theirs == ours:
        return news
    filmed = theirs.status in OFF and recordings.of_session(tx, ours.id)
    if item.delivery is Delivery.SENT and not filmed:
        _take_over(tx, ours, theirs)
        _agreed(tx, Kind.SESSION, ours.id, resource)
        return replace(news, sessions=news.sessions + 1)
    version = item.version
    if item.delivery in (Delivery.SENT, Delivery.LEFT):
        version = outbox.touch(tx, item.kind, item.id, clock.now())
    outbox.conflict(tx, item.kind, item.id, version, Theirs("", json.dumps(resource), version_of(resource)))
    return replace(news, conflicts=news.conflicts + 1)


def take_theirs(tx: Tx, id_: SessionId, resource: Resource) -> bool:
    """A person decided that a session is to be as it is at the service; False where it cannot be."""
    found, ours = meeting(resource), known(sessions.get(tx, id_))
    if found is None or (found.status in OFF and recordings.of_session(tx, id_)):
        return False
    theirs = replace(ours, starts=found.starts, minutes=found.minutes, status=found.status or ours.status)
    _take_over(tx, ours, theirs)
    _agreed(tx, Kind.SESSION, id_, resource)
    return True


def _take_over(tx: Tx, ours: Session, theirs: Session) -> None:
    now = clock.now()
    if (theirs.starts, theirs.minutes) != (ours.starts, ours.minutes):
        sessions.change(tx, theirs, now)
    reason = CANCELLED_THERE if theirs.status is SessionStatus.CANCELLED else ""
    sessions.mark(tx, ours.id, theirs.status, now, reason)


def _agreed(tx: Tx, kind: Kind, id_: str, resource: Resource) -> None:
    """Both sides say the same of an item: there is nothing to send."""
    item = known(outbox.item(tx, kind, id_))
    outbox.accept(tx, kind, id_, item.version, version_of(resource))


def _family(tx: Tx, found: Meeting) -> Family | None:
    for patient in found.patients:
        family = families.of_person(tx, PersonId(patient))
        if family is not None:
            return family
    return None


def _added(found: Meeting, family: Family, names: dict[str, str]) -> Session:
    named = next((names[one] for one in found.rooms if one in names), "")
    return Session(
        id=SessionId(found.id),
        family=family.id,
        kind=found.kind,
        starts=found.starts,
        minutes=found.minutes,
        place=Place.ROOM if named else found.place or Place.ELSEWHERE,
        room=named,
        cycle=1,
        on_camera=_filmed(family) if found.kind in OF_A_FAMILY else (),
        status=found.status or SessionStatus.BOOKED,
    )


def _filmed(family: Family) -> tuple[PersonId, ...]:
    return (family.infant.id, *(one.id for one in family.caregivers))


def _book(tx: Tx, found: Meeting, names: dict[str, str]) -> None:
    """Somebody else's appointment: of it only the room and the time are kept."""
    named = next((names[one] for one in found.rooms if one in names), "")
    uid = f"{UID}{found.id}"
    if not named or found.status is None or found.status in OFF:
        rooms.free(tx, uid)
        return
    rooms.book(tx, [Booking(uid, named, found.starts, found.starts + timedelta(minutes=found.minutes))])


def _room_names(tx: Tx) -> dict[str, str]:
    found = json.loads(settings.get(tx, _ROOMS) or "{}")
    return {str(id_): str(name) for id_, name in found.items()}
