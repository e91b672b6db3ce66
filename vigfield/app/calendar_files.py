"""Calendar files taken into the diary, and the diary handed out as one: no names, unless policy allows."""

import asyncio
import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from vigfield import clock, ical, rules
from vigfield.app.inforce import InForce
from vigfield.app.opened import Opened
from vigfield.ical import Entry, Outgoing, Skipped, Unreadable
from vigfield.model import (
    Booking,
    Family,
    FamilyId,
    Place,
    Policy,
    Session,
    SessionId,
    SessionKind,
    SessionStatus,
)
from vigfield.rules import RoomTaken
from vigfield.store import Tx, audit, families, rooms, sessions
from vigfield.store.audit import Happening

BACK = timedelta(days=30)
AHEAD = timedelta(days=400)
SHORTEST, LONGEST = 5, 2 * 24 * 60  # minutes; the diary looks no further back for what still goes on
OURS = "@vigfield"
CALENDAR = "calendar"
_SUPERVISION = "VIG supervision"
_WORD = re.compile(r"[A-Za-z0-9-]+")
_STANDS = (SessionStatus.BOOKED, SessionStatus.CANCELLED)  # everything else is a fact, whatever a file says


class Action(StrEnum):
    """What would become of an entry of a file."""

    NEW = "new"
    CHANGED = "changed"
    CALLED_OFF = "called-off"
    SAME = "same"
    OLDER = "older"


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of a file, what would be done with it, and the room it wants that is taken."""

    entry: Entry
    action: Action
    clash: RoomTaken | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What taking a file in would do; `room` is given when the file holds others' bookings of a room."""

    steps: tuple[Step, ...]
    skipped: tuple[Skipped, ...]
    room: str

    @property
    def counts(self) -> Mapping[Action, int]:
        """How many entries would do what."""
        return Counter(step.action for step in self.steps)

    @property
    def shortened(self) -> int:
        """How many entries are longer than two days, and are taken in with their first two."""
        return sum(step.entry.minutes > LONGEST for step in self.steps)


Taken = Mapping[Action, int]


class CalendarFiles:
    """Every verb on calendar files while the vault is open."""

    def __init__(self, opened: Opened, inforce: InForce) -> None:
        self._store = opened.store
        self._inforce = inforce

    @property
    def names_leave(self) -> bool:
        """Whether a file that is handed out holds caregivers' names and rooms."""
        return self._inforce.policy.names_may_leave

    async def preview(self, data: bytes, room: str = "") -> Plan | Unreadable:
        """What taking a file in would do, from a month back to a year ahead; changes nothing."""
        now = clock.now()
        found = await asyncio.to_thread(ical.read, data, now - BACK, now + AHEAD)
        if isinstance(found, Unreadable):
            return found
        name = room.strip()

        def plan(tx: Tx) -> Plan:
            taking = _taking(tx, name)
            return Plan(tuple(taking.step(entry) for entry in found.entries), found.skipped, name)

        return await self._store.run(plan)

    async def take(self, plan: Plan, why: str = CALENDAR) -> Taken:
        """Do what was planned, all of it or nothing; `why` is the reason of what is called off.

        What has changed since the preview is looked at anew.
        """

        def write(tx: Tx) -> Counter[Action]:
            taking = _taking(tx, plan.room)
            done = Counter(taking.take(step.entry, why) for step in plan.steps)
            counts = {action.value: done[action] for action in Action}
            audit.append(tx, clock.now(), Happening.CALENDAR_IMPORTED, CALENDAR, **counts)
            return done

        return await self._store.run(write)

    async def export(self, first: date, last: date) -> bytes:
        """The sessions of these days as a calendar file."""
        start, end = clock.midnight(first), clock.midnight(last + timedelta(days=1))

        def read(tx: Tx) -> list[Outgoing]:
            found = [one for one in sessions.on(tx, start, end) if one.kind is not SessionKind.OTHER]
            named = families.several(tx, [one.family for one in found if one.family is not None])
            audit.append(tx, clock.now(), Happening.CALENDAR_EXPORTED, CALENDAR, sessions=len(found))
            return [_outgoing(one, named, self._inforce.policy) for one in found]

        return await asyncio.to_thread(ical.write, await self._store.run(read))


def _taking(tx: Tx, room: str) -> "_Sessions | _Bookings":
    return _Bookings(tx, room) if room else _Sessions(tx)


class _Sessions:
    """Entries as sessions in the practitioner's own diary."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._rooms = rooms.names(tx)

    def step(self, entry: Entry) -> Step:
        """What would be done with an entry."""
        known, wanted = self._both(entry)
        action = _action(entry, known, wanted)
        if wanted is None or action not in (Action.NEW, Action.CHANGED):
            return Step(entry, action)
        return Step(entry, action, _clash(self._tx, replace(wanted, status=SessionStatus.BOOKED)))

    def take(self, entry: Entry, why: str) -> Action:
        """Do it; what was done."""
        known, wanted = self._both(entry)
        action, now = _action(entry, known, wanted), clock.now()
        if action is Action.NEW and wanted is not None:
            sessions.add(self._tx, wanted, now)
        elif action is Action.CHANGED and wanted is not None:
            sessions.mark(self._tx, wanted.id, SessionStatus.BOOKED, now)
            sessions.change(self._tx, wanted, now)
        elif action is Action.CALLED_OFF and known is not None:
            if entry.sequence > known.sequence + 1:  # so that nothing older takes it back
                sessions.change(self._tx, replace(known, sequence=entry.sequence - 1), now)
            sessions.mark(self._tx, known.id, SessionStatus.CANCELLED, now, why)
        return action

    def _both(self, entry: Entry) -> tuple[Session | None, Session | None]:
        """The session as it is, and as the entry would have it; the latter is None where nobody listens.

        Of a session of our own a file says the time alone, and only while it calls it as we did.
        """
        own = _own(self._tx, entry)
        if own is None:
            known = sessions.with_uid(self._tx, _key(entry))
            return known, self._made(entry, known)
        if not _called_as_ours(self._tx, entry.summary, own):
            return own, None
        starts = own.starts if own.starts.replace(microsecond=0) == entry.starts else entry.starts
        return own, replace(own, starts=starts, minutes=_minutes(entry), sequence=entry.sequence)

    def _made(self, entry: Entry, known: Session | None) -> Session:
        """What somebody else's booking is in this diary: of no family, called as the file calls it."""
        room = next((name for name in self._rooms if rules.same_room(name, entry.place)), None)
        return Session(
            id=SessionId(clock.new_id()) if known is None else known.id,
            family=None,
            kind=SessionKind.OTHER,
            starts=entry.starts,
            minutes=_minutes(entry),
            place=Place.ELSEWHERE if room is None else Place.ROOM,
            room=entry.place if room is None else room,
            cycle=1,
            on_camera=(),
            travel=0 if known is None else known.travel,
            note=entry.note,
            title=entry.summary,
            uid=_key(entry),
            sequence=entry.sequence,
        )


class _Bookings:
    """Entries as bookings of one room by others."""

    def __init__(self, tx: Tx, room: str) -> None:
        self._tx = tx
        self._room = next((name for name in rooms.names(tx) if rules.same_room(name, room)), room)
        now = clock.now()
        self._there = {one.uid: one for one in rooms.bookings(tx, now - BACK, now + AHEAD)}

    def step(self, entry: Entry) -> Step:
        """What would be done with an entry; a booking of our own is nobody else's."""
        known, wanted = self._there.get(_key(entry)), self._booking(entry)
        if _own(self._tx, entry) is not None:
            return Step(entry, Action.SAME)
        if entry.cancelled:
            return Step(entry, Action.SAME if known is None else Action.CALLED_OFF)
        if known == wanted:
            return Step(entry, Action.SAME)
        action = Action.NEW if known is None else Action.CHANGED
        return Step(entry, action, self._clash(wanted))

    def take(self, entry: Entry, why: str) -> Action:
        """Do it; what was done. A booking has no reason."""
        del why
        action = self.step(entry).action
        if action is Action.CALLED_OFF:
            rooms.free(self._tx, _key(entry))
        elif action in (Action.NEW, Action.CHANGED):
            rooms.book(self._tx, [self._booking(entry)])
        return action

    def _clash(self, wanted: Booking) -> RoomTaken | None:
        """The session of our own that is in the room then."""
        for one in sessions.around(self._tx, wanted.starts, wanted.ends):
            if isinstance(found := rules.clash(one, (), [wanted]), RoomTaken) and _is_on(one):
                return replace(found, starts=one.starts, ends=one.ends, theirs=False)
        return None

    def _booking(self, entry: Entry) -> Booking:
        ends = entry.starts + timedelta(minutes=_minutes(entry))
        return Booking(_key(entry), self._room, entry.starts, ends)


def _action(entry: Entry, known: Session | None, wanted: Session | None) -> Action:
    if known is None:
        return Action.SAME if entry.cancelled else Action.NEW
    off = known.status is SessionStatus.CANCELLED
    alike = wanted is not None and _content(wanted) == _content(known)
    if (entry.cancelled and off) or (alike and entry.cancelled == off):
        return Action.SAME
    older = entry.sequence < known.sequence or (off and entry.sequence == known.sequence)
    if wanted is None or older or known.status not in _STANDS:
        return Action.OLDER
    return Action.CALLED_OFF if entry.cancelled else Action.CHANGED


def _content(session: Session) -> tuple[object, ...]:
    """What a calendar file can say of a session."""
    return session.starts, session.minutes, session.title, session.place, session.room, session.note


def _clash(tx: Tx, session: Session) -> RoomTaken | None:
    around = sessions.around(tx, session.starts, session.ends)
    found = rules.clash(session, around, rooms.bookings(tx, session.starts, session.ends))
    return found if isinstance(found, RoomTaken) else None


def _is_on(session: Session) -> bool:
    return session.status not in (SessionStatus.CANCELLED, SessionStatus.DID_NOT_ATTEND)


def _key(entry: Entry) -> str:
    """What names an entry for good; one without a UID is known by what it is and when."""
    uid = entry.uid
    if not uid:
        what = f"{entry.starts.isoformat()} {entry.summary}".encode()
        uid = f"none-{hashlib.sha256(what).hexdigest()[:32]}"
    return f"{uid} {entry.recurrence}".strip()


def _minutes(entry: Entry) -> int:
    return min(max(entry.minutes, SHORTEST), LONGEST)


def _own(tx: Tx, entry: Entry) -> Session | None:
    """Our own session that an entry of a file of ours tells of."""
    if entry.recurrence or not entry.uid.endswith(OURS):
        return None
    return sessions.get(tx, SessionId(entry.uid.removesuffix(OURS)))


def _called_as_ours(tx: Tx, summary: str, own: Session) -> bool:
    """Whether a file calls a session of ours as we do: by its family's code, and by no other's."""
    family = None if own.family is None else families.get(tx, own.family)
    if family is None:
        return summary == _SUPERVISION and own.kind is SessionKind.SUPERVISION
    if not summary.startswith(f"VIG session, {family.code}"):
        return False
    return {word for word in _WORD.findall(summary) if families.code_taken(tx, word)} == {family.code}


def _outgoing(session: Session, named: Mapping[FamilyId, Family], policy: Policy) -> Outgoing:
    family = None if session.family is None else named[session.family]
    summary = _SUPERVISION if family is None else f"VIG session, {family.code}"
    if family is not None and policy.names_may_leave:
        summary += " " + ", ".join(one.name for one in family.caregivers)
    return Outgoing(
        uid=f"{session.id}{OURS}",
        sequence=session.sequence,
        starts=session.starts,
        minutes=session.minutes,
        summary=summary,
        place=session.room if policy.names_may_leave else "",
        cancelled=session.status is SessionStatus.CANCELLED,
        stamp=_second(clock.now()),
    )


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
