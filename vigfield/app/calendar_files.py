"""Calendar files taken into the diary, and the diary handed out as one: no names, unless policy allows."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from vigfield import clock, ical
from vigfield.app.diary import clash_of
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
from vigfield.rules import RoomTaken, same_room
from vigfield.store import Tx, audit, families, rooms, sessions
from vigfield.store.audit import Happening

BACK = timedelta(days=30)
AHEAD = timedelta(days=400)
OURS = "@vigfield"
CALENDAR = "calendar"


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


Taken = Mapping[Action, int]


class CalendarFiles:
    """Every verb on calendar files while the vault is open."""

    def __init__(self, opened: Opened, policy: Policy) -> None:
        self._store = opened.store
        self._policy = policy

    async def preview(self, data: bytes, room: str = "") -> Plan | Unreadable:
        """What taking a file in would do, from a month back to a year ahead; changes nothing."""
        now = clock.now()
        found = await asyncio.to_thread(ical.read, data, now - BACK, now + AHEAD)
        if isinstance(found, Unreadable):
            return found
        name = room.strip()

        def plan(tx: Tx) -> Plan:
            steps = tuple(_step(tx, entry, name) for entry in found.entries)
            return Plan(steps, found.skipped, name)

        return await self._store.run(plan)

    async def take(self, plan: Plan) -> Taken:
        """Do what was planned, all of it or nothing; what has changed since the preview is looked at anew."""

        def write(tx: Tx) -> Counter[Action]:
            done: Counter[Action] = Counter()
            for entry in (step.entry for step in plan.steps):
                step = _step(tx, entry, plan.room)
                _take(tx, step, plan.room)
                done[step.action] += 1
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
            return [_outgoing(one, named, self._policy) for one in found]

        return ical.write(await self._store.run(read))


def _key(entry: Entry) -> str:
    return f"{entry.uid} {entry.recurrence}".strip()


def _known(tx: Tx, entry: Entry) -> Session | None:
    """The session that an entry is about: one that came from such a file, or one of ours that went out."""
    if entry.uid.endswith(OURS):
        return sessions.get(tx, SessionId(entry.uid.removesuffix(OURS)))
    return sessions.with_uid(tx, _key(entry))


def _step(tx: Tx, entry: Entry, room: str) -> Step:
    if room:
        return Step(entry, Action.CALLED_OFF if entry.cancelled else Action.NEW)
    known = _known(tx, entry)
    if known is None:
        if entry.cancelled:
            return Step(entry, Action.SAME)
        return Step(entry, Action.NEW, _clash(tx, _session(tx, entry)))
    if entry.sequence < known.sequence:
        return Step(entry, Action.OLDER)
    if entry.cancelled:
        off = known.status in (SessionStatus.CANCELLED, SessionStatus.TOOK_PLACE)
        return Step(entry, Action.SAME if off else Action.CALLED_OFF)
    if _says_the_same(tx, known, entry):
        return Step(entry, Action.SAME)
    return Step(entry, Action.CHANGED, _clash(tx, _moved(tx, known, entry)))


def _clash(tx: Tx, session: Session) -> RoomTaken | None:
    found = clash_of(tx, session)
    return found if isinstance(found, RoomTaken) else None


def _take(tx: Tx, step: Step, room: str) -> None:
    now, entry = clock.now(), step.entry
    if room:
        _book(tx, entry, room)
        return
    known = _known(tx, entry)
    match step.action:
        case Action.NEW:
            sessions.add(tx, _session(tx, entry), now)
        case Action.CHANGED if known is not None:
            sessions.change(tx, _moved(tx, known, entry), now)
        case Action.CALLED_OFF if known is not None:
            sessions.mark(tx, known.id, SessionStatus.CANCELLED, now, CALENDAR)
        case _:
            return


def _book(tx: Tx, entry: Entry, room: str) -> None:
    if entry.cancelled:
        rooms.free(tx, _key(entry))
        return
    ends = entry.starts + timedelta(minutes=entry.minutes)
    rooms.book(tx, [Booking(_key(entry), room, entry.starts, ends)])


def _session(tx: Tx, entry: Entry) -> Session:
    """What somebody else's booking is in this diary: a session of no family, called as the file calls it."""
    place, room = _place(tx, entry)
    return Session(
        id=SessionId(clock.new_id()),
        family=None,
        kind=SessionKind.OTHER,
        starts=entry.starts,
        minutes=entry.minutes,
        place=place,
        room=room,
        cycle=1,
        on_camera=(),
        note=entry.note,
        title=entry.summary,
        uid=_key(entry),
        sequence=entry.sequence,
    )


def _moved(tx: Tx, known: Session, entry: Entry) -> Session:
    """A session with the file's time; what it is about is the file's word only where it came from a file."""
    moved = replace(known, starts=entry.starts, minutes=entry.minutes, sequence=entry.sequence)
    if known.kind is not SessionKind.OTHER or entry.uid.endswith(OURS):
        return moved
    place, room = _place(tx, entry)
    return replace(moved, title=entry.summary, note=entry.note, place=place, room=room)


def _says_the_same(tx: Tx, known: Session, entry: Entry) -> bool:
    return replace(_moved(tx, known, entry), sequence=known.sequence) == known


def _place(tx: Tx, entry: Entry) -> tuple[Place, str]:
    if not entry.place:
        return Place.ELSEWHERE, ""
    known = [name for name in rooms.names(tx) if same_room(name, entry.place)]
    return (Place.ROOM, known[0]) if known else (Place.ELSEWHERE, entry.place)


def _outgoing(session: Session, named: Mapping[FamilyId, Family], policy: Policy) -> Outgoing:
    family = None if session.family is None else named[session.family]
    summary = "VIG supervision" if family is None else f"VIG session, {family.code}"
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
