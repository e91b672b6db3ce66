"""Everything of a kind that changed at the service since a moment; complete while others go on writing.

Paging by offset loses rows that change meanwhile. So each question asks again for what was written at or
after the newest that was seen, until an answer brings nothing new.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from vigfield.sync.client import FhirClient
from vigfield.sync.outcome import Why
from vigfield.sync.reply import Failure, Page
from vigfield.sync.same import Resource

FEW, MOST = 100, 1000
MOST_PAGES = 2000


@dataclass(frozen=True, slots=True)
class Changed:
    """Resources that were not seen before, and up to when (the service's own time) all has been seen."""

    resources: tuple[Resource, ...]
    until: str


async def pull(client: FhirClient, kind: str, since: str) -> AsyncIterator[Changed | Failure]:
    """What changed since `since` (empty for everything), in pieces to be stored one by one.

    A Failure is the last that comes; what came before it is good.
    """
    seen: set[tuple[str, str]] = set()
    count = FEW
    for _ in range(MOST_PAGES):
        page = await client.changed(kind, since, count)
        if isinstance(page, Failure):
            yield page
            return
        fresh = [one for one in page.resources if _key(one) not in seen]
        if fresh and _in_order(page):
            since = _written(page.resources[-1])
            seen |= {_key(one) for one in fresh}
            yield Changed(tuple(fresh), since)
        elif page.more and count < MOST:  # all in one instant, or in no order: ask for more at once
            count = MOST
        elif page.more:
            yield Failure(Why.RUBBISH)
            return
        elif fresh:
            since = max(map(_written, page.resources))
            seen |= {_key(one) for one in fresh}
            yield Changed(tuple(fresh), since)
        else:
            return
    yield Failure(Why.RUBBISH)


def _in_order(page: Page) -> bool:
    moments = [_written(one) for one in page.resources]
    return all(moments) and moments == sorted(moments)


def _key(resource: Resource) -> tuple[str, str]:
    meta = resource.get("meta")
    version = meta.get("versionId") if isinstance(meta, dict) else None
    return str(resource.get("id")), str(version or _written(resource))


def _written(resource: Resource) -> str:
    meta = resource.get("meta")
    written = meta.get("lastUpdated") if isinstance(meta, dict) else None
    return written if isinstance(written, str) else ""
