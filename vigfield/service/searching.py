"""The search parameters that the reference service understands; any other is refused, never ignored."""

from collections.abc import Sequence
from datetime import UTC, datetime

from vigfield.service.checks import Refused
from vigfield.service.records import Query, milliseconds

DEFAULT_COUNT = 20
MOST_COUNT = 1000

_SORTS = {"_lastUpdated": False, "-_lastUpdated": True}
_FOREVER = milliseconds(datetime(9999, 12, 31, tzinfo=UTC))


def query(kind: str, parameters: Sequence[tuple[str, str]]) -> Query:
    """The search for one kind of resource; raises Refused for a parameter or value that is not understood."""
    after, until, count, newest_first = -1, _FOREVER, DEFAULT_COUNT, False
    for name, value in parameters:
        match name:
            case "_lastUpdated":
                first, last = _span(value)
                after, until = max(after, first), min(until, last)
            case "_count":
                count = _count(value)
            case "_sort" if value in _SORTS:
                newest_first = _SORTS[value]
            case _:
                raise Refused(400, f"search parameter {name[:64]} with this value is not supported")
    return Query(kind, after, until, count, newest_first)


def _span(value: str) -> tuple[int, int]:
    """After (exclusive) and until (inclusive), in milliseconds since 1970."""
    prefix, moment = value[:2], _moment(value[2:])
    match prefix:
        case "gt":
            return moment, _FOREVER
        case "ge":
            return moment - 1, _FOREVER
        case "lt":
            return -1, moment - 1
        case "le":
            return -1, moment
        case _:
            raise Refused(400, "_lastUpdated needs gt, ge, lt or le")


def _moment(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(400, "_lastUpdated needs an instant (+ must be sent as %2B)") from None
    if moment.tzinfo is None:
        raise Refused(400, "_lastUpdated needs an instant with its offset")
    return milliseconds(moment)


def _count(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise Refused(400, "_count must be a number")
    return min(int(value), MOST_COUNT)
