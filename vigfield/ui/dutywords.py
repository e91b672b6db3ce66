"""The sentences for how long things are kept: what is due, what holds it, and what to remember today."""

from datetime import date

from vigfield import clock
from vigfield.app import Item, Kept, Reminders
from vigfield.model import Due, Family, Ground, Hold, HoldKind, Session, What
from vigfield.rules import Urgency
from vigfield.ui import bidi, erasewords, words

DUTIES = "To be erased"
DUTIES_WHAT = (
    "Films and pictures whose time is over, or whose consent was taken back. Nothing is erased by itself."
)
NOTHING_DUE = (
    "Nothing is due. Films come here a month before their last day, and at once when consent is taken back."
)
ERASE_NOW = "Erase now"
ERASE_PICTURES = "Erase the pictures"
PICTURES_SURE = "The pictures kept from this film are erased for good. The film itself stays."
PICTURES_GONE = "The pictures are erased."
SEE_SESSION = "See the session"
EXPORT = "Hand out all certificates"
CLOCK = "Look at the days below with care: what seems due is judged by the later of the two."

HOLD = "Hold"
HOLD_WHAT = "A hold stops every erasure of this family's films until it is lifted. It needs a reason."
HOLD_KIND = "What kind"
HOLD_KINDS = {
    HoldKind.LEGAL: "A legal case",
    HoldKind.SAFEGUARDING: "Safeguarding",
    HoldKind.COMPLAINT: "A complaint",
    HoldKind.OTHER: "Another reason",
}
HOLD_REASON = "Reason"
HOLD_BEGIN = "Begin the hold"
HOLD_BEGAN = "The hold is in force."
HOLD_LIFT = "Lift the hold"
HOLD_LIFTED = "The hold is lifted."
HOLD_LIFT_WHY = "Why it is lifted"

SEE_HOLD = "See the hold"

SOON = "Soon and due"

_WHAT = {What.FILM: "The film", What.PICTURES: "The pictures kept from it"}
_URGENCY = {Urgency.DUE: "Due", Urgency.OVERDUE: "Overdue", Urgency.HELD: "Held: nothing is erased"}


def kept(one: Kept) -> str:
    """Until when a film is kept."""
    return f"Kept until {words.day(one.destroy_by)} at the latest"


def asked(due: Due) -> str:
    """What was asked to be erased, why and until when."""
    ground = _lower(erasewords.GROUNDS[due.ground])
    return (
        f"{_WHAT[due.what]} is to be erased by {words.day(due.by)}: {ground}."
        if due.what is What.FILM
        else (f"{_WHAT[due.what]} are to be erased by {words.day(due.by)}: {ground}.")
    )


def asked_for(due: Due) -> str:
    """When an erasure was asked for, why, and until when it is to be done."""
    asked = words.day(clock.local(due.asked).date())
    ground = _lower(erasewords.GROUNDS[due.ground])
    because = f"for {ground}" if due.ground is Ground.SERVICE_POLICY else f"because {ground}"
    return f"{_WHAT[due.what]}: asked for on {asked}, {because}; to be erased by {words.day(due.by)}."


def held(hold: Hold) -> str:
    """Why nothing of a family is erased, and since when."""
    since = words.day(clock.local(hold.begun).date())
    return f"Held since {since} ({_lower(HOLD_KINDS[hold.kind])}): {bidi.apart(hold.reason)}"


def urgency(item: Item) -> str:
    """How an erasure stands, in a word or two."""
    return _URGENCY[item.erasable.urgency]


def item(one: Item) -> str:
    """Which film of whom."""
    return f"{one.family.code} · {words.film(one.recording)}"


def what(one: Item) -> str:
    """Whether it is the film or its pictures."""
    return _WHAT[one.erasable.due.what]


def why(one: Item) -> str:
    """On what ground, and until when."""
    due = one.erasable.due
    return f"{erasewords.GROUNDS[due.ground]}. To be erased by {words.day(due.by)}."


def consent_ends(code: str, day: date) -> str:
    """A consent that ends soon."""
    return f"{code}: a consent ends on {words.day(day)}"


def review_due(code: str, cycle: int, day: date) -> str:
    """A film that nobody has looked at with the family yet."""
    return f"{code}: the film of cycle {cycle} ({words.day(day)}) has no shared review yet"


def upcoming(session: Session, family: Family | None) -> str:
    """The next session that is still to come."""
    about = family.code if family else bidi.apart(session.title) or words.KINDS[session.kind]
    return f"Next: {about}, {words.day(clock.local(session.starts).date())}, {words.time(session.starts)}"


def erasures(reminders: Reminders) -> str:
    """How many erasures are due, and how many of them are overdue."""
    late = sum(one.erasable.urgency is Urgency.OVERDUE for one in reminders.erasures)
    due = sum(one.erasable.urgency is Urgency.DUE for one in reminders.erasures)
    parts = [f"{late} overdue"] if late else []
    parts += [f"{due} due"] if due else []
    return f"To be erased: {' and '.join(parts)}"


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]
