"""Films: what is known of each, how it ended, what is to become of it, and what is left when it is erased."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from vigfield.model.consents import ConsentId
from vigfield.model.people import FamilyId
from vigfield.model.sessions import SessionId, SessionKind

RecordingId = NewType("RecordingId", str)
StillId = NewType("StillId", str)


class RecordingState(StrEnum):
    """What is known of a film's end."""

    OPEN = "open"
    WHOLE = "whole"
    INTERRUPTED = "interrupted"
    EMPTY = "empty"
    DAMAGED = "damaged"
    ERASING = "erasing"
    ERASED = "erased"


PLAYABLE = frozenset({RecordingState.WHOLE, RecordingState.INTERRUPTED})
GONE = frozenset({RecordingState.ERASING, RecordingState.ERASED})


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


@dataclass(frozen=True, slots=True)
class Still:
    """That a picture was kept from a film, as its `number`; `removed` is None while it is there."""

    id: StillId
    recording: RecordingId
    number: int
    kept: datetime
    removed: datetime | None = None


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


class UploadState(StrEnum):
    """How far a film's sealed files have come on their way to the service."""

    GOING = "going"
    WHOLE = "whole"  # the service has all of it
    STUCK = "stuck"  # it was refused, or is not what was filmed; a person may try again
    TAKING_BACK = "taking-back"  # it must not be there (any more), and may still be
    TAKEN_BACK = "taken-back"


class Snag(StrEnum):
    """Why a sealed film goes no further by itself."""

    ALTERED = "altered"  # its file on the tablet is not what was closed when it was filmed
    DECLINED = "declined"  # the server refuses it, in words of its own
    VERSION = "version"  # the server speaks no tus 1.0
    CREATION = "creation"  # the server lets no tablet begin an upload
    SIZE = "size"  # the server takes no file as large as this one


@dataclass(frozen=True, slots=True)
class UploadPart:
    """One sealed file at the service: `location` once it has a place there, `reached` bytes acknowledged.

    `arrived` when it has all of it, `verified` when that was read back from there and is what was filmed.
    """

    number: int
    location: str = ""
    reached: int = 0
    arrived: bool = False
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Upload:
    """A film on its way to the service, or there.

    `policy` is the version that allowed it and `kid` the service's key: both are bound into `sealed_key`, the
    film's key for the service alone. `base` is the server that it goes to. `ended` is when all had arrived.
    `removed` is whether the server could remove what was taken back. `snag` is what stands in its way,
    `words` what the server said of it.
    """

    recording: RecordingId
    state: UploadState
    policy: int
    kid: str
    sealed_key: bytes
    base: str
    begun: datetime
    ended: datetime | None = None
    taken_back: datetime | None = None
    removed: bool = False
    snag: Snag | None = None
    words: str = ""
    parts: tuple[UploadPart, ...] = ()


class What(StrEnum):
    """What of a film is to be erased."""

    FILM = "film"
    PICTURES = "pictures"


@dataclass(frozen=True, slots=True)
class Due:
    """An erasure that was asked for: of what, on what ground, when it was asked, and until when."""

    recording: RecordingId
    what: What
    ground: Ground
    asked: datetime
    by: date


class HoldKind(StrEnum):
    """Why nothing of a family may be destroyed."""

    LEGAL = "legal"
    SAFEGUARDING = "safeguarding"
    COMPLAINT = "complaint"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Hold:
    """A stop to every destruction of a family's films, with its reason; `lifted` when it is over."""

    id: str
    family: FamilyId
    kind: HoldKind
    reason: str
    begun: datetime
    lifted: datetime | None = None
    lifted_reason: str = ""
