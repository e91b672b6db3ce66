"""On what ground a session may be filmed now: the rule, with a clock that is not trusted alone."""

from datetime import datetime, timedelta

from vigfield import clock, rules
from vigfield.model import Session
from vigfield.rules import Allowed, Refused
from vigfield.store import Tx, audit, consents

TOLERANCE = timedelta(minutes=5)


def may_film(tx: Tx, session: Session) -> Allowed | Refused:
    """Whether this session may be filmed today.

    For each consent the day is the later of the clock's and of what was written down since it was signed.
    """
    newest = consents.newest_of_family(tx, session.family)
    moments = {consent.id: audit.newest_since(tx, consent.id) for consent in newest}
    seen = {id_: clock.local(moment).date() for id_, moment in moments.items() if moment is not None}
    return rules.may_record(session, newest, clock.today(), seen)


def clock_behind(tx: Tx) -> datetime | None:
    """When the newest event was, if the tablet's clock is more than five minutes earlier; else None."""
    newest = audit.newest(tx)
    return newest if newest is not None and newest > clock.now() + TOLERANCE else None
