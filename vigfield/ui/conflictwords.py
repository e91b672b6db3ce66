"""The words about an item that the service holds differently, or refused, and about what has left."""

from datetime import datetime

from vigfield import clock
from vigfield.app import Handed, Two
from vigfield.app.deciding import Line
from vigfield.ui import words

TWO = "Two versions"
TWO_WHAT = (
    "Somebody at your service changed this after it was sent, and it was changed here as well. Both are kept "
    "until you decide."
)
TWO_DELETED = "It was removed at your service, and it still stands here. Decide which of the two is right."
SAYS = "The service refused yours with these words: {words}"
NONE_LEFT = "This has been decided. There is nothing left to do."
HERE = "On this tablet"
THERE = "At your service"
NOTHING = "nothing"
KEEP_OURS = "Send mine"
KEEP_OURS_WHAT = "The next run puts yours in the place of theirs."
TAKE = "Take theirs"
TAKE_WHAT = "The session becomes as it is at your service. A session that was filmed is never cancelled so."
LEAVE = "Leave theirs"
LEAVE_WHAT = "Theirs stays. Nothing changes on this tablet, and yours is not sent unless you change it again."
DECIDE = "Compare and decide"
LEAVE_REFUSED = "Do not send it"
LEFT = "Not sent: you decided so"

GONE = "What has left"
GONE_WHAT = "Everything that was ever handed to the network from this vault, the last first."
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

OTHER = "Something else ({field})"


def field(name: str) -> str:
    """What a differing field is called."""
    return FIELDS.get(name.partition(".")[0]) or OTHER.format(field=name)


def lines(found: Two) -> list[Line]:
    """What differs, in the order in which people ask."""
    return sorted(found.lines, key=lambda line: _ORDER.get(line.field.partition(".")[0], len(_ORDER)))


def side(line: Line, text: str) -> str:
    """What one of the two says in a field."""
    if line.field == "status":
        return STANDS.get(text, text) or NOTHING
    if line.field not in ("start", "end", "dateTime"):
        return text or NOTHING
    try:
        return words.when(clock.local(datetime.fromisoformat(text)))
    except ValueError:
        return text or NOTHING


def left(found: Handed) -> str:
    """When an item left, and whether it is known to have arrived."""
    when = words.when(clock.local(found.last))
    if found.acknowledged is None:
        return UNANSWERED.format(left=when)
    return ACKNOWLEDGED.format(left=when, said=words.when(clock.local(found.acknowledged)))


def explanation(found: Two) -> list[str]:
    """What happened, and what the service said of it."""
    said = [SAYS.format(words=found.item.words)] if found.item.words else []
    return [TWO_DELETED if found.deleted else TWO_WHAT, *said]
