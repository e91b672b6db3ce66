"""Whether a sealed film may go to the service now, and what becomes of one that is on its way or there."""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum

from vigfield.model import Consent, ConsentId, Ground, Network, Policy, Recording, UploadState, Video
from vigfield.rules.consent import NOTHING_SEEN, Subject, Use, may
from vigfield.rules.filming import may_use
from vigfield.rules.network import network_fits
from vigfield.rules.reasons import Allowed, Reason, Refused

# Somebody's word against it, as no policy and no day's end is one.
_WORDS = (Reason.WITHDRAWN, Reason.SCOPE_REFUSED)
# A film that was erased on such a ground is not to be at the service either.
_EVERYWHERE = (Ground.CAREGIVER_ASKED, Ground.CONSENT_WITHDRAWN, Ground.BY_MISTAKE)


class Step(StrEnum):
    """What a run does about a film."""

    NOTHING = "nothing"
    BEGIN = "begin"
    SEND = "send"
    PAUSE = "pause"  # what is there stays there, and the rest waits
    TAKE_BACK = "take-back"


def may_send(
    recording: Recording,
    about: Subject,
    consents: Iterable[Consent],
    today: date,
    *,
    policy: Policy,
    network: Network,
    seen: Mapping[ConsentId, date] = NOTHING_SEEN,
) -> Allowed | Refused:
    """Whether a film's sealed files may go now. Asked before every request that carries a piece of one.

    Three have to agree: the policy in force, the consents as they stand today, and the network. Somebody's
    word against it is said before anything else, for that alone calls back what is at the service.
    """
    known = tuple(consents)
    said = may(Use.UPLOAD, about, known, today, seen)
    if isinstance(said, Refused) and said.reason in _WORDS:
        return said
    if policy.video is Video.NEVER:
        return Refused(Reason.NOT_BY_POLICY)
    verdict = may_use(Use.UPLOAD, recording, about, known, today, seen=seen)
    if isinstance(verdict, Allowed) and not network_fits(policy.video_networks, network):
        return Refused(Reason.NETWORK)
    return verdict


def upload_step(state: UploadState | None, verdict: Allowed | Refused, erased: Ground | None = None) -> Step:
    """What to do about a film whose upload stands at `state`, None where there is none yet.

    `erased` is on what ground the film was erased here, if it was.
    """
    if state is UploadState.TAKING_BACK:
        return Step.TAKE_BACK
    match verdict:
        case Allowed():
            return _ALLOWED[state]
        case Refused(Reason.NETWORK):
            return Step.PAUSE if state is UploadState.GOING else Step.NOTHING
        case Refused(reason):
            return Step.TAKE_BACK if _is_unwanted(state, reason, erased) else Step.NOTHING


_ALLOWED = {
    None: Step.BEGIN,
    UploadState.GOING: Step.SEND,
    UploadState.STUCK: Step.NOTHING,
    UploadState.WHOLE: Step.NOTHING,
    UploadState.TAKEN_BACK: Step.BEGIN,
}


def _is_unwanted(state: UploadState | None, reason: Reason, erased: Ground | None) -> bool:
    """Pieces of a film that may not go (any more) are no use to anybody; a whole film is the service's."""
    if state in (UploadState.GOING, UploadState.STUCK):
        return True
    return state is UploadState.WHOLE and (reason in _WORDS or erased in _EVERYWHERE)
