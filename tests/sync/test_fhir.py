"""The resources are valid R4, say what they should, and hold nothing that is not on the whitelist."""

import dataclasses
import json
from collections.abc import Iterator
from datetime import date, timedelta
from importlib import import_module
from itertools import chain

import fhirkit
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sync.examples import FAMILY, INFANT, MOTHER, consent, family, owner, recording, resources, session
from vigfield.model import (
    Caregiver,
    Certificate,
    ConsentStatus,
    DrawnSignature,
    Ending,
    Footing,
    Ground,
    Infant,
    Intervention,
    Kind,
    OtherPerson,
    Part,
    PersonId,
    Place,
    Quality,
    RecordingState,
    Relationship,
    Scope,
    SessionId,
    SessionStatus,
    TypedSignature,
)
from vigfield.sync import Resource, fhir, fhir_work
from vigfield.sync.same import STAMP, untouched

NEVER_SENT = st.text(min_size=6, max_size=30).filter(lambda text: len(set(text)) > 3)


def problems(resource: Resource) -> list[str]:
    kind = str(resource["resourceType"])
    model = getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
    model.model_validate(resource)
    return [str(issue) for issue in fhirkit.validate(resource)]


def variations() -> list[Resource]:
    """One resource for every value of every closed set that a resource depends on."""
    change = dataclasses.replace
    caregivers = [change(family, caregivers=(Caregiver(MOTHER, FAMILY, "", r),)) for r in Relationship]
    sessions = [change(session, status=s, place=p) for s in SessionStatus for p in Place]
    consents = [change(consent, status=s) for s in ConsentStatus]
    consents.append(change(consent, sessions=(session.id,), signature=TypedSignature("Morag")))
    films = [change(recording, state=s) for s in RecordingState]
    films.append(change(recording, parts=(), width=0, height=0, mime=""))
    erased = change(recording, state=RecordingState.ERASED)
    return [
        *resources().values(),
        *(fhir.related_person(one, MOTHER) for one in caregivers),
        *(fhir.appointment(one, family) for one in sessions),
        *(fhir.encounter(one, family, owner) for one in sessions),
        *(fhir.consent(one, family) for one in consents),
        *(fhir.media(one, family) for one in films),
        *(fhir.media(erased, family, certificate(ground)) for ground in Ground),
    ]


def certificate(ground: Ground = Ground.CAREGIVER_ASKED) -> Certificate:
    """That the film of the examples was erased an hour after it was made."""
    begun = recording.started + timedelta(hours=1)
    gone, completed = begun + timedelta(seconds=1), begun + timedelta(seconds=2)
    files = ((f"{recording.id}-001.film", 1000),)
    was = RecordingState.INTERRUPTED
    return Certificate(recording.id, ground, was, recording.parts, files, begun, gone, completed)


@pytest.mark.parametrize("resource", variations(), ids=lambda r: r["resourceType"])
def test_every_variation_is_valid_r4_and_json(resource: Resource) -> None:
    assert problems(resource) == []
    assert json.loads(json.dumps(resource)) == resource


def test_the_validators_find_planted_faults() -> None:
    good = resources()
    planted = [
        {**good[Kind.RECORDING], "content": None},
        {**good[Kind.RECORDING], "width": 0},
        {**good[Kind.RECORDING], "surprise": "x"},
        {**good[Kind.SESSION], "start": "2026-03-02"},
        {**good[Kind.CAREGIVER], "patient": {"reference": 7}},
        {**good[Kind.CONSENT], "scope": []},
    ]
    assert sum(bool(fhirkit.validate(one)) for one in planted) == len(planted) == 6


# Neither validator checks codes: these are R4's required bindings.
STATUS = {
    "Appointment": {"booked", "arrived", "fulfilled", "cancelled", "noshow"},
    "Encounter": {"planned", "arrived", "finished", "cancelled"},
    "Consent": {"active", "inactive"},
    "Media": {"in-progress", "completed", "stopped", "not-done", "unknown"},
}


def test_every_status_is_one_of_r4s() -> None:
    seen: dict[str, set[object]] = {}
    for resource in variations():
        seen.setdefault(str(resource["resourceType"]), set()).add(resource.get("status"))
    assert {kind: seen[kind] for kind in STATUS} == STATUS


def test_patient_field_by_field() -> None:
    assert unstamped(fhir.patient(family)) == {
        "resourceType": "Patient",
        "id": INFANT,
        "meta": {"tag": [{"system": "urn:vigfield", "code": "vigfield"}]},
        "identifier": [{"system": "urn:vigfield:family-code", "value": "HEATHER-12"}],
    }


def test_related_person_field_by_field() -> None:
    assert unstamped(fhir.related_person(family, MOTHER)) == {
        "resourceType": "RelatedPerson",
        "id": MOTHER,
        "meta": {"tag": [{"system": "urn:vigfield", "code": "vigfield"}]},
        "patient": {"reference": f"Patient/{INFANT}"},
        "relationship": [
            {
                "coding": [
                    {"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "MTH"},
                    {"system": "urn:vigfield:relationship", "code": "mother"},
                ]
            }
        ],
    }


def test_appointment_field_by_field() -> None:
    assert unstamped(fhir.appointment(session, family)) == {
        "resourceType": "Appointment",
        "id": session.id,
        "meta": {"tag": [{"system": "urn:vigfield", "code": "vigfield"}]},
        "extension": [{"url": "urn:vigfield:extension:place", "valueCode": "home"}],
        "status": "fulfilled",
        "serviceType": [
            {
                "coding": [{"system": "urn:vigfield:session-kind", "code": "filming"}],
                "text": "Video Interaction Guidance: filming",
            }
        ],
        "start": "2026-03-02T09:30:00.000Z",
        "end": "2026-03-02T10:30:00.000Z",
        "participant": [
            {"actor": {"reference": f"Patient/{INFANT}"}, "status": "accepted"},
            {"actor": {"reference": f"RelatedPerson/{MOTHER}"}, "status": "accepted"},
        ],
    }


def test_encounter_field_by_field() -> None:
    assert unstamped(fhir.encounter(session, family, owner)) == {
        "resourceType": "Encounter",
        "id": session.id,
        "meta": {"tag": [{"system": "urn:vigfield", "code": "vigfield"}]},
        "status": "finished",
        "class": {
            "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
            "code": "HH",
            "display": "home health",
        },
        "subject": {"reference": f"Patient/{INFANT}"},
        "extension": [{"url": "urn:vigfield:extension:cycle", "valuePositiveInt": 1}],
        "episodeOfCare": [{"reference": f"EpisodeOfCare/{INFANT}"}],
        "participant": [{"individual": {"reference": f"Practitioner/{owner.id}"}}],
        "appointment": [{"reference": f"Appointment/{session.id}"}],
        "period": {"start": "2026-03-02T09:30:00.000Z", "end": "2026-03-02T10:30:00.000Z"},
    }


def test_consent_field_by_field() -> None:
    agreed = {Scope.FILM_INTERACTION, Scope.SUPERVISOR}
    assert unstamped(fhir.consent(consent, family)) == {
        "resourceType": "Consent",
        "id": consent.id,
        "meta": {"tag": [{"system": "urn:vigfield", "code": "vigfield"}]},
        "extension": [
            {
                "url": "urn:vigfield:extension:consent-form",
                "extension": [
                    {"url": "id", "valueString": "vig-consent"},
                    {"url": "version", "valueString": "3"},
                    {"url": "language", "valueCode": "en-GB"},
                ],
            },
            {"url": "urn:vigfield:extension:signature-sha256", "valueString": fhir.signature_hash(consent)},
        ],
        "status": "active",
        "scope": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/consentscope",
                    "code": "patient-privacy",
                }
            ]
        },
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "patient": {"reference": f"Patient/{INFANT}"},
        "dateTime": "2026-03-01T10:00:00.250Z",
        "performer": [{"reference": f"RelatedPerson/{MOTHER}"}],
        "policyRule": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "OPTIN"}]
        },
        "provision": {
            "period": {"start": "2026-03-01", "end": "2026-09-01"},
            "provision": [
                {
                    "type": "permit" if scope in agreed else "deny",
                    "code": [{"coding": [{"system": "urn:vigfield:consent-scope", "code": scope.value}]}],
                }
                for scope in Scope
            ],
        },
    }


def test_a_consent_for_some_sessions_says_so() -> None:
    limited = dataclasses.replace(consent, sessions=(session.id,))
    provision = fhir.consent(limited, family)["provision"]
    assert isinstance(provision, dict)
    assert provision["data"] == [
        {"meaning": "instance", "reference": {"reference": f"Appointment/{session.id}"}}
    ]


def test_a_consent_of_another_adult_names_nobody_whom_the_service_does_not_know() -> None:
    aunt = OtherPerson(PersonId("7a" * 16), FAMILY, "Prunella", "aunt", adult=True)
    hers = dataclasses.replace(consent, given_by=aunt.id, footing=Footing.SELF)
    told = fhir.consent(hers, dataclasses.replace(family, others=(aunt,)))
    assert "performer" not in told
    assert problems(told) == []


def test_media_field_by_field() -> None:
    assert unstamped(fhir.media(recording, family)) == {
        "resourceType": "Media",
        "id": recording.id,
        "meta": {"tag": [{"system": "urn:vigfield", "code": "vigfield"}]},
        "extension": [
            {"url": "urn:vigfield:extension:part-count", "valueUnsignedInt": 1},
            {"url": "urn:vigfield:extension:interrupted", "valueBoolean": False},
            {
                "url": "urn:vigfield:extension:sealed-part",
                "extension": [
                    {"url": "number", "valuePositiveInt": 1},
                    {"url": "sha256", "valueString": "ab" * 32},
                ],
            },
        ],
        "status": "completed",
        "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/media-type", "code": "video"}]},
        "subject": {"reference": f"Patient/{INFANT}"},
        "encounter": {"reference": f"Encounter/{session.id}"},
        "createdDateTime": "2026-03-02T09:41:07.123Z",
        "height": 720,
        "width": 1280,
        "duration": 20.04,
        "content": {"contentType": "video/mp4"},
    }


def test_an_interrupted_film_says_so_and_lists_its_parts() -> None:
    parts = (*recording.parts, Part(recording.id, 2, RecordingState.INTERRUPTED, 1, 2, "cd" * 32, 4.5, 112))
    film = fhir.media(dataclasses.replace(recording, state=RecordingState.INTERRUPTED, parts=parts), family)
    assert film["status"] == "stopped"
    assert film["duration"] == 24.54
    text = json.dumps(film)
    assert '"urn:vigfield:extension:interrupted", "valueBoolean": true' in text
    assert '"valueUnsignedInt": 2' in text
    assert "ab" * 32 in text
    assert "cd" * 32 in text


def test_an_erased_film_is_told_as_it_was_made_with_when_and_why_it_was_erased() -> None:
    before = unstamped(fhir.media(dataclasses.replace(recording, state=RecordingState.INTERRUPTED), family))
    erased = dataclasses.replace(recording, state=RecordingState.ERASED)
    after = unstamped(fhir.media(erased, family, certificate()))
    assert after.pop("extension") == [
        *before.pop("extension"),  # type: ignore[misc]
        {
            "url": "urn:vigfield:extension:erased",
            "extension": [
                {"url": "at", "valueInstant": "2026-03-02T10:41:08.123Z"},
                {"url": "ground", "valueCode": "caregiver-asked"},
            ],
        },
    ]
    assert after == before


def test_while_its_key_may_be_left_a_film_is_not_called_erased() -> None:
    begun = dataclasses.replace(certificate(), key_gone=None, completed=None)
    erasing = dataclasses.replace(recording, state=RecordingState.ERASING)
    as_before = fhir.media(dataclasses.replace(recording, state=RecordingState.INTERRUPTED), family)
    assert fhir.media(erasing, family, begun) == as_before


def test_a_film_that_never_began_points_to_no_visit() -> None:
    empty = dataclasses.replace(recording, state=RecordingState.EMPTY, parts=())
    assert "encounter" not in fhir.media(empty, family)


@given(name=NEVER_SENT, note=NEVER_SENT, room=NEVER_SENT, month=NEVER_SENT, event=NEVER_SENT, mime=NEVER_SENT)
def test_no_free_text_is_in_any_resource(
    name: str, note: str, room: str, month: str, event: str, mime: str
) -> None:
    change = dataclasses.replace
    named = change(
        family,
        infant=Infant(INFANT, FAMILY, name, month),
        caregivers=tuple(change(c, name=name) for c in family.caregivers),
    )
    ended = change(named, intervention=Intervention(3, date(2026, 6, 1), Ending.OTHER, note))
    told = change(session, note=note, title=event, reason=note, status=SessionStatus.CANCELLED)
    told = change(told, room=room, place=Place.ROOM)
    signed = change(consent, also_present=note, signature=TypedSignature(name))
    filmed = change(recording, mime=mime, quality=Quality(1, 1, 0, ((0.5, event),)))
    sent = [
        fhir_work.practitioner(dataclasses.replace(owner, name=name)),
        fhir_work.episode(ended, date(2026, 3, 2)),
        fhir.own_appointment(change(told, title=name, note=note, family=None), owner),
        fhir.patient(named),
        fhir.related_person(named, MOTHER),
        fhir.appointment(told, named),
        fhir.encounter(told, named, owner),
        fhir.consent(signed, named),
        fhir.media(filmed, named),
    ]
    text = "\0".join(strings(sent))
    for free in (name, note, room, month, event, mime):
        assert free in WITHOUT_FREE_TEXT or free not in text


def strings(value: object) -> Iterator[str]:
    """Every text in a resource, the names of its fields included, as it is before JSON escapes it."""
    match value:
        case str():
            yield value
        case dict():
            for item in chain.from_iterable(value.items()):
                yield from strings(item)
        case list():
            for item in value:
                yield from strings(item)


WITHOUT_FREE_TEXT = "\0".join(strings(variations()))  # all that a generated text may happen to equal


def test_names_birth_month_room_notes_footing_and_family_id_stay_here() -> None:
    text = json.dumps(variations())
    for kept in ("Ailsa", "Morag", "Ruaridh", "2025-03", "health visitor", "sound-lost", FAMILY):
        assert kept not in text
    assert consent.footing.value not in text


def test_the_signatures_hash_tells_signatures_apart_and_is_salted_by_the_family() -> None:
    change = dataclasses.replace
    typed = change(consent, signature=TypedSignature("Morag"))
    others = [
        consent,
        typed,
        change(typed, signature=TypedSignature("Morag ")),
        change(typed, version=2),
        change(typed, family="another family"),
        change(consent, signature=DrawnSignature(((),))),
    ]
    assert len({fhir.signature_hash(one) for one in others}) == len(others)
    assert fhir.signature_hash(typed) == fhir.signature_hash(change(typed, valid_until=date(2027, 1, 1)))


def test_a_person_of_another_family_is_an_error() -> None:
    with pytest.raises(KeyError):
        fhir.related_person(family, INFANT)


def test_every_resource_is_stamped() -> None:
    assert all(untouched(resource) for resource in variations())


def test_a_session_in_a_room_is_a_clinic_and_no_more() -> None:
    room = dataclasses.replace(session, id=SessionId("s"), place=Place.ROOM, room="Room 3, Leith")
    assert fhir.appointment(room, family)["extension"][0]["valueCode"] == "clinic"
    assert fhir.encounter(room, family, owner)["class"]["code"] == "AMB"


def unstamped(resource: Resource) -> Resource:
    """The resource without its stamp, of which there is exactly one."""
    extensions = resource["extension"]
    assert isinstance(extensions, list)
    others = [e for e in extensions if e["url"] != STAMP]
    assert len(others) == len(extensions) - 1
    rest = {name: value for name, value in resource.items() if name != "extension"}
    return rest | ({"extension": others} if others else {})
