"""Every sentence that a person can read, in plain British English; the only place with any."""

import calendar
from datetime import date, datetime

from vigfield import clock
from vigfield.app import Ended, NeverRun, NoService, PutOff, Run, Step
from vigfield.errors import (
    DiskFailed,
    DiskFull,
    KeepEvidence,
    NewerVault,
    NotAVault,
    PortTaken,
    RealVault,
    Retry,
    Unknown,
    UnreadableVault,
    VaultGone,
    VaultInUse,
)
from vigfield.model import (
    Delivery,
    Family,
    Footing,
    Infant,
    Kind,
    Place,
    Recording,
    RecordingState,
    Relationship,
    Session,
    SessionKind,
    SessionStatus,
)
from vigfield.rules import Reason
from vigfield.ui import bidi, filmwords

APP = "vigfield"

# First start and unlock
WELCOME = "Welcome to vigfield"
WELCOME_WHY = (
    "Films are sealed while you make them, and stay on this tablet. "
    "Choose a passphrase: it is the only thing that opens them."
)
DEMO_WHY = "This is a demonstration with made-up families. Please do not film real families here."
DEMO_HERE = "Demonstration: the families here are made up."
PASSPHRASE = "Passphrase"
PASSPHRASE_AGAIN = "The same passphrase again"
PASSPHRASE_HINT = "12 characters or more. A few words that do not belong together work well."
NO_RECOVERY = (
    "Nobody can look it up for you. Set up your service's recovery key in Settings, or these films "
    "cannot be opened again without it."
)
MAKE_VAULT = "Make my vault"
MAKING = "Making the vault. This takes a few seconds, on purpose."
UNLOCK_TITLE = "vigfield is locked"
UNLOCK_WHY = "Your films and notes are sealed. Your passphrase opens them."
COVERED_WHY = "A film is still being made, and it is safe. Unlock to go back to it."
UNLOCK = "Unlock"
OPENING = "Opening. This takes a moment, on purpose."
EMPTY_PASSPHRASE = "Please type your passphrase."
RECOVERED = "A film was interrupted last time. What was filmed is kept, and is with its session."

# Navigation
TODAY = "Today"
CALENDAR = "Calendar"
FAMILIES = "Families"
SENDING = "Service"
SETTINGS = "Settings"
LOCK = "Lock"
BACK = "Back"
BACK_TO_SESSION = "Back to the session"
CANCEL = "Cancel"
SAVE = "Save"

# Today
NOTHING_TODAY = "Nothing is planned for today."
NOTHING_TODAY_WHAT = "Plan a session for a family, and it shows here with its next step."
NO_FAMILIES = "No families yet."
NO_FAMILIES_WHAT = "Add the first family that you work with: a code, a caregiver and the infant."
NO_FAMILIES_FIRST = "No families yet. Add the first one under Families, then plan its session."
NEW_FAMILY = "New family"
NEW_SESSION = "New session"
STEPS = {
    Step.TAKE_CONSENT: "Take consent",
    Step.FILM: "Film",
    Step.LOOK_AT_FILM: "Look at the film",
    Step.NOTHING: "Open",
}
CONSENT_HERE = "Consent given"

# Families and sessions
CODE = "Family code"
CODE_HINT = "For example SE-014. The code is what the service sees, never a name."
CAREGIVER = "Caregiver's name"
RELATIONSHIP = "Who they are to the infant"
RELATIONSHIPS = {
    Relationship.MOTHER: "Mother",
    Relationship.FATHER: "Father",
    Relationship.GRANDPARENT: "Grandparent",
    Relationship.FOSTER_CARER: "Foster carer",
    Relationship.GUARDIAN: "Guardian",
    Relationship.OTHER: "Other",
}
INFANT = "Infant's name"
BIRTH_MONTH = "Month of birth"
BIRTH_YEAR = "Year of birth"
MONTHS = tuple(calendar.month_name[1:])
WHICH_FAMILY = "Which family"
WHAT_KIND = "What will happen"
KINDS = {
    SessionKind.FIRST_MEETING: "First meeting",
    SessionKind.FILMING: "Filming",
    SessionKind.SHARED_REVIEW: "Shared review",
    SessionKind.SUPERVISION: "Supervision",
    SessionKind.OTHER: "Other",
}
WHERE = "Where"
STATUSES = {
    SessionStatus.BOOKED: "Planned",
    SessionStatus.ARRIVED: "Arrived",
    SessionStatus.TOOK_PLACE: "Took place",
    SessionStatus.CANCELLED: "Cancelled",
    SessionStatus.DID_NOT_ATTEND: "Did not attend",
}
PLACES = {Place.HOME: "At home", Place.ROOM: "In a room", Place.ELSEWHERE: "Elsewhere"}
ROOM = "Room"
CYCLE = "Cycle"
DAY = "Day"
NO_DAY = "not chosen"
TIME = "Time"
HOW_LONG = "Minutes"
SESSIONS = "Sessions"
CONSENTS = "Consents"
FILMS = "Films"
NO_SESSIONS = "No sessions yet."
NO_CONSENTS = "No consent yet. It is taken with the caregiver, in a session."
NO_FILMS = "No film yet."
ADDED_FAMILY = "The family is saved on this tablet."
ADDED_SESSION = "The session is saved on this tablet."

# Consent
CONSENT = "Consent"
WHO_CONSENTS = "Who consents"
FOOTING = "On what footing"
FOOTINGS = {
    Footing.SELF: "For myself only",
    Footing.PARENTAL_RESPONSIBILITY: "Parental responsibility",
    Footing.COURT_ORDER: "A court order",
    Footing.LOCAL_AUTHORITY: "For the local authority",
    Footing.DELEGATED: "Delegated by a person with parental responsibility",
}
ON_CAMERA = "Who will be on camera"
COVERS = "What it covers"
ALSO_PRESENT = "Who else was present (if anybody)"
READ_BACK = "Read back"
YES_TO = "Yes to: "
NO_TO = "No to: "
NOBODY = "nothing"
SIGN = "Signature"
SIGN_PAD = "Signature, drawing area. You can type the name instead."
SIGNED_HERE = "The signature, as it was drawn."
SIGNED = "The consent is kept. Thank you."
TAKE_CONSENT = "Take consent"
CONSENT_CHANGE = "Take a new consent"
WITHDRAW = "Withdraw consent"
WITHDRAW_WHAT = (
    "Everything that this family agreed to is taken back, at once. Nothing more is filmed, "
    "and the films so far are not played any more."
)
WITHDRAWN = "The consent is withdrawn."

# Film and play
FILM = "Film"
PLAY = "Play"
FILM_STATES = {
    RecordingState.OPEN: "Being made now",
    RecordingState.WHOLE: "Whole",
    RecordingState.INTERRUPTED: "Interrupted: everything up to the break is kept",
    RecordingState.EMPTY: "Nothing was filmed",
    RecordingState.DAMAGED: "Does not verify; kept as it is",
    RecordingState.ERASING: "Being erased: it cannot be played any more, and not all of it is gone yet",
    RecordingState.ERASED: "Erased",
}

# The service
SEND_NOW = "Send now"
SENDING_NOW = "Sending"
NOTHING_TO_SEND = "There is nothing to send yet."
NOTHING_TO_SEND_WHAT = "Families, sessions, consents and films are listed here once there are any."
TRY_AGAIN = "Try again"
DELIVERIES = {
    Delivery.WAITING: "Waiting",
    Delivery.SENT: "Sent",
    Delivery.REFUSED: "Refused",
    Delivery.CONFLICT: "Two versions",
    Delivery.LEFT: "Not sent",
}
ITEMS = {
    Kind.PRACTITIONER: "You, as the practitioner",
    Kind.INFANT: "Infant",
    Kind.CAREGIVER: "Caregiver",
    Kind.EPISODE: "The work with a family",
    Kind.SESSION: "Session",
    Kind.VISIT: "Session that took place",
    Kind.CONSENT: "Consent",
    Kind.RECORDING: "Film: that it exists, not what is in it",
    Kind.COPY: "Sealed film: where your service has it",
    Kind.STILL: "Picture: that it was kept, not what is in it",
    Kind.EVENT: "Entry of the log",
}
WHY_LATER = {
    "away": "The service could not be reached.",
    "slow": "The service did not answer in time.",
    "rubbish": "The service answered something that this tablet does not understand.",
    "server-error": "The service has a problem of its own.",
    "locked": "Sending stopped because the app was locked.",
    "not-allowed": "The service does not let this tablet send some of it.",
    "no-network": "This tablet has no network.",
    "other-network": "The tablet came onto a network on which nothing is sent by itself.",
    "too-old": "Your service asks for a newer vigfield. Filming goes on as before.",
    "date": "The service's certificate is not valid on the date of this tablet, so nothing was sent. "
    "Check the date.",
    "untrusted": "The service could not prove who it is, so nothing was sent.",
    "waits": "Some of it waits for something else that is not sent yet.",
}

# Settings
LOCK_NOW = "Lock now"
STORAGE = "Storage"
ABOUT = "About"
ABOUT_WHAT = "vigfield {version}. Open source under the Apache License 2.0."

# The command line
NO_BROWSER = "No browser was found. Please install Chromium, Chrome or Edge."
WINDOW_FAILED = (
    "The browser ended before it showed the app. It needs a screen; and as root it needs --no-sandbox, "
    "which is for trying things out only. With --no-browser you can open the app in a browser of your own."
)
BORROWED_BROWSER = (
    "No Chromium was found, so your own browser was asked to open the app. "
    "It may keep what it shows; Chromium, Chrome or Edge keep nothing."
)


def sorry(error: Exception) -> str:
    """What to say of an error: what happened, what of it is safe, what to do."""
    match error:
        case DiskFull():
            return "The tablet is full. What was saved before is safe; this was not saved."
        case VaultInUse():
            return "This vault is open in another vigfield. Close that one first; nothing was changed."
        case PortTaken():
            return "Another program uses this port. Choose another with --port; nothing was changed."
        case VaultGone():
            return filmwords.VAULT_GONE
        case RealVault():
            return "This is a real vault, and the demonstration never opens one. Choose another folder."
        case NotAVault():
            return "This folder holds other things and no vault. Choose an empty folder; nothing was changed."
        case NewerVault():
            return "This vault was made by a newer vigfield. Please update; nothing was changed."
        case UnreadableVault():
            return "This folder may not be read by you. Ask for the rights to it; nothing was changed."
        case Unknown():
            return "This record is no longer here. Please go back and open it again."
        case Retry():
            return "This did not work just now. Please try again."
        case DiskFailed():
            return filmwords.DISK_FAILED
        case KeepEvidence():
            return (
                "Something on the tablet does not verify. Everything was left as it is; please ask for help."
            )
        case _:
            return "Something went wrong, and this was not done. What was saved before is safe."


def throttled(seconds: float) -> str:
    """After too many wrong passphrases."""
    minutes = int(seconds // 60) + 1
    return f"Too many tries. Please wait about {minutes} minute{'s' if minutes > 1 else ''}, then try again."


def wrong(left: int) -> str:
    """After a wrong passphrase."""
    if left < 1:
        return "This passphrase is wrong. That was the last try for now; please wait a few minutes."
    return f"This passphrase is wrong. {left} {'tries' if left > 1 else 'try'} left, then there is a wait."


def day(value: date) -> str:
    """A date with its weekday."""
    return f"{value:%A} {value.day} {value:%B %Y}"


def time(value: datetime) -> str:
    """The time of day on the tablet."""
    return f"{clock.local(value):%H:%M}"


def when(value: datetime) -> str:
    """A date and a time of day on the tablet."""
    local = clock.local(value)
    return f"{local.day} {local:%B}, {local:%H:%M}"


def changed(value: datetime) -> str:
    """When something was changed on the tablet."""
    return f"Changed {when(value)}"


def duration(seconds: float) -> str:
    """Minutes and seconds."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def minutes_left(minutes: int | None) -> str:
    """How much film fits on the tablet."""
    if minutes is None:
        return filmwords.DISK_GONE
    if minutes >= 120:
        return f"Room for about {minutes // 60} hours of film"
    return f"Room for about {minutes} minutes of film"


def where(session: Session) -> str:
    """The place of a session."""
    return PLACES[Place.HOME] if session.place is Place.HOME else bidi.apart(session.room)


def whose(session: Session, family: Family | None) -> str:
    """Whose session it is: a family by code and names, or what the session is about."""
    if family is None:
        return bidi.apart(session.title) or KINDS[session.kind]
    names = bidi.listed(caregiver.name for caregiver in family.caregivers)
    return f"{family.code} · {names} · {bidi.apart(family.infant.name)}"


def age(infant: Infant) -> str:
    """An infant with its age in months."""
    months = months_old(infant.born)
    return f"{bidi.apart(infant.name)}, {months} month{'' if months == 1 else 's'} old"


def months_old(born: str) -> int:
    """Whole months since a month or a day of birth; a month counts from its first day."""
    year, month, day_ = (*(int(part) for part in born.split("-")), 1)[:3]
    today = clock.today()
    return (today.year - year) * 12 + today.month - month - (today.day < day_)


def film(recording: Recording) -> str:
    """A film in one line: when, how long."""
    parts = f", {len(recording.parts)} parts" if len(recording.parts) > 1 else ""
    return f"{when(recording.started)} · {duration(recording.seconds)}{parts}"


def film_state(recording: Recording, trouble: Reason | None) -> str:
    """How a film ended, as far as that can be said while its files are not as they should be."""
    state = recording.state
    if trouble is None or state not in (RecordingState.OPEN, RecordingState.EMPTY):
        return FILM_STATES[state]
    return filmwords.NOT_KNOWN


def last_run(run: Run) -> str:
    """How the last run to the service ended."""
    match run:
        case NeverRun():
            return "Nothing has been sent since you unlocked."
        case NoService():
            return "This tablet is not connected to a service. Everything waits safely."
        case PutOff(at, why):
            return f"{time(at)}: {WHY_LATER.get(why, WHY_LATER['rubbish'])} Everything waits safely."
        case Ended(at, sent, refused, conflicts, held, logged, films):
            if not (sent or refused or conflicts or held or films):
                log = ", but for the log" if logged else ""
                return f"{time(at)}: nothing was waiting to be sent{log}."
            trouble = f" {refused + conflicts} need a look." if refused or conflicts else ""
            back = f" {held} held back on this tablet." if held else ""
            whole = f" {films} sealed {'film' if films == 1 else 'films'} too." if films else ""
            return f"{time(at)}: {sent} sent.{whole}{trouble}{back}"


def waiting(count: int) -> str:
    """How many items wait for the service."""
    return "Nothing waits for the service" if not count else f"{count} waiting for the service"
