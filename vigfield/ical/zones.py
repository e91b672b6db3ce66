"""What a TZID means: a name of the IANA list, Outlook's name for it, or what the file itself says."""

from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from vigfield import clock


class UnknownZone(ValueError):
    """A time is in a zone that nobody knows."""


def named(name: str) -> tzinfo:
    """The zone of a TZID; raises UnknownZone."""
    plain = name.strip().strip('"').rpartition("/freeassociation.sourceforge.net/")[2]
    plain = WINDOWS_TO_OLSON.get(plain, plain)
    if plain in ("UTC", "Etc/UTC", "GMT"):
        return UTC
    if plain in available_timezones():
        return ZoneInfo(plain)
    raise UnknownZone


def in_utc(value: date | datetime, tzid: str, own: dict[str, tzinfo]) -> datetime:
    """A time of the file in UTC; one without a zone is in the tablet's own.

    `own` are the zones that the file describes itself. Raises UnknownZone.
    """
    if not isinstance(value, datetime):
        return clock.midnight(value).astimezone(UTC)
    if tzid:
        try:
            zone = named(tzid)
        except UnknownZone:
            if tzid not in own:
                raise
            zone = own[tzid]
        return value.replace(tzinfo=zone).astimezone(UTC)
    return value.astimezone(UTC)
