"""Telling the service: one run at a time, on a network that policy takes; "sent" once that is stored."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace

from vigfield import __version__, clock, rules
from vigfield.app import leaving
from vigfield.app.connection import Connection
from vigfield.app.deciding import Deciding
from vigfield.app.draining import Drained, Progress, Waiting
from vigfield.app.enrolling import Enrolling, Reach
from vigfield.app.leaving import Listed, NextRun
from vigfield.app.opened import Opened
from vigfield.app.pulling import News, Pulling, Withdraw
from vigfield.app.runs import Ended, NeverRun, NoService, PutOff, Run, both
from vigfield.app.uploading import FilmsSent, Uploading
from vigfield.app.when import When, chance
from vigfield.model import Delivery, Network, Policy
from vigfield.store import Tx, handed, outbox, respelling
from vigfield.store.handed import Handed
from vigfield.sync import Batch, FhirClient, Put, Why, push
from vigfield.sync.reply import Absent, Failure, Found, Page, Refusal, Reply

PATIENCE = 5.0  # seconds for a reply when the vault is being locked
LOCKED = "locked"
TOO_OLD = "too-old"
NO_NETWORK = "no-network"
OTHER_NETWORK = "other-network"  # one on which nothing is sent by itself

_NOBODY_THERE = (Why.AWAY, Why.SLOW, Why.UNTRUSTED, Why.DATE)


class _Client(FhirClient):
    """A client that finishes the request in hand and asks nothing more once `stopped` says why.

    Before a batch is handed to the network, `before` has written down that it may arrive.
    """

    stopped = ""
    before: Callable[[Batch], Awaitable[None]] | None = None

    async def push(self, batch: Batch) -> tuple[Reply, ...] | Refusal | Failure:
        """As FhirClient's; a Failure once stopped."""
        if self.before is not None and not self.stopped:
            await self.before(batch)
        return Failure(Why.AWAY) if self.stopped else await super().push(batch)

    async def read(self, put: Put) -> Found | Absent | Failure:
        """As FhirClient's; a Failure once stopped."""
        return Failure(Why.AWAY) if self.stopped else await super().read(put)

    async def changed(self, kind: str, since: str, count: int) -> Page | Failure:
        """As FhirClient's; a Failure once stopped."""
        return Failure(Why.AWAY) if self.stopped else await super().changed(kind, since, count)


class Telling:
    """The outbox on its way: what waits is mapped, pushed and settled."""

    def __init__(
        self,
        opened: Opened,
        enrolling: Enrolling,
        connection: Connection,
        *,
        uploading: Uploading,
        withdraw: Withdraw,
        changed: Callable[[], None],
    ) -> None:
        self._store = opened.store
        self._enrolling = enrolling
        self._connection = connection
        self._uploading = uploading
        self._pulling = Pulling(opened, withdraw)
        self.heard = News()
        """What was taken in since the vault was opened."""
        self._changed = changed
        self._one = asyncio.Lock()
        self._when = When()
        self._returned = False
        self._by_itself = False
        self._stopped = False
        self._client: _Client | None = None
        self._running: asyncio.Task[Run] | None = None
        self._drained: Drained | None = None
        self._last: Run = NeverRun()
        self.deciding = Deciding(opened, enrolling.inforce, changed)
        """What a person may do about a refused or conflicting item."""

    @property
    def last(self) -> Run:
        """How the last run ended."""
        return NoService() if self._enrolling.reach is None else self._last

    @property
    def network(self) -> Network | None:
        """The network as it was last seen; None where it does not matter, as the service is here."""
        reach = self._enrolling.reach
        return None if reach is None or reach.local else self._connection.network

    @property
    def fits(self) -> bool:
        """Whether policy takes the network for what goes by itself."""
        networks, network = self._enrolling.inforce.policy.networks, self.network
        return network is None or rules.network_fits(networks, network)

    @property
    def wanted(self) -> bool:
        """Whether there is a service to tell, and it did not ask to be left alone."""
        return self._enrolling.reach is not None and not self._when.quiet(clock.monotonic())

    @property
    def may_begin(self) -> bool:
        """Whether a run may begin by itself on the network as it was last seen."""
        return self.wanted and self.fits

    @property
    def due(self) -> bool:
        """Whether a run is to begin by itself now: it is time, or the network came back."""
        now = self._returned or self._when.due(clock.monotonic())
        return self.may_begin and not self.running and now

    async def look(self) -> None:
        """Look at the network: on another that fits a run is due; on one that does not, its own ends."""
        if not await self._connection.look():
            return
        self._returned = self.fits
        if self._by_itself and not self.fits and self._client is not None:
            self._client.stopped = self._client.stopped or OTHER_NETWORK
        self._changed()

    async def begin(self) -> None:
        """Start a run by itself, if policy takes the network that the tablet is on now."""
        await self._connection.look(anew=True)
        if self.may_begin:
            await self._turn(by_itself=True)

    @property
    def running(self) -> bool:
        """Whether a run is going on."""
        return self._one.locked()

    @property
    def progress(self) -> Progress | None:
        """How far the run that is going on has come; None when none is, or it has not begun to send."""
        return self._drained.progress if self.running and self._drained is not None else None

    async def run(self) -> Run:
        """Tell the service what waits, for a person: on any network. A second call waits for its turn."""
        return await self._turn(by_itself=False)

    async def _turn(self, *, by_itself: bool) -> Run:
        reach = self._enrolling.reach
        if reach is None:
            return self.last
        async with self._one:
            if self._stopped or (by_itself and not self.fits):
                return self.last
            self._returned, self._by_itself, self._drained = False, by_itself, None
            self._running = asyncio.create_task(self._run(reach))
            self._changed()
            try:
                await asyncio.wait({self._running})
            finally:
                await _cancelled(self._running)
            self._last = PutOff(clock.now(), LOCKED) if self._running.cancelled() else self._running.result()
            self._plan(self._last)
        self._changed()
        return self.last

    async def next_run(self, most: int) -> NextRun:
        """What the next run would send, letter by letter: the first `most` of it."""
        policy = self._enrolling.inforce.policy
        return await self._store.run(lambda tx: leaving.next_run(tx, policy, most))

    async def listed(self, most: int) -> list[Listed]:
        """The first `most` items as a person looks at them, each with why it is held back if it is."""
        policy = self._enrolling.inforce.policy
        return await self._store.run(lambda tx: leaving.listed(tx, policy, most))

    async def left(self, most: int) -> tuple[int, list[Handed]]:
        """How many items have left this tablet so far, and the last `most` of them; without the log."""
        return await self._store.run(lambda tx: (handed.count(tx), handed.newest(tx, most)))

    async def log_left(self, most: int) -> tuple[int, list[Handed]]:
        """The same of the entries of the log."""
        return await self._store.run(lambda tx: (handed.count_of_log(tx), handed.newest_of_log(tx, most)))

    async def log(self) -> dict[Delivery, int]:
        """How many entries of the log stand where."""
        return await self._store.run(outbox.log_counts)

    async def retry_log(self) -> None:
        """Let the entries of the log wait again that were refused."""
        await self._store.run(outbox.retry_log)
        self._changed()

    async def stop(self) -> None:
        """Store what the request in hand brings, for as long as PATIENCE, and begin no other."""
        self._stopped = self._uploading.stopped = True
        if self._client is not None:
            self._client.stopped = LOCKED
        if self._running is not None:
            await asyncio.wait({self._running}, timeout=PATIENCE)
            await _cancelled(self._running)

    async def _run(self, reach: Reach) -> Run:
        async with _Client(reach.base, trust=reach.trust, login=reach.login) as client:
            self._client = client
            client.stopped = LOCKED if self._stopped else ""
            run = await self._told(client)
        if not isinstance(run, PutOff):
            return run
        await self._connection.look()
        nobody = run.why == Why.AWAY and self.network is Network.NONE
        return replace(run, why=client.stopped or (NO_NETWORK if nobody else run.why))

    async def _told(self, client: _Client) -> Run:
        """The policy, what is taken in, what is sent."""
        unasked = await self._enrolling.renew(client)
        if unasked is not None and (unasked.after or unasked.why in _NOBODY_THERE):
            return PutOff(clock.now(), unasked.why, unasked.after)
        if self._enrolling.inforce.policy.minimum_app > version():
            return PutOff(clock.now(), TOO_OLD)
        if self._enrolling.enrolment is not None:
            news = await self._pulling.run(client)
            self.heard = self.heard.and_then(news)
            if news.why is not None and (news.after or news.why in _NOBODY_THERE):
                return PutOff(clock.now(), news.why, news.after)
        return await self._with_films(client, await self._drain(client))

    async def _with_films(self, client: _Client, told: Run) -> Run:
        """After the record the films; what became of them is told at once."""
        if client.stopped or (isinstance(told, PutOff) and told.why in _NOBODY_THERE):
            return told
        films = await self._uploading.run()
        return told if films == FilmsSent() else both(told, await self._drain(client), films)

    def _plan(self, run: Run) -> None:
        """When the next run is due."""
        every = self._enrolling.inforce.policy.every_minutes * 60.0
        if isinstance(run, PutOff):
            self._when.put_off(clock.monotonic(), every, run.after, chance())
        else:
            self._when.ended(clock.monotonic(), every)

    async def _drain(self, client: _Client) -> Run:
        def begin(tx: Tx) -> int:
            respelling.under(tx, self._policy.listed, clock.now())  # it may have ended, or begun, by itself
            return outbox.counts(tx)[Delivery.WAITING]

        of = await self._store.run(begin)
        waiting = Waiting(self._store, lambda: self._policy)
        self._drained = drained = Drained(self._store, waiting, of, self._changed)
        client.before = drained.hand_over
        try:
            async with aclosing(push(client, waiting)) as outcomes:
                async for outcome in outcomes:
                    drained.hear(outcome)
        finally:
            await waiting.close()
            await drained.settle()
        self.heard = self.heard.and_then(await self._pulling.refused(drained.theirs, self.heard.why))
        if drained.put_off is not None:
            return PutOff(clock.now(), drained.put_off.why, drained.put_off.after)
        brought = (drained.sent, drained.refused, drained.conflicts, waiting.held, drained.logged)
        return Ended(clock.now(), *brought)

    @property
    def _policy(self) -> Policy:
        return self._enrolling.inforce.policy


async def _cancelled(task: asyncio.Task[Run]) -> None:
    """Cancel a task unless it is done, and wait until it is."""
    task.cancel()
    await asyncio.wait({task})


def version() -> tuple[int, int, int]:
    """Ours, as a policy names it."""
    first, second, third, *_ = (int(piece) for piece in re.findall(r"\d+", __version__))
    return first, second, third
