"""When something that repeats takes place: bounded, whatever a rule asks for."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import Any

from dateutil.rrule import rrulestr

from vigfield.ical.zones import in_utc

MOST_STEPS = 10_000
MOST = 1000
_OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")


class TooMany(Exception):
    """The rule asks for more than anybody's diary holds."""


def occurrences(
    event: Any, zone: str, own: dict[str, tzinfo], since: datetime, until: datetime
) -> list[datetime]:
    """Every start between two moments, in UTC; raises TooMany.

    A rule counts in local time, so that half past nine stays half past nine when the clocks change.
    """
    first: date = event["DTSTART"].dt
    local = _naive(first)
    found = {local} if event.get("RRULE") is None else set[datetime]()
    for rule in _listed(event.get("RRULE")):
        found |= set(_steps(rule, local, since, until))
    found |= {_naive(one) for one in _dates(event.get("RDATE"))}
    out = {_naive(one) for one in _dates(event.get("EXDATE"))}
    whole_day = not isinstance(first, datetime)
    starts = [_at(one, first, zone, own, whole_day=whole_day) for one in sorted(found - out)]
    inside = [one for one in starts if since <= one < until]
    if len(inside) > MOST:
        raise TooMany
    return inside


def _steps(rule: Any, first: datetime, since: datetime, until: datetime) -> Iterable[datetime]:
    """The rule's local times around the window, with a day to spare on both sides for any zone."""
    if any(freq in _OFTEN for freq in rule.get("FREQ", [])):
        raise TooMany
    given = dict(part.split("=", 1) for part in rule.to_ical().decode().split(";"))
    start, end = _plain(since) - timedelta(days=2), _plain(until) + timedelta(days=2)
    count = int(given.pop("COUNT", MOST_STEPS + 1))
    if int(given.get("INTERVAL", 1)) < 1:
        raise TooMany
    # Every rule gets an end, or one that never fits would be tried until the year 9999.
    last = min(end, _until(given.pop("UNTIL", ""), end))
    text = ";".join(f"{name}={value}" for name, value in given.items())
    every = rrulestr(f"{text};UNTIL={last:%Y%m%dT%H%M%S}", dtstart=first, ignoretz=True)
    walked = list(islice(every, min(count, MOST_STEPS + 1)))
    if len(walked) > MOST_STEPS:
        raise TooMany
    return [one for one in walked if start <= one]


def _until(text: str, end: datetime) -> datetime:
    """The rule's own end, in whatever zone: a day more or less matters only at the very end of a series."""
    if not text:
        return end
    digits = text.rstrip("Z")
    return datetime.strptime(digits, "%Y%m%dT%H%M%S" if "T" in digits else "%Y%m%d")  # noqa: DTZ007  local


def _at(local: datetime, first: date, zone: str, own: dict[str, tzinfo], *, whole_day: bool) -> datetime:
    if whole_day:
        return in_utc(local.date(), "", own)
    if zone:
        return in_utc(local, zone, own)
    assert isinstance(first, datetime)
    return in_utc(local.replace(tzinfo=first.tzinfo), "", own)


def _listed(prop: Any) -> list[Any]:
    return [] if prop is None else prop if isinstance(prop, list) else [prop]


def _dates(prop: Any) -> Iterable[date]:
    """The dates of RDATE or EXDATE, however many properties there are."""
    for one in _listed(prop):
        for listed in one.dts:
            yield listed.dt[0] if isinstance(listed.dt, tuple) else listed.dt


def _naive(value: date) -> datetime:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return datetime.combine(value, time())


def _plain(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)
