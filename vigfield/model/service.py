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


@dataclass(frozen=True, slots=True)
class Policy:
    """What the service asks of this tablet; the defaults hold without a signed policy, and are strict.

    Times in seconds, sizes in pixels, `frames` per second, `bitrate` in bits per second. `names_may_leave`
    is about calendar files and papers that are handed out.
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
