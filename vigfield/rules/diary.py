"""The diary: what clashes with what, and which dates are proposed for the next cycles."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from vigfield import clock
from vigfield.model import OFF, Booking, Place, Session


@dataclass(frozen=True, slots=True)
class RoomTaken:
    """The room is booked then, from and until these times; by somebody else when `theirs`."""

    room: str
    starts: datetime
    ends: datetime
    theirs: bool


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The practitioner has another session then, or is on the way."""

    session: Session


Clash = RoomTaken | Elsewhere


def clash(wanted: Session, sessions: Iterable[Session], bookings: Iterable[Booking] = ()) -> Clash | None:
    """What stands in the way of a session: its room first, then the practitioner's own time with travel.

    `sessions` and `bookings` are those around the time; the session itself, and what was called off, do not
    count. What ends when another begins does not clash.
    """
    others = [one for one in sessions if one.id != wanted.id and one.status not in OFF]
    taken = _room_taken(wanted, others, bookings)
    if taken is not None:
        return taken
    return next((Elsewhere(one) for one in others if _overlap(*away(wanted), *away(one))), None)


def away(session: Session) -> tuple[datetime, datetime]:
    """From when until when a session keeps its practitioner away, travel there and back included."""
    travel = timedelta(minutes=session.travel)
    return session.starts - travel, session.ends + travel


def proposed(first: date, at: time, every_days: int, count: int) -> list[datetime]:
    """`count` starts at the same time of day, this many days apart; aware, in the tablet's own zone.

    A time that the clocks leave out in March is moved on by the hour that they skip.
    """
    days = (first + timedelta(days=every_days * number) for number in range(count))
    return [clock.moment(day, at) for day in days]


def same_room(one: str, other: str) -> bool:
    """Whether two names mean one room: capital letters and spaces do not count."""
    return _plain(one) == _plain(other)


def _room_taken(wanted: Session, others: Iterable[Session], bookings: Iterable[Booking]) -> RoomTaken | None:
    if wanted.place is not Place.ROOM:
        return None
    own = [
        RoomTaken(one.room, one.starts, one.ends, theirs=False) for one in others if one.place is Place.ROOM
    ]
    theirs = [
        RoomTaken(one.room, one.starts, one.ends, theirs=True) for one in bookings if one.uid != wanted.uid
    ]
    for one in (*own, *theirs):
        if same_room(one.room, wanted.room) and _overlap(wanted.starts, wanted.ends, one.starts, one.ends):
            return one
    return None


def _overlap(starts: datetime, ends: datetime, other_starts: datetime, other_ends: datetime) -> bool:
    return starts < other_ends and other_starts < ends


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
