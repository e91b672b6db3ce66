"""How long a film is kept, and which erasures are due, overdue or held."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from vigfield import clock
from vigfield.model import (
    Due,
    Family,
    Ground,
    Hold,
    Recording,
    RecordingState,
    Retention,
    What,
)

_NOTICE = timedelta(days=30)
_GONE = (RecordingState.ERASING, RecordingState.ERASED)


class Urgency(StrEnum):
    """How an erasure stands."""

    DUE = "due"
    OVERDUE = "overdue"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Erasable:
    """An erasure in the queue: of what, why, until when, how it stands, and the hold that stops it."""

    due: Due
    urgency: Urgency
    hold: Hold | None


def destroy_by(recording: Recording, family: Family, kept: Retention) -> date:
    """The day by which a film is destroyed: after filming, or after the work ended if that is sooner."""
    filmed = clock.local(recording.started).date()
    days = [filmed + timedelta(days=kept.after_filming)]
    if family.intervention.ended is not None:
        days.append(max(filmed, family.intervention.ended) + timedelta(days=kept.after_ending))
    return min(days)


def queue(
    films: Iterable[tuple[Recording, Family]],
    asked: Iterable[Due],
    holds: Iterable[Hold],
    kept: Retention,
    today: date,
) -> list[Erasable]:
    """What is to be erased, the most urgent first: what was asked for, and films whose time is nearly over.

    `today` is the latest day that is known to have come, so that a clock that was turned back puts nothing
    off. Nothing here erases: that is a person's decision each time.
    """
    there = {film.id: (film, family) for film, family in films if film.state not in _GONE}
    dues = [due for due in asked if due.recording in there]
    whole = {due.recording for due in dues if due.what is What.FILM}
    for id_, (film, family) in there.items():
        by = destroy_by(film, family, kept)
        if id_ not in whole and film.state is not RecordingState.OPEN and by - today <= _NOTICE:
            dues.append(Due(id_, What.FILM, Ground.TIME_OVER, film.started, by))
    held = {hold.family: hold for hold in holds if hold.lifted is None}
    items = [_erasable(due, held.get(there[due.recording][0].family), today) for due in dues]
    return sorted(items, key=lambda item: (item.urgency is Urgency.HELD, item.due.by, item.due.recording))


def _erasable(due: Due, hold: Hold | None, today: date) -> Erasable:
    if hold is not None:
        return Erasable(due, Urgency.HELD, hold)
    return Erasable(due, Urgency.OVERDUE if today > due.by else Urgency.DUE, None)
