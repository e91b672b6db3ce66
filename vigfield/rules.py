"""What may happen now: pure decisions, each with its reason.

A refusal names a `Reason`; the sentence that a person reads for it is in `ui.words`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from vigfield.model import (
    Consent,
    ConsentId,
    ConsentStatus,
    Recording,
    RecordingState,
    Scope,
    Session,
    SessionKind,
    SessionStatus,
)

START_FREE_BYTES = 200_000_000
WARN_FREE_BYTES = 2_000_000_000
STOP_FREE_BYTES = 100_000_000
_NOTHING_SEEN: Mapping[ConsentId, date] = MappingProxyType({})


class Reason(StrEnum):
    """Why something may not happen."""

    CANCELLED = "session-cancelled"
    NO_CONSENT = "no-consent"
    WITHDRAWN = "consent-withdrawn"
    NOT_YET = "consent-not-yet"
    EXPIRED = "consent-expired"
    OTHER_SESSION = "consent-for-another-session"
    SCOPE_REFUSED = "scope-refused"
    PERSON_NOT_COVERED = "person-not-covered"
    DISK_FULL = "disk-full"
    ALREADY_FILMING = "already-filming"
    NOTHING_FILMED = "nothing-filmed"
    DAMAGED = "film-damaged"
    STILL_FILMING = "still-filming"
    ERASED = "film-erased"
    STILLS_REFUSED = "stills-refused"
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


SCOPE_FOR = {
    SessionKind.FILMING: Scope.FILM_INTERACTION,
    SessionKind.SHARED_REVIEW: Scope.FILM_REVIEW,
}

# The nearer a refusal is to being allowed, the more useful it is to say.
_NEARNESS = (Reason.NO_CONSENT, Reason.OTHER_SESSION, Reason.EXPIRED, Reason.NOT_YET)


def may_record(
    session: Session, consents: Iterable[Consent], today: date, seen: Mapping[ConsentId, date] = _NOTHING_SEEN
) -> Allowed | Refused:
    """Whether this session may be filmed today, given the newest version of each of the family's consents.

    `consents` are in the order in which they were said. What each person said last about this session
    holds, and the stricter of two people holds. `seen` is the latest day that is known to have come since a
    consent was signed: where `today` is earlier, the clock was turned back, and that day counts.
    """
    if session.status is SessionStatus.CANCELLED:
        return Refused(Reason.CANCELLED)
    known = tuple(consents)
    beside = [(one, _beside(session, one, max(today, seen.get(one.id, today)))) for one in known]
    last = _last_words([consent for consent, reason in beside if reason is None])
    if not last:
        reasons = (reason for _, reason in beside if reason is not None)
        return Refused(max(reasons, key=_NEARNESS.index, default=Reason.NO_CONSENT))
    for consent in last:
        if (no := _no(session, consent)) is not None:
            return Refused(no)
    covering = [consent for consent in last if set(session.on_camera) <= set(consent.on_camera)]
    return Allowed(covering[-1]) if covering else Refused(Reason.PERSON_NOT_COVERED)


def _beside(session: Session, consent: Consent, today: date) -> Reason | None:
    """Why a consent says nothing about filming this session today; None when it does."""
    if consent.family != session.family:
        return Reason.NO_CONSENT
    if consent.sessions and session.id not in consent.sessions:
        return Reason.OTHER_SESSION
    if today > consent.valid_until:
        return Reason.EXPIRED
    return Reason.NOT_YET if today < consent.valid_from else None


def _last_words(consents: Iterable[Consent]) -> list[Consent]:
    """The last consent of each person, in the order in which they were said."""
    said = tuple(consents)
    last = {consent.given_by: place for place, consent in enumerate(said)}
    return [said[place] for place in sorted(last.values())]


def _no(session: Session, consent: Consent) -> Reason | None:
    if consent.status is ConsentStatus.WITHDRAWN:
        return Reason.WITHDRAWN
    return None if SCOPE_FOR[session.kind] in consent.agreed else Reason.SCOPE_REFUSED


def has_room(free: int) -> bool:
    """Whether a film may begin with `free` bytes left on the disk."""
    return free >= START_FREE_BYTES


def must_stop(free: int) -> bool:
    """Whether a film in progress must be stopped and sealed with `free` bytes left."""
    return free < STOP_FREE_BYTES


def may_play(recording: Recording, consent: Consent) -> Allowed | Refused:
    """Whether a film may be played, given the newest version of the consent that it was made under."""
    if recording.state is RecordingState.ERASING or recording.state is RecordingState.ERASED:
        return Refused(Reason.ERASED)
    if consent.status is ConsentStatus.WITHDRAWN:
        return Refused(Reason.WITHDRAWN)
    match recording.state:
        case RecordingState.OPEN:
            return Refused(Reason.STILL_FILMING)
        case RecordingState.EMPTY:
            return Refused(Reason.NOTHING_FILMED)
        case RecordingState.DAMAGED:
            return Refused(Reason.DAMAGED)
        case RecordingState.WHOLE | RecordingState.INTERRUPTED:
            return Allowed(consent)


def may_erase(recording: Recording) -> Refused | None:
    """Why a film may not be erased now; None when it may. A family's consent is not needed for it."""
    match recording.state:
        case RecordingState.OPEN:
            return Refused(Reason.STILL_FILMING)
        case RecordingState.ERASING | RecordingState.ERASED:
            return Refused(Reason.ERASED)
        case _:
            return None


def may_still(recording: Recording, consent: Consent) -> Allowed | Refused:
    """Whether pictures from a film may be kept and seen, given the consent as in `may_play`."""
    match may_play(recording, consent):
        case Refused() as refused:
            return refused
        case Allowed():
            agreed = Scope.STILLS in consent.agreed
            return Allowed(consent) if agreed else Refused(Reason.STILLS_REFUSED)
