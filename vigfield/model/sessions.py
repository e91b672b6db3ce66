"""When and where people meet: sessions of one's own, and the bookings of rooms by others."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from vigfield.model.people import FamilyId, PersonId

SessionId = NewType("SessionId", str)


class SessionKind(StrEnum):
    """What a session is for; it decides which consent scope a film in it needs, if any may be made."""

    FIRST_MEETING = "first-meeting"
    FILMING = "filming"
    SHARED_REVIEW = "shared-review"
    SUPERVISION = "supervision"
    OTHER = "other"


OF_A_FAMILY = frozenset({SessionKind.FIRST_MEETING, SessionKind.FILMING, SessionKind.SHARED_REVIEW})


class SessionStatus(StrEnum):
    """Where a session stands."""

    BOOKED = "booked"
    ARRIVED = "arrived"
    TOOK_PLACE = "took-place"
    CANCELLED = "cancelled"
    DID_NOT_ATTEND = "did-not-attend"


class Undo(StrEnum):
    """Why it is taken back that a session took place, was cancelled or was not attended."""

    SLIP = "slip"
    OTHERWISE = "otherwise"


OFF = frozenset({SessionStatus.CANCELLED, SessionStatus.DID_NOT_ATTEND})


class Place(StrEnum):
    """Where a session is."""

    HOME = "home"
    ROOM = "room"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Session:
    """A scheduled visit or clinic appointment.

    `room` names the room or the place elsewhere, and is empty at home. `reason` says why it was cancelled.
    `title` is what a calendar file called it. `uid` and `sequence` are those of RFC 5545.
    """

    id: SessionId
    family: FamilyId | None
    kind: SessionKind
    starts: datetime
    minutes: int
    place: Place
    room: str
    cycle: int
    on_camera: tuple[PersonId, ...]
    status: SessionStatus = SessionStatus.BOOKED
    travel: int = 0
    note: str = ""
    reason: str = ""
    title: str = ""
    uid: str = ""
    sequence: int = 0

    @property
    def ends(self) -> datetime:
        """When it is over."""
        return self.starts + timedelta(minutes=self.minutes)

    @property
    def private(self) -> bool:
        """Whether it came from a calendar file and nobody said what it is for: it may be anything."""
        return bool(self.uid) and self.family is None and self.kind is SessionKind.OTHER


@dataclass(frozen=True, slots=True)
class Booking:
    """A room that somebody else has for a time; `uid` is that of the calendar it came from."""

    uid: str
    room: str
    starts: datetime
    ends: datetime
