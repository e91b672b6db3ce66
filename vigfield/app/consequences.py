"""What follows from a change of consent, in the same transaction: erasures are queued, or taken back."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from vigfield import clock
from vigfield.app.ground import may_film, may_use
from vigfield.app.opened import known
from vigfield.model import (
    GONE,
    Due,
    FamilyId,
    Ground,
    Recording,
    RecordingId,
    RecordingState,
    Retention,
    SessionId,
    What,
)
from vigfield.rules import Reason, Refused, Use
from vigfield.store import Tx, recordings, retention, sessions

# A refusal of these kinds is somebody's word against it.
_WORDS = (Reason.WITHDRAWN, Reason.SCOPE_REFUSED, Reason.STILLS_REFUSED)


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a change of consent brought: films and pictures that were queued, films that must stop."""

    queued: tuple[tuple[RecordingId, What], ...]
    stop: bool


def after(
    tx: Tx,
    family: FamilyId,
    change: Callable[[], None],
    kept: Retention,
    pictured: Collection[RecordingId],
) -> Consequences:
    """Make a change of a family's consents, and queue what was allowed before it and is refused after it.

    `pictured` are the films that pictures were kept from. What is allowed again is taken off the queue.
    """
    films = [film for film in recordings.of_family(tx, family) if film.state not in GONE]
    before = {film.id: _refused(tx, film, pictured) for film in films}
    change()
    now = clock.now()
    queued = []
    for film in films:
        refused = _refused(tx, film, pictured)
        if not refused:
            retention.take_back(tx, film.id, now)
        for what in sorted(refused - before[film.id]):
            retention.ask(tx, _due(film.id, what, kept, now))
            queued.append((film.id, what))
    stop = any(
        isinstance(_go_on(tx, film.session), Refused) for film in films if film.state is RecordingState.OPEN
    )
    return Consequences(tuple(queued), stop)


def _go_on(tx: Tx, session: SessionId) -> object:
    return may_film(tx, known(sessions.get(tx, session)), Use.GO_ON_RECORDING)


def _refused(tx: Tx, film: Recording, pictured: Collection[RecordingId]) -> frozenset[What]:
    found = set()
    if _against(tx, Use.PLAY, film):
        found.add(What.FILM)
    elif film.id in pictured and _against(tx, Use.MAKE_STILL, film):
        found.add(What.PICTURES)
    return frozenset(found)


def _against(tx: Tx, use: Use, film: Recording) -> bool:
    verdict = may_use(tx, use, film)
    return isinstance(verdict, Refused) and verdict.reason in _WORDS


def _due(recording: RecordingId, what: What, kept: Retention, now: datetime) -> Due:
    by = clock.local(now).date() + timedelta(days=kept.after_withdrawal)
    return Due(recording, what, Ground.CONSENT_WITHDRAWN, now, by)
