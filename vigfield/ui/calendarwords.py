"""The sentences for the calendar, for planning sessions and for what stands in their way."""

from datetime import date, datetime, timedelta

from vigfield import clock
from vigfield.app import DiaryEntry
from vigfield.model import Booking, Family, Session, Undo
from vigfield.rules import Clash, Elsewhere, RoomTaken
from vigfield.ui import bidi, words
from vigfield.ui.places import CalendarView

VIEWS = {CalendarView.MONTH: "Month", CalendarView.WEEK: "Week", CalendarView.DAY: "Day"}
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
BEFORE = "Earlier"
AFTER = "Later"
NOW = "Today"
FILES = "Calendar files"
NOTHING = "Nothing is planned."
TAKEN = "{room} is taken {starts} to {ends}"
TAKEN_BRIEFLY = "taken"

EDIT = "Change the session"
CHANGED = "The session is changed on this tablet."
PLACE_NAME = "Which room or place"
ROOM_KNOWN = "A room that you know"
TRAVEL = "Minutes of travel each way"
NOTES = "Notes (stay on this tablet)"
ON_CAMERA = "Who will be on camera"
FIND_FAMILY = "Find the family by code or name"
CHANGE_FAMILY = "Another family"
EVEN_SO = "Plan it anyway"

ARRIVED = "Arrived"
TOOK_PLACE = "It took place"
ABSENT = "They did not attend"
CANCEL_SESSION = "Cancel the session"
CANCEL_WHY = "Why it is cancelled"
CANCEL_KEEP = "Keep it"
UNDO = "This is not right"
UNDO_WHAT = "The session is planned again, as it was. That this was taken back, and why, stays in the record."
UNDO_WHY = "Why?"
UNDO_WHYS = {Undo.SLIP: "It was a slip", Undo.OTHERWISE: "It turned out otherwise"}
UNDO_KEEP = "Leave it as it is"
UNDONE = "The session is planned again."

PLAN = "Plan the next cycles"
FIRST_DAY = "First day"
EVERY = "One filming every"
INTERVALS = {"7": "week", "14": "2 weeks", "21": "3 weeks", "28": "4 weeks"}
HOW_MANY = "How many cycles"
WITH_REVIEWS = "Plan each shared review a week after its filming"
PROPOSE = "Propose dates"
PROPOSED = "Proposed"
TAKE = "Plan this one"
EARLIER = "One day earlier"
LATER = "One day later"
PLAN_THESE = "Plan these"
PLANNED = "The sessions are planned on this tablet."
NOTHING_PLANNED = "Please leave at least one of them ticked."


def title(view: CalendarView, day: date) -> str:
    """What is in sight."""
    match view:
        case CalendarView.MONTH:
            return f"{day:%B %Y}"
        case CalendarView.WEEK:
            first = day - timedelta(days=day.weekday())
            last = first + timedelta(days=6)
            return f"{first.day} {first:%B} to {last.day} {last:%B %Y}"
        case CalendarView.DAY:
            return words.day(day)


def spoken(day: date, entries: list[DiaryEntry]) -> str:
    """A day and how much is in it, as it is read out."""
    count = len(entries)
    sessions = "no sessions" if not count else f"{count} session{'s' if count > 1 else ''}"
    return f"{day:%A} {day.day} {day:%B}, {sessions}"


def brief(entry: DiaryEntry) -> str:
    """A session in a few letters: when, and whose."""
    return f"{words.time(entry.session.starts)} {about(entry)}"


def about(entry: DiaryEntry) -> str:
    """Whose a session is, or what, in a few letters."""
    return entry.code or bidi.apart(entry.session.title) or words.KINDS[entry.session.kind]


def line(session: Session) -> str:
    """When, what and where, in one line."""
    times = f"{words.time(session.starts)} to {words.time(session.ends)}"
    travel = f" · {session.travel} min travel" if session.travel else ""
    return f"{times} · {words.KINDS[session.kind]} · {words.where(session)}{travel}"


def taken(booking: Booking) -> str:
    """A room that somebody else has."""
    return _taken(booking.room, booking.starts, booking.ends)


def taken_briefly(booking: Booking) -> str:
    """The same in a column of the week."""
    times = f"{words.time(booking.starts)} to {words.time(booking.ends)}"
    return f"{times} {bidi.apart(booking.room)}: {TAKEN_BRIEFLY}"


def clash(found: Clash, family: Family | None = None) -> str:
    """What stands in the way of a session."""
    match found:
        case RoomTaken(room, starts, ends, theirs):
            whose = " by somebody else" if theirs else " by another session of yours"
            return f"{_taken(room, starts, ends)}{whose}. Please choose another time or room."
        case Elsewhere(session):
            when = f"{words.when(session.starts)} to {words.time(session.ends)}"
            travel = f", with {session.travel} minutes of travel each way" if session.travel else ""
            return f"You have another session then: {words.KINDS[session.kind].lower()}, {when}{travel}."


def skipped(day: date, asked: datetime, becomes: datetime) -> str:
    """That a time of day does not exist on that day, and what it becomes."""
    local = clock.local(becomes)
    if (local.hour, local.minute) == (asked.hour, asked.minute):
        return ""
    return f"The clocks go forward on {words.day(day)}: {asked:%H:%M} becomes {local:%H:%M}."


def _taken(room: str, starts: datetime, ends: datetime) -> str:
    said = TAKEN.replace("{room}", bidi.apart(room)).replace("{starts}", words.when(starts))
    return said.replace("{ends}", words.time(ends))
