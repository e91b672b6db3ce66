"""Where in the app a person can be; a closed union, so that every place has its screen."""

from dataclasses import dataclass

from vigfield.model import FamilyId, RecordingId, SessionId


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
class NewSession:
    """The form for a new session; of this family, or of one to be chosen."""

    family: FamilyId | None = None


@dataclass(frozen=True, slots=True)
class SessionPlace:
    """One session's page."""

    session: SessionId


@dataclass(frozen=True, slots=True)
class ConsentPlace:
    """The consent form, for a session."""

    session: SessionId


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


Place = (
    Today
    | Families
    | NewFamily
    | FamilyPlace
    | NewSession
    | SessionPlace
    | ConsentPlace
    | FilmPlace
    | PlayPlace
    | ErasePlace
    | CertificatePlace
    | Certificates
    | Sending
    | Settings
    | PassphrasePlace
    | RecoveryPlace
)
