"""The practitioner's own record: families, sessions and consents, and the day made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from vigfield import clock, rules
from vigfield.app.ground import clock_behind, may_film, may_use
from vigfield.app.opened import Opened, known
from vigfield.model import (
    OFF,
    PLAYABLE,
    Consent,
    Delivery,
    Family,
    FamilyId,
    OutboxItem,
    Recording,
    RecordingId,
    Session,
    SessionId,
)
from vigfield.rules import Allowed, Refused, Use
from vigfield.store import Tx, consents, families, outbox, recordings, sessions


class Step(StrEnum):
    """The one thing to do next for a session."""

    TAKE_CONSENT = "take-consent"
    FILM = "film"
    LOOK_AT_FILM = "look-at-film"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Visit:
    """A session as the day needs it: its family, whether it may be filmed, its films, what is next.

    `open_films` are those of them that may be looked at today.
    """

    session: Session
    family: Family | None
    verdict: Allowed | Refused
    films: tuple[Recording, ...]
    open_films: tuple[Recording, ...]
    step: Step


@dataclass(frozen=True, slots=True)
class FamilyPage:
    """A family with its sessions, newest version of each consent, and films."""

    family: Family
    visits: tuple[Visit, ...]
    consents: tuple[Consent, ...]


class Practice:
    """Every verb on the record while the vault is open."""

    def __init__(self, opened: Opened) -> None:
        self._store = opened.store

    async def day(self, day: date) -> list[Visit]:
        """The sessions of one day on the tablet's calendar, in order."""
        start, end = clock.midnight(day), clock.midnight(day + timedelta(days=1))

        def read(tx: Tx) -> list[Visit]:
            found = sessions.on(tx, start, end)
            known_ = families.several(tx, [one.family for one in found if one.family is not None])
            return [visit_of(tx, one, known_.get(one.family) if one.family else None) for one in found]

        return await self._store.run(read)

    async def visit(self, session: SessionId) -> Visit:
        """One session; errors.Unknown when there is none."""
        return await self._store.run(lambda tx: visit_of(tx, known(sessions.get(tx, session))))

    async def family(self, family_id: FamilyId) -> FamilyPage:
        """One family; errors.Unknown when there is none."""

        def read(tx: Tx) -> FamilyPage:
            family = known(families.get(tx, family_id))
            visits = tuple(visit_of(tx, session) for session in sessions.of_family(tx, family_id))
            return FamilyPage(family, visits, tuple(consents.newest_of_family(tx, family_id)))

        return await self._store.run(read)

    async def recording(self, recording: RecordingId) -> Recording:
        """One film; errors.Unknown when there is none."""
        return await self._store.run(lambda tx: known(recordings.get(tx, recording)))

    async def outbox(self) -> list[OutboxItem]:
        """Everything that the service is to know, with where it stands."""
        return await self._store.run(outbox.all)

    async def outbox_counts(self) -> dict[Delivery, int]:
        """How many items wait, were sent, were refused or are in conflict."""
        return await self._store.run(outbox.counts)

    async def clock_behind(self) -> datetime | None:
        """When the newest event was, if the tablet's clock is earlier than that."""
        return await self._store.run(clock_behind)

    async def everything(self) -> tuple[list[Recording], list[Consent], dict[Delivery, int]]:
        """Films, consents and outbox counts, for `vigfield status`."""
        return await self._store.run(
            lambda tx: (recordings.all(tx), consents.all(tx), outbox.counts(tx)),
        )


def visit_of(tx: Tx, session: Session, family: Family | None = None) -> Visit:
    """A session as the day needs it; with its family, if that is at hand."""
    if family is None and session.family is not None:
        family = known(families.get(tx, session.family))
    verdict = may_film(tx, session, family=family)
    films = tuple(recordings.of_session(tx, session.id))
    kept = [film for film in films if film.state in PLAYABLE]
    open_films = tuple(film for film in kept if isinstance(may_use(tx, Use.PLAY, film), Allowed))
    step = next_step(session, verdict, kept, open_films)
    return Visit(session, family, verdict, films, open_films, step)


def next_step(
    session: Session,
    verdict: Allowed | Refused,
    kept: Sequence[Recording],
    open_films: Sequence[Recording],
) -> Step:
    """What to offer first for a session; nobody is asked again for what they took back after a film."""
    if session.status in OFF:
        return Step.NOTHING
    if open_films:
        return Step.LOOK_AT_FILM
    if kept or session.kind not in rules.FILMED_UNDER:
        return Step.NOTHING
    return Step.FILM if isinstance(verdict, Allowed) else Step.TAKE_CONSENT
