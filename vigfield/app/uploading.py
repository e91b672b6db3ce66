"""Films on their way to the service, still sealed; whether one may go is asked again at every piece of it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import assert_never

from vigfield import clock
from vigfield.app.connection import Connection
from vigfield.app.enrolling import Enrolling
from vigfield.app.filmreach import FilmReach, film_reach, tus_at
from vigfield.app.ground import may_send
from vigfield.app.opened import Opened, handover_context, known, unwrap_film_key
from vigfield.errors import VigfieldError
from vigfield.model import (
    Network,
    Part,
    Policy,
    Recording,
    RecordingId,
    Snag,
    Upload,
    UploadPart,
    UploadState,
    Video,
)
from vigfield.rules import Reason, Refused, Step, upload_step
from vigfield.store import Store, Tx, erasure, families, files, recordings, uploads
from vigfield.sync import Why
from vigfield.sync.address import is_here
from vigfield.sync.reply import Failure
from vigfield.sync.tus import Tus
from vigfield.sync.upload import (
    Altered,
    Arrived,
    Declined,
    Outcome,
    PutOff,
    Removed,
    SealedFile,
    Stopped,
    Unusable,
    remove,
    upload,
)

logger = logging.getLogger(__name__)

MOST = 1000
"""Films that are looked at in one run beyond those that are under way."""

TROUBLES = 3
"""Films that may be put off in one run: a trouble of one is not one of the others, of three it is."""

_FOR_ALL = (Why.AWAY, Why.SLOW, Why.UNTRUSTED, Why.DATE, Why.NOT_ALLOWED)


@dataclass(frozen=True, slots=True)
class FilmsSent:
    """What a run brought: how many films arrived or were taken back; why it ended early, if it did."""

    arrived: int = 0
    taken_back: int = 0
    why: Why | None = None
    after: float = 0.0

    def and_then(self, later: "FilmsSent") -> "FilmsSent":
        """Both together; the first reason for ending early stands."""
        why, after = (self.why, self.after) if self.why is not None else (later.why, later.after)
        return FilmsSent(self.arrived + later.arrived, self.taken_back + later.taken_back, why, after)


@dataclass(frozen=True, slots=True)
class OnItsWay:
    """The film that is being sent now: bytes that the service has, of how many."""

    recording: RecordingId
    reached: int
    size: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A film that goes, went or may go; `upload` is None before its first byte, `refused` is why it waits.

    `code` is of its family.
    """

    code: str
    recording: Recording
    upload: Upload | None
    step: Step
    refused: Refused | None

    @property
    def size(self) -> int:
        """Bytes of its sealed files."""
        return sum(part.sealed_bytes for part in _sealed(self.recording))


class Uploading:
    """The way of the films. `busy` tells whether a film is being made: then nothing is sent."""

    def __init__(
        self,
        opened: Opened,
        enrolling: Enrolling,
        connection: Connection,
        busy: Callable[[], bool],
        changed: Callable[[], None],
    ) -> None:
        self._opened = opened
        self._store = opened.store
        self._enrolling = enrolling
        self._connection = connection
        self._busy = busy
        self._changed = changed
        self._hand: asyncio.Task[Outcome] | None = None
        self.now: OnItsWay | None = None
        """The film that is being sent now."""
        self.stopped = False
        """Set when the vault is being locked: nothing more is sent."""

    async def newest(self, most: int) -> list[Standing]:
        """Films that go or went to the service, `most` at most; and as many that may, here or elsewhere."""
        network = await self._network()

        def read(tx: Tx) -> list[Standing]:
            ids = uploads.newest(tx, most) + self._untold(tx, most)
            return [self._standing(tx, recording, network) for recording in ids]

        found = await self._store.run(read)
        return sorted(filter(_is_told, found), key=lambda one: one.recording.started, reverse=True)

    async def of(self, recording: RecordingId) -> Upload | None:
        """How far a film has come on its way; None where it was never begun."""
        return await self._store.run(lambda tx: uploads.get(tx, recording))

    async def run(self) -> FilmsSent:
        """Take back what must not be at the service, then send what may go, the oldest first."""
        sent, troubles = FilmsSent(), 0
        for recording in await self._store.run(self._candidates):
            one = await self._one(recording)
            sent = sent.and_then(one)
            troubles += one.why is not None
            if self.stopped or troubles == TROUBLES or one.after or one.why in _FOR_ALL:
                break
        return sent

    async def reconsider(self) -> None:
        """Consent or policy changed: the piece that is on its way is called off if it may not go any more."""
        hand, now = self._hand, self.now
        if hand is not None and now is not None and not await self._may_go_on(now.recording):
            hand.cancel()

    async def retry(self, recording: RecordingId) -> None:
        """A person wants a film that is stuck to be tried again."""
        await self._store.run(lambda tx: uploads.go_on(tx, recording))
        self._changed()

    def _candidates(self, tx: Tx) -> list[RecordingId]:
        return uploads.open(tx) + self._untold(tx, MOST)

    def _untold(self, tx: Tx, most: int) -> list[RecordingId]:
        may = film_reach(self._enrolling) is not None and self._policy.video is not Video.NEVER
        return uploads.untold(tx, most) if may else []

    def _standing(self, tx: Tx, id_: RecordingId, network: Network) -> Standing:
        recording, one = known(recordings.get(tx, id_)), uploads.get(tx, id_)
        verdict = may_send(tx, recording, self._policy, network)
        certificate = erasure.get(tx, id_)
        step = upload_step(
            None if one is None else one.state, verdict, None if certificate is None else certificate.ground
        )
        if step is Step.SEND and one is not None and not self._is_for(one):
            step = Step.TAKE_BACK
        refused = verdict if isinstance(verdict, Refused) else None
        code = families.codes(tx, [recording.family])[recording.family]
        return Standing(code, recording, one, step, refused)

    async def _stands(self, id_: RecordingId) -> Standing:
        """Where a film stands on the network as it is now."""
        network = await self._network()
        return await self._store.run(lambda tx: self._standing(tx, id_, network))

    async def _one(self, id_: RecordingId) -> FilmsSent:
        """Do what there is to do about one film; what may not go on is taken back in the same run."""
        one = await self._stands(id_)
        match one.step:
            case Step.NOTHING | Step.PAUSE:
                return FilmsSent()
            case Step.TAKE_BACK:
                return await self._take_back(one)
            case Step.BEGIN | Step.SEND:
                return await self._send(one)
            case _:
                assert_never(one.step)

    async def _send(self, one: Standing) -> FilmsSent:
        reach = film_reach(self._enrolling)
        if reach is None or self._busy():
            return FilmsSent()
        try:
            if one.step is Step.BEGIN:
                await self._begin(one.recording, reach)
            begun = known(await self.of(one.recording.id))
            async with tus_at(self._enrolling, reach.base) as tus:
                if isinstance(tus, Failure):
                    return FilmsSent(why=tus.why, after=tus.after)
                return await self._parts(tus, one, begun)
        except VigfieldError as error:  # its file is away, or cannot be read: the film's page says so
            logger.warning("a film was not sent: %s", type(error).__name__)
            return FilmsSent()
        finally:
            self.now = None

    async def _begin(self, recording: Recording, reach: FilmReach) -> None:
        """Write down that the film is to go, and its key for the service, before a byte goes."""
        policy = self._policy.version
        parts = tuple(UploadPart(part.number) for part in _sealed(recording))

        def write(tx: Tx) -> None:
            wrapped = known(recordings.wrapped_key(tx, recording.id))
            key = unwrap_film_key(self._opened, recording.id, wrapped)
            try:
                context = handover_context(recording.id, policy, reach.kid)
                sealed = reach.recipient.seal(key, context)
            finally:
                key.wipe()
            going = (UploadState.GOING, policy, reach.kid, sealed, reach.base, clock.now())
            uploads.begin(tx, Upload(recording.id, *going, parts=parts))

        await self._store.run(write)

    async def _parts(self, tus: Tus, one: Standing, begun: Upload) -> FilmsSent:
        done = 0
        for part, at in zip(_sealed(one.recording), begun.parts, strict=True):
            if not at.arrived:
                outcome = await self._part(tus, part, at, OnItsWay(one.recording.id, done, one.size))
                ended = await self._heard(part, outcome)
                if ended is not None:
                    return ended
            done += part.sealed_bytes
        await self._store.run(lambda tx: uploads.whole(tx, one.recording.id, clock.now()))
        self._changed()
        return FilmsSent(arrived=1)

    async def _part(self, tus: Tus, part: Part, at: UploadPart, now: OnItsWay) -> Outcome:
        """Send one sealed file, or what is missing of it; it can be called off at any moment."""
        self.now = now
        path = self._opened.media.film_path(part.recording, part.number)

        async def read(offset: int, count: int) -> bytes:
            return await asyncio.to_thread(files.read_at, path, offset, count)

        metadata = {"recording": part.recording, "part": str(part.number)}
        sealed = SealedFile(part.sealed_bytes, part.sha256, metadata, read)

        def tell(offset: int) -> None:
            self.now = OnItsWay(now.recording, now.reached + offset, now.size)
            self._changed()

        journal = _Journal(self._store, part, partial(self._may_go_on, part.recording), tell)
        hand = self._hand = asyncio.create_task(upload(tus, sealed, at.location, journal))
        try:
            await asyncio.wait({hand})
        finally:
            self._hand = None
            hand.cancel()
            await asyncio.wait({hand})
        return Stopped() if hand.cancelled() else hand.result()

    async def _heard(self, part: Part, outcome: Outcome) -> FilmsSent | None:
        """Write down what became of a part; None when all of it is there and the next may go."""
        recording = part.recording
        match outcome:
            case Arrived(location, verified):
                there = UploadPart(part.number, location, part.sealed_bytes, True, verified)
                await self._store.run(lambda tx: uploads.arrived(tx, recording, there))
                return None
            case Stopped():
                return FilmsSent() if self.stopped else await self._one_if_unwanted(recording)
            case Altered():
                await self._store.run(lambda tx: uploads.stuck(tx, recording, Snag.ALTERED))
            case Declined(_, words):
                await self._store.run(lambda tx: uploads.stuck(tx, recording, Snag.DECLINED, words))
            case Unusable(why):
                await self._store.run(lambda tx: uploads.stuck(tx, recording, Snag(why.value)))
            case PutOff(why, after):
                return FilmsSent(why=why, after=after)
            case _:
                assert_never(outcome)
        self._changed()
        return FilmsSent()

    async def _one_if_unwanted(self, recording: RecordingId) -> FilmsSent:
        one = await self._stands(recording)
        return await self._take_back(one) if one.step is Step.TAKE_BACK else FilmsSent()

    async def _take_back(self, one: Standing) -> FilmsSent:
        """Write down that it must not be there, then have the server remove what it has of it."""
        recording = one.recording.id
        begun = known(one.upload)
        if begun.state is not UploadState.TAKING_BACK:
            await self._store.run(lambda tx: uploads.take_back(tx, recording, clock.now()))
            self._changed()
        removed = await self._remove(begun)
        if isinstance(removed, FilmsSent):
            return removed
        await self._store.run(lambda tx: uploads.taken_back(tx, recording, removed, clock.now()))
        self._changed()
        return FilmsSent(taken_back=1)

    async def _remove(self, begun: Upload) -> bool | FilmsSent:
        """Whether the server has nothing of it any more; why that could not be asked now."""
        removed = True
        async with tus_at(self._enrolling, begun.base) as tus:
            if isinstance(tus, Failure):
                return FilmsSent(why=tus.why, after=tus.after)
            for part in begun.parts:
                outcome = await remove(tus, part.location) if part.location else Removed()
                if isinstance(outcome, PutOff):
                    return FilmsSent(why=outcome.why, after=outcome.after)
                removed = removed and isinstance(outcome, Removed)
        return removed

    async def _may_go_on(self, recording: RecordingId) -> bool:
        """Whether the next piece of a film may go: policy, consents and network are asked again."""
        if self.stopped or self._busy():
            return False
        return (await self._stands(recording)).step is Step.SEND

    async def _network(self) -> Network:
        """The network as it is now; it does not matter where films stay on this machine."""
        reach = film_reach(self._enrolling)
        if reach is not None and is_here(reach.base):
            return Network.UNMETERED
        await self._connection.look()
        return self._connection.network

    def _is_for(self, one: Upload) -> bool:
        """Whether an upload goes where the enrolment says now, and its key is sealed to whom it says."""
        reach = film_reach(self._enrolling)
        return reach is not None and (one.base, one.kid) == (reach.base, reach.kid)

    @property
    def _policy(self) -> Policy:
        return self._enrolling.inforce.policy


class _Journal:
    """What the upload of one part asks and tells; implements `sync.upload.Journal`."""

    def __init__(
        self, store: Store, part: Part, may: Callable[[], Awaitable[bool]], tell: Callable[[int], None]
    ) -> None:
        self._store = store
        self._part = part
        self._may = may
        self._tell = tell

    async def may_go_on(self) -> bool:
        """Whether the next piece may go."""
        return await self._may()

    async def created(self, location: str) -> None:
        """The part has a place at the service, and nothing in it."""
        part = self._part
        await self._store.run(lambda tx: uploads.located(tx, part.recording, part.number, location))

    async def reached(self, offset: int) -> None:
        """The service says how much of it it has."""
        part = self._part
        await self._store.run(lambda tx: uploads.reached(tx, part.recording, part.number, offset))
        self._tell(offset)


def _is_told(one: Standing) -> bool:
    """Whether a person is told of it: it was begun, or would be on this network or on another."""
    waits = one.refused is not None and one.refused.reason is Reason.NETWORK
    return one.upload is not None or one.step is not Step.NOTHING or waits


def _sealed(recording: Recording) -> list[Part]:
    """The parts that have a sealed file with something in it."""
    return [part for part in recording.parts if part.bytes and part.sha256]
