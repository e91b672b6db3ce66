"""The service: what it asks of this tablet, and what it is to be told."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Retention:
    """How long films are kept, in days: after filming, after the work ended, after a withdrawal."""

    after_filming: int = 365
    after_ending: int = 60
    after_withdrawal: int = 28


class Field(StrEnum):
    """What goes to the service only where its policy lists it."""

    INFANT_NAME = "infant-name"
    BIRTH_DATE = "birth-date"
    CAREGIVER_NAME = "caregiver-name"
    CAREGIVER_CONTACT = "caregiver-contact"
    PRACTITIONER_NAME = "practitioner-name"
    ROOM = "room"
    CANCEL_REASON = "cancel-reason"
    ENDING_REASON = "ending-reason"


class Identifier(StrEnum):
    """How a family may be called at the service."""

    FAMILY_CODE = "family-code"


class Video(StrEnum):
    """Whether a sealed film may go to the service at all."""

    NEVER = "never"
    WITH_CONSENT = "with-consent"


class Networks(StrEnum):
    """Over which networks something may go."""

    ANY = "any"
    NOT_METERED = "not-metered"  # also where it is not known whether it is
    UNMETERED = "unmetered"


class Network(StrEnum):
    """What is known of the network that the tablet is on."""

    NONE = "none"
    UNMETERED = "unmetered"
    METERED = "metered"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Policy:
    """What the service asks of this tablet; the defaults hold without a signed policy, and are strict.

    Times in seconds, sizes in pixels, `frames` per second, `bitrate` in bits per second. `names_may_leave`
    is about calendar files and papers that are handed out. `version` 0 is the strict default itself.
    `tries` is how many wrong passphrases are taken in five minutes. `fields` and `identifiers` are what may
    go to the service beyond what always may. `minimum_app` is the oldest vigfield that the service talks to.
    """

    target_seconds: int = 300
    longest_seconds: int = 1800
    idle_seconds: int = 300
    width: int = 1280
    height: int = 720
    frames: int = 25
    bitrate: int = 2_500_000
    retention: Retention = field(default_factory=Retention)
    names_may_leave: bool = False
    papers_may_leave: bool = False
    version: int = 0
    not_before: datetime | None = None
    expires: datetime | None = None
    fields: frozenset[Field] = frozenset()
    identifiers: frozenset[Identifier] = frozenset({Identifier.FAMILY_CODE})
    video: Video = Video.NEVER
    networks: Networks = Networks.ANY
    video_networks: Networks = Networks.UNMETERED
    tries: int = 10
    minimum_app: tuple[int, int, int] = (0, 0, 0)
    every_minutes: int = 15

    @property
    def listed(self) -> frozenset[Field | Identifier]:
        """All that may go beyond what always may."""
        return frozenset([*self.fields, *self.identifiers])


class Kind(StrEnum):
    """What the service is told about, in the order in which a reference may point backwards."""

    PRACTITIONER = "practitioner"
    INFANT = "infant"
    CAREGIVER = "caregiver"
    EPISODE = "episode"
    SESSION = "session"
    VISIT = "visit"
    CONSENT = "consent"
    RECORDING = "recording"
    COPY = "copy"  # a film that the service has, sealed
    STILL = "still"
    EVENT = "event"


class Delivery(StrEnum):
    """Where an item stands on its way to the service."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    CONFLICT = "conflict"
    LEFT = "left"  # a person decided that the service keeps what it has


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """One item for the service: `version` counts our changes, `sent_version` is the last acknowledged one.

    `etag` is the server's, opaque; `words` is what the server said when it refused. `tried` is the last
    version that was handed to the network: it may have arrived.
    """

    kind: Kind
    id: str
    version: int
    sent_version: int
    etag: str
    delivery: Delivery
    words: str
    changed: datetime
    tried: int = 0
