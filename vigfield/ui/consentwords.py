"""The practitioner's sentences around consent; what the caregiver reads is in the form itself."""

from vigfield.app import Consequences
from vigfield.model import Caregiver, Consent, ConsentStatus, What
from vigfield.ui import bidi, words

LANGUAGE = "Language of the form"
LANGUAGES = {"en-GB": "English", "ar": "العربية"}
DRAFT = "This was begun before and is as it was left. Only the signature is missing."
DROP_DRAFT = "Begin anew"
UNDER_16 = "{name} is under 16. Follow your service's guidance on who else has to agree."
COURT_ORDER = "There is a court order: {what}"
LOCAL_AUTHORITY = "A local authority shares responsibility: {who}"

AGREED_AGAIN = "This is what was on the screen when it was signed."
AS_SIGNED = "It was checked: nothing of it was changed since."
ALTERED = (
    "This is not what was signed: something changed it, and it was not this app. Please do not rely on it, "
    "and tell your service."
)
ONE_ALTERED = (
    "A consent in this vault is not what was signed, or one is missing: something changed it, and it was not "
    "this app. Please tell your service."
)
NOT_KEPT = "What was on the screen was not kept by the vigfield that took this consent."
VERSIONS = "What was said, in order"
STATUSES = {
    ConsentStatus.GIVEN: "Given",
    ConsentStatus.AMENDED: "Changed and signed again",
    ConsentStatus.PARTLY_WITHDRAWN: "Partly taken back",
    ConsentStatus.WITHDRAWN: "Taken back",
}
PAPER = "Hand out the paper"
NO_PAPER = "Your service's policy does not let this paper leave the tablet. It can be shown here at any time."

TAKE_BACK = "Take back"
TAKE_BACK_WHAT = (
    "One touch takes it back, at once and without a network. A film that is being made stops; "
    "what nobody agrees to any more is closed, and comes on the list of what is to be erased."
)
TAKE_BACK_ALL = "Take everything back"
TAKE_BACK_ONE = "Or only one thing:"
NOTHING_LEFT = "Nothing is left that could be taken back."

TAKE_BACK_NOW = "Take consent back"
STOP_AND_TAKE_BACK = "Stop and take back"
STOP_AND_TAKE_BACK_WHAT = (
    "The film stops at once. It stays sealed and closed, and comes on the list of what is to be erased."
)
GO_ON = "Go on filming"

PRACTITIONER = "Your name, as it stands on consents"
PRACTITIONER_WHAT = "It stays in this vault."
PRACTITIONER_SAVED = "Your name is kept."


def version(consent: Consent) -> str:
    """One version in a line: what was done, and when."""
    return f"{STATUSES[consent.status]} · {words.when(consent.signed_at)}"


def under_16(one: Caregiver) -> str:
    """That somebody who consents is a child in the eyes of the law."""
    return UNDER_16.replace("{name}", bidi.apart(one.name))


def take_back_one(question: str) -> str:
    """One touch takes this one thing back."""
    return f"{TAKE_BACK}: {bidi.apart(question)}"


def taken_back(found: Consequences) -> str:
    """What followed from taking something back."""
    films = sum(what is What.FILM for _, what in found.queued)
    pictures = len(found.queued) - films
    said = [f"{films} film{'s' if films > 1 else ''}"] if films else []
    said += [f"pictures from {pictures} film{'s' if pictures > 1 else ''}"] if pictures else []
    if not said:
        return words.WITHDRAWN
    return f"{words.WITHDRAWN} {' and '.join(said).capitalize()} closed, and to be erased."
