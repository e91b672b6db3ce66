"""The practitioner's own record: families, sessions and consents, and the day made of them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from vigfield import clock
from vigfield.app.drafts import ConsentDraft, FamilyDraft, Invalid, SessionDraft, faults
from vigfield.app.ground import clock_behind, may_film
from vigfield.app.opened import Opened, known
from vigfield.errors import Unknown
from vigfield.model import (
    Caregiver,
    Consent,
    ConsentId,
    ConsentStatus,
    Delivery,
    Family,
    FamilyId,
    Infant,
    OutboxItem,
    PersonId,
    Recording,
    RecordingId,
    RecordingState,
    Session,
    SessionId,
    SessionStatus,
)
from vigfield.rules import Allowed, Refused
from vigfield.store import Tx, consents, families, outbox, recordings, sessions


class Step(StrEnum):
    """The one thing to do next for a session."""

    TAKE_CONSENT = "take-consent"
    FILM = "film"
    LOOK_AT_FILM = "look-at-film"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Visit:
    """A session as the day needs it: its family, whether it may be filmed, its films, what is next."""

    session: Session
    family: Family
    verdict: Allowed | Refused
    films: tuple[Recording, ...]
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
        start = datetime.combine(day, datetime.min.time()).astimezone()
        end = datetime.combine(day + timedelta(days=1), datetime.min.time()).astimezone()
        return await self._store.run(lambda tx: [_visit(tx, s) for s in sessions.on(tx, start, end)])

    async def visit(self, session: SessionId) -> Visit:
        """One session; errors.Unknown when there is none."""
        return await self._store.run(lambda tx: _visit(tx, known(sessions.get(tx, session))))

    async def families(self) -> list[Family]:
        """Every family, ordered by code."""
        return await self._store.run(families.all)

    async def family(self, family_id: FamilyId) -> FamilyPage:
        """One family; errors.Unknown when there is none."""

        def read(tx: Tx) -> FamilyPage:
            family = known(families.get(tx, family_id))
            visits = tuple(_visit(tx, session) for session in sessions.of_family(tx, family_id))
            return FamilyPage(family, visits, tuple(consents.newest_of_family(tx, family_id)))

        return await self._store.run(read)

    async def recording(self, recording: RecordingId) -> Recording:
        """One film; errors.Unknown when there is none."""
        return await self._store.run(lambda tx: known(recordings.get(tx, recording)))

    async def add_family(self, draft: FamilyDraft) -> Family | Invalid:
        """A new family, or what is wrong with the draft."""
        found = faults(draft)
        if found:
            return Invalid(found)
        family = _family(draft)

        def add(tx: Tx) -> Family | Invalid:
            if families.code_taken(tx, family.code):
                return Invalid({"code": "taken"})
            families.add(tx, family, clock.now())
            return family

        return await self._store.run(add)

    async def add_session(self, draft: SessionDraft) -> Session | Invalid:
        """A new session, or what is wrong with the draft."""
        found = faults(draft)
        if found:
            return Invalid(found)

        def add(tx: Tx) -> Session:
            session = _session(draft, known(families.get(tx, draft.family)))
            sessions.add(tx, session, clock.now())
            return session

        return await self._store.run(add)

    async def give_consent(self, draft: ConsentDraft) -> Consent | Invalid:
        """A signed consent as one immutable version, or what is missing.

        Raises errors.Unknown for people or a session that are not of the family.
        """
        found = faults(draft)
        if found:
            return Invalid(found)
        consent = _consent(draft)

        def add(tx: Tx) -> Consent:
            _check_belongings(tx, consent)
            consents.add(tx, consent, clock.now())
            return consent

        return await self._store.run(add)

    async def withdraw(self, family: FamilyId) -> int:
        """Withdraw every consent of a family, each as a new version of it; returns how many there were."""

        def add(tx: Tx) -> int:
            given = [c for c in consents.newest_of_family(tx, family) if c.status is ConsentStatus.GIVEN]
            now = clock.now()
            for one in given:
                version = one.version + 1
                withdrawn = replace(one, version=version, status=ConsentStatus.WITHDRAWN, signed_at=now)
                consents.add(tx, withdrawn, now)
            return len(given)

        return await self._store.run(add)

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


def _check_belongings(tx: Tx, consent: Consent) -> None:
    family = known(families.get(tx, consent.family))
    caregivers = {caregiver.id for caregiver in family.caregivers}
    covered = [known(sessions.get(tx, session)) for session in consent.sessions]
    if consent.given_by not in caregivers or not set(consent.on_camera) <= caregivers | {family.infant.id}:
        raise Unknown("somebody in the consent is not of the family")
    if any(session.family != family.id for session in covered):
        raise Unknown("a session in the consent is not of the family")


def _visit(tx: Tx, session: Session) -> Visit:
    family = known(families.get(tx, session.family))
    verdict = may_film(tx, session)
    films = tuple(recordings.of_session(tx, session.id))
    return Visit(session, family, verdict, films, next_step(session, verdict, films))


def next_step(session: Session, verdict: Allowed | Refused, films: Iterable[Recording]) -> Step:
    """What to offer first for a session."""
    if session.status is SessionStatus.CANCELLED:
        return Step.NOTHING
    playable = (RecordingState.WHOLE, RecordingState.INTERRUPTED)
    if any(film.state in playable for film in films):
        return Step.LOOK_AT_FILM
    return Step.FILM if isinstance(verdict, Allowed) else Step.TAKE_CONSENT


def _family(draft: FamilyDraft) -> Family:
    family_id = FamilyId(clock.new_id())
    infant = Infant(PersonId(clock.new_id()), family_id, draft.infant.strip(), draft.birth_month)
    caregiver = Caregiver(PersonId(clock.new_id()), family_id, draft.caregiver.strip(), draft.relationship)
    return Family(family_id, draft.code.strip(), infant, (caregiver,))


def _session(draft: SessionDraft, family: Family) -> Session:
    people = (family.infant.id, *(caregiver.id for caregiver in family.caregivers))
    return Session(
        id=SessionId(clock.new_id()),
        family=family.id,
        kind=draft.kind,
        starts=draft.starts,
        minutes=draft.minutes,
        place=draft.place,
        room=draft.room.strip(),
        cycle=draft.cycle,
        on_camera=people,
    )


def _consent(draft: ConsentDraft) -> Consent:
    return Consent(
        id=ConsentId(clock.new_id()),
        version=1,
        family=draft.family,
        given_by=draft.given_by,
        footing=draft.footing,
        agreed=draft.agreed,
        on_camera=draft.on_camera,
        also_present=draft.also_present.strip(),
        sessions=(draft.session,) if draft.session else (),
        valid_from=clock.today(),
        valid_until=draft.valid_until,
        form=draft.form,
        signature=draft.signature,
        signed_at=clock.now(),
        status=ConsentStatus.GIVEN,
    )
