"""The sentences for calendar files: what would be taken in, what was left out, and what is handed out."""

from collections.abc import Mapping

from vigfield import clock
from vigfield.app import Action, FileStep
from vigfield.ical import Problem, Why
from vigfield.ui import calendarwords, words

FILES = "Calendar files"
TAKE_IN = "Take a calendar file in"
TAKE_IN_WHAT = (
    "An .ics file from Outlook, Google or Apple. It is read here and is not kept; who takes part is left out."
)
PICK = "Choose a file"
PASTE = "Or paste its text here"
READ = "Look at the text"
WHOSE = "What is in it"
WHOSE_MINE = "Appointments of mine"
WHOSE_ROOM = "Bookings of a room by others"
ROOM = "Which room"
ROOM_MISSING = "Please say which room first."
PREVIEW = "What would be done"
TAKE = "Take it in"
CALLED_OFF = "Called off in a calendar file"
NOTHING_NEW = "Nothing in it is new."
HAND_OUT = "Hand a calendar file out"
HAND_OUT_WHAT = (
    "In it, for each session: day, time, length, “VIG session” and the family's code. Not in it: names, "
    "notes, places, who is on camera, and what came from other calendars."
)
HAND_OUT_NAMED = (
    "In it, for each session: day, time, length, “VIG session”, the family's code, the caregivers' names "
    "and the room, because your service's policy lets names leave. Not in it: the infant's name, notes, who "
    "is on camera, and what came from other calendars."
)
FROM = "From"
UNTIL = "Until"
EXPORT = "Make the file"
_ACTIONS = {
    Action.NEW: "new",
    Action.CHANGED: "changed",
    Action.CALLED_OFF: "called off",
    Action.SAME: "as it was",
    Action.OLDER: "older than what is here, and left as it is",
}
_PROBLEMS = {
    Problem.NO_START: "have no beginning",
    Problem.ENDS_BEFORE_IT_STARTS: "end before they start",
    Problem.TOO_MANY: "repeat too often, or are too many",
    Problem.RULE: "repeat in a way that is not understood",
    Problem.ZONE: "are in a time zone that nobody knows",
    Problem.NOT_AN_EVENT: "are tasks and no appointments",
}
WHY = {
    Why.TOO_LARGE: "This file is larger than 5 MB. Nothing was taken in.",
    Why.EMPTY: "There is nothing in it.",
    Why.NOT_TEXT: "This is no calendar file: it is not text.",
    Why.NOT_A_CALENDAR: "This is no calendar file.",
    Why.DAMAGED: "This calendar file is damaged or cut off. Nothing was taken in.",
}


def counted(found: Mapping[Action, int]) -> str:
    """How many entries are new, changed and so on."""
    parts = [f"{count} {_ACTIONS[action]}" for action, count in found.items() if count]
    return ", ".join(parts) or NOTHING_NEW


def skipped(what: Problem, count: int) -> str:
    """How many entries are left out, and why."""
    return (
        f"{count} left out: they {_PROBLEMS[what]}."
        if count > 1
        else f"1 left out, because such entries {_PROBLEMS[what]}."
    )


def shortened(count: int) -> str:
    """How many entries go on for longer than the diary holds; nothing when none does."""
    return f"{count} longer than two days: only the first two days are taken in." if count else ""


def more(count: int) -> str:
    """How many entries are not listed one by one."""
    return f"And {count} more."


def step(one: FileStep) -> str:
    """One entry, and what would be done with it."""
    entry = one.entry
    day = words.day(clock.local(entry.starts).date())
    return f"{day}, {words.time(entry.starts)} · {entry.summary or FILES} · {_ACTIONS[one.action]}"


def clash(one: FileStep) -> str:
    """The room that an entry wants, and that is taken."""
    return calendarwords.clash(one.clash) if one.clash is not None else ""
