"""Where in the app a person can be; a closed union, so that every place has its screen."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from vigfield.model import ConsentId, FamilyId, Kind, PersonId, RecordingId, SessionId


@dataclass(frozen=True, slots=True)
class Today:
    """The day's sessions."""


@dataclass(frozen=True, slots=True)
class Families:
    """All families."""


@dataclass(frozen=True, slots=True)
class NewFamily:
    """The form for a new family."""


@dataclass(frozen=True, slots=True)
class FamilyPlace:
    """One family's page."""

    family: FamilyId


@dataclass(frozen=True, slots=True)
class FamilyDetails:
    """The form for what is known of a family beside its people."""

    family: FamilyId


@dataclass(frozen=True, slots=True)
class CaregiverPlace:
    """The form for a caregiver: a new one, or this one."""

    family: FamilyId
    person: PersonId | None = None


@dataclass(frozen=True, slots=True)
class OtherPlace:
    """The form for somebody else who may be on camera: a new one, or this one."""

    family: FamilyId
    person: PersonId | None = None


@dataclass(frozen=True, slots=True)
class EndingPlace:
    """The end of the work with a family."""

    family: FamilyId


@dataclass(frozen=True, slots=True)
class SeenPlace:
    """Who has seen what of a family."""

    family: FamilyId


@dataclass(frozen=True, slots=True)
class HoldPlace:
    """The stop to every destruction of a family's films."""

    family: FamilyId


class CalendarView(StrEnum):
    """How much of the calendar is in sight."""

    MONTH = "month"
    WEEK = "week"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Calendar:
    """A month, a week or a day of the diary; today's where no day is named."""

    view: CalendarView = CalendarView.WEEK
    day: date | None = None


@dataclass(frozen=True, slots=True)
class CalendarFiles:
    """Calendar files, in and out."""


@dataclass(frozen=True, slots=True)
class NewSession:
    """The form for a new session; of this family, or of one to be chosen, on this day, or on today's."""

    family: FamilyId | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class EditSession:
    """The form for a session that is there."""

    session: SessionId


@dataclass(frozen=True, slots=True)
class PlanCycles:
    """The next cycles of a family, proposed."""

    family: FamilyId


@dataclass(frozen=True, slots=True)
class SessionPlace:
    """One session's page."""

    session: SessionId


@dataclass(frozen=True, slots=True)
class ConsentPlace:
    """The consent form, for a session."""

    session: SessionId


@dataclass(frozen=True, slots=True)
class AgreedPlace:
    """What somebody agreed to, as it was on the screen; the way back is to the family."""

    consent: ConsentId
    family: FamilyId


@dataclass(frozen=True, slots=True)
class WithdrawPlace:
    """What of a consent is taken back."""

    consent: ConsentId
    family: FamilyId


@dataclass(frozen=True, slots=True)
class Duties:
    """What is to be erased, and when."""


@dataclass(frozen=True, slots=True)
class FilmPlace:
    """The camera, with a link already made."""

    session: SessionId
    token: str


@dataclass(frozen=True, slots=True)
class PlayPlace:
    """The player, with a link already made."""

    recording: RecordingId
    session: SessionId
    token: str


@dataclass(frozen=True, slots=True)
class ErasePlace:
    """The question whether to erase a film."""

    recording: RecordingId
    session: SessionId


@dataclass(frozen=True, slots=True)
class CertificatePlace:
    """What was erased of a film; the way back is to its session, or to the list of certificates."""

    recording: RecordingId
    session: SessionId | None = None


@dataclass(frozen=True, slots=True)
class Certificates:
    """The films that were erased."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What is waiting for the service, and what was sent."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Lock, storage, about."""


@dataclass(frozen=True, slots=True)
class PassphrasePlace:
    """The change of the passphrase."""


@dataclass(frozen=True, slots=True)
class RecoveryPlace:
    """Who can help when the passphrase is forgotten."""


@dataclass(frozen=True, slots=True)
class JoinPlace:
    """The service of this vault, or the way to one."""


@dataclass(frozen=True, slots=True)
class PolicyPlace:
    """What the policy in force says."""


@dataclass(frozen=True, slots=True)
class LeavingPlace:
    """What the next run would send."""


@dataclass(frozen=True, slots=True)
class GonePlace:
    """What has left this tablet."""


@dataclass(frozen=True, slots=True)
class ConflictPlace:
    """Two versions of one item, to be decided."""

    kind: Kind
    id: str


Place = (
    Today
    | Families
    | NewFamily
    | FamilyPlace
    | FamilyDetails
    | CaregiverPlace
    | OtherPlace
    | EndingPlace
    | SeenPlace
    | HoldPlace
    | Calendar
    | CalendarFiles
    | NewSession
    | EditSession
    | PlanCycles
    | SessionPlace
    | ConsentPlace
    | AgreedPlace
    | WithdrawPlace
    | Duties
    | FilmPlace
    | PlayPlace
    | ErasePlace
    | CertificatePlace
    | Certificates
    | Sending
    | Settings
    | PassphrasePlace
    | RecoveryPlace
    | JoinPlace
    | PolicyPlace
    | LeavingPlace
    | GonePlace
    | ConflictPlace
)
