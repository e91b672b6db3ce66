"""What the reference service refuses before it writes: shapes it cannot store, said in FHIR's words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vigfield.errors import VigfieldError

MOST_ENTRIES = 50

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "Practitioner": (),
    "Patient": (),
    "RelatedPerson": ("patient",),
    "EpisodeOfCare": ("status", "patient"),
    "Appointment": ("status", "participant"),
    "Encounter": ("status", "class"),
    "Consent": ("status", "scope", "category"),
    "Media": ("status", "content"),
    "DocumentReference": ("status", "content"),
    "AuditEvent": ("type", "recorded", "agent", "source"),
    "Binary": ("contentType",),
    "Location": (),
}

ADDRESS = re.compile(r"(?P<kind>[A-Za-z]{1,64})/(?P<id>[A-Za-z0-9.-]{1,64})")
_DEEPEST = 64


class Refused(VigfieldError):
    """The request is refused with this HTTP status; the words go into the OperationOutcome."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.words = words


@dataclass(frozen=True, slots=True)
class Write:
    """One resource to be written; `if_match` is empty, or the version that it must replace."""

    kind: str
    id: str
    resource: dict[str, object]
    if_match: str

    @property
    def address(self) -> str:
        """`Patient/8a…`."""
        return f"{self.kind}/{self.id}"


def known_kind(kind: str) -> str:
    """The resource type, if this service keeps it."""
    if kind not in REQUIRED:
        raise Refused(404, f"resource type {kind[:64]} is not supported")
    return kind


def write(kind: str, id_: str, resource: object, if_match: object) -> Write:
    """A write with everything checked that can be checked without looking at the store."""
    known_kind(kind)
    if not ADDRESS.fullmatch(f"{kind}/{id_}"):
        raise Refused(400, "the id is not one")
    if not isinstance(resource, dict):
        raise Refused(400, "the resource is missing")
    if resource.get("resourceType") != kind or resource.get("id") != id_:
        raise Refused(400, "resourceType and id must be those of the address")
    if lacking := [name for name in REQUIRED[kind] if not resource.get(name)]:
        raise Refused(422, f"{kind}/{id_}: {', '.join(lacking)} is required")
    return Write(kind, id_, resource, version_of(if_match))


def transaction(body: object) -> list[Write]:
    """The writes of a transaction Bundle, in its order."""
    match body:
        case {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}:
            pass
        case _:
            raise Refused(400, "a transaction Bundle is expected")
    if not 0 < len(entries) <= MOST_ENTRIES:
        raise Refused(400, f"{len(entries)} entries instead of 1 to {MOST_ENTRIES}")
    writes = [_entry(entry) for entry in entries]
    if len({one.address for one in writes}) < len(writes):
        raise Refused(400, "a resource occurs twice")
    return writes


def version_of(etag: object) -> str:
    """The version in an ETag such as `W/"3"`; empty for none at all."""
    if etag is None:
        return ""
    found = re.fullmatch(r'(?:W/)?"([^"]{1,64})"', etag) if isinstance(etag, str) else None
    if not found:
        raise Refused(400, "If-Match must be one ETag")
    return found[1]


def references(resource: object, levels: int = _DEEPEST) -> Iterator[str]:
    """Every literal reference in a resource."""
    if levels == 0:
        raise Refused(400, "nested too deeply")
    if isinstance(resource, dict):
        target = resource.get("reference")
        if isinstance(target, str):
            yield target
        for value in resource.values():
            yield from references(value, levels - 1)
    if isinstance(resource, list):
        for value in resource:
            yield from references(value, levels - 1)


def _entry(entry: object) -> Write:
    match entry:
        case {"request": {"method": "PUT", "url": str(url)} as request, "resource": resource}:
            kind, slash, id_ = url.partition("/")
            if not slash:
                raise Refused(400, "a PUT needs an id in its address")
            return write(kind, id_, resource, request.get("ifMatch"))
        case _:
            raise Refused(400, "only PUT entries with a resource are supported")
