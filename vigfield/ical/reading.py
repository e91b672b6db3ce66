"""Reading a calendar file: what Outlook, Google and Apple write, and what nobody should."""

import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any

import icalendar

from vigfield.ical.repeats import TooMany, occurrences
from vigfield.ical.zones import UnknownZone, in_utc

LARGEST = 5_000_000
MOST_ENTRIES = 2000
LONGEST_LINE = 200
LONGEST_NOTE = 2000
LONGEST = timedelta(days=366)
_DAY = timedelta(days=1)


class Why(StrEnum):
    """Why a file is no calendar."""

    TOO_LARGE = "too-large"
    EMPTY = "empty"
    NOT_TEXT = "not-text"
    NOT_A_CALENDAR = "not-a-calendar"
    DAMAGED = "damaged"


class Problem(StrEnum):
    """Why an entry of a calendar is left out."""

    NO_START = "no-start"
    ENDS_BEFORE_IT_STARTS = "ends-before-it-starts"
    TOO_MANY = "too-many"
    RULE = "rule-not-understood"
    ZONE = "zone-not-known"
    NOT_AN_EVENT = "not-an-event"


@dataclass(frozen=True, slots=True)
class Entry:
    """One booking, after every update in the file; (uid, recurrence) names it. Times are in UTC."""

    uid: str
    sequence: int
    starts: datetime
    minutes: int
    summary: str
    place: str
    note: str
    cancelled: bool
    whole_day: bool
    recurrence: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """How many entries were left out for one reason."""

    what: Problem
    count: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """What is in a file between two moments, in order, and what was left out."""

    entries: tuple[Entry, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The file is no calendar."""

    why: Why


class _Left(Exception):
    """An entry is left out, and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def read(data: bytes, since: datetime, until: datetime) -> Calendar | Unreadable:
    """The bookings that start from `since` on and before `until`; never raises for what is in the file."""
    if len(data) > LARGEST:
        return Unreadable(Why.TOO_LARGE)
    if not data.strip():
        return Unreadable(Why.EMPTY)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Unreadable(Why.NOT_TEXT)
    lines = [line.strip().upper() for line in text.splitlines()]
    if "BEGIN:VCALENDAR" not in lines:
        return Unreadable(Why.NOT_A_CALENDAR)
    if lines.count("END:VCALENDAR") < lines.count("BEGIN:VCALENDAR"):
        return Unreadable(Why.DAMAGED)  # cut off
    try:
        calendars = icalendar.Calendar.from_ical(text, multiple=True)
    except Exception:  # noqa: BLE001  the library raises many kinds for a damaged file; all mean this
        return Unreadable(Why.DAMAGED)
    return _calendar(calendars, since, until)


def _calendar(calendars: list[Any], since: datetime, until: datetime) -> Calendar:
    left: Counter[Problem] = Counter()
    own = _own_zones(calendars)
    found: dict[tuple[str, str], Entry] = {}
    singles = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    left[Problem.NOT_AN_EVENT] = sum(len(calendar.walk("VTODO")) for calendar in calendars)
    for newest in _newest(singles):
        try:
            for entry in _entries(newest, own, since, until):
                if len(found) >= MOST_ENTRIES:
                    raise _Left(Problem.TOO_MANY)
                found.setdefault((entry.uid, entry.recurrence), entry)
        except _Left as why:
            left[why.problem] += 1
        except UnknownZone:
            left[Problem.ZONE] += 1
        except Exception:  # noqa: BLE001  a property that the library could not read is found only when it is used
            left[Problem.RULE] += 1
    entries = sorted((one for one in found.values() if since <= one.starts < until), key=_order)
    return Calendar(
        tuple(entries), tuple(Skipped(what, count) for what, count in sorted(left.items()) if count)
    )


def _order(entry: Entry) -> tuple[datetime, str, str]:
    return entry.starts, entry.uid, entry.recurrence


def _newest(events: list[Any]) -> list[Any]:
    """Of each UID and instance the one of highest SEQUENCE, then DTSTAMP; instances before their series."""
    best: dict[tuple[str, str], tuple[tuple[int, str], Any]] = {}
    for place, event in enumerate(events):
        uid = str(event.get("UID", "")) or f"without-uid-{place}"
        key = (uid, _text(event.get("RECURRENCE-ID")))
        rank = (_sequence(event), _text(event.get("DTSTAMP")))
        if key not in best or best[key][0] <= rank:
            best[key] = (rank, event)
    return [event for (_, instance), (_, event) in sorted(best.items(), key=lambda one: not one[0][1])]


def _text(prop: Any) -> str:
    """A property as text; of one that is there several times the last."""
    if isinstance(prop, list):
        prop = prop[-1]
    return "" if prop is None else prop.to_ical().decode("utf-8", "replace")


def _sequence(event: Any) -> int:
    try:
        return max(0, min(int(event.get("SEQUENCE", 0)), 2**31))
    except (TypeError, ValueError):
        return 0


def _own_zones(calendars: list[Any]) -> dict[str, tzinfo]:
    """The zones that the file describes; one that cannot be read is not there."""
    zones: dict[str, tzinfo] = {}
    for calendar in calendars:
        for zone in calendar.walk("VTIMEZONE"):
            with suppress(Exception):  # what the library cannot read is not there
                zones[str(zone["TZID"])] = zone.to_tz(lookup_tzid=False)
    return zones


def _entries(event: Any, own: dict[str, tzinfo], since: datetime, until: datetime) -> Iterator[Entry]:
    first = event.get("DTSTART")
    if first is None or not isinstance(first.dt, date):
        raise _Left(Problem.NO_START)
    zone = str(first.params.get("TZID", ""))
    starts = in_utc(first.dt, zone, own)
    length = _length(event, starts, own)
    instance = event.get("RECURRENCE-ID")
    if instance is not None:
        at = in_utc(instance.dt, str(instance.params.get("TZID", "")), own)
        yield _entry(event, starts, length, _instant(at))
        return
    if event.get("RRULE") is None and event.get("RDATE") is None:
        yield _entry(event, starts, length, "")
        return
    try:
        every = occurrences(event, zone, own, since, until)
    except TooMany:
        raise _Left(Problem.TOO_MANY) from None
    for at in every:
        yield _entry(event, at, length, _instant(at))


def _length(event: Any, starts: datetime, own: dict[str, tzinfo]) -> timedelta:
    end, duration = event.get("DTEND"), event.get("DURATION")
    if end is not None:
        length = in_utc(end.dt, str(end.params.get("TZID", "")), own) - starts
    elif duration is not None:
        length = duration.dt
    else:
        length = timedelta() if isinstance(event["DTSTART"].dt, datetime) else _DAY
    if length < timedelta():
        raise _Left(Problem.ENDS_BEFORE_IT_STARTS)
    return min(length, LONGEST)


def _entry(event: Any, starts: datetime, length: timedelta, recurrence: str) -> Entry:
    whole_day = not isinstance(event["DTSTART"].dt, datetime)
    return Entry(
        uid=clean(str(event.get("UID", "")), LONGEST_LINE),
        sequence=_sequence(event),
        starts=starts,
        minutes=int(length.total_seconds() // 60),
        summary=clean(str(event.get("SUMMARY", "")), LONGEST_LINE),
        place=clean(str(event.get("LOCATION", "")), LONGEST_LINE),
        note=clean(str(event.get("DESCRIPTION", "")), LONGEST_NOTE),
        cancelled=str(event.get("STATUS", "")).upper() == "CANCELLED",
        whole_day=whole_day,
        recurrence=recurrence,
    )


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def clean(text: str, longest: int) -> str:
    """A text without characters that control or turn what stands around it, on one line, and not too long."""
    shown = "".join(" " if letter.isspace() else letter for letter in text)
    kept = (
        one
        for one in shown
        if unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co", "Cn") or one in "\u200c\u200d"
    )
    return " ".join("".join(kept).split())[:longest].strip()
