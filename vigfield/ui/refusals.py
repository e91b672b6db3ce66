"""The sentences for what may not be: what is wrong with a field, and why something is refused."""

from vigfield.rules import Reason
from vigfield.ui import filmwords

LOOK_ABOVE = "This is not kept yet. Please look at what is marked above."

FAULTS = {
    "missing": "Please fill this in.",
    "long": "Please keep it under 200 characters.",
    "control": "This has characters that cannot be shown. Please type it again.",
    "code": "Letters, digits and hyphens, 24 at most.",
    "taken": "Another family has this code.",
    "month": "Please choose the month and the year.",
    "future": "This is in the future.",
    "past": "This date has gone by.",
    "minutes": "Between 5 minutes and a day.",
    "cycle": "A number from 1 to 99.",
    "nothing": "Nothing is agreed to yet. Without a yes there is nothing to sign.",
    "no-strokes": "Please sign with a finger or a pen, or type the name instead.",
    "tick": "Please tick the box under the typed name.",
    "family": "Please choose a family.",
    "footing": "Please choose what the consent rests on.",
    "self": "Somebody who consents for themselves is on camera: please tick their name.",
    "only-self": "This person is no caregiver of the infant, and can consent for themselves only.",
    "no-responsibility": "This caregiver has no parental responsibility, as the family's page says.",
    "withdrawn": "This consent was withdrawn as a whole. Please take a new one.",
    "alike": "A family with an infant of this name, born then, is here already. Save again if it is another.",
    "no-such-day": "There is no such day.",
    "long-note": "Please keep it under 5,000 characters.",
    "travel": "Between 0 and 720 minutes.",
    "nobody": "Please tick at least one person.",
    "filmed": "It was filmed as what it is. Please plan another session for something else.",
    "took-place": "It was filmed, so it took place.",
    "of-a-family": "This session is the family's. Please cancel it, and plan another one.",
    "held": "There is a hold on this family already.",
    "person": "Please choose who consents.",
    "relationship": "Please choose who they are to the infant.",
}

REASONS = {
    Reason.CANCELLED: "This session was called off, so it cannot be filmed.",
    Reason.NOT_FILMED: "This kind of session is not filmed.",
    Reason.NO_CONSENT: "There is no consent yet. Take consent with the caregiver first.",
    Reason.WITHDRAWN: "The consent was withdrawn. Nothing can be filmed unless a new one is given.",
    Reason.NOT_YET: "The consent starts on a later day.",
    Reason.EXPIRED: "The consent has ended. Take a new one first.",
    Reason.OTHER_SESSION: "The consent covers another session only. Take consent for this one.",
    Reason.SCOPE_REFUSED: "A caregiver said no to this. A new consent of theirs would change it.",
    Reason.PERSON_NOT_COVERED: (
        "Somebody who will be on camera has not agreed to it yet. Take their consent first."
    ),
    Reason.NOBODY_FOR_CHILD: "Nobody has consented for the child yet. Take that consent first.",
    Reason.SUPERSEDED: "A newer consent of the same person has taken its place.",
    Reason.UNSIGNED: "The consent is not signed yet.",
    Reason.NOT_BY_POLICY: "Your service's policy does not allow this.",
    Reason.NETWORK: "Your service's policy does not allow films on the network that this tablet is on.",
    Reason.HELD: "There is a hold on this family's films: nothing of them is erased until it is lifted.",
    Reason.DISK_FULL: "The tablet is nearly full (less than 200 MB). Free some space before filming.",
    Reason.ALREADY_FILMING: "A film is being made already. Stop it first.",
    Reason.NOTHING_FILMED: "Nothing was filmed.",
    Reason.DAMAGED: "This film does not verify, so it is not played. Its files are kept as they are.",
    Reason.STILL_FILMING: "This film is still being made, or waits to be recovered at the next unlock.",
    Reason.ERASED: "This film was erased. Its certificate says when and why.",
    Reason.STILLS_REFUSED: "The caregiver did not agree to pictures from the film.",
    **filmwords.TROUBLES,
}

_BRIEFLY = {
    Reason.CANCELLED: "Called off",
    Reason.NO_CONSENT: "No consent yet",
    Reason.WITHDRAWN: "Consent taken back",
    Reason.EXPIRED: "Consent has ended",
    Reason.NOT_YET: "Consent begins later",
    Reason.SCOPE_REFUSED: "A caregiver said no",
}
_NOT_COMPLETE = "Consent is not complete"


def briefly(reason: Reason) -> str:
    """Why a session may not be filmed, in a few words; the session's page says it in full."""
    return _BRIEFLY.get(reason, _NOT_COMPLETE)
