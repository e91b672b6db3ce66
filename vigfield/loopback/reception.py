"""One part of a film being received: checked as it comes, written by one thread, then acknowledged."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import assert_never

from starlette.websockets import WebSocket

from vigfield.errors import DiskFull, VigfieldError
from vigfield.loopback.film import Film, Written
from vigfield.loopback.messages import End, Fault, Framed, Stats, parse_frame, parse_text
from vigfield.loopback.mp4 import MAX_MESSAGE, Fragment, Init, check_message
from vigfield.loopback.wire import Gone, close, hear, refuse, say

logger = logging.getLogger(__name__)

FAULT = 4400
STOPPED = 4500


@dataclass(frozen=True, slots=True)
class Limits:
    """How long the intake waits, in seconds, and how many bytes may be unacknowledged."""

    hello: float = 5.0
    stop: float = 20.0
    linger: float = 2.0
    queue: int = 32
    window: int = 16_000_000


@dataclass(frozen=True, slots=True)
class Stopped:
    """Writing failed on our side."""

    why: str


Ending = End | Fault | Gone | Stopped


def why_stopped(error: Exception) -> str:
    """The code for an error of ours, that the page has words for."""
    return "disk-full" if isinstance(error, DiskFull) else "disk"


class Reception:
    """One part being received: what arrives is checked, queued, written in order and acknowledged."""

    def __init__(self, socket: WebSocket, film: Film, limits: Limits) -> None:
        self.next_token = film.next_token
        self.written = 0
        self.finished: int | None = None
        self._socket = socket
        self._film = film
        self._limits = limits
        self._queue: asyncio.Queue[Framed | Ending] = asyncio.Queue(limits.queue)
        self._thread = ThreadPoolExecutor(1, "film")
        self._received = 0
        self._sequence = 0
        self._left = False
        self._replaced = asyncio.Event()
        self._closed = asyncio.Event()

    async def run(self, kept: Mapping[str, int]) -> None:
        """Until the film ends, the link breaks, or something is wrong; the part is closed in every case."""
        ready = {"type": "ready", "maxMsg": MAX_MESSAGE, "window": self._limits.window}
        try:
            await say(self._socket, {**ready, "next": self.next_token, **kept})
            ending = await self._receive()
            await self._settle(ending)
        except BaseException:
            await self._lost()
            raise
        finally:
            self._thread.shutdown(wait=False)
            self._closed.set()

    async def hang_up(self) -> None:
        """Give this link up and wait until its part is closed."""
        self._replaced.set()
        await self._closed.wait()

    async def _receive(self) -> Ending:
        async with asyncio.TaskGroup() as tasks:
            helpers = [
                tasks.create_task(self._read()),
                tasks.create_task(self._ask_to_stop()),
                tasks.create_task(self._watch_for_successor()),
            ]
            ending = await self._write()
            for helper in helpers:
                helper.cancel()
        return ending

    async def _read(self) -> None:
        """Queue what arrives; a full queue stops the reading, and so the page."""
        while True:
            item = self._checked(await hear(self._socket))
            if item is not None:
                await self._queue.put(item)
            if isinstance(item, End | Fault | Gone):
                return

    def _checked(self, message: str | bytes | Gone) -> Framed | Ending | None:
        match message:
            case Gone():
                return message
            case bytes():
                return self._checked_frame(parse_frame(message))
            case str():
                return self._checked_text(parse_text(message))
            case _:
                assert_never(message)

    def _checked_text(self, said: Stats | End | Fault) -> End | Fault | None:
        match said:
            case Stats(quality):
                self._film.note(quality)
                return None
            case End(bytes=size):
                return said if size == self._received else Fault.END
            case Fault():
                return said
            case _:
                assert_never(said)

    def _checked_frame(self, frame: Framed | Fault) -> Framed | Fault:
        if isinstance(frame, Fault):
            return frame
        if frame.sequence != self._sequence + 1:
            return Fault.SEQUENCE
        if frame.position != self._received:
            return Fault.POSITION
        if not isinstance(check_message(frame.payload), Init if self._received == 0 else Fragment):
            return Fault.NOT_A_FRAGMENT
        self._sequence += 1
        self._received += len(frame.payload)
        return frame

    async def _write(self) -> Ending:
        while True:
            frames, ending = await self._take()
            if frames:
                written = await self._written([frame.payload for frame in frames])
                if isinstance(written, Stopped):
                    return written
                await self._acknowledge(frames[-1].sequence, written)
            if ending is not None:
                return ending

    async def _take(self) -> tuple[list[Framed], Ending | None]:
        """Everything that waits, at least one: one sync serves them all."""
        frames: list[Framed] = []
        item = await self._queue.get()
        while isinstance(item, Framed):
            frames.append(item)
            if self._queue.empty():
                return frames, None
            item = self._queue.get_nowait()
        return frames, item

    async def _written(self, payloads: Sequence[bytes]) -> Written | Stopped:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, self._film.write, payloads)
        except (VigfieldError, OSError) as error:
            logger.warning("film stopped: %s", type(error).__name__)
            return Stopped(why_stopped(error))

    async def _acknowledge(self, sequence: int, written: Written) -> None:
        self.written = written.bytes
        ack = {
            "type": "ack",
            "seq": sequence,
            "bytes": written.bytes,
            "syncMs": round(written.sync_ms, 1),
            "free": written.free,
            "stop": written.stop or self._film.stop.is_set(),
        }
        await say(self._socket, ack)

    async def _ask_to_stop(self) -> None:
        await self._film.stop.wait()
        await say(self._socket, {"type": "stop"})
        await asyncio.sleep(self._limits.stop)
        await self._queue.put(Gone())

    async def _watch_for_successor(self) -> None:
        await self._replaced.wait()
        await self._queue.put(Gone())

    async def _settle(self, ending: Ending) -> None:
        match ending:
            case End():
                await self._finish(ending)
            case Fault():
                await self._lost()
                logger.warning("film fault: %s", ending.value)
                await refuse(self._socket, {"type": "fault", "why": ending.value}, FAULT)
            case Gone():
                await self._lost()
                await close(self._socket, 1001)
            case Stopped(why):
                await self._lost()
                await refuse(self._socket, {"type": "stopped", "why": why}, STOPPED)
            case _:
                assert_never(ending)

    async def _finish(self, end: End) -> None:
        try:
            size = await self._film.finish(end)
        except (VigfieldError, OSError) as error:
            await self._settle(Stopped(why_stopped(error)))
            return
        self._left = True
        self.finished = None if end.more else size
        self._closed.set()
        await say(self._socket, {"type": "closed", "bytes": size})
        await self._linger()

    async def _linger(self) -> None:
        """Leave the page time to hang up; a message after the end is a fault, though the film is whole."""
        try:
            async with asyncio.timeout(self._limits.linger):
                message = await hear(self._socket)
        except TimeoutError:
            await close(self._socket, 1000)
            return
        if not isinstance(message, Gone):
            await refuse(self._socket, {"type": "fault", "why": Fault.AFTER_END.value}, FAULT)

    async def _lost(self) -> None:
        # A cancelled write still runs on its thread: the part is closed after it, never beside it.
        if not self._left:
            self._left = True
            await asyncio.get_running_loop().run_in_executor(self._thread, _nothing)
            await self._film.lost()


def _nothing() -> None:
    return None
