"""What follows from a reply; pure, so that every turn a run can take is one value."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import assert_never

from vigfield.sync.outcome import Accepted, Conflict, Outcome, Why, accepted, conflict, later, rejected
from vigfield.sync.plan import Batch, Put
from vigfield.sync.reply import Absent, Failure, Found, Refusal, Reply, Stored
from vigfield.sync.same import same, untouched

MOST_ERRORS = 16  # in a row: enough to find two entries that break the server, in a batch of 50

_NOT_ALLOWED = 403
_PERHAPS_CHANGED = frozenset({404, 409, 412})


@dataclass(frozen=True, slots=True)
class Settle:
    """There is a reply for each put of the batch."""

    replies: tuple[Reply, ...]


@dataclass(frozen=True, slots=True)
class Halve:
    """Something in the batch is in the way: send it as two."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The server is the trouble, not an entry: everything left waits, `after` seconds at least."""

    why: Why
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Look:
    """The reply does not settle it: read back what the server holds."""


@dataclass(frozen=True, slots=True)
class Again:
    """Send it once more, on top of the version that the server calls `etag`."""

    etag: str


def about_batch(
    batch: Batch, reply: tuple[Reply, ...] | Refusal | Failure, errors: int
) -> Settle | Halve | Stop:
    """What to do about the reply to a batch, the last of `errors` server errors in a row."""
    match reply:
        case tuple():
            return Settle(reply)
        case Failure(why, after) if after or why is not Why.SERVER_ERROR or errors >= MOST_ERRORS:
            return Stop(why, after)
        case Failure() | Refusal():
            return Halve() if len(batch) > 1 else Settle((reply,))
    assert_never(reply)


def about_put(put: Put, reply: Reply) -> Outcome | Look:
    """What became of one put, as far as its own reply tells."""
    match reply:
        case Stored(etag):
            return accepted(put, etag) if etag else Look()
        case Refusal(status, words):
            if status in _PERHAPS_CHANGED:
                return Look()
            return later(put, Why.NOT_ALLOWED) if status == _NOT_ALLOWED else rejected(put, words)
        case Failure(why, after):
            return later(put, why, after)
    assert_never(reply)


def about_tried(put: Put, held: Found | Absent | Failure) -> Outcome | Put:
    """What a put that may have arrived before is to be, now that we know what the server holds.

    A put without an etag replaces whatever is there: never what another person wrote in the meantime.
    """
    match held:
        case Failure(why, after):
            return later(put, why, after)
        case Absent(deleted):
            return conflict(put, "", "", None) if deleted else replace(put, tried=False)
        case Found(etag, theirs) if same(put.resource, theirs):
            return accepted(put, etag)
        case Found(etag, theirs) if not untouched(theirs):
            return conflict(put, "", etag, theirs)
        case Found(etag, _):
            return replace(put, etag=etag, tried=False)
    assert_never(held)


def about_held(put: Put, reply: Reply, held: Found | Absent | Failure) -> Outcome | Again:
    """What became of one put whose reply did not settle it, now that we know what the server holds.

    What it holds may be an earlier write of ours whose acknowledgement was lost: that is no conflict.
    """
    match held:
        case Failure(why, after):
            return later(put, why, after)
        case Absent(deleted):
            return conflict(put, _words(reply), "", None) if deleted else _absent(put, reply)
        case Found(etag, theirs) if same(put.resource, theirs):
            return accepted(put, etag)
        case Found(etag, theirs) if not untouched(theirs):
            return conflict(put, _words(reply), etag, theirs)
        case Found(etag, _) if isinstance(reply, Refusal) and _bare(etag) == _bare(put.etag):
            return rejected(put, reply.words)
        case Found(etag, _):
            return Again(etag)
    assert_never(held)


def divide(batch: Batch, there: Collection[str]) -> tuple[Batch, Batch]:
    """The puts that can be sent now that `there` holds these addresses, and those that have to wait."""
    going: set[str] = set()
    ready, waiting = [], []
    for put in batch:
        if all(address in there or address in going for address in put.needs):
            ready.append(put)
            going.add(put.address)
        else:
            waiting.append(put)
    return tuple(ready), tuple(waiting)


def arrived(put: Put, outcome: Outcome) -> set[str]:
    """The address of a put that the server has, in whatever version, after this outcome; else nothing."""
    match outcome:
        case Accepted():
            return {put.address}
        case Conflict(theirs=theirs) if theirs is not None:
            return {put.address}
        case _:
            return set()


def _absent(put: Put, reply: Reply) -> Outcome | Again:
    if put.etag:
        return Again("")
    return rejected(put, reply.words) if isinstance(reply, Refusal) else later(put, Why.RUBBISH)


def _words(reply: Reply) -> str:
    return reply.words if isinstance(reply, Refusal) else ""


def _bare(etag: str) -> str:
    return etag.removeprefix("W/").strip('"')
