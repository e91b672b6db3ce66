"""The words about an item that the service holds differently, or refused, and about what has left."""

import re
from datetime import datetime

from vigfield import clock
from vigfield.app import Handed, Two
from vigfield.app.deciding import Line
from vigfield.model import Scope, SessionKind
from vigfield.ui import bidi, scopewords, words

TWO = "Two versions"
TWO_WHAT = (
    "Somebody at your service changed this after it was sent, and it was changed here as well. Both are kept "
    "until you decide."
)
TWO_DELETED = "It was removed at your service, and it still stands here. Decide which of the two is right."
SAYS = "Your service's computer said: {words}"
NONE_LEFT = "This has been decided. There is nothing left to do."
HERE = "On this tablet"
THERE = "At your service"
NOTHING = "nothing"
KEEP_OURS = "Send mine"
KEEP_OURS_WHAT = "Yours replaces theirs the next time that something is sent."
TAKE = "Take theirs"
TAKE_WHAT = (
    "The session here becomes as it is at your service. A session that was filmed is never cancelled by this."
)
LEAVE = "Leave theirs"
LEAVE_WHAT = "Theirs stays. Nothing changes on this tablet, and yours is not sent unless you change it again."
DECIDE = "Compare and decide"
LEAVE_REFUSED = "Do not send it"
LEFT = "Not sent: you decided so"

GONE = "What has left"
GONE_WHAT = (
    "Everything that was ever sent from this vault, the last first. Each thing is written out letter by "
    "letter, as it left."
)
GONE_NOTHING = "Nothing has left this tablet yet."
GONE_COUNT = "{count} so far."
ACKNOWLEDGED = "Left {left}; the service said {said} that it has it."
UNANSWERED = "Left {left}. It may have arrived: the service has not said so."

FIELDS = {
    "start": "Begins",
    "end": "Ends",
    "status": "Where it stands",
    "participant": "Who takes part",
    "serviceType": "What it is for",
    "identifier": "Family code",
    "name": "Name",
    "birthDate": "Day of birth",
    "relationship": "Relationship",
    "provision": "What was agreed",
    "dateTime": "Signed",
    "period": "From and until",
    "duration": "Length in seconds",
    "comment": "A comment",
    "description": "A description",
    "cancelationReason": "Why it was cancelled",
}
STANDS = {
    "booked": "planned",
    "arrived": "arrived",
    "checked-in": "arrived",
    "fulfilled": "took place",
    "cancelled": "cancelled",
    "entered-in-error": "cancelled",
    "noshow": "did not attend",
    "active": "given",
    "inactive": "withdrawn",
    "finished": "took place",
}
_ORDER = {name: place for place, name in enumerate(FIELDS)}

REST = "Also different, in the words that the two computers use between them:"
NO_PLAIN = "What differs has no plain words here. Your service can say what it means."
WHO = {
    "Patient": "the infant",
    "RelatedPerson": "a caregiver",
    "Practitioner": "a practitioner",
    "Location": "a room",
}
ANSWERS = {"permit": "yes", "deny": "no"}
_SCOPE = re.compile(r"provision\.provision\.([1-9])\.type")
_FOR_COMPUTERS = re.compile(r"\.(system|url|display|status|type|code|reference)$")


def field(name: str) -> str:
    """What a differing field is called; its own name where it has none for people."""
    said, scope = FIELDS.get(name.partition(".")[0], name), _scope(name)
    return f"{said}: {scopewords.SCOPES[scope]}" if scope else said


def lines(found: Two) -> list[Line]:
    """What differs and can be said in plain words, in the order in which people ask."""
    plain = [line for line in found.lines if _plain(line)]
    return sorted(plain, key=lambda line: _ORDER[line.field.partition(".")[0]])


def rest(found: Two) -> list[Line]:
    """What else differs: nothing of it is kept from the person who decides."""
    return [line for line in found.lines if not _plain(line)]


def side(line: Line, text: str) -> str:
    """What one of the two says in a field."""
    if line.field == "status":
        return STANDS.get(text, text) or NOTHING
    if _scope(line.field):
        return ANSWERS.get(text, text) or NOTHING
    if line.field.endswith(".reference"):
        return WHO.get(text.partition("/")[0], text) or NOTHING
    if line.field.startswith("serviceType.") and text in list(SessionKind):
        return words.KINDS[SessionKind(text)]
    if line.field not in ("start", "end", "dateTime"):
        return bidi.apart(text) or NOTHING
    try:
        return words.when(clock.local(datetime.fromisoformat(text)))
    except ValueError:
        return text or NOTHING


def says(text: str) -> str:
    """What the service's computer answered, in its own words."""
    return SAYS.format(words=bidi.apart(text))


def left(found: Handed) -> str:
    """When an item left, and whether it is known to have arrived."""
    when = words.when(clock.local(found.last))
    if found.acknowledged is None:
        return UNANSWERED.format(left=when)
    return ACKNOWLEDGED.format(left=when, said=words.when(clock.local(found.acknowledged)))


def explanation(found: Two) -> list[str]:
    """What happened, and what the service said of it."""
    said = [says(found.item.words)] if found.item.words else []
    return [TWO_DELETED if found.deleted else TWO_WHAT, *said]


def _plain(line: Line) -> bool:
    """Whether people have words for this field, and for what both sides say in it."""
    if line.field.partition(".")[0] not in FIELDS:
        return False
    said = [text for text in (line.ours, line.theirs) if text]
    return not _FOR_COMPUTERS.search(line.field) or all(side(line, text) != text for text in said)


def _scope(name: str) -> Scope | None:
    """The scope that an answer is about: they are sent in our own order."""
    found, scopes = _SCOPE.fullmatch(name), list(Scope)
    return scopes[int(found[1]) - 1] if found and int(found[1]) <= len(scopes) else None
