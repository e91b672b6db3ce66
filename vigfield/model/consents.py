"""Consent: what can be agreed to, by whom and on what footing, and each immutable version of it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from vigfield.model.people import FamilyId, PersonId
from vigfield.model.sessions import SessionId

ConsentId = NewType("ConsentId", str)


class Scope(StrEnum):
    """One thing a caregiver can agree to or refuse, each on its own."""

    FILM_INTERACTION = "film-interaction"
    FILM_REVIEW = "film-review"
    SUPERVISOR = "supervisor"
    PEER_SUPERVISION = "peer-supervision"
    TRAINING = "training"
    STILLS = "stills"
    SHARE_COPY = "share-copy"
    SEND_VIDEO = "send-video"


class Footing(StrEnum):
    """On what footing a person consents: for the infant, or for themselves alone."""

    PARENTAL_RESPONSIBILITY = "parental-responsibility"
    COURT_ORDER = "court-order"
    LOCAL_AUTHORITY = "local-authority"
    DELEGATED = "delegated"
    SELF = "self"


@dataclass(frozen=True, slots=True)
class DrawnSignature:
    """Strokes of (x, y, milliseconds), in the pad's own units."""

    strokes: tuple[tuple[tuple[float, float, int], ...], ...]


@dataclass(frozen=True, slots=True)
class TypedSignature:
    """A typed name, with the box "this is my signature" ticked."""

    name: str


Signature = DrawnSignature | TypedSignature


@dataclass(frozen=True, slots=True)
class FormRef:
    """Which consent form was on screen: its id, version and language (BCP 47)."""

    id: str
    version: str
    language: str


class ConsentStatus(StrEnum):
    """What one version of a consent says of the version before it."""

    GIVEN = "given"
    AMENDED = "amended"
    PARTLY_WITHDRAWN = "partly-withdrawn"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Consent:
    """One immutable version of what a caregiver agreed to; a change is a new version, never an overwrite.

    `agreed` holds the scopes said yes to: every other scope was refused. It covers the sessions in
    `sessions`, or every session of the family when that is empty, from `valid_from` until and including
    `valid_until`, with the people in `on_camera` and nobody else. `signed_at` is when this version was made:
    of a withdrawal, when it was withdrawn. `interpreter` is who interpreted, or empty; `shown` is the form
    as it was on the screen, in its canonical encoding, or empty where it was not kept. `digest` binds this
    version to `previous`, the digest of the version that was written before it in this vault.
    """

    id: ConsentId
    version: int
    family: FamilyId
    given_by: PersonId
    footing: Footing
    agreed: frozenset[Scope]
    on_camera: tuple[PersonId, ...]
    also_present: str
    sessions: tuple[SessionId, ...]
    valid_from: date
    valid_until: date
    form: FormRef
    signature: Signature
    signed_at: datetime
    status: ConsentStatus = ConsentStatus.GIVEN
    interpreter: str = ""
    practitioner: str = ""
    shown: str = ""
    previous: str = ""
    digest: str = ""
