"""One run: send what waits, find the one entry that a server will not take, and send the rest."""

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from itertools import chain

from vigfield.sync.client import FhirClient
from vigfield.sync.decide import (
    Again,
    Halve,
    Look,
    Settle,
    Stop,
    about_batch,
    about_held,
    about_put,
    about_tried,
    arrived,
    divide,
)
from vigfield.sync.outcome import Later, Outcome, Why, later
from vigfield.sync.plan import Batch, Put, halves
from vigfield.sync.reply import Failure, Reply

_MOST_LOOKS = 3


async def push(client: FhirClient, batches: AsyncIterator[Batch]) -> AsyncGenerator[Outcome, None]:
    """Send every put and tell what became of each, exactly once, as soon as it is known.

    No item stands in another's way, unless the other refers to it and so has to wait. When the server itself
    is the trouble, the run ends, and no further batch is asked for: what would have been in it waits.
    """
    todo: deque[Batch] = deque()
    there: set[str] = set()
    errors = 0
    while batch := todo.popleft() if todo else await anext(batches, None):
        unknown, known, stop = await _known(client, batch)
        for put, outcome in known:
            there |= arrived(put, outcome)
            yield outcome
        if stop is not None:
            for put in chain(unknown, *todo):
                yield later(put, stop.why, stop.after)
            return
        ready, waiting = divide(unknown, there)
        for put in waiting:
            yield later(put, Why.WAITS)
        if not ready:
            continue
        reply = await client.push(ready)
        errors = errors + 1 if isinstance(reply, Failure) and reply.why is Why.SERVER_ERROR else 0
        match about_batch(ready, reply, errors):
            case Stop(why, after):
                for put in chain(ready, *todo):
                    yield later(put, why, after)
                return
            case Halve():
                todo.extendleft(reversed(halves(ready)))
            case Settle(replies):
                for put, one in zip(ready, replies, strict=True):
                    outcome = await _settle(client, put, one)
                    there |= arrived(put, outcome)
                    yield outcome


async def _known(client: FhirClient, batch: Batch) -> tuple[Batch, list[tuple[Put, Outcome]], Later | None]:
    """What of a batch is still to be sent, and what is known of the rest by reading it back.

    Read back is what may have arrived without an acknowledgement. When the server itself turns out to be the
    trouble, that comes third, and nothing more was asked.
    """
    rest: list[Put] = []
    known: list[tuple[Put, Outcome]] = []
    for place, put in enumerate(batch):
        if put.etag or not put.tried:
            rest.append(put)
            continue
        answer = about_tried(put, await client.read(put))
        match answer:
            case Put():
                rest.append(answer)
            case Later(why=why, after=after) if after or why is not Why.SERVER_ERROR:
                return (*rest, *batch[place:]), known, answer
            case _:
                known.append((put, answer))
    return tuple(rest), known, None


async def _settle(client: FhirClient, put: Put, reply: Reply) -> Outcome:
    for _ in range(_MOST_LOOKS):
        outcome = about_put(put, reply)
        if not isinstance(outcome, Look):
            return outcome
        answer = about_held(put, reply, await client.read(put))
        if not isinstance(answer, Again):
            return answer
        put = replace(put, etag=answer.etag)
        reply = await _push_one(client, put)
    return later(put, Why.SERVER_ERROR)


async def _push_one(client: FhirClient, put: Put) -> Reply:
    reply = await client.push((put,))
    return reply[0] if isinstance(reply, tuple) else reply
