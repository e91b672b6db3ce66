"""The sentences for families: who is in them, how they came, how the work goes, and who has seen what."""

from vigfield import clock
from vigfield.app import Event, Happening, Seen
from vigfield.model import Caregiver, Ending, Family, Infant, Responsibility, SessionKind
from vigfield.rules import State
from vigfield.ui import bidi, words

FIND = "Find by code or name"
NO_HIT = "No family has that in its code or names."
NO_HIT_WHAT = "Part of a word is enough. Capital letters and accents do not matter."
MORE = "Show more"
OLDEST = 18
TOO_OLD = (
    "The infant is outside 0 to 18 months. That is for you and your supervisor to judge; nothing is blocked."
)

REFERRAL = "Referral"
SOURCE = "Who referred the family"
RECEIVED = "Date of the referral"
REASON = "Why"
QUESTION = "Helping question so far, in the caregiver's words"
NO_REFERRAL = "Nothing is written down about the referral yet."
BIRTH_DAY = "Day (if known)"
UNKNOWN_DAY = "not known"

PEOPLE = "People"
EDIT = "Change"
ADD_CAREGIVER = "Add a caregiver"
ADD_OTHER = "Add somebody who may be on camera"
CAREGIVER = "Caregiver"
OTHER = "Somebody else who may be on camera"
NAME = "Name"
CONTACT = "Phone or address (stays on this tablet)"
LANGUAGE = "Preferred language"
INTERPRETER = "An interpreter is needed"
UNDER_16 = "Is under 16"
UNDER_16_WHAT = "Follow your service's guidance on who else has to agree."
RESPONSIBILITY = "Parental responsibility"
RESPONSIBILITIES = {
    Responsibility.NOT_ASKED: "Not asked yet",
    Responsibility.NONE: "Does not have it",
    Responsibility.BIRTH: "Gave birth to the child",
    Responsibility.MARRIAGE: "Married to the mother",
    Responsibility.BIRTH_REGISTER: "On the birth register",
    Responsibility.AGREEMENT: "By an agreement",
    Responsibility.COURT_ORDER: "By a court order",
    Responsibility.ADOPTION: "Adopted the child",
    Responsibility.GUARDIANSHIP: "Is the guardian",
}
WHO = "Who they are"
ADULT = "Is an adult, who has to consent in person"
SAVED = "Saved on this tablet."
COURT_ORDER = "A court order about the child (what it says)"
LOCAL_AUTHORITY = "A local authority that shares responsibility (which)"
DETAILS = "About the family"

WORK = "The work"
PLANNED = "Planned cycles"
CYCLE = "Cycle {n}"
PLAN = "Plan the next cycles"
END = "End the work with this family"
END_DAY = "Last day"
END_WHY = "Why it ended"
END_NOTE = "Anything to remember"
ENDINGS = {
    Ending.COMPLETED: "Completed",
    Ending.FAMILY_STOPPED: "The family stopped",
    Ending.MOVED_AWAY: "Moved away",
    Ending.NOT_STARTED: "Did not start",
    Ending.NOT_SUITABLE: "Was not suitable",
    Ending.OTHER: "Another reason",
}
TAKE_UP = "Take it up again"
SHARES = "Shares responsibility: {who}"
HELD = "There is a hold on this family: nothing of its films is erased."
HOLD = "Hold"
SEEN = "Who has seen this"
SEEN_WHAT = (
    "What happened to what is kept of this family, newest first. You are the only one who opens this vault."
)
UNDONE = "You took back what was said of a session: it is planned again."
NOTHING_SEEN = "Nothing yet."
SEE_CONSENT = "See it"
TAKE_BACK = "Take back"
KEPT_UNTIL = "to be erased by {day}"

STATES = {
    State.DRAFT: "Not signed",
    State.NOT_YET: "Begins on a later day",
    State.GIVEN: "In force",
    State.AMENDED: "In force, changed since it was first given",
    State.PARTLY_WITHDRAWN: "In force, partly taken back",
    State.WITHDRAWN: "Taken back",
    State.EXPIRED: "Has ended",
    State.SUPERSEDED: "Replaced by a newer one",
}

_SAID = {
    Happening.FAMILY_ADDED: "You added the family.",
    Happening.FAMILY_CHANGED: "You changed what is known of the family.",
    Happening.FAMILY_ENDED: "You ended the work with the family, or took it up again.",
    Happening.SESSION_ADDED: "You planned a session.",
    Happening.SESSION_CHANGED: "You changed a session.",
    Happening.SESSION_MARKED: "You said where a session stands.",
    Happening.CONSENT_SIGNED: "A consent was signed.",
    Happening.CONSENT_AMENDED: "A consent was changed and signed anew.",
    Happening.CONSENT_PARTLY_WITHDRAWN: "A part of a consent was taken back.",
    Happening.CONSENT_WITHDRAWN: "A consent was taken back.",
    Happening.CONSENT_SHOWN: "You looked at a consent.",
    Happening.PAPER_HANDED_OUT: "You handed out the paper of a consent.",
    Happening.FILMING_BEGAN: "Filming began.",
    Happening.FILMING_ENDED: "Filming ended.",
    Happening.FILM_PLAYED: "You opened a film to look at it.",
    Happening.STILL_KEPT: "You kept a picture from a film.",
    Happening.STILL_REMOVED: "A picture was removed.",
    Happening.ERASURE_ASKED: "A film or its pictures were put on the list of what is to be erased.",
    Happening.ERASURE_TAKEN_BACK: "It was agreed to again, and taken off that list.",
    Happening.ERASING_BEGAN: "You erased a film.",
    Happening.FILM_ERASED: "The film is erased for good.",
    Happening.HOLD_BEGAN: "You began a hold: nothing is erased.",
    Happening.HOLD_LIFTED: "You lifted the hold.",
    Happening.FILM_SENDING_BEGAN: "A sealed film began to go to your service.",
    Happening.FILM_SENT: "Your service has the sealed film.",
    Happening.FILM_TAKING_BACK: "A sealed film is to be taken back from your service.",
    Happening.FILM_TAKEN_BACK: "The sealed film was taken back from your service.",
}


def happened(seen: Seen) -> str:
    """One event in a sentence; a kind that is about no family is named plainly."""
    if "undo" in seen.event.detail:
        return UNDONE
    return _SAID.get(seen.event.kind, seen.event.kind.value.replace("-", " "))


def at(event: Event) -> str:
    """When it happened."""
    return words.time(event.at)


def count(shown: int, all_: int) -> str:
    """How many families are in sight, of how many."""
    if all_ == 1:
        return "1 family"
    return f"{all_:,} families" if shown == all_ else f"{shown:,} of {all_:,} families"


def outside(infant: Infant) -> bool:
    """Whether the infant's age is not what the work is meant for; a warning, and never a block."""
    return not 0 <= words.months_old(infant.born) <= OLDEST


def caregiver(one: Caregiver) -> str:
    """What is known of a caregiver, in one line."""
    facts = [words.RELATIONSHIPS[one.relationship]]
    facts.append(f"{RESPONSIBILITY}: {RESPONSIBILITIES[one.responsibility].lower()}")
    facts += [bidi.apart(one.language)] if one.language else []
    facts += ["interpreter needed"] if one.interpreter else []
    facts += ["under 16"] if one.under_16 else []
    facts += [bidi.apart(one.contact)] if one.contact else []
    return " · ".join(facts)


def limits(family: Family) -> list[str]:
    """What limits or shares parental responsibility."""
    shares = SHARES.replace("{who}", bidi.apart(family.local_authority)) if family.local_authority else ""
    return [text for text in (family.court_order, shares) if text]


def planned(family: Family) -> str:
    """How many cycles are planned, and how the work ended if it has."""
    work = family.intervention
    if work.ended is None or work.ending is None:
        return f"{PLANNED}: {work.planned_cycles}"
    return f"Ended on {words.day(work.ended)}: {ENDINGS[work.ending].lower()}"


def of_cycle(kind: SessionKind) -> str:
    """What a session in a cycle is called in its list."""
    return words.KINDS[kind].lower()


def received(family: Family) -> str:
    """Who referred the family, and when."""
    referral = family.referral
    day = words.day(referral.received) if referral.received else ""
    return " · ".join(part for part in (bidi.apart(referral.source), day) if part)


def day_of(event: Event) -> str:
    """The day on which it happened, on the tablet's calendar."""
    return words.day(clock.local(event.at).date())
