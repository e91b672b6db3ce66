"""Whether a session may be filmed and a film be played, kept in pictures or erased; and room on the disk."""

from collections.abc import Iterable, Mapping
from datetime import date

from vigfield.model import (
    GONE,
    OFF,
    Consent,
    ConsentId,
    Family,
    Hold,
    Recording,
    RecordingState,
    Session,
)
from vigfield.rules.consent import FILMED_UNDER, NOTHING_SEEN, Subject, Use, may
from vigfield.rules.reasons import Allowed, Reason, Refused

START_FREE_BYTES = 200_000_000
WARN_FREE_BYTES = 2_000_000_000
STOP_FREE_BYTES = 100_000_000
_NOT_PLAYED = {
    RecordingState.OPEN: Reason.STILL_FILMING,
    RecordingState.EMPTY: Reason.NOTHING_FILMED,
    RecordingState.DAMAGED: Reason.DAMAGED,
}


def subject(session: Session, family: Family, recording: Recording | None = None) -> Subject:
    """What a consent is asked about for a session of this family, or for a film made in it."""
    return Subject(
        family=family.id,
        session=session.id,
        kind=session.kind if recording is None else recording.kind,
        on_camera=session.on_camera,
        children=family.children,
        made_under=None if recording is None else recording.consent,
    )


def may_record(
    session: Session,
    family: Family,
    consents: Iterable[Consent],
    today: date,
    *,
    seen: Mapping[ConsentId, date] = NOTHING_SEEN,
    use: Use = Use.RECORD,
) -> Allowed | Refused:
    """Whether this session may be filmed today, or a film in it may go on; as `consent.may`."""
    if session.status in OFF:
        return Refused(Reason.CANCELLED)
    if session.kind not in FILMED_UNDER:
        return Refused(Reason.NOT_FILMED)
    return may(use, subject(session, family), consents, today, seen)


def may_use(
    use: Use,
    recording: Recording,
    about: Subject,
    consents: Iterable[Consent],
    today: date,
    *,
    seen: Mapping[ConsentId, date] = NOTHING_SEEN,
) -> Allowed | Refused:
    """Whether a film may be used so today: it has to be there, and everybody's last word has to allow it."""
    if recording.state in GONE:
        return Refused(Reason.ERASED)
    verdict = may(use, about, consents, today, seen)
    if isinstance(verdict, Refused) or recording.state not in _NOT_PLAYED:
        return verdict
    return Refused(_NOT_PLAYED[recording.state])


def may_erase(recording: Recording, holds: Iterable[Hold] = ()) -> Refused | None:
    """Why a film may not be erased now; None when it may. A family's consent is not needed for it."""
    if recording.state is RecordingState.OPEN:
        return Refused(Reason.STILL_FILMING)
    if recording.state in GONE:
        return Refused(Reason.ERASED)
    held = any(hold.family == recording.family and hold.lifted is None for hold in holds)
    return Refused(Reason.HELD) if held else None


def has_room(free: int) -> bool:
    """Whether a film may begin with `free` bytes left on the disk."""
    return free >= START_FREE_BYTES


def must_stop(free: int) -> bool:
    """Whether a film in progress must be stopped and sealed with `free` bytes left."""
    return free < STOP_FREE_BYTES
