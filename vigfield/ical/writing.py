"""Writing a calendar file: only what is given, and nothing of who takes part."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import icalendar

PRODUCT = "-//vigfield//calendar 1//EN"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One booking to be handed out; times are aware, `minutes` is how long it is."""

    uid: str
    sequence: int
    starts: datetime
    minutes: int
    summary: str
    place: str
    cancelled: bool
    stamp: datetime


def write(entries: Iterable[Outgoing]) -> bytes:
    """A VCALENDAR with these bookings, in UTC, private, with folded lines."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for entry in entries:
        calendar.add_component(_event(entry))
    return bytes(calendar.to_ical())


def _event(entry: Outgoing) -> icalendar.Event:
    event = icalendar.Event()
    starts = entry.starts.astimezone(UTC).replace(microsecond=0)
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.stamp.astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", starts)
    event.add("dtend", starts + timedelta(minutes=entry.minutes))
    event.add("summary", entry.summary)
    if entry.place:
        event.add("location", entry.place)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    return event
