"""What was kept of films, and what happened, as FHIR R4: ids, kinds and times. The whitelist ends here."""

from datetime import datetime

from vigfield.model import Family, Practitioner, Still
from vigfield.sync.same import Resource
from vigfield.sync.spelling import TERMS, coding, instant, patient_ref, reference, resource

EVENT = "urn:vigfield:event"
REMOVED = "urn:vigfield:extension:removed"

_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_APPLICATION_ACTIVITY = "110100"


def still(one: Still, family: Family) -> Resource:
    """That a picture was kept from a film, and when; that it was removed. Never the picture."""
    return resource(
        "Media",
        one.id,
        {
            **_removed(one),
            "partOf": [reference("Media", one.recording)],
            "status": "completed",
            "type": {"coding": [coding(TERMS + "media-type", "image")]},
            "subject": patient_ref(family.infant.id),
            "createdDateTime": instant(one.kept),
            "content": {"contentType": "image/png"},
        },
    )


def audit_event(id_: str, at: datetime, happened: str, about: str, owner: Practitioner) -> Resource:
    """One entry of the log: what happened, when, to whom or what. `about` is an address, or empty."""
    return resource(
        "AuditEvent",
        id_,
        {
            "type": coding(_DICOM, _APPLICATION_ACTIVITY),
            "subtype": [coding(EVENT, happened)],
            "recorded": instant(at),
            "agent": [{"who": reference("Practitioner", owner.id), "requestor": True}],
            "source": {"observer": {"display": "vigfield"}},
            **({"entity": [{"what": {"reference": about}}]} if about else {}),
        },
    )


def _removed(one: Still) -> Resource:
    if one.removed is None:
        return {}
    return {"extension": [{"url": REMOVED, "valueInstant": instant(one.removed)}]}
