"""A sealed film that the service has, as a DocumentReference: where it is, and its key for the service."""

import base64
from datetime import datetime

from vigfield.model import Family, Recording, Upload, UploadPart
from vigfield.sync.fhir import encounter_of, sealed_part
from vigfield.sync.same import Resource
from vigfield.sync.spelling import coding, instant, patient_ref, reference, resource

SEALED_KEY = "urn:vigfield:extension:sealed-key"
TAKEN_BACK = "urn:vigfield:extension:taken-back"
FORMAT = "urn:vigfield:format"
DOCUMENT = "urn:vigfield:document"
_LARGEST = 2**31 - 1  # Attachment.size is an unsignedInt


def document(recording: Recording, family: Family, upload: Upload) -> Resource:
    """Where each sealed file is, and the film's key; `recording` as it was before an erasure."""
    back = upload.taken_back
    return resource(
        "DocumentReference",
        recording.id,
        {
            "extension": [_sealed_key(upload), *([] if back is None else [_taken_back(upload, back)])],
            "status": "current" if back is None else "superseded",
            "type": {"coding": [coding(DOCUMENT, "sealed-film")]},
            "subject": patient_ref(family.infant.id),
            "date": instant(upload.ended or upload.begun),
            "content": [_sealed_file(recording, part) for part in upload.parts],
            "context": {**_encounters(recording), "related": [reference("Media", recording.id)]},
        },
    )


def _sealed_key(upload: Upload) -> Resource:
    return {
        "url": SEALED_KEY,
        "extension": [
            {"url": "kid", "valueString": upload.kid},
            {"url": "policy", "valuePositiveInt": upload.policy},
            {"url": "value", "valueBase64Binary": base64.b64encode(upload.sealed_key).decode("ascii")},
        ],
    }


def _taken_back(upload: Upload, at: datetime) -> Resource:
    gone = {"url": "removed", "valueBoolean": upload.removed}
    return {"url": TAKEN_BACK, "extension": [{"url": "at", "valueInstant": instant(at)}, gone]}


def _sealed_file(recording: Recording, at: UploadPart) -> Resource:
    part = {part.number: part for part in recording.parts}[at.number]
    where = {"url": at.location} if at.location else {}
    size = {"size": part.sealed_bytes} if part.sealed_bytes <= _LARGEST else {}
    return {
        "extension": [sealed_part(part)],
        "attachment": {"contentType": "application/octet-stream", **where, **size},
        "format": coding(FORMAT, "sealed-film-1"),
    }


def _encounters(recording: Recording) -> Resource:
    found = encounter_of(recording)
    return {"encounter": [found["encounter"]]} if found else {}
