"""The words about the service: joining it, its policy, and what leaves for it."""

from vigfield import clock
from vigfield.app import (
    Capability,
    Ended,
    Enrolment,
    News,
    NoPolicy,
    NotEnrolled,
    NotTaken,
    PolicyNews,
    Progress,
    PutOff,
    Run,
    Withheld,
)
from vigfield.model import Delivery, Field, Identifier, Network, Networks, Policy, Video
from vigfield.ui import words

JOIN = "Connect to a service"
JOIN_WHAT = "Your service gives you a file for this. Nothing is sent before you agree to it here."
JOINED = "Your service"
PICK = "Choose the file"
PASTE = "Or paste its text here"
READ = "Check the text"
COMPARE = (
    "Ask your service for this number, aloud or on paper, and compare all of it. If it differs, somebody "
    "else may have made the file: do not go on."
)
AGREE = "The number is the same: connect"
DONE = "This tablet is connected to {name}."
ADDRESS = "Address: {address}"
NUMBER = "Number to compare: {number}"
KEY = "This tablet's key"
KEY_WHAT = (
    "Give this to your service if it asks for it: by it, its computer tells this tablet from any other. "
    "It is no secret."
)
KEY_EXACT = "This is what the file says:"
KEY_COPY = "Hand out as a file"
CHECK = "Check that it understands this tablet"
ASKING = "Asking your service."
AGAIN = "Take in a newer file"

NOT_TAKEN = {
    NotTaken.UNREADABLE: "This is not a file for connecting, or not one that this version understands.",
    NotTaken.FORGED: "Its signature is not right. It was changed, or was not made by your service.",
    NotTaken.EXPIRED: "It is too old. Ask your service for a new one, and check the date of this tablet.",
    NotTaken.NOT_YET: "It is for a later day. Check the date of this tablet.",
    NotTaken.OTHER_SERVICE: "It is of another service. This vault is connected to one already.",
    NotTaken.UNSAFE: "It names an address that is not safe to send to.",
}

FIT = "Your service can take everything that this tablet tells it."
NO_R4 = (
    "Your service's computer expects things written down in another way (FHIR {version}, not 4.0). "
    "Please tell your service."
)
UNKNOWN = "It does not take: {kinds}. These will be refused, and stay here."
NO_CREATE = "It does not let this tablet add: {kinds}. Please ask your service to allow that."
NO_TRANSACTIONS = (
    "It takes one thing at a time only, and this tablet sends several together: nothing can be sent to it."
)
NO_BINARY = "It has no place for a policy, so the strictest rules stay in force: no names and no films go."
KINDS = {
    "Practitioner": "practitioners",
    "Patient": "infants",
    "RelatedPerson": "caregivers",
    "EpisodeOfCare": "the work with a family",
    "Appointment": "sessions",
    "Encounter": "sessions that took place",
    "Consent": "consents",
    "DocumentReference": "where a sealed film is",
    "Media": "films and pictures (that they exist)",
    "AuditEvent": "the log",
}

POLICY = "Policy"
POLICY_MORE = "What the policy says"
FROM_SERVICE = "Your service's policy is in force: version {version}, until {day}."
NONE_BECAUSE = {
    NoPolicy.NONE: "Your service has given no policy.",
    NoPolicy.UNREADABLE: "Your service's policy cannot be understood by this version.",
    NoPolicy.FORGED: "A policy came that your service did not sign. It was not taken.",
    NoPolicy.OTHER_SERVICE: "A policy came that is another service's. It was not taken.",
    NoPolicy.OLDER: "A policy came that is older than the one before. It was not taken.",
    NoPolicy.NOT_YET: "Your service's policy begins on a later day.",
    NoPolicy.EXPIRED: "Your service's policy has ended. It needs to give a new one.",
}
STRICT = "The strictest rules are in force: no names and no films are sent."
SENDS = "What is sent"
FILMS = "Films"
TABLET = "This tablet"
ALWAYS = "Always: when sessions are, what was agreed to, and that a film exists. No names."
CODE_YES = "Also: the family's code."
CODE_NO = "Not even the family's code."
ALSO = "Also: {what}."
FIELDS = {
    Field.INFANT_NAME: "the infant's name",
    Field.BIRTH_DATE: "the infant's month or day of birth",
    Field.CAREGIVER_NAME: "the caregivers' names",
    Field.CAREGIVER_CONTACT: "the caregivers' phone or address",
    Field.PRACTITIONER_NAME: "your name",
    Field.ROOM: "the room",
    Field.CANCEL_REASON: "why a session was cancelled",
    Field.ENDING_REASON: "why the work ended",
}
NO_FIELDS = "No name, no day of birth, no address."
VIDEO = {
    Video.NEVER: "No film leaves this tablet.",
    Video.WITH_CONSENT: "A film may go to your service, sealed, where everybody agreed to that.",
}
NETWORKS = {
    Networks.ANY: "It is sent by itself on any network.",
    Networks.NOT_METERED: "It is sent by itself, but not on a network that costs by use.",
    Networks.UNMETERED: "It is sent by itself only on a network that is known to cost nothing.",
}
FILM_NETWORKS = {
    Networks.ANY: "It goes on any network.",
    Networks.NOT_METERED: "It does not go on a network that costs by use.",
    Networks.UNMETERED: "It goes only on a network that is known to cost nothing.",
}
BY_HAND = 'With "Send now" you send it on any.'
NETWORK = {
    Network.NONE: "There is no network now.",
    Network.UNMETERED: "This network costs nothing.",
    Network.METERED: "This network costs by use.",
    Network.UNKNOWN: "Whether this network costs anything is not known.",
}
KEPT = (
    "A film is to be erased {filmed} days after filming, or {ended} days after the work ended if that is "
    "sooner. Once consent is taken back, it is to be erased within {withdrawn} days."
)
LOCKS = "It locks after {minutes} without a touch."
PAPERS_YES = "The paper of a consent may be handed out."
PAPERS_NO = "The paper of a consent stays on the tablet."
TOO_OLD = "Your service asks for a newer vigfield. Filming goes on as before; sending waits."

SENDING_WHAT = "Only codes, dates and states are sent. Names and notes stay on this tablet."
SENDING_MORE = "Codes, dates and states are sent, and what your service's policy names."
FILMS_STAY = "Films stay here."
FILMS_MAY_GO = "A film goes only sealed, and only where everybody agreed to that."
LEAVES = "What leaves this tablet"
LEAVES_WHAT = (
    "This is all that is sent next time. Each thing is written out letter by letter, as your service's "
    "computer reads it."
)
LEAVES_NOTHING = "Nothing waits to be sent."
HELD = {
    Withheld.NO_CONSENT: "Held back: no consent covers it. It waits here and is not lost.",
    Withheld.PRIVATE: "Held back: it came from a calendar file and is of no family.",
    Withheld.NO_PICTURES: "Held back: pictures are not agreed to now. It waits here and is not lost.",
    Withheld.FILMING: "Held back until filming has ended.",
}
LEAVES_MORE = "And {count} more of the same kinds."
LOG = "The log: what happened on this tablet, without names"
LOG_STANDS = {
    Delivery.SENT: "{count} sent",
    Delivery.WAITING: "{count} waiting",
    Delivery.REFUSED: "{count} refused",
    Delivery.CONFLICT: "{count} changed at your service",
    Delivery.LEFT: "{count} not sent",
}
LOG_EMPTY = "Nothing so far."
LOG_WAITS = "And {count} of the log: what happened on this tablet, without names."
LOG_LEFT = "Of the log, {count} so far; the last of them:"
HEARD = "From your service: {changes}."
HEARD_WITHDRAWN = ("a consent was taken back", "{count} consents were taken back")
HEARD_SESSIONS = ("a session was changed or added", "{count} sessions were changed or added")
HEARD_CONFLICTS = ("one thing waits for you to decide", "{count} things wait for you to decide")
NOT_HEARD = "What was changed at your service could not be fetched."
WHY_NOT_HEARD = words.WHY_LATER | {"not-allowed": "The service does not let this tablet see it."}
NO_POLICY_ANY_MORE = "Your service gives no policy any more. The one before holds until it ends."
NOT_ASKED = "Your service's policy could not be fetched."


def sent_so_far(progress: Progress | None, before: Run) -> str:
    """How far a run has come that is going on, and how the one before it ended."""
    far = "Nothing sent so far." if progress is None else f"{progress.sent} of {progress.of} sent so far."
    return f"{far}{after_run(before)}"


def after_run(run: Run) -> str:
    """How the last run ended, to be said after something else; nothing when there was none."""
    return f" Last time, {words.last_run(run)}" if isinstance(run, Ended | PutOff) else ""


def sending_what(policy: Policy) -> str:
    """What is sent under a policy, in two sentences."""
    told = SENDING_MORE if policy.fields else SENDING_WHAT
    return f"{told} {FILMS_STAY if policy.video is Video.NEVER else FILMS_MAY_GO}"


def log(found: dict[Delivery, int]) -> str:
    """How many entries of the log stand where, in one line."""
    said = [text.format(count=found[where]) for where, text in LOG_STANDS.items() if found[where]]
    return ", ".join(said) + "." if said else LOG_EMPTY


def heard(found: News, *, put_off: bool) -> list[str]:
    """What was taken in from the service since the vault was opened; nothing when there was nothing.

    Why it ended early is said once: not again where the whole run was `put_off`.
    """
    counts = (
        (found.withdrawn, HEARD_WITHDRAWN),
        (found.sessions, HEARD_SESSIONS),
        (found.conflicts, HEARD_CONFLICTS),
    )
    said = [(one if count == 1 else more).format(count=count) for count, (one, more) in counts if count]
    changes = [HEARD.format(changes=", ".join(said))] if said else []
    return changes + (
        [] if found.why is None or put_off else [f"{NOT_HEARD} {WHY_NOT_HEARD[found.why.value]}"]
    )


def details(found: Enrolment) -> list[str]:
    """What a person compares before connecting."""
    return [found.name, ADDRESS.format(address=found.fhir), NUMBER.format(number=found.number)]


def not_taken(found: NotEnrolled) -> str:
    """Why a text enrols nothing; what in it is wrong, for whoever made it."""
    where = f" ({found.where})" if found.where else ""
    return f"{NOT_TAKEN[found.why]}{where}"


def capability(found: Capability) -> list[str]:
    """What will and what will not work with a server."""
    said = [NO_R4.format(version=found.fhir)] if not found.fhir.startswith("4.0") else []
    said += [UNKNOWN.format(kinds=_kinds(found.unknown))] if found.unknown else []
    said += [NO_CREATE.format(kinds=_kinds(found.no_update_create))] if found.no_update_create else []
    said += [] if found.transactions else [NO_TRANSACTIONS]
    said += [] if found.policy else [NO_BINARY]
    return ([FIT] if found.fit else []) + said


def standing(policy: Policy, why: NoPolicy | None) -> str:
    """Which policy is in force, in one or two sentences."""
    if why is None and policy.expires is not None:
        return FROM_SERVICE.format(version=policy.version, day=words.day(clock.local(policy.expires).date()))
    return f"{NONE_BECAUSE[why or NoPolicy.NONE]} {STRICT}"


def news(found: PolicyNews | None) -> str:
    """What was wrong with the policy that came last, or why none came; nothing when all was well."""
    if found is None or found.trouble is None:
        return ""
    if isinstance(found.trouble, str):
        return f"{NOT_ASKED} {WHY_NOT_HEARD[found.trouble]}"
    gone = found.reason is NoPolicy.NONE and found.version > 0
    return NO_POLICY_ANY_MORE if gone else NONE_BECAUSE[found.trouble.why]


def sends(policy: Policy) -> list[str]:
    """What is sent under a policy."""
    listed = [ALSO.format(what=text) for field, text in FIELDS.items() if field in policy.fields]
    code = CODE_YES if Identifier.FAMILY_CODE in policy.identifiers else CODE_NO
    return [ALWAYS, code, *(listed or [NO_FIELDS]), NETWORKS[policy.networks]]


def network(policy: Policy, now: Network) -> str:
    """On which networks it is sent by itself, and what this one is."""
    by_hand = [] if policy.networks is Networks.ANY else [BY_HAND]
    return " ".join((NETWORKS[policy.networks], *by_hand, NETWORK[now]))


def films(policy: Policy) -> str:
    """Whether a film may go to the service, and on which networks."""
    may = [VIDEO[policy.video]]
    return " ".join(may if policy.video is Video.NEVER else [*may, FILM_NETWORKS[policy.video_networks]])


def kept(policy: Policy) -> str:
    """For how long films are kept."""
    days = policy.retention
    return KEPT.format(filmed=days.after_filming, ended=days.after_ending, withdrawn=days.after_withdrawal)


def locks(policy: Policy) -> str:
    """When the tablet locks."""
    return LOCKS.format(minutes=_minutes(policy.idle_seconds))


def _minutes(seconds: int) -> str:
    if seconds % 60:
        return f"{seconds} seconds"
    return "a minute" if seconds == 60 else f"{seconds // 60} minutes"


def _kinds(kinds: tuple[str, ...]) -> str:
    return ", ".join(KINDS[kind] for kind in kinds)
