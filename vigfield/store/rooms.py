"""Rooms: their names, and when somebody else has them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from vigfield.model import Booking
from vigfield.store.columns import from_time, to_time
from vigfield.store.db import Tx

_LONGEST = timedelta(days=2)


def names(tx: Tx) -> list[str]:
    """Every room that was ever used, by name."""
    return [str(row["name"]) for row in tx.all("SELECT name FROM room ORDER BY name")]


def add(tx: Tx, name: str) -> None:
    """Remember a room; nothing happens when it is known."""
    tx.execute("INSERT OR IGNORE INTO room (name) VALUES (?)", name.strip())


def book(tx: Tx, bookings: Iterable[Booking]) -> int:
    """Write down bookings by others, each in place of the one with its UID; how many there were."""
    count = 0
    for one in bookings:
        add(tx, one.room)
        tx.execute(
            "INSERT OR REPLACE INTO booking (uid, room, starts, ends) VALUES (?, ?, ?, ?)",
            one.uid,
            one.room,
            from_time(one.starts),
            from_time(one.ends),
        )
        count += 1
    return count


def free(tx: Tx, uid: str) -> None:
    """A booking was cancelled by whoever made it."""
    tx.execute("DELETE FROM booking WHERE uid = ?", uid)


def bookings(tx: Tx, start: datetime, end: datetime) -> list[Booking]:
    """The bookings that go on at some time between `start` and `end`, in order."""
    rows = tx.all(
        "SELECT * FROM booking WHERE ? <= starts AND starts < ? AND ends > ? ORDER BY starts, uid",
        from_time(start - _LONGEST),
        from_time(end),
        from_time(start),
    )
    return [Booking(row["uid"], row["room"], to_time(row["starts"]), to_time(row["ends"])) for row in rows]
