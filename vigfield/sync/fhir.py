"""What leaves the tablet: vigfield's values as FHIR R4 (4.0.1) resources, field by field.

The whitelist is this file with `fhir_work` and `fhir_log`: a field that is not written out there is not sent.
Notes, titles, footings and event texts are not; names, birth dates and rooms only where policy lists them.
The family's id is never sent: it salts the signature's hash.
"""

import hashlib
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from vigfield.model import (
    Caregiver,
    Certificate,
    Consent,
    ConsentStatus,
    DrawnSignature,
    Family,
    Field,
    FormRef,
    Identifier,
    Part,
    PersonId,
    Place,
    Policy,
    Practitioner,
    Recording,
    RecordingState,
    Relationship,
    Scope,
    Session,
    SessionKind,
    SessionStatus,
    TypedSignature,
)
from vigfield.sync.same import Resource
from vigfield.sync.spelling import (
    TERMS,
    appointment_ref,
    coding,
    instant,
    name,
    patient_ref,
    positive,
    reference,
    resource,
)

FAMILY_CODE = "urn:vigfield:family-code"
CONSENT_SCOPE = "urn:vigfield:consent-scope"
RELATIONSHIP = "urn:vigfield:relationship"
SESSION_KIND = "urn:vigfield:session-kind"
PLACE = "urn:vigfield:extension:place"
CYCLE = "urn:vigfield:extension:cycle"
FORM = "urn:vigfield:extension:consent-form"
SIGNATURE = "urn:vigfield:extension:signature-sha256"
PART = "urn:vigfield:extension:sealed-part"
PART_COUNT = "urn:vigfield:extension:part-count"
INTERRUPTED = "urn:vigfield:extension:interrupted"
ERASED = "urn:vigfield:extension:erased"

STRICT = Policy()

_ROLES = {
    Relationship.MOTHER: "MTH",
    Relationship.FATHER: "FTH",
    Relationship.GRANDPARENT: "GRPRN",
    Relationship.FOSTER_CARER: "PRNFOST",
    Relationship.GUARDIAN: "GUARD",
}
_SERVICES = {
    SessionKind.FIRST_MEETING: "Video Interaction Guidance: first meeting",
    SessionKind.FILMING: "Video Interaction Guidance: filming",
    SessionKind.SHARED_REVIEW: "Video Interaction Guidance: shared review",
    SessionKind.SUPERVISION: "Video Interaction Guidance: supervision",
    SessionKind.OTHER: "Video Interaction Guidance: other",
}
_APPOINTMENT_STATUS = {
    SessionStatus.BOOKED: "booked",
    SessionStatus.ARRIVED: "arrived",
    SessionStatus.TOOK_PLACE: "fulfilled",
    SessionStatus.CANCELLED: "cancelled",
    SessionStatus.DID_NOT_ATTEND: "noshow",
}
_ENCOUNTER_STATUS = {
    SessionStatus.BOOKED: "planned",
    SessionStatus.ARRIVED: "arrived",
    SessionStatus.TOOK_PLACE: "finished",
    SessionStatus.CANCELLED: "cancelled",
    SessionStatus.DID_NOT_ATTEND: "cancelled",
}
_PLACES = {Place.HOME: "home", Place.ROOM: "clinic", Place.ELSEWHERE: "elsewhere"}
_CLASSES = {
    Place.HOME: ("HH", "home health"),
    Place.ROOM: ("AMB", "ambulatory"),
    Place.ELSEWHERE: ("FLD", "field"),
}
_MEDIA_STATUS = {
    RecordingState.OPEN: "in-progress",
    RecordingState.WHOLE: "completed",
    RecordingState.INTERRUPTED: "stopped",
    RecordingState.EMPTY: "not-done",
    RecordingState.DAMAGED: "unknown",
    RecordingState.ERASING: "unknown",
    RecordingState.ERASED: "unknown",
}
# A film that never began leaves its session as it was, so there is no Encounter that it could point to.
_TOOK_PLACE = (RecordingState.WHOLE, RecordingState.INTERRUPTED, RecordingState.DAMAGED)
_FILM_TYPES = frozenset({"video/mp4", "video/webm"})


def patient(family: Family, policy: Policy = STRICT) -> Resource:
    """The family's infant, under the family's code; more that identifies only where policy lists it."""
    infant = family.infant
    return resource(
        "Patient",
        infant.id,
        {
            **_identifier(family, policy),
            **name(infant.name, Field.INFANT_NAME, policy),
            **({"birthDate": infant.born} if infant.born and Field.BIRTH_DATE in policy.fields else {}),
        },
    )


def related_person(family: Family, caregiver: PersonId, policy: Policy = STRICT) -> Resource:
    """A caregiver of the family's infant: the relationship; name and contact where policy lists them.

    KeyError for a person of another family.
    """
    person = {person.id: person for person in family.caregivers}[caregiver]
    relationship = person.relationship
    codings = [coding(RELATIONSHIP, relationship.value)]
    if role := _ROLES.get(relationship):
        codings.insert(0, coding(TERMS + "v3-RoleCode", role))
    return resource(
        "RelatedPerson",
        caregiver,
        {
            "patient": patient_ref(family.infant.id),
            "relationship": [{"coding": codings}],
            **name(person.name, Field.CAREGIVER_NAME, policy),
            **_contact(person, policy),
        },
    )


def appointment(session: Session, family: Family, policy: Policy = STRICT) -> Resource:
    """A session as planned: when, what for, at home or in a clinic, and who takes part.

    The room, and why it was cancelled, where policy lists them.
    """
    people = [patient_ref(family.infant.id)]
    people += [reference("RelatedPerson", c.id) for c in family.caregivers if c.id in session.on_camera]
    return _appointment(session, people, policy)


def own_appointment(session: Session, owner: Practitioner, policy: Policy = STRICT) -> Resource:
    """A session of no family, such as supervision: when and what for; never its title."""
    return _appointment(session, [reference("Practitioner", owner.id)], policy)


def encounter(session: Session, family: Family, owner: Practitioner) -> Resource:
    """A session as it happened; cancelled when it turns out not to have taken place."""
    code, display = _CLASSES[session.place]
    return resource(
        "Encounter",
        session.id,
        {
            **_cycle(session.cycle),
            "status": _ENCOUNTER_STATUS[session.status],
            "class": coding(TERMS + "v3-ActCode", code) | {"display": display},
            "subject": patient_ref(family.infant.id),
            "episodeOfCare": [reference("EpisodeOfCare", family.infant.id)],
            "participant": [{"individual": reference("Practitioner", owner.id)}],
            "appointment": [appointment_ref(session.id)],
            "period": {"start": instant(session.starts), "end": instant(_ends(session))},
        },
    )


def consent(given: Consent, family: Family) -> Resource:
    """What was agreed to and what was refused, scope by scope; of the signature only a hash."""
    return resource(
        "Consent",
        given.id,
        {
            "extension": [_form(given.form), {"url": SIGNATURE, "valueString": signature_hash(given)}],
            "status": "inactive" if given.status is ConsentStatus.WITHDRAWN else "active",
            "scope": {"coding": [coding(TERMS + "consentscope", "patient-privacy")]},
            "category": [{"coding": [coding("http://loinc.org", "59284-0")]}],
            "patient": patient_ref(family.infant.id),
            "dateTime": instant(given.signed_at),
            **_performer(given, family),
            "policyRule": {"coding": [coding(TERMS + "v3-ActCode", "OPTIN")]},
            "provision": _provision(given),
        },
    )


def media(recording: Recording, family: Family, certificate: Certificate | None = None) -> Resource:
    """That a film exists, how long it is and how to recognise its sealed files; never the film.

    Once its key is gone: that it was erased, when and on what ground; how it was made stays as it was told.
    """
    if certificate is not None:
        recording = replace(recording, state=certificate.was)
    return resource(
        "Media",
        recording.id,
        {
            "extension": [*_film_extensions(recording), *_erased(certificate)],
            "status": _MEDIA_STATUS[recording.state],
            "type": {"coding": [coding(TERMS + "media-type", "video")]},
            "subject": patient_ref(family.infant.id),
            **encounter_of(recording),
            "createdDateTime": instant(recording.started),
            **positive("height", recording.height),
            **positive("width", recording.width),
            **positive("duration", round(recording.seconds, 3)),
            "content": {"contentType": _film_type(recording.mime)},
        },
    )


def signature_hash(given: Consent) -> str:
    """SHA-256, in hexadecimal, of the canonical encoding of the signature and what it is bound to.

    The encoding is JSON in ASCII with sorted keys and no spaces: consent id, consent version, family id and
    the signature. A typed name could be guessed from a bare hash; the family's id, which never leaves, is a
    salt against that.
    """
    bound = {
        "consent": given.id,
        "version": given.version,
        "family": given.family,
        "signature": _signature(given.signature),
    }
    return hashlib.sha256(json.dumps(bound, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _signature(signature: DrawnSignature | TypedSignature) -> Resource:
    match signature:
        case DrawnSignature(strokes):
            return {"kind": "drawn", "strokes": strokes}
        case TypedSignature(name):
            return {"kind": "typed", "name": name}
    assert_never(signature)


def _identifier(family: Family, policy: Policy) -> Resource:
    if Identifier.FAMILY_CODE not in policy.identifiers:
        return {}
    return {"identifier": [{"system": FAMILY_CODE, "value": family.code}]}


def _service(kind: SessionKind) -> Resource:
    return {"coding": [coding(SESSION_KIND, kind.value)], "text": _SERVICES[kind]}


def _appointment(session: Session, people: list[Resource], policy: Policy) -> Resource:
    actors = [*people, *_room(session, policy)]
    return resource(
        "Appointment",
        session.id,
        {
            "extension": [{"url": PLACE, "valueCode": _PLACES[session.place]}],
            "status": _APPOINTMENT_STATUS[session.status],
            **_cancelled(session, policy),
            "serviceType": [_service(session.kind)],
            "start": instant(session.starts),
            "end": instant(_ends(session)),
            "participant": [{"actor": actor, "status": "accepted"} for actor in actors],
        },
    )


def _room(session: Session, policy: Policy) -> list[Resource]:
    """A room by its name; what a place elsewhere is called may be an address, and stays."""
    if session.place is not Place.ROOM or not session.room or Field.ROOM not in policy.fields:
        return []
    return [{"type": "Location", "display": session.room}]


def _cancelled(session: Session, policy: Policy) -> Resource:
    told = session.status is SessionStatus.CANCELLED and Field.CANCEL_REASON in policy.fields
    return {"cancelationReason": {"text": session.reason}} if told and session.reason else {}


def _cycle(number: int) -> Resource:
    return {"extension": [{"url": CYCLE, "valuePositiveInt": number}]} if number > 0 else {}


def _contact(person: Caregiver, policy: Policy) -> Resource:
    if not person.contact or Field.CAREGIVER_CONTACT not in policy.fields:
        return {}
    return {"telecom": [{"system": "other", "value": person.contact}]}


def _performer(given: Consent, family: Family) -> Resource:
    """Who signed, if the service is told of them: another adult on camera is not."""
    if given.given_by not in {one.id for one in family.caregivers}:
        return {}
    return {"performer": [reference("RelatedPerson", given.given_by)]}


def _form(form: FormRef) -> Resource:
    return {
        "url": FORM,
        "extension": [
            {"url": "id", "valueString": form.id},
            {"url": "version", "valueString": form.version},
            {"url": "language", "valueCode": form.language},
        ],
    }


def _provision(given: Consent) -> Resource:
    period = {"start": given.valid_from.isoformat(), "end": given.valid_until.isoformat()}
    limits = [{"meaning": "instance", "reference": appointment_ref(s)} for s in given.sessions]
    return {
        "period": period,
        **({"data": limits} if limits else {}),
        "provision": [_scope(scope, scope in given.agreed) for scope in Scope],
    }


def _scope(scope: Scope, agreed: bool) -> Resource:
    return {
        "type": "permit" if agreed else "deny",
        "code": [{"coding": [coding(CONSENT_SCOPE, scope.value)]}],
    }


def _film_extensions(recording: Recording) -> list[Resource]:
    interrupted = recording.state is RecordingState.INTERRUPTED
    return [
        {"url": PART_COUNT, "valueUnsignedInt": len(recording.parts)},
        {"url": INTERRUPTED, "valueBoolean": interrupted},
        *(sealed_part(part) for part in recording.parts if part.sha256),
    ]


def sealed_part(part: Part) -> Resource:
    """The number of a part, and how to recognise its sealed file."""
    number = {"url": "number", "valuePositiveInt": part.number}
    return {"url": PART, "extension": [number, {"url": "sha256", "valueString": part.sha256}]}


def _erased(certificate: Certificate | None) -> list[Resource]:
    if certificate is None or certificate.key_gone is None:
        return []
    ground = {"url": "ground", "valueCode": certificate.ground.value}
    at = {"url": "at", "valueInstant": instant(certificate.key_gone)}
    return [{"url": ERASED, "extension": [at, ground]}]


def encounter_of(recording: Recording) -> Resource:
    """The visit that a film was made in, where there was one."""
    if recording.state not in _TOOK_PLACE:
        return {}
    return {"encounter": reference("Encounter", recording.session)}


def _film_type(mime: str) -> str:
    plain = mime.partition(";")[0].strip().lower()
    return plain if plain in _FILM_TYPES else "application/octet-stream"


def _ends(session: Session) -> datetime:
    return session.starts + timedelta(minutes=session.minutes)
