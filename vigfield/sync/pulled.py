"""What another person wrote at the service, as far as this app takes it in: a few fields, each checked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from vigfield.model import Place, Scope, SessionKind, SessionStatus
from vigfield.sync.fhir import CONSENT_SCOPE, PLACE, SESSION_KIND
from vigfield.sync.same import Resource

LONGEST_MINUTES = 24 * 60

_LONGEST_NAME = 120
_ID = re.compile(r"(?=.*[A-Za-z0-9-])[A-Za-z0-9.-]{1,64}")  # dots alone would be a way up in an address
_STATUS = {
    "booked": SessionStatus.BOOKED,
    "arrived": SessionStatus.ARRIVED,
    "checked-in": SessionStatus.ARRIVED,
    "fulfilled": SessionStatus.TOOK_PLACE,
    "cancelled": SessionStatus.CANCELLED,
    "entered-in-error": SessionStatus.CANCELLED,
    "noshow": SessionStatus.DID_NOT_ATTEND,
}
_PLACES = {"home": Place.HOME, "elsewhere": Place.ELSEWHERE}


@dataclass(frozen=True, slots=True)
class Meeting:
    """An Appointment: when, what for, and the ids of the patients and the rooms that take part.

    `status` is None while it is not settled. `place` is None where the appointment does not say.
    """

    id: str
    starts: datetime
    minutes: int
    status: SessionStatus | None
    kind: SessionKind
    place: Place | None
    patients: tuple[str, ...]
    rooms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A Consent that does not hold any more: `scopes` are those refused in it, None when all of it is off."""

    id: str
    scopes: frozenset[Scope] | None


@dataclass(frozen=True, slots=True)
class Room:
    """A Location by its name."""

    id: str
    name: str


def id_of(resource: Resource) -> str:
    """A resource's id; empty when it has none that FHIR allows."""
    found = resource.get("id")
    return found if isinstance(found, str) and _ID.fullmatch(found) else ""


def meeting(resource: Resource) -> Meeting | None:
    """What an Appointment says; None when it lacks a time that can be understood."""
    starts, ends = _moment(resource.get("start")), _moment(resource.get("end"))
    if not id_of(resource) or starts is None or ends is None:
        return None
    minutes = round((ends - starts).total_seconds() / 60)
    if not 1 <= minutes <= LONGEST_MINUTES:
        return None
    return Meeting(
        id=id_of(resource),
        starts=starts,
        minutes=minutes,
        status=_STATUS.get(str(resource.get("status"))),
        kind=_kind(resource),
        place=_place(resource),
        patients=tuple(_actors(resource, "Patient")),
        rooms=tuple(_actors(resource, "Location")),
    )


def refusal(resource: Resource) -> Refusal | None:
    """What of a Consent is refused; None for one that has no id. Anything but `active` is all of it."""
    if not id_of(resource):
        return None
    if resource.get("status") != "active":
        return Refusal(id_of(resource), None)
    return Refusal(id_of(resource), frozenset(_denied(resource)))


def room(resource: Resource) -> Room | None:
    """A Location that has a name and is in use."""
    name = resource.get("name")
    if not id_of(resource) or not isinstance(name, str) or resource.get("status", "active") != "active":
        return None
    plain = " ".join("".join(c for c in name if c.isprintable()).split())[:_LONGEST_NAME]
    return Room(id_of(resource), plain) if plain else None


def _denied(resource: Resource) -> Iterator[Scope]:
    for one in _list(_field(resource.get("provision"), "provision")):
        if _field(one, "type") != "deny":
            continue
        for coding in _codings(_list(_field(one, "code"))):
            code = _field(coding, "code")
            if _field(coding, "system") == CONSENT_SCOPE and code in list(Scope):
                yield Scope(str(code))


def _kind(resource: Resource) -> SessionKind:
    for coding in _codings(_list(resource.get("serviceType"))):
        code = _field(coding, "code")
        if _field(coding, "system") == SESSION_KIND and code in list(SessionKind):
            return SessionKind(str(code))
    return SessionKind.OTHER


def _place(resource: Resource) -> Place | None:
    for one in _list(resource.get("extension")):
        if _field(one, "url") == PLACE:
            return _PLACES.get(str(_field(one, "valueCode")))
    return None


def _actors(resource: Resource, kind: str) -> Iterator[str]:
    for one in _list(resource.get("participant")):
        reference = _field(_field(one, "actor"), "reference")
        if isinstance(reference, str):
            *_, found, id_ = ("", *reference.split("/"))
            if found == kind and _ID.fullmatch(id_):
                yield id_


def _codings(concepts: list[object]) -> Iterator[object]:
    for concept in concepts:
        yield from _list(_field(concept, "coding"))


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
        return None if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _field(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else None


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
