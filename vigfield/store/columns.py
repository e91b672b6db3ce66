"""How values are written in columns: times that sort, and nested values as JSON."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime


def from_time(moment: datetime) -> str:
    """An aware time as text in UTC that sorts as times do; ValueError for a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def to_time(text: str) -> datetime:
    """The aware time, in UTC, that `from_time` wrote."""
    return datetime.fromisoformat(text)


def from_list(values: Iterable[object]) -> str:
    """A list of texts, numbers and lists, as JSON."""
    return json.dumps(list(values), ensure_ascii=False, separators=(",", ":"))
