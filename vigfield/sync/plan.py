"""What is sent in which request, and in which order; decided without sending anything."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vigfield.model import Kind
from vigfield.sync.same import Resource

MOST_ENTRIES = 50  # a server refused transactions of more

_ORDER = {kind: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Put:
    """One resource to be written: our `version` of it, over the one that the server called `etag`.

    `etag` is that of the last acknowledgement, and empty when there never was one. `tried` when an earlier
    version, or this one, may have arrived though nobody acknowledged it.
    """

    kind: Kind
    id: str
    version: int
    resource: Resource
    etag: str
    tried: bool = False

    @property
    def address(self) -> str:
        """Where the resource lives on the server, relative to its base: `Patient/8a…`."""
        return f"{self.resource['resourceType']}/{self.id}"


Batch = tuple[Put, ...]


def plan(puts: Iterable[Put]) -> tuple[Batch, ...]:
    """Batches of at most 50 in which no reference comes before its target."""
    ordered = sorted(puts, key=lambda put: _ORDER[put.kind])
    return tuple(
        tuple(ordered[start : start + MOST_ENTRIES]) for start in range(0, len(ordered), MOST_ENTRIES)
    )


def halves(batch: Batch) -> tuple[Batch, Batch]:
    """A batch of two or more as two, in the same order."""
    middle = len(batch) // 2
    return batch[:middle], batch[middle:]


def bundle(base: str, batch: Batch) -> Resource:
    """A batch as one FHIR transaction to the server at `base`: all of it is written, or nothing."""
    entries = [_entry(base, put) for put in batch]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def targets(resource: object) -> Iterator[str]:
    """Every address that a resource refers to."""
    match resource:
        case {"reference": str(address)}:
            yield address
        case dict():
            for value in resource.values():
                yield from targets(value)
        case list():
            for item in resource:
                yield from targets(item)
        case _:
            return


def _entry(base: str, put: Put) -> Resource:
    request = {"method": "PUT", "url": put.address}
    if put.etag:
        request["ifMatch"] = put.etag
    return {"fullUrl": f"{base}/{put.address}", "resource": put.resource, "request": request}
