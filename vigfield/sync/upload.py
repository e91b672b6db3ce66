"""A sealed file on its way to a tus server: from where it is, to the end, read back, or put off.

Every await may be cancelled. What the journal holds is then enough to go on from.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, assert_never

from vigfield.sync.course import (
    Altered,
    Arrived,
    Ask,
    Course,
    Create,
    Declined,
    Drop,
    Look,
    Outcome,
    Prove,
    PutOff,
    ReadBack,
    Send,
    Step,
    Stopped,
    Unusable,
    anew,
    asked,
    begun,
    created,
    is_of,
    looked,
    proved,
    read_back,
    sent,
    step,
)
from vigfield.sync.outcome import Why
from vigfield.sync.reply import Failure
from vigfield.sync.tus import MOST_CHUNK, Tus
from vigfield.sync.tus_reply import CannotRemove, Created, Held, Moved, Removed, Unfit

__all__ = [
    "Altered",
    "Arrived",
    "CannotRemove",
    "Declined",
    "Journal",
    "Outcome",
    "PutOff",
    "Removed",
    "SealedFile",
    "Stopped",
    "Unfit",
    "Unusable",
    "remove",
    "upload",
]

PAUSES = (0.5, 2.0, 5.0)  # seconds before each further try when nothing moves; then it is put off
_FINAL = (Why.UNTRUSTED, Why.DATE, Why.NOT_ALLOWED)  # no further try helps now


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A sealed file on the tablet: its bytes, and its SHA-256 in hexadecimal as recorded when it was closed.

    `metadata` is ids only. `read` gives the bytes at an offset, as many as asked unless the file ends; what
    it raises comes out of `upload`.
    """

    size: int
    sha256: str
    metadata: Mapping[str, str]
    read: Callable[[int, int], Awaitable[bytes]]


class Journal(Protocol):
    """What is remembered of an upload, so that it can go on after anything."""

    async def may_go_on(self) -> bool:
        """Asked before every request that begins an upload or carries bytes."""
        ...

    async def created(self, location: str) -> None:
        """An upload was begun there. Returns when this is stored: only then does a byte go there."""
        ...

    async def reached(self, offset: int) -> None:
        """The server says that it has so many bytes; it may be fewer than before."""
        ...


async def upload(
    tus: Tus,
    file: SealedFile,
    location: str,
    journal: Journal,
    *,
    chunk: int = MOST_CHUNK,
    pauses: tuple[float, ...] = PAUSES,
) -> Outcome:
    """Bring a file to the server; `location` is where an upload of it was begun earlier, empty for nowhere.

    A chunk is `chunk` bytes at most, and smaller where the line or the server wants it so. Without progress
    there are as many more tries as `pauses`, in seconds.
    """
    run = _Run(tus, file, journal)
    course: Course | Outcome = begun(file.size, min(chunk, MOST_CHUNK), location, len(pauses) + 1)
    tries = 0
    while isinstance(course, Course):
        if course.tries > tries:
            await asyncio.sleep(pauses[course.tries - 1])
        tries = course.tries
        course = await run.take(step(course), course)
    return course


async def remove(
    tus: Tus, location: str, *, pauses: tuple[float, ...] = PAUSES
) -> Removed | CannotRemove | PutOff:
    """Remove an upload, finished or not. Removed only when the server says that nothing is there any more."""
    done = await _remove(tus, location)
    for pause in pauses:
        if not isinstance(done, Failure) or done.after or done.why in _FINAL:
            break
        await asyncio.sleep(pause)
        done = await _remove(tus, location)
    return PutOff(done.why, done.after) if isinstance(done, Failure) else done


async def _remove(tus: Tus, location: str) -> Removed | CannotRemove | Failure:
    ability = await tus.options()
    if isinstance(ability, Failure):
        return ability
    if isinstance(ability, Unfit) or not ability.termination:
        return CannotRemove()
    return await tus.remove(location)


@dataclass(frozen=True, slots=True)
class _Run:
    """The acting half: takes the steps that the course decides on."""

    tus: Tus
    file: SealedFile
    journal: Journal

    async def take(self, next_: Step, course: Course) -> Course | Outcome:
        """Take one step, and tell where the upload stands then."""
        match next_:
            case Ask():
                return asked(course, await self.tus.options())
            case Create():
                return await self._create(course)
            case Look():
                return await self._look(course)
            case Prove():
                return await self._prove(course)
            case Send(offset, count):
                return await self._send(course, offset, count)
            case ReadBack():
                said = await self.tus.digest(course.location, course.size)
                return read_back(course, self.file.sha256, said)
            case Drop():
                await self._drop(course)
                return anew(course)
            case _:
                assert_never(next_)

    async def _create(self, course: Course) -> Course | Outcome:
        if not await self.journal.may_go_on():
            return Stopped()
        said = await self.tus.create(self.file.size, self.file.metadata)
        if isinstance(said, Created):
            await self.journal.created(said.location)
        return created(course, said)

    async def _look(self, course: Course) -> Course | Outcome:
        said = await self.tus.offset(course.location)
        if isinstance(said, Held) and is_of(course, said):
            await self.journal.reached(said.offset)
        return looked(course, said)

    async def _prove(self, course: Course) -> Course | Outcome:
        digest, at = hashlib.sha256(), 0
        while at < self.file.size:
            data = await self.file.read(at, min(course.chunk, self.file.size - at))
            if not data:
                break
            digest.update(data)
            at += len(data)
        whole = digest.hexdigest() == self.file.sha256
        return proved(course) if whole else await self._altered(course)

    async def _send(self, course: Course, offset: int, count: int) -> Course | Outcome:
        data = await self.file.read(offset, count)
        if len(data) != count:
            return await self._altered(course)
        if not await self.journal.may_go_on():
            return Stopped()
        checksum = course.ability.checksum if course.ability else ""
        said = await self.tus.send(course.location, offset, data, checksum)
        if isinstance(said, Moved):
            await self.journal.reached(said.offset)
        return sent(course, count, said)

    async def _altered(self, course: Course) -> Outcome:
        await self._drop(course)
        return Altered()

    async def _drop(self, course: Course) -> None:
        """Remove an upload that is not the file; where that does not work, the server is left with it."""
        if course.ability and course.ability.termination:
            await self.tus.remove(course.location)
