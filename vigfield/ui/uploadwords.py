"""The sentences for sealed films on their way to the service, and there."""

from vigfield.app import FilmStanding, OnItsWay
from vigfield.model import Recording, Snag, Upload, UploadState
from vigfield.rules import Step
from vigfield.ui import refusals

TITLE = "Films for your service"
WHAT = (
    "Your service's policy lets a film go to it where everybody agreed to that. It goes as it lies here: "
    "sealed, with its key for your service alone."
)
NEXT = "These films go with the next run, sealed:"
GONE = "Films that have left, sealed:"
STATES = {
    UploadState.GOING: "On its way",
    UploadState.WHOLE: "At your service",
    UploadState.STUCK: "Not sent",
    UploadState.TAKING_BACK: "Being taken back",
    UploadState.TAKEN_BACK: "Taken back",
}
OF_A_FILM = {
    UploadState.GOING: "On its way to your service, sealed.",
    UploadState.WHOLE: "At your service, sealed.",
    UploadState.STUCK: "Not sent to your service.",
    UploadState.TAKING_BACK: "Being taken back from your service.",
    UploadState.TAKEN_BACK: "Taken back from your service.",
}
WAITS = "Goes next time"
WAITS_HERE = "Waits here"
VERIFIED = "It was read back from there, and is what was filmed."
NOT_VERIFIED = (
    "Your service has all of it, and checks it when it is opened: its server does not give it back."
)
REMOVED = "Its server says that nothing of it is there any more."
NOT_REMOVED = "Its server cannot remove it. Your service is told to, and has to do it."
TRIES = "It is tried again until your service's server says that nothing of it is there."
SNAGS = {
    Snag.ALTERED: "Its file on this tablet is not what was filmed, so it was not sent.",
    Snag.DECLINED: "Your service's server does not take it.",
    Snag.VERSION: "Your service's server for films speaks another language than this tablet.",
    Snag.CREATION: "Your service's server for films lets no tablet begin.",
    Snag.SIZE: "It is larger than your service's server takes.",
}


def state(one: FilmStanding) -> str:
    """Where a film stands, in a few words."""
    if one.upload is not None and one.step is not Step.BEGIN:
        return STATES[one.upload.state]
    return WAITS if one.step is Step.BEGIN else WAITS_HERE


def more(one: FilmStanding, now: OnItsWay | None) -> list[str]:
    """What there is to say beyond that: how far it is, why it waits, what the server said."""
    upload = one.upload
    if now is not None and now.recording == one.recording.id:
        return [progress(now.reached, now.size)]
    if upload is None or one.step is Step.BEGIN:
        return [size(one.size)] if one.refused is None else [refusals.REASONS[one.refused.reason]]
    return [
        *_of(upload, one.size),
        *([refusals.REASONS[one.refused.reason]] if _waits(one) and one.refused else []),
    ]


def size(count: int) -> str:
    """How large a sealed film is."""
    return f"{count / 1_000_000:.1f} MB"


def progress(reached: int, whole: int) -> str:
    """How much of a film the service has."""
    return f"{size(reached)} of {size(whole)}"


def of_film(recording: Recording, upload: Upload) -> list[str]:
    """What a film's own page says of its way to the service."""
    return [OF_A_FILM[upload.state], *_of(upload, sum(part.sealed_bytes for part in recording.parts))]


def _waits(one: FilmStanding) -> bool:
    return one.step is Step.PAUSE


def _of(upload: Upload, whole: int) -> list[str]:
    match upload.state:
        case UploadState.GOING:
            return [progress(sum(part.reached for part in upload.parts), whole)]
        case UploadState.WHOLE:
            return [VERIFIED if all(part.verified for part in upload.parts) else NOT_VERIFIED]
        case UploadState.STUCK:
            return [*([SNAGS[upload.snag]] if upload.snag else []), *([upload.words] if upload.words else [])]
        case UploadState.TAKING_BACK:
            return [TRIES]
        case UploadState.TAKEN_BACK:
            return [REMOVED if upload.removed else NOT_REMOVED]
