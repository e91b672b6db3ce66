"""One family, one session and one consent, from which the tests of the rules are made."""

from datetime import UTC, date, datetime, timedelta

from vigfield.model import (
    Caregiver,
    Consent,
    ConsentId,
    Family,
    FamilyId,
    Footing,
    FormRef,
    Infant,
    OtherPerson,
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
    TypedSignature,
)
from vigfield.rules import Subject, subject

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
US, THEM = FamilyId("us"), FamilyId("them")
THIS, OTHER = SessionId("this"), SessionId("other")
INFANT, MOTHER, FATHER = PersonId("infant"), PersonId("mother"), PersonId("father")
AUNT, BROTHER = PersonId("aunt"), PersonId("brother")

SESSION = Session(THIS, US, SessionKind.FILMING, NOW, 60, Place.HOME, "", 1, (INFANT, MOTHER))
CONSENT = Consent(
    id=ConsentId("consent"),
    version=1,
    family=US,
    given_by=MOTHER,
    footing=Footing.PARENTAL_RESPONSIBILITY,
    agreed=frozenset({Scope.FILM_INTERACTION}),
    on_camera=(INFANT, MOTHER),
    also_present="",
    sessions=(),
    valid_from=TODAY,
    valid_until=TODAY,
    form=FormRef("form", "1", "en-GB"),
    signature=TypedSignature("M"),
    signed_at=NOW,
)
FILM = Recording(
    id=RecordingId("r"),
    session=THIS,
    family=US,
    consent=CONSENT.id,
    consent_version=1,
    kind=SessionKind.FILMING,
    started=NOW,
    state=RecordingState.WHOLE,
    width=1280,
    height=720,
    mime="video/mp4",
    parts=(),
    quality=Quality(),
)


def family_of() -> Family:
    """Mother, father, infant, a brother and an aunt."""
    return Family(
        US,
        "SE-014",
        Infant(INFANT, US, "I", "2025-11"),
        (
            Caregiver(MOTHER, US, "M", Relationship.MOTHER),
            Caregiver(FATHER, US, "F", Relationship.FATHER),
        ),
        (
            OtherPerson(AUNT, US, "A", "aunt", adult=True),
            OtherPerson(BROTHER, US, "B", "brother", adult=False),
        ),
    )


def about(session: Session, film: Recording | None = None) -> Subject:
    """What a consent is asked about for this session, or for a film made in it."""
    return subject(session, family_of(), film)
