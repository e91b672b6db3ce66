"""The pieces that every resource is made of: its stamp and tag, references, codes, instants."""

from datetime import UTC, datetime

from vigfield.model import Field, Kind, PersonId, Policy, SessionId
from vigfield.sync.same import Resource, stamped

SYSTEM = "urn:vigfield"
TERMS = "http://terminology.hl7.org/CodeSystem/"
TYPES = {
    Kind.PRACTITIONER: "Practitioner",
    Kind.INFANT: "Patient",
    Kind.CAREGIVER: "RelatedPerson",
    Kind.EPISODE: "EpisodeOfCare",
    Kind.SESSION: "Appointment",
    Kind.VISIT: "Encounter",
    Kind.CONSENT: "Consent",
    Kind.RECORDING: "Media",
    Kind.COPY: "DocumentReference",
    Kind.STILL: "Media",
    Kind.EVENT: "AuditEvent",
}
"""What each kind of item is called at the service."""


def resource(kind: str, id_: str, fields: Resource) -> Resource:
    """A resource with its tag and its stamp."""
    tag = {"tag": [coding(SYSTEM, "vigfield")]}
    return stamped({"resourceType": kind, "id": id_, "meta": tag, **fields})


def coding(system: str, code: str) -> dict[str, str]:
    """A code of a system."""
    return {"system": system, "code": code}


def name(text: str, field: Field, policy: Policy) -> Resource:
    """A person's name, where policy lists it."""
    return {"name": [{"text": text}]} if text and field in policy.fields else {}


def reference(kind: str, id_: str) -> Resource:
    """Where another resource is."""
    return {"reference": f"{kind}/{id_}"}


def patient_ref(infant: PersonId) -> Resource:
    """Where the infant is."""
    return reference("Patient", infant)


def appointment_ref(session: SessionId) -> Resource:
    """Where a session, as it was planned, is."""
    return reference("Appointment", session)


def positive(field: str, value: float) -> Resource:
    """A number that FHIR allows only above zero; nothing when it is not."""
    return {field: value} if value > 0 else {}


def instant(moment: datetime) -> str:
    """A moment in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
