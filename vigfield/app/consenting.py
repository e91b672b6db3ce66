"""Consent on the tablet: taken, amended, withdrawn whole or in part, shown again, and proved unchanged."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from itertools import dropwhile

from vigfield import clock, rules
from vigfield.app.consequences import Consequences, after
from vigfield.app.drafts import ConsentDraft, Invalid, faults
from vigfield.app.ground import days_seen
from vigfield.app.inforce import InForce
from vigfield.app.opened import Opened, known
from vigfield.app.paperwork import paper_of
from vigfield.errors import Unknown
from vigfield.model import (
    Consent,
    ConsentId,
    Family,
    FamilyId,
    Footing,
    RecordingId,
    Responsibility,
    Scope,
    SessionId,
)
from vigfield.rules import Change, Reason, Refused, State
from vigfield.shipped import assets
from vigfield.store import Tx, audit, consents, drafts, families, practitioner, recordings, sessions
from vigfield.store.audit import Happening

EVERYTHING = frozenset(Scope)


@dataclass(frozen=True, slots=True)
class Standing:
    """A consent of a family, and where it stands."""

    consent: Consent
    state: State


@dataclass(frozen=True, slots=True)
class Given:
    """A consent that was kept, and what followed from it."""

    consent: Consent
    consequences: Consequences


@dataclass(frozen=True, slots=True)
class Signed:
    """A consent in all its versions, oldest first.

    `as_signed` says that none of them was changed since, as far as they are in the chain.
    """

    family: Family
    versions: tuple[Consent, ...]
    as_signed: bool


class Consenting:
    """Every verb on consent while the vault is open."""

    def __init__(self, opened: Opened, inforce: InForce) -> None:
        self._opened = opened
        self._store = opened.store
        self._inforce = inforce

    async def give(self, draft: ConsentDraft) -> Given | Invalid:
        """A signed consent as one immutable version, or what is missing.

        Raises errors.Unknown for people, a session or an earlier consent that are not of the family.
        """
        if found := faults(draft):
            return Invalid(found)
        pictured = await self._pictured(draft.family)

        def write(tx: Tx) -> Given | Invalid:
            family = known(families.get(tx, draft.family))
            before = None if draft.amends is None else known(consents.get(tx, draft.amends))
            if (consent := _consent(before, draft)) is None:
                return Invalid({"amends": "withdrawn"})
            _check_belongings(tx, family, consent)
            if found := _standing_fault(family, draft):
                return Invalid(found)
            kept: list[Consent] = []
            found_out = self._after(
                tx, family.id, lambda: kept.append(consents.add(tx, consent, clock.now())), pictured
            )
            drafts.drop(tx, _subject(draft.family, draft.session))
            return Given(kept[0], found_out)

        return await self._store.run(write)

    async def withdraw(
        self, family: FamilyId, consent: ConsentId | None = None, scopes: frozenset[Scope] = EVERYTHING
    ) -> Consequences:
        """Take back some scopes or all of one consent, or of all of a family's, each as a new version.

        What was withdrawn before, or never agreed to, stays as it is.
        """
        pictured = await self._pictured(family)

        def write(tx: Tx) -> Consequences:
            chosen = [
                one for one in consents.newest_of_family(tx, family) if consent is None or one.id == consent
            ]
            if consent is not None and not chosen:
                raise Unknown("the family has no such consent")

            def take_back() -> None:
                for one in chosen:
                    if (version := _without(one, scopes)) is not None:
                        consents.add(tx, version, version.signed_at)

            return self._after(tx, family, take_back, pictured)

        return await self._store.run(write)

    async def of_family(self, family: FamilyId) -> list[Standing]:
        """The newest version of each of a family's consents, newest first, and where each stands today."""

        def read(tx: Tx) -> list[Standing]:
            newest = consents.newest_of_family(tx, family)
            stand = rules.overall(newest, clock.today(), days_seen(tx, newest))
            return [Standing(*pair) for pair in reversed(stand)]

        return await self._store.run(read)

    async def versions(self, consent: ConsentId) -> Signed:
        """A consent in all its versions; that it was shown is written down."""

        def read(tx: Tx) -> Signed:
            found = consents.versions(tx, consent)
            if not found:
                raise Unknown("no consent has this id")
            audit.append(tx, clock.now(), Happening.CONSENT_SHOWN, consent)
            as_signed = all(consents.as_signed(tx, one) for one in dropwhile(_before_the_chain, found))
            return Signed(known(families.get(tx, found[0].family)), tuple(found), as_signed)

        return await self._store.run(read)

    @property
    def papers_may_leave(self) -> bool:
        """Whether the policy lets a consent leave the tablet as a paper."""
        return self._inforce.policy.papers_may_leave

    async def paper(self, consent: ConsentId) -> bytes | Refused:
        """A consent as PDF, made in memory; written down as handed out. Refused where policy keeps it."""
        if not self.papers_may_leave:
            return Refused(Reason.NOT_BY_POLICY)

        def read(tx: Tx) -> tuple[Family, list[Consent]]:
            found = consents.versions(tx, consent)
            if not found:
                raise Unknown("no consent has this id")
            audit.append(tx, clock.now(), Happening.PAPER_HANDED_OUT, consent)
            return known(families.get(tx, found[0].family)), found

        family, versions = await self._store.run(read)
        return await asyncio.to_thread(paper_of, family, versions, assets() / "fonts")

    async def keep_draft(self, family: FamilyId, session: SessionId | None, content: str) -> None:
        """Keep what is half filled in, sealed, until it is signed or thrown away."""
        await self._store.run(lambda tx: drafts.keep(tx, _subject(family, session), content, clock.now()))

    async def draft(self, family: FamilyId, session: SessionId | None) -> str | None:
        """What was half filled in."""
        return await self._store.run(lambda tx: drafts.get(tx, _subject(family, session)))

    async def drop_draft(self, family: FamilyId, session: SessionId | None) -> None:
        """Throw away what was half filled in."""
        await self._store.run(lambda tx: drafts.drop(tx, _subject(family, session)))

    async def practitioner(self) -> str:
        """The name that consents are given to; empty until it was said."""
        return (await self._store.run(practitioner.get)).name

    async def call_practitioner(self, name: str) -> None:
        """Remember the practitioner's name."""
        await self._store.run(lambda tx: practitioner.call(tx, name.strip(), clock.now()))

    def _after(
        self, tx: Tx, family: FamilyId, change: Callable[[], None], pictured: Collection[RecordingId]
    ) -> Consequences:
        return after(tx, family, change, self._inforce.policy.retention, pictured)

    async def _pictured(self, family: FamilyId) -> frozenset[RecordingId]:
        """The family's films that pictures were kept from."""
        films = await self._store.run(lambda tx: recordings.of_family(tx, family))
        media = self._opened.media
        return await asyncio.to_thread(
            lambda: frozenset(film.id for film in films if media.is_there() and media.stills(film.id))
        )


def _before_the_chain(consent: Consent) -> bool:
    return not consent.digest


def _without(one: Consent, scopes: frozenset[Scope]) -> Consent | None:
    """The next version of a consent, with these scopes taken back; None when none of them is left."""
    left = one.agreed - scopes
    status = rules.becomes(one.status, Change.WITHDRAW_SOME if left else Change.WITHDRAW_ALL)
    if status is None or left == one.agreed:
        return None
    agreed = left or one.agreed
    return replace(one, version=one.version + 1, status=status, agreed=agreed, signed_at=clock.now())


def _standing_fault(family: Family, draft: ConsentDraft) -> dict[str, str]:
    """Whether the footing can be what was chosen for this person, as far as it is known."""
    by = {caregiver.id: caregiver for caregiver in family.caregivers}.get(draft.given_by)
    if draft.footing is Footing.SELF:
        return {} if draft.given_by in draft.on_camera else {"on_camera": "self"}
    if by is None:
        return {"footing": "only-self"}
    if draft.footing is Footing.PARENTAL_RESPONSIBILITY and by.responsibility is Responsibility.NONE:
        return {"footing": "no-responsibility"}
    return {}


def _check_belongings(tx: Tx, family: Family, consent: Consent) -> None:
    adults = set(family.names) - family.children
    covered = [known(sessions.get(tx, session)) for session in consent.sessions]
    if consent.given_by not in adults or not set(consent.on_camera) <= set(family.names):
        raise Unknown("somebody in the consent is not of the family")
    if any(session.family != family.id for session in covered):
        raise Unknown("a session in the consent is not of the family")


def _consent(before: Consent | None, draft: ConsentDraft) -> Consent | None:
    """A new consent, or the next version of one; None where that one was withdrawn as a whole."""
    status = rules.becomes(*((None, Change.SIGN) if before is None else (before.status, Change.AMEND)))
    if status is None:
        return None
    if before is not None and (before.family, before.given_by) != (draft.family, draft.given_by):
        raise Unknown("the consent to be amended is somebody else's")
    return Consent(
        id=ConsentId(clock.new_id()) if before is None else before.id,
        version=1 if before is None else before.version + 1,
        family=draft.family,
        given_by=draft.given_by,
        footing=draft.footing,
        agreed=draft.agreed,
        on_camera=draft.on_camera,
        also_present=draft.also_present.strip(),
        sessions=(draft.session,) if draft.session else (),
        valid_from=clock.today() if before is None else min(before.valid_from, clock.today()),
        valid_until=draft.valid_until,
        form=draft.form,
        signature=draft.signature,
        signed_at=clock.now(),
        status=status,
        interpreter=draft.interpreter.strip(),
        practitioner=draft.practitioner.strip(),
        shown=draft.shown,
    )


def _subject(family: FamilyId, session: SessionId | None) -> str:
    return f"consent {family} {session or ''}"
