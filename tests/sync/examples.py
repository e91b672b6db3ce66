"""One family with its session, consent and film, and the puts that tell a service of them."""

from datetime import UTC, date, datetime

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
    Kind,
    Part,
    PersonId,
    Place,
    Practitioner,
    PractitionerId,
    Quality,
    Recording,
    RecordingId,
    RecordingState,
    Relationship,
    Scope,
    Session,
    SessionId,
    SessionKind,
    SessionStatus,
    Still,
    StillId,
    Upload,
    UploadPart,
    UploadState,
)
from vigfield.sync import Put, Resource, fhir, fhir_log, fhir_work
from vigfield.sync.document import document

FAMILY = FamilyId("f0" * 16)
INFANT = PersonId("1a" * 16)
MOTHER = PersonId("2b" * 16)
FATHER = PersonId("3c" * 16)
BEGUN = date(2026, 3, 2)

family = Family(
    FAMILY,
    "HEATHER-12",
    Infant(INFANT, FAMILY, "Ailsa", "2025-03"),
    (
        Caregiver(MOTHER, FAMILY, "Morag", Relationship.MOTHER),
        Caregiver(FATHER, FAMILY, "Ruaridh", Relationship.FATHER),
    ),
)
owner = Practitioner(PractitionerId("0a" * 16), "Ottoline")
session = Session(
    SessionId("4d" * 16),
    FAMILY,
    SessionKind.FILMING,
    datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    60,
    Place.HOME,
    "",
    1,
    (INFANT, MOTHER),
    SessionStatus.TOOK_PLACE,
)
consent = Consent(
    ConsentId("5e" * 16),
    1,
    FAMILY,
    MOTHER,
    Footing.PARENTAL_RESPONSIBILITY,
    frozenset({Scope.FILM_INTERACTION, Scope.SUPERVISOR}),
    (INFANT, MOTHER),
    "the health visitor",
    (),
    date(2026, 3, 1),
    date(2026, 9, 1),
    FormRef("vig-consent", "3", "en-GB"),
    DrawnSignature((((1.0, 2.5, 0), (3.0, 4.0, 16)),)),
    datetime(2026, 3, 1, 10, 0, 0, 250_000, tzinfo=UTC),
)
recording = Recording(
    RecordingId("6f" * 16),
    session.id,
    FAMILY,
    consent.id,
    1,
    SessionKind.FILMING,
    datetime(2026, 3, 2, 9, 41, 7, 123_000, tzinfo=UTC),
    RecordingState.WHOLE,
    1280,
    720,
    'video/mp4; codecs="avc1.42001f, opus"',
    (Part(RecordingId("6f" * 16), 1, RecordingState.WHOLE, 900, 1000, "ab" * 32, 20.04, 501),),
    Quality(501, 501, 0, ((3.2, "sound-lost"),)),
)
upload = Upload(
    recording.id,
    UploadState.WHOLE,
    3,
    "video-1",
    bytes(range(2, 82)),
    "https://films.leith.example/files",
    datetime(2026, 3, 2, 18, 0, tzinfo=UTC),
    datetime(2026, 3, 2, 18, 2, 30, tzinfo=UTC),
    parts=(UploadPart(1, "https://films.leith.example/files/24e533e02ec3bc40", 1000, True, True),),
)

still = Still(StillId("8b" * 16), recording.id, 1, datetime(2026, 3, 2, 11, 5, tzinfo=UTC))
EVENT = "9c" * 16


def resources() -> dict[Kind, Resource]:
    """One resource of each kind."""
    return {
        Kind.PRACTITIONER: fhir_work.practitioner(owner),
        Kind.INFANT: fhir.patient(family),
        Kind.CAREGIVER: fhir.related_person(family, MOTHER),
        Kind.EPISODE: fhir_work.episode(family, BEGUN),
        Kind.SESSION: fhir.appointment(session, family),
        Kind.VISIT: fhir.encounter(session, family, owner),
        Kind.CONSENT: fhir.consent(consent, family),
        Kind.RECORDING: fhir.media(recording, family),
        Kind.COPY: document(recording, family, upload),
        Kind.STILL: fhir_log.still(still, family),
        Kind.EVENT: fhir_log.audit_event(EVENT, still.kept, "still-kept", f"Media/{recording.id}", owner),
    }


def puts(version: int = 1) -> list[Put]:
    """One put of each kind, never acknowledged."""
    return [Put(kind, str(r["id"]), version, r, "") for kind, r in resources().items()]


def patient_put(number: int, code: str = "", version: int = 1, etag: str = "", tried: bool = False) -> Put:
    """A put of the infant of family `number`."""
    infant = Infant(PersonId(f"infant-{number}"), FAMILY, "", "")
    one = Family(FAMILY, code or f"CODE-{number}", infant, ())
    return Put(Kind.INFANT, infant.id, version, fhir.patient(one), etag, tried)
