"""The outbox on its way, a batch at a time: what has to be on the disk before it leaves, and after."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self, assert_never

from vigfield import clock
from vigfield.app import leaving
from vigfield.model import Kind, OutboxItem, Policy
from vigfield.store import Store, Tx, handed, outbox
from vigfield.sync import Accepted, Batch, Conflict, Later, Outcome, Rejected, Why
from vigfield.sync.plan import MOST_ENTRIES
from vigfield.sync.same import Resource

OFTEN = 0.5  # seconds at least between two times that the screens are told how far it is


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the items that waited are sent by now: acknowledged, and that is stored."""

    sent: int
    of: int


class Waiting:
    """What waits, a batch at a time, as it is sent; the next one can be read while one is on its way."""

    def __init__(self, store: Store, policy: Callable[[], Policy]) -> None:
        self._store = store
        self._policy = policy
        self._last: OutboxItem | None = None
        self._back: frozenset[str] = frozenset()
        self.held = 0
        """How many items were held back so far; the log is not counted."""
        self._coming: asyncio.Task[tuple[leaving.Waiting, OutboxItem | None]] | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Batch:
        while True:
            self.read_on()
            assert self._coming is not None
            task, self._coming = self._coming, None
            found, last = await task
            if last == self._last:
                raise StopAsyncIteration
            self._last = last
            self._back = found.back
            self.held += sum(one.item.kind is not Kind.EVENT for one in found.held)
            if found.puts:
                return found.puts

    def read_on(self) -> None:
        """Begin to read the next batch."""
        if self._coming is None:
            self._coming = asyncio.create_task(self._read(self._policy(), self._last))

    async def close(self) -> None:
        """Read no more."""
        if self._coming is not None:
            self._coming.cancel()
            await asyncio.wait({self._coming})

    async def _read(
        self, policy: Policy, after: OutboxItem | None
    ) -> tuple[leaving.Waiting, OutboxItem | None]:
        back = self._back

        def read(tx: Tx) -> tuple[leaving.Waiting, OutboxItem | None]:
            items = outbox.waiting(tx, MOST_ENTRIES, after)
            return leaving.puts_of(tx, items, policy, back), items[-1] if items else after

        return await self._store.run(read)


class Drained:
    """What one run brought, of `of` items that waited; it is stored while the next batch is on its way."""

    def __init__(self, store: Store, waiting: Waiting, of: int, changed: Callable[[], None]) -> None:
        self._store = store
        self._waiting = waiting
        self._of = of
        self._changed = changed
        self._told = clock.monotonic()
        self.theirs: list[Resource] = []
        """What the service holds of consents that are in conflict."""
        self.sent = self.refused = self.conflicts = self.logged = 0
        self.put_off: Later | None = None
        """Why something waits, if anything does; of several reasons the weightiest."""
        self._stored = 0
        self._unsettled: list[Accepted | Rejected | Conflict] = []
        self._settling: asyncio.Task[None] | None = None

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return Progress(self._stored, max(self._of, self._stored))

    def hear(self, outcome: Outcome) -> None:
        """What became of one item. Of the log only what arrived counts here: the outbox counts the rest."""
        log = outcome.kind is Kind.EVENT
        match outcome:
            case Accepted():
                self.logged += log
                self.sent += not log
            case Rejected():
                self.refused += not log
            case Conflict(theirs=theirs):
                self.conflicts += not log
                self.theirs += [theirs] if theirs and theirs.get("resourceType") == "Consent" else []
            case Later():
                self.put_off = _weightier(self.put_off, outcome)
                return
            case _:
                assert_never(outcome)
        self._unsettled.append(outcome)

    async def hand_over(self, batch: Batch) -> None:
        """Store that this batch may arrive from now on.

        Meanwhile it is on its way: what was heard before is stored, and the next batch is read.
        """

        def write(tx: Tx) -> None:
            handed.over(tx, [(put.kind, put.id, put.version, put.text) for put in batch], clock.now())

        await self._store.run(write)
        await self._settled()
        if self._unsettled:
            outcomes, self._unsettled = self._unsettled, []
            self._settling = asyncio.create_task(self._settle(outcomes))
        self._waiting.read_on()

    async def settle(self) -> None:
        """Store what was heard so far."""
        await self._settled()
        outcomes, self._unsettled = self._unsettled, []
        if outcomes:
            await self._settle(outcomes)

    async def _settled(self) -> None:
        """Wait for what is being stored. It goes on when nobody waits any more."""
        task, self._settling = self._settling, None
        if task is not None:
            await asyncio.wait({task})
            task.result()

    async def _settle(self, outcomes: list[Accepted | Rejected | Conflict]) -> None:
        there = [(one.kind, one.id, one.version) for one in outcomes if isinstance(one, Accepted)]

        def write(tx: Tx) -> None:
            for outcome in outcomes:
                settle(tx, outcome)
            handed.acknowledge(tx, there, clock.now())

        await self._store.run(write)
        self._stored += sum(kind is not Kind.EVENT for kind, _, _ in there)
        if clock.monotonic() - self._told >= OFTEN:
            self._told = clock.monotonic()
            self._changed()


def settle(tx: Tx, outcome: Accepted | Rejected | Conflict) -> None:
    """Store what the service said of one item."""
    match outcome:
        case Accepted(kind, item, version, etag):
            outbox.accept(tx, kind, item, version, etag)
        case Rejected(kind, item, version, words):
            outbox.refuse(tx, kind, item, version, words)
        case Conflict(kind, item, version, words, etag, theirs):
            text = "" if theirs is None else json.dumps(theirs)
            outbox.conflict(tx, kind, item, version, outbox.Theirs(words, text, etag))
        case _:
            assert_never(outcome)


def _weightier(before: Later | None, after: Later) -> Later:
    """The reason to wait that is told and heeded: the longest wait, else the first that is no reference."""
    if before is None or after.after > before.after:
        return after
    only_waits = before.why is Why.WAITS and not before.after
    return after if only_waits else before
