"""What vigfield knows: frozen values and the ids that join them.

Times are aware datetimes in UTC; a birth month is `YYYY-MM`; durations are seconds; sizes are bytes.
Words are those of Video Interaction Guidance: family, caregiver, infant, session, consent, recording.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

FamilyId = NewType("FamilyId", str)
PersonId = NewType("PersonId", str)
SessionId = NewType("SessionId", str)
ConsentId = NewType("ConsentId", str)
RecordingId = NewType("RecordingId", str)


class Relationship(StrEnum):
    """What a caregiver is to the infant."""

    MOTHER = "mother"
    FATHER = "father"
    GRANDPARENT = "grandparent"
    FOSTER_CARER = "foster-carer"
    GUARDIAN = "guardian"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Caregiver:
    """An adult who looks after the infant and may be on camera."""

    id: PersonId
    family: FamilyId
    name: str
    relationship: Relationship


@dataclass(frozen=True, slots=True)
class Infant:
    """The child the work is about; the subject of the record."""

    id: PersonId
    family: FamilyId
    name: str
    birth_month: str


@dataclass(frozen=True, slots=True)
class Family:
    """One family as the practitioner knows it; `code` is the only identifier that may leave by default."""

    id: FamilyId
    code: str
    infant: Infant
    caregivers: tuple[Caregiver, ...]


class SessionKind(StrEnum):
    """What is to be filmed in a session; it decides which consent scope is needed."""

    FILMING = "filming"
    SHARED_REVIEW = "shared-review"


class SessionStatus(StrEnum):
    """Where a session stands."""

    BOOKED = "booked"
    TOOK_PLACE = "took-place"
    CANCELLED = "cancelled"


class Place(StrEnum):
    """Where a session is."""

    HOME = "home"
    ROOM = "room"


@dataclass(frozen=True, slots=True)
class Session:
    """A scheduled visit or clinic appointment; `room` is empty at home."""

    id: SessionId
    family: FamilyId
    kind: SessionKind
    starts: datetime
    minutes: int
    place: Place
    room: str
    cycle: int
    on_camera: tuple[PersonId, ...]
    status: SessionStatus = SessionStatus.BOOKED


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
    """On what footing a person consents for the infant."""

    PARENTAL_RESPONSIBILITY = "parental-responsibility"
    COURT_ORDER = "court-order"
    LOCAL_AUTHORITY = "local-authority"
    DELEGATED = "delegated"


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
    """Where one version of a consent stands."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Consent:
    """One immutable version of what a caregiver agreed to; a change is a new version, never an overwrite.

    `agreed` holds the scopes said yes to: every other scope was refused. It covers the sessions in
    `sessions`, or every session of the family when that is empty, from `valid_from` until and including
    `valid_until`, with the people in `on_camera` and nobody else. `signed_at` is when this version was made:
    of a withdrawal, when it was withdrawn.
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


class RecordingState(StrEnum):
    """What is known of a film's end."""

    OPEN = "open"
    WHOLE = "whole"
    INTERRUPTED = "interrupted"
    EMPTY = "empty"
    DAMAGED = "damaged"
    ERASING = "erasing"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Quality:
    """What the camera page counted, and what happened while filming, in order."""

    delivered: int = 0
    encoded: int = 0
    dropped: int = 0
    events: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One sealed file of a recording; `bytes` is the film, `sealed_bytes` the file, `sha256` of the file."""

    recording: RecordingId
    number: int
    state: RecordingState
    bytes: int = 0
    sealed_bytes: int = 0
    sha256: str = ""
    seconds: float = 0.0
    frames: int = 0


@dataclass(frozen=True, slots=True)
class Recording:
    """A film: its session, its parts in order, and how it ended."""

    id: RecordingId
    session: SessionId
    family: FamilyId
    consent: ConsentId
    consent_version: int
    kind: SessionKind
    started: datetime
    state: RecordingState
    width: int
    height: int
    mime: str
    parts: tuple[Part, ...]
    quality: Quality

    @property
    def seconds(self) -> float:
        """How long the film plays, gaps left out."""
        return sum(part.seconds for part in self.parts)

    @property
    def bytes(self) -> int:
        """The size of the film itself, unsealed."""
        return sum(part.bytes for part in self.parts)


class Ground(StrEnum):
    """Why a film was erased."""

    CAREGIVER_ASKED = "caregiver-asked"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    TIME_OVER = "time-over"
    BY_MISTAKE = "by-mistake"
    SERVICE_POLICY = "service-policy"


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was erased, when and why. `was` is the film's state before, `files` are names and sizes.

    `begun` is when a person decided it, `key_gone` when no copy of the sealed key was left in the vault,
    `completed` when no file was left either; None until then.
    """

    recording: RecordingId
    ground: Ground
    was: RecordingState
    parts: tuple[Part, ...]
    files: tuple[tuple[str, int], ...]
    begun: datetime
    key_gone: datetime | None = None
    completed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """What the service asks of this tablet; the defaults hold without a signed policy, and are strict.

    Times in seconds, sizes in pixels, `frames` per second, `bitrate` in bits per second.
    """

    target_seconds: int = 300
    longest_seconds: int = 1800
    idle_seconds: int = 300
    width: int = 1280
    height: int = 720
    frames: int = 25
    bitrate: int = 2_500_000


class Kind(StrEnum):
    """What the service is told about, in the order in which a reference may point backwards."""

    INFANT = "infant"
    CAREGIVER = "caregiver"
    SESSION = "session"
    VISIT = "visit"
    CONSENT = "consent"
    RECORDING = "recording"


class Delivery(StrEnum):
    """Where an item stands on its way to the service."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """One item for the service: `version` counts our changes, `sent_version` is the last acknowledged one.

    `etag` is the server's, opaque; `words` is what the server said when it refused.
    """

    kind: Kind
    id: str
    version: int
    sent_version: int
    etag: str
    delivery: Delivery
    words: str
    changed: datetime
