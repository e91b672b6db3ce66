"""What the reference service says that it can do."""

from vigfield.service.checks import REQUIRED


def statement(base: str) -> dict[str, object]:
    """The CapabilityStatement of the service at `base`."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2025-01-01",
        "kind": "instance",
        "software": {"name": "vigfield reference service, for demonstration and tests only"},
        "implementation": {"description": "Embedded in vigfield; not for real data", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [
            {
                "mode": "server",
                "resource": [_resource(kind) for kind in REQUIRED],
                "interaction": [{"code": "transaction"}],
            }
        ],
    }


def _resource(kind: str) -> dict[str, object]:
    return {
        "type": kind,
        "interaction": [{"code": "read"}, {"code": "update"}, {"code": "search-type"}],
        "versioning": "versioned-update",
        "updateCreate": True,
        "referencePolicy": ["literal", "enforced"],
        "searchParam": [{"name": "_lastUpdated", "type": "date"}],
    }
