"""Pictures and entries of the log, field by field: that they are, and never what is in them."""

from dataclasses import replace

import pytest

from tests.sync.examples import EVENT, INFANT, family, owner, recording, still
from tests.sync.test_fhir import problems, unstamped
from tests.sync.test_fhir_work import META
from vigfield.store.audit import Happening
from vigfield.sync import fhir_log

ABOUT = f"Media/{recording.id}"


def test_a_picture_field_by_field() -> None:
    made = fhir_log.still(still, family)
    assert problems(made) == []
    assert unstamped(made) == {
        "resourceType": "Media",
        "id": still.id,
        "meta": META,
        "partOf": [{"reference": ABOUT}],
        "status": "completed",
        "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/media-type", "code": "image"}]},
        "subject": {"reference": f"Patient/{INFANT}"},
        "createdDateTime": "2026-03-02T11:05:00.000Z",
        "content": {"contentType": "image/png"},
    }


def test_a_picture_that_was_removed_says_when_and_is_else_as_it_was() -> None:
    before = unstamped(fhir_log.still(still, family))
    made = fhir_log.still(replace(still, removed=still.kept), family)
    assert problems(made) == []
    after = unstamped(made)
    assert after.pop("extension") == [
        {"url": "urn:vigfield:extension:removed", "valueInstant": "2026-03-02T11:05:00.000Z"}
    ]
    assert after == before


@pytest.mark.parametrize("happened", Happening)
def test_an_entry_of_the_log_field_by_field(happened: Happening) -> None:
    made = fhir_log.audit_event(EVENT, still.kept, happened.value, ABOUT, owner)
    assert problems(made) == []
    assert unstamped(made) == {
        "resourceType": "AuditEvent",
        "id": EVENT,
        "meta": META,
        "type": {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "110100"},
        "subtype": [{"system": "urn:vigfield:event", "code": happened.value}],
        "recorded": "2026-03-02T11:05:00.000Z",
        "agent": [{"who": {"reference": f"Practitioner/{owner.id}"}, "requestor": True}],
        "source": {"observer": {"display": "vigfield"}},
        "entity": [{"what": {"reference": ABOUT}}],
    }


def test_an_entry_about_nothing_that_the_service_knows_names_nothing() -> None:
    made = fhir_log.audit_event(EVENT, still.kept, "unlocked", "", owner)
    assert "entity" not in made
    assert problems(made) == []
