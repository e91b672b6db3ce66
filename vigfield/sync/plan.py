"""What is sent in which request, and in which order; decided without sending anything."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from vigfield.model import Kind
from vigfield.sync.same import Resource

MOST_ENTRIES = 50  # a server refused transactions of more

_ORDER = {kind: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Put:
    """One resource to be written: our `version` of it, over the one that the server called `etag`.

    `etag` is that of the last acknowledgement, and empty when there never was one. `tried` when an earlier
    version, or this one, may have arrived though nobody acknowledged it. `needs` are the addresses that it
    refers to and that the service is not known to hold: it goes once they are there, or together with them.
    `text` is the resource as it leaves, letter by letter: JSON.
    """

    kind: Kind
    id: str
    version: int
    resource: Resource
    etag: str
    tried: bool = False
    needs: frozenset[str] = frozenset()
    text: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", json.dumps(self.resource, allow_nan=False))

    @property
    def address(self) -> str:
        """Where the resource lives on the server, relative to its base: `Patient/8a…`."""
        return f"{self.resource['resourceType']}/{self.id}"


Batch = tuple[Put, ...]


def plan(puts: Iterable[Put]) -> tuple[Batch, ...]:
    """Batches of at most 50 in which no reference comes before its target, each with what it needs."""
    found = sorted(puts, key=lambda put: _ORDER[put.kind])
    new = frozenset(put.address for put in found if not put.etag)
    ordered = [replace(put, needs=new.intersection(targets(put.resource))) for put in found]
    return tuple(
        tuple(ordered[start : start + MOST_ENTRIES]) for start in range(0, len(ordered), MOST_ENTRIES)
    )


def halves(batch: Batch) -> tuple[Batch, Batch]:
    """A batch of two or more as two, in the same order."""
    middle = len(batch) // 2
    return batch[:middle], batch[middle:]


def bundle(base: str, batch: Batch) -> str:
    """A batch as one FHIR transaction to the server at `base`: all of it is written, or nothing. JSON."""
    entries = ", ".join(_entry(base, put) for put in batch)
    return f'{{"resourceType": "Bundle", "type": "transaction", "entry": [{entries}]}}'


def targets(resource: Resource) -> frozenset[str]:
    """Every address that a resource refers to."""
    found: set[str] = set()
    todo: list[object] = [resource]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            address = value.get("reference")
            if isinstance(address, str):
                found.add(address)
            else:
                todo.extend(value.values())
        elif isinstance(value, list):
            todo.extend(value)
    return frozenset(found)


def _entry(base: str, put: Put) -> str:
    request = {"method": "PUT", "url": put.address} | ({"ifMatch": put.etag} if put.etag else {})
    head = json.dumps({"fullUrl": f"{base}/{put.address}", "request": request})
    return f'{head[:-1]}, "resource": {put.text}}}'
