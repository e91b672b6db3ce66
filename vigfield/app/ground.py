"""On what ground something may be done now: the rules, with a clock that is not trusted alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from vigfield import clock, rules
from vigfield.app.opened import known
from vigfield.model import Consent, ConsentId, Family, Network, Policy, Recording, Session
from vigfield.rules import Allowed, Reason, Refused, Use
from vigfield.store import Tx, audit, consents, families, sessions

TOLERANCE = timedelta(minutes=5)


def may_film(
    tx: Tx, session: Session, use: Use = Use.RECORD, family: Family | None = None
) -> Allowed | Refused:
    """Whether this session may be filmed today, or a film in it may go on; its family if it is at hand.

    For each consent the day is the later of the clock's and of what was written down since it was signed.
    """
    if session.family is None:
        return Refused(Reason.NOT_FILMED)
    family = family or known(families.get(tx, session.family))
    newest = consents.newest_of_family(tx, session.family)
    seen = days_seen(tx, newest)
    return rules.may_record(session, family, newest, clock.today(), seen=seen, use=use)


@dataclass(frozen=True, slots=True)
class _Said:
    """Whom a film is about, what they said last, and the day on which that is asked of each."""

    about: rules.Subject
    newest: Sequence[Consent]
    seen: Mapping[ConsentId, date]

    @classmethod
    def of(cls, tx: Tx, recording: Recording) -> Self:
        session = known(sessions.get(tx, recording.session))
        family = known(families.get(tx, recording.family))
        newest = consents.newest_of_family(tx, recording.family)
        return cls(rules.subject(session, family, recording), newest, days_seen(tx, newest))


def may_use(tx: Tx, use: Use, recording: Recording) -> Allowed | Refused:
    """Whether a film may be used so today; asked anew each time, as `may_film`."""
    said = _Said.of(tx, recording)
    return rules.may_use(use, recording, said.about, said.newest, clock.today(), seen=said.seen)


def may_send(tx: Tx, recording: Recording, policy: Policy, network: Network) -> Allowed | Refused:
    """Whether a film's sealed files may go to the service now; asked anew each time, as `may_film`."""
    said, today = _Said.of(tx, recording), clock.today()
    return rules.may_send(
        recording, said.about, said.newest, today, policy=policy, network=network, seen=said.seen
    )


def may_tell(tx: Tx, recording: Recording, use: Use) -> Allowed | Refused:
    """Whether the service may be told of a film, or of what a `use` made of it, whatever became of it."""
    said = _Said.of(tx, recording)
    return rules.may(use, said.about, said.newest, clock.today(), said.seen)


def days_seen(tx: Tx, newest: Sequence[Consent]) -> dict[ConsentId, date]:
    """The latest day that is known to have come since each of these consents was written down."""
    moments = {consent.id: audit.newest_since(tx, consent.id) for consent in newest}
    return {id_: clock.local(moment).date() for id_, moment in moments.items() if moment is not None}


def latest_day(tx: Tx) -> date:
    """Today, or a later day on which something was written down: a clock turned back puts nothing off."""
    newest = audit.newest(tx)
    return clock.today() if newest is None else max(clock.today(), clock.local(newest).date())


def clock_behind(tx: Tx) -> datetime | None:
    """When the newest event was, if the tablet's clock is more than five minutes earlier; else None."""
    newest = audit.newest(tx)
    return newest if newest is not None and newest > clock.now() + TOLERANCE else None
