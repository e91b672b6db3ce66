"""The words about the service: joining it, its policy, and what leaves for it."""

from vigfield import clock
from vigfield.app import Capability, Enrolment, News, NoPolicy, NotEnrolled, NotTaken, PolicyNews
from vigfield.model import Field, Identifier, Network, Networks, Policy, Video
from vigfield.ui import words

JOIN = "Connect to a service"
JOIN_WHAT = "Your service gives you a file for this. Nothing is sent before you say so below."
JOINED = "Your service"
PICK = "Choose the file"
PASTE = "Or paste its text here"
READ = "Look at the text"
COMPARE = (
    "Ask your service for this number, aloud or on paper, and compare all of it. If it differs, somebody "
    "else may have made the file: do not go on."
)
AGREE = "The number is the same: connect"
DONE = "This tablet is connected to {name}."
ADDRESS = "Address: {address}"
NUMBER = "Number: {number}"
KEY = "This tablet's key"
KEY_WHAT = "Your service registers this text, so that it knows this tablet. It is no secret."
KEY_COPY = "Hand out as a file"
CHECK = "Ask what its server can do"
ASKING = "Asking the server."
AGAIN = "Take in a newer file"

NOT_TAKEN = {
    NotTaken.UNREADABLE: "This is not a file for connecting, or not one that this version understands.",
    NotTaken.FORGED: "Its signature is not right. It was changed, or was not made by your service.",
    NotTaken.EXPIRED: "It is too old. Ask your service for a new one, and check the date of this tablet.",
    NotTaken.NOT_YET: "It is for a later day. Check the date of this tablet.",
    NotTaken.OTHER_SERVICE: "It is of another service. This vault is connected to one already.",
    NotTaken.UNSAFE: "It names an address that is not safe to send to.",
}

FIT = "The server can take everything that this tablet tells."
NO_R4 = "The server speaks another version of FHIR than 4.0: {version}."
UNKNOWN = "It does not know: {kinds}. These will be refused, and wait here."
NO_CREATE = "It does not let this tablet add: {kinds}. Your service has to allow that."
NO_TRANSACTIONS = "It does not take several things at once. Nothing can be sent to it."
NO_BINARY = "It has no place for a policy, so the strict default stays in force."
KINDS = {
    "Patient": "infants",
    "RelatedPerson": "caregivers",
    "Appointment": "sessions",
    "Encounter": "sessions that took place",
    "Consent": "consents",
    "Media": "films (that they exist)",
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
STRICT = "The strict default is in force."
SENDS = "What is sent"
FILMS = "Films"
TABLET = "This tablet"
ALWAYS = "Always: sessions, consents and that films exist, without names."
CODE_YES = "Families go by their code."
CODE_NO = "Not even the family's code."
FIELDS = {
    Field.INFANT_NAME: "The infant's name",
    Field.BIRTH_DATE: "The infant's month or day of birth",
    Field.CAREGIVER_NAME: "The caregivers' names",
    Field.CAREGIVER_CONTACT: "The caregivers' phone or address (this version does not send it)",
    Field.PRACTITIONER_NAME: "Your name (this version does not send it)",
    Field.ROOM: "The room (this version does not send it)",
    Field.CANCEL_REASON: "Why a session was cancelled (this version does not send it)",
    Field.ENDING_REASON: "Why the work ended (this version does not send it)",
}
NO_FIELDS = "No name, no day of birth, no address."
VIDEO = {
    Video.NEVER: "No film leaves this tablet.",
    Video.WITH_CONSENT: "A film may go to the service, sealed, if the family agreed to it. "
    "This version does not send films.",
}
NETWORKS = {
    Networks.ANY: "It is sent by itself on any network.",
    Networks.NOT_METERED: "It is sent by itself, but not on a network that costs by use.",
    Networks.UNMETERED: "It is sent by itself only on a network that is known to cost nothing.",
}
BY_HAND = 'With "Send now" you send it on any.'
NETWORK = {
    Network.NONE: "There is no network now.",
    Network.UNMETERED: "This network costs nothing.",
    Network.METERED: "This network costs by use.",
    Network.UNKNOWN: "Whether this network costs anything is not known.",
}
KEPT = (
    "Films are kept {filmed} days after filming, {ended} days after the work ended, {withdrawn} days after "
    "consent was taken back."
)
LOCKS = "It locks after {minutes} without a touch."
PAPERS_YES = "The paper of a consent may be handed out."
PAPERS_NO = "The paper of a consent stays on the tablet."
TOO_OLD = "Your service asks for a newer vigfield. Filming goes on as before; sending waits."

LEAVES = "What leaves this tablet"
LEAVES_WHAT = "This is what the next run would send, letter by letter. Nothing else goes."
LEAVES_NOTHING = "Nothing waits to be sent."
LEAVES_MORE = "And {count} more of the same kinds."
HEARD = "From your service: {changes}."
HEARD_WITHDRAWN = ("a consent was taken back", "{count} consents were taken back")
HEARD_SESSIONS = ("a session was changed or added", "{count} sessions were changed or added")
HEARD_CONFLICTS = ("one thing waits for you to decide", "{count} things wait for you to decide")
NOT_HEARD = "What was changed at your service could not be fetched."
WHY_NOT_HEARD = words.WHY_LATER | {"not-allowed": "The service does not let this tablet see it."}
NO_POLICY_ANY_MORE = "Your service gives no policy any more. The one before holds until it ends."
NOT_ASKED = "Your service's policy could not be fetched."


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
    listed = [text for field, text in FIELDS.items() if field in policy.fields]
    code = CODE_YES if Identifier.FAMILY_CODE in policy.identifiers else CODE_NO
    return [ALWAYS, code, *(listed or [NO_FIELDS]), NETWORKS[policy.networks]]


def network(policy: Policy, now: Network) -> str:
    """On which networks it is sent by itself, and what this one is."""
    by_hand = [] if policy.networks is Networks.ANY else [BY_HAND]
    return " ".join((NETWORKS[policy.networks], *by_hand, NETWORK[now]))


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
