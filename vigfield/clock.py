"""The only source of time and chance."""

import secrets
import sys
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as datetime_time


def now() -> datetime:
    """The time, aware, in UTC, to the millisecond (what the database and FHIR keep)."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def today() -> date:
    """The date on the tablet's own calendar."""
    return local(now()).date()


def local(moment: datetime) -> datetime:
    """An aware time in the tablet's own time zone."""
    return moment.astimezone()


def moment(day: date, at: datetime_time) -> datetime:
    """A time of day in the tablet's own zone, aware; one that the clocks leave out is an hour later.

    Of two that there are when the clocks go back it is the first.
    """
    wanted = datetime.combine(day, at)
    found = wanted.astimezone()
    there = local(found.astimezone(UTC)).replace(tzinfo=None, fold=0) == wanted
    return found if there else (wanted + timedelta(hours=1)).astimezone()


def midnight(day: date) -> datetime:
    """When a day begins in the tablet's own time zone; aware."""
    return datetime.combine(day, datetime_time()).astimezone()


def monotonic() -> float:
    """Seconds on a clock that never goes back; for waits within one process.

    On Linux it counts a tablet's sleep too: a lid that was closed for an hour is an hour without a touch.
    """
    return time.clock_gettime(time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.monotonic()


def random_bytes(count: int) -> bytes:
    """`count` bytes from the operating system's generator, fit for keys and nonces."""
    return secrets.token_bytes(count)


def new_id() -> str:
    """A random id of 32 hexadecimal digits; fits FHIR's `[A-Za-z0-9.-]{1,64}`."""
    return secrets.token_hex(16)


def new_token() -> str:
    """An unguessable one-time token of 43 URL-safe characters (256 bits)."""
    return secrets.token_urlsafe(32)
