"""What to remember today: the next session, consents that end, films to be erased, reviews not done."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from vigfield import clock
from vigfield.app.inforce import InForce
from vigfield.app.keeping import Item, due_items
from vigfield.app.opened import Opened
from vigfield.model import Family, FamilyId, Session
from vigfield.rules import State as Standing
from vigfield.rules import Urgency, overall
from vigfield.store import Tx, consents, families, reviews, sessions

ENDS_WITHIN = timedelta(days=14)
REVIEW_AFTER = timedelta(days=7)
REVIEW_UNTIL = timedelta(days=90)
MOST = 20


@dataclass(frozen=True, slots=True)
class Next:
    """The next session that is still to come, and whose it is."""

    session: Session
    family: Family | None


@dataclass(frozen=True, slots=True)
class Ends:
    """A consent that ends soon."""

    family: Family
    day: date


@dataclass(frozen=True, slots=True)
class Unreviewed:
    """A cycle that was filmed, and not looked at with the family."""

    family: Family
    cycle: int
    filmed: date


@dataclass(frozen=True, slots=True)
class Reminders:
    """What is soon and due; no more than twenty of each kind."""

    next: Next | None
    ending: tuple[Ends, ...]
    erasures: tuple[Item, ...]
    unreviewed: tuple[Unreviewed, ...]


class Reminding:
    """Looks at the record for what a practitioner should not forget; keeps nothing."""

    def __init__(self, opened: Opened, inforce: InForce) -> None:
        self._store = opened.store
        self._inforce = inforce

    async def today(self, now: datetime) -> Reminders:
        """What is soon and due at this moment, which is aware."""
        return await self._store.run(lambda tx: self._read(tx, now))

    def _read(self, tx: Tx, moment: datetime) -> Reminders:
        due = [one for one in due_items(tx, self._inforce.policy) if one.erasable.urgency is not Urgency.HELD]
        return Reminders(
            _next(tx, moment), _ending(tx, clock.local(moment).date()), tuple(due), _missing(tx, moment)
        )


def _next(tx: Tx, moment: datetime) -> Next | None:
    session = sessions.following(tx, moment)
    if session is None:
        return None
    return Next(session, families.get(tx, session.family) if session.family else None)


def _ending(tx: Tx, today: date) -> tuple[Ends, ...]:
    """Consents in force that end soon, one a family and day; not those that a newer one covers."""
    found: dict[tuple[FamilyId, date], None] = {}
    for one in consents.ending(tx, today, today + ENDS_WITHIN)[: 5 * MOST]:
        stand = {c.id: state for c, state in overall(consents.newest_of_family(tx, one.family), today)}
        if stand[one.id] not in (Standing.SUPERSEDED, Standing.WITHDRAWN, Standing.EXPIRED):
            found[one.family, one.valid_until] = None
        if len(found) >= MOST:
            break
    named = families.several(tx, [family for family, _ in found])
    return tuple(Ends(named[family], day) for family, day in found)


def _missing(tx: Tx, moment: datetime) -> tuple[Unreviewed, ...]:
    rows = reviews.missing(tx, moment - REVIEW_UNTIL, moment - REVIEW_AFTER, MOST)
    named = families.several(tx, [family for family, _, _ in rows])
    return tuple(Unreviewed(named[family], cycle, clock.local(at).date()) for family, cycle, at in rows)
