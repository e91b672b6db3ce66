"""The chain of signed consents: each version's digest covers all of it and the digest written before it."""

import hashlib
import json
from typing import assert_never

from vigfield.model import Consent, DrawnSignature, Signature, TypedSignature


def digest(consent: Consent, previous: str) -> str:
    """SHA-256, in hexadecimal, of the canonical encoding of a version and of what was written before it.

    The encoding is JSON in ASCII with sorted keys and no spaces; times and days are ISO 8601.
    """
    content = {
        "id": consent.id,
        "version": consent.version,
        "family": consent.family,
        "given_by": consent.given_by,
        "footing": consent.footing.value,
        "agreed": sorted(consent.agreed),
        "on_camera": consent.on_camera,
        "also_present": consent.also_present,
        "sessions": consent.sessions,
        "valid_from": consent.valid_from.isoformat(),
        "valid_until": consent.valid_until.isoformat(),
        "form": [consent.form.id, consent.form.version, consent.form.language],
        "signature": signature_value(consent.signature),
        "signed_at": consent.signed_at.isoformat(),
        "status": consent.status.value,
        "interpreter": consent.interpreter,
        "practitioner": consent.practitioner,
        "shown": consent.shown,
        "previous": previous,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def signature_value(signature: Signature) -> dict[str, object]:
    """A signature as plain values: `{"strokes": …}` or `{"name": …}`."""
    match signature:
        case DrawnSignature(strokes):
            return {"strokes": strokes}
        case TypedSignature(name):
            return {"name": name}
        case _:
            assert_never(signature)
