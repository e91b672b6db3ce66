"""The diary: sessions planned, moved and marked, rooms without clashes, and the next cycles proposed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from vigfield import clock, rules
from vigfield.app.drafts import Invalid, SessionDraft, faults
from vigfield.app.opened import Opened, known
from vigfield.model import (
    OF_A_FAMILY,
    OFF,
    Booking,
    Family,
    FamilyId,
    PersonId,
    Place,
    Session,
    SessionId,
    SessionKind,
    SessionStatus,
    Undo,
)
from vigfield.rules import Clash, Elsewhere
from vigfield.store import Tx, families, recordings, rooms, sessions

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One session as a calendar shows it: with its family's code, and the family where it was asked for."""

    session: Session
    code: str
    family: Family | None


@dataclass(frozen=True, slots=True)
class Span:
    """What is in the diary between two days."""

    entries: tuple[Entry, ...]
    bookings: tuple[Booking, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """One session that could be planned, and what stands in its way."""

    draft: SessionDraft
    clash: Clash | None


class Diary:
    """Every verb on sessions and rooms while the vault is open."""

    def __init__(self, opened: Opened) -> None:
        self._store = opened.store

    async def between(self, first: date, last: date, *, names: bool = True) -> Span:
        """What starts from the first day until and including the last, on the tablet's calendar.

        A whole month needs no names, and is read without them.
        """
        start, end = clock.midnight(first), clock.midnight(last + timedelta(days=1))

        def read(tx: Tx) -> Span:
            found = sessions.on(tx, start, end)
            ids = [one.family for one in found if one.family is not None]
            codes, known_ = families.codes(tx, ids), families.several(tx, ids) if names else {}
            entries = tuple(
                Entry(one, codes[one.family], known_.get(one.family)) if one.family else Entry(one, "", None)
                for one in found
            )
            return Span(entries, tuple(rooms.bookings(tx, start, end)))

        return await self._store.run(read)

    async def rooms(self) -> list[str]:
        """Every room that is known, by name."""
        return await self._store.run(rooms.names)

    async def add(self, draft: SessionDraft) -> Session | Invalid | Clash:
        """A new session, or what is wrong with the draft, or what stands in its way."""
        if found := faults(draft):
            return Invalid(found)

        def write(tx: Tx) -> Session | Clash:
            session = _session(draft, _family(tx, draft))
            if (clash := _clash(tx, session, draft)) is not None:
                return clash
            sessions.add(tx, session, clock.now())
            return session

        return await self._store.run(write)

    async def change(self, id_: SessionId, draft: SessionDraft) -> Session | Invalid | Clash:
        """Write a session anew; where it stands stays as it is."""
        if found := faults(draft):
            return Invalid(found)

        def write(tx: Tx) -> Session | Invalid | Clash:
            before = known(sessions.get(tx, id_))
            if (fault := _cannot_become(tx, before, draft)) is not None:
                return Invalid({"kind": fault})
            made = _session(draft, _family(tx, draft))
            session = replace(
                made, id=id_, status=before.status, reason=before.reason, title=before.title, uid=before.uid
            )
            if (clash := _clash(tx, session, draft)) is not None:
                return clash
            sessions.change(tx, session, clock.now())
            return known(sessions.get(tx, id_))

        return await self._store.run(write)

    async def mark(self, id_: SessionId, status: SessionStatus, reason: str = "") -> Session | Invalid:
        """Say where a session stands; a cancellation needs its reason."""
        if status is SessionStatus.CANCELLED and not reason.strip():
            return Invalid({"reason": "missing"})

        def write(tx: Tx) -> Session:
            sessions.mark(tx, id_, status, clock.now(), reason.strip()[:LONGEST_REASON])
            return known(sessions.get(tx, id_))

        return await self._store.run(write)

    async def take_back(
        self, id_: SessionId, why: Undo, *, even_so: bool = False
    ) -> Session | Invalid | Clash:
        """A session did not take place, or was not called off: it is planned again, if nothing is in its way.

        A session that was filmed took place.
        """

        def write(tx: Tx) -> Session | Invalid | Clash:
            if recordings.of_session(tx, id_):
                return Invalid({"status": "took-place"})
            again = replace(known(sessions.get(tx, id_)), status=SessionStatus.BOOKED)
            found = clash_of(tx, again)
            if found is not None and not (even_so and isinstance(found, Elsewhere)):
                return found
            sessions.mark(tx, id_, SessionStatus.BOOKED, clock.now(), undo=why)
            return known(sessions.get(tx, id_))

        return await self._store.run(write)

    async def next_cycle(self, family: FamilyId) -> int:
        """The cycle after the last one that has a session."""
        return await self._store.run(lambda tx: _last_cycle(tx, family) + 1)

    async def propose(
        self, first: SessionDraft, every_days: int, count: int, *, with_reviews: bool
    ) -> list[Proposal]:
        """Sessions for the next cycles from the first one on: a filming each, and its review a week later."""

        def read(tx: Tx) -> list[Proposal]:
            local = clock.local(first.starts)
            made: list[Proposal] = []
            taken: list[Session] = []
            for number, starts in enumerate(rules.proposed(local.date(), local.time(), every_days, count)):
                for draft in _cycle(replace(first, starts=starts, cycle=first.cycle + number), with_reviews):
                    session = _session(draft, _family(tx, draft))
                    made.append(Proposal(draft, _clash(tx, session, draft, taken)))
                    taken.append(session)
            return made

        return await self._store.run(read)

    async def plan(self, drafts: Sequence[SessionDraft]) -> list[Session] | Invalid | Clash:
        """Add several sessions, all of them or none."""
        for draft in drafts:
            if found := faults(draft):
                return Invalid(found)

        def write(tx: Tx) -> list[Session] | Clash:
            made = []
            for draft in drafts:
                session = _session(draft, _family(tx, draft))
                if (clash := _clash(tx, session, draft)) is not None:
                    raise _Clashes(clash)
                sessions.add(tx, session, clock.now())
                made.append(session)
            return made

        try:
            return await self._store.run(write)
        except _Clashes as clashes:
            return clashes.clash


class _Clashes(Exception):
    """Undoes a transaction in which sessions were added."""

    def __init__(self, clash: Clash) -> None:
        super().__init__("a clash")
        self.clash = clash


def clash_of(tx: Tx, session: Session, more: Sequence[Session] = ()) -> Clash | None:
    """What in the diary stands in the way of a session."""
    if session.status in OFF:
        return None
    start, end = rules.away(session)
    around = [*sessions.around(tx, start, end), *more]
    return rules.clash(session, around, rooms.bookings(tx, session.starts, session.ends))


def _clash(tx: Tx, session: Session, draft: SessionDraft, more: Sequence[Session] = ()) -> Clash | None:
    found = clash_of(tx, session, more)
    return None if isinstance(found, Elsewhere) and draft.even_so else found


def _cannot_become(tx: Tx, before: Session, draft: SessionDraft) -> str | None:
    """Why a session does not become another one: it was filmed, or the service knows it as a family's."""
    if before.family is not None and draft.family != before.family:
        return "of-a-family"
    filmed = before.kind is not draft.kind and recordings.of_session(tx, before.id)
    return "filmed" if filmed else None


def _family(tx: Tx, draft: SessionDraft) -> Family | None:
    return None if draft.family is None else known(families.get(tx, draft.family))


def _last_cycle(tx: Tx, family: FamilyId) -> int:
    kept = [one for one in sessions.of_family(tx, family) if one.status not in OFF]
    return max((one.cycle for one in kept if one.kind is not SessionKind.FIRST_MEETING), default=0)


def _cycle(filming: SessionDraft, with_review: bool) -> list[SessionDraft]:
    """A filming, and a week later at the same time of day its shared review."""
    if not with_review:
        return [filming]
    local = clock.local(filming.starts)
    review = clock.moment(local.date() + timedelta(days=7), local.time())
    return [filming, replace(filming, kind=SessionKind.SHARED_REVIEW, starts=review)]


def _session(draft: SessionDraft, family: Family | None) -> Session:
    people = () if family is None or draft.kind not in OF_A_FAMILY else _on_camera(draft, family)
    return Session(
        id=SessionId(clock.new_id()),
        family=None if family is None else family.id,
        kind=draft.kind,
        starts=draft.starts,
        minutes=draft.minutes,
        place=draft.place,
        room="" if draft.place is Place.HOME else draft.room.strip(),
        cycle=draft.cycle,
        on_camera=people,
        travel=draft.travel,
        note=draft.note.strip(),
    )


def _on_camera(draft: SessionDraft, family: Family) -> tuple[PersonId, ...]:
    """Who was named, in the family's order; the infant and all caregivers where nobody was."""
    if draft.on_camera is None:
        return (family.infant.id, *(caregiver.id for caregiver in family.caregivers))
    return tuple(one for one in family.names if one in draft.on_camera)
