"""Made-up records with fresh ids, and a vault folder to put them in."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from vigfield import clock
from vigfield.model import (
    Caregiver,
    Consent,
    ConsentId,
    DrawnSignature,
    Family,
    FamilyId,
    Footing,
    FormRef,
    Infant,
    Part,
    PersonId,
    Place,
    Quality,
    Recording,
    RecordingId,
    RecordingState,
    Relationship,
    Scope,
    Session,
    SessionId,
    SessionKind,
)
from vigfield.seal import Key
from vigfield.store import Header, Store, Tx, VaultFolder, consents, families, recordings, sessions

NOW = datetime(2026, 3, 2, 9, 30, 0, 123_000, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
SECRET = bytes(range(32))


def key() -> Key:
    """The same key every time; the caller may wipe it."""
    return Key(SECRET)


def header() -> Header:
    """The header of a new vault."""
    return Header(1, clock.new_id(), False, NOW.isoformat(), ({"kind": "passphrase"},))


@contextmanager
def opened(path: Path) -> Iterator[Store]:
    """A store on this path, for tests that block."""
    store = asyncio.run(Store.open(path, key()))
    try:
        yield store
    finally:
        asyncio.run(store.close())


def make_vault(path: Path) -> Header:
    """A whole vault in a folder that nobody holds afterwards."""
    made, folder = header(), VaultFolder.hold(path)
    try:
        with opened(folder.database(made)):
            folder.write(made)
    finally:
        folder.release()
    return made


def new_family(code: str, infant: str = "Ailsa", *caregivers: str) -> Family:
    """A family of an infant and caregivers of these names."""
    id_ = FamilyId(clock.new_id())
    return Family(
        id_,
        code,
        Infant(PersonId(clock.new_id()), id_, infant, "2025-03"),
        tuple(
            Caregiver(PersonId(clock.new_id()), id_, name, relationship)
            for name, relationship in zip(caregivers, Relationship, strict=False)
        ),
    )


def new_session(family: Family, starts: datetime = NOW) -> Session:
    """A visit of this family at home."""
    people = (family.infant.id, *(caregiver.id for caregiver in family.caregivers))
    return Session(
        SessionId(clock.new_id()), family.id, SessionKind.FILMING, starts, 60, Place.HOME, "", 1, people
    )


def new_consent(family: Family) -> Consent:
    """The first version of a consent for this family, drawn."""
    return Consent(
        id=ConsentId(clock.new_id()),
        version=1,
        family=family.id,
        given_by=family.caregivers[0].id,
        footing=Footing.PARENTAL_RESPONSIBILITY,
        agreed=frozenset({Scope.FILM_INTERACTION, Scope.STILLS}),
        on_camera=(family.infant.id, family.caregivers[0].id),
        also_present="a health visitor",
        sessions=(),
        valid_from=date(2026, 3, 1),
        valid_until=date(2026, 9, 1),
        form=FormRef("vig-consent", "3", "en-GB"),
        signature=DrawnSignature((((1.0, 2.5, 0), (3.25, 4.0, 16)), ((9.0, 9.0, 40),))),
        signed_at=NOW,
    )


def new_recording(session: Session, consent: Consent, started: datetime = NOW) -> Recording:
    """A film of this session that has just begun."""
    return Recording(
        id=RecordingId(clock.new_id()),
        session=session.id,
        family=session.family,
        consent=consent.id,
        consent_version=consent.version,
        kind=SessionKind.FILMING,
        started=started,
        state=RecordingState.OPEN,
        width=1280,
        height=720,
        mime='video/mp4; codecs="avc1.42001f, opus"',
        parts=(),
        quality=Quality(),
    )


def closed(part: Part) -> Part:
    """The part as it is known once its file is finished."""
    return replace(
        part,
        state=RecordingState.WHOLE,
        bytes=900,
        sealed_bytes=1000,
        sha256="ab" * 32,
        seconds=20.04,
        frames=501,
    )


def add_all(tx: Tx, code: str = "HEATHER-12") -> tuple[Family, Session, Consent, Recording]:
    """One of everything, joined."""
    family = new_family(code, "Ailsa", "Morag", "Ruaridh")
    session, consent = new_session(family), new_consent(family)
    recording = new_recording(session, consent)
    families.add(tx, family, NOW)
    sessions.add(tx, session, NOW)
    consents.add(tx, consent, NOW)
    recordings.add(tx, recording, b"a sealed key", NOW)
    return family, session, consent, recording
