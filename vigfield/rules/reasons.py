"""What a rule says: allowed, or refused for a reason."""

from dataclasses import dataclass
from enum import StrEnum

from vigfield.model import Consent


class Reason(StrEnum):
    """Why something may not happen."""

    CANCELLED = "session-cancelled"
    NOT_FILMED = "session-not-filmed"
    NO_CONSENT = "no-consent"
    WITHDRAWN = "consent-withdrawn"
    NOT_YET = "consent-not-yet"
    EXPIRED = "consent-expired"
    OTHER_SESSION = "consent-for-another-session"
    SUPERSEDED = "consent-superseded"
    UNSIGNED = "consent-unsigned"
    SCOPE_REFUSED = "scope-refused"
    NOBODY_FOR_CHILD = "nobody-consents-for-child"
    PERSON_NOT_COVERED = "person-not-covered"
    DISK_FULL = "disk-full"
    ALREADY_FILMING = "already-filming"
    NOTHING_FILMED = "nothing-filmed"
    DAMAGED = "film-damaged"
    STILL_FILMING = "still-filming"
    ERASED = "film-erased"
    HELD = "film-held"
    STILLS_REFUSED = "stills-refused"
    NOT_BY_POLICY = "not-by-policy"
    NETWORK = "network-not-fit"
    WAITING = "film-waits"
    MISSING = "film-missing"
    NO_FILE = "film-without-file"
    UNREADABLE = "film-unreadable"
    DISK_FAILED = "disk-failed"
    DISK_GONE = "disk-gone"


@dataclass(frozen=True, slots=True)
class Allowed:
    """It may happen, on the ground of this consent."""

    consent: Consent


@dataclass(frozen=True, slots=True)
class Refused:
    """It may not happen, and why."""

    reason: Reason
