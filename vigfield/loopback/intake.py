"""The film's way in: a WebSocket that takes fragments in order and acknowledges what is on the disk.

One link carries one part of one film: `hello`, then `ready`, then fragments, each acknowledged after it was
written and synced, then `end` and `closed`. A link that breaks leaves its part closed at the last written
fragment, and the page goes on in the next part with the token that `ready` gave it.
"""

import asyncio
import contextlib
import hmac
import json
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol, assert_never

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from vigfield.errors import DiskFull, VigfieldError
from vigfield.loopback.messages import (
    End,
    Fault,
    Framed,
    Hello,
    Opening,
    Stats,
    parse_frame,
    parse_hello,
    parse_text,
)
from vigfield.loopback.mp4 import MAX_MESSAGE, Fragment, Init, check_message

logger = logging.getLogger(__name__)

FAULT = 4400
REFUSED = 4403
STOPPED = 4500

WORDS = (
    "capture.js",
    "setup.js",
    "camera.js",
    "encoder.js",
    "link.js",
    "film.js",
    "quality.js",
    "meter.js",
    "view.js",
    "words.js",
    "button.record",
    "button.stop",
    "button.retry",
    "button.withoutSound",
    "label.preview",
    "label.sound",
    "label.time",
    "label.minutesLeft",
    "state.starting",
    "state.ready",
    "state.connecting",
    "state.filming",
    "state.sealed",
    "state.behind",
    "state.unsaved",
    "state.linkLost",
    "state.saving",
    "state.held",
    "state.saved",
    "state.interrupted",
    "notice.noSound",
    "notice.soundLost",
    "notice.pictureLost",
    "notice.encoderFailed",
    "notice.windowFull",
    "notice.stopAsked",
    "notice.longest",
    "notice.spaceLow",
    "problem.permission",
    "problem.noCamera",
    "problem.cameraBusy",
    "problem.soundPermission",
    "problem.noMicrophone",
    "problem.microphoneBusy",
    "problem.noSoundEncoder",
    "problem.noEncoder",
    "problem.browser",
    "problem.otherTab",
    "refused.token",
    "refused.disk-full",
    "refused.disk",
    "refused.already-filming",
    "refused.unreachable",
    "refused.other",
    "stopped.disk-full",
    "stopped.disk",
)
"""The keys of every sentence on the camera page; what each says in English is in assets/capture/README.md."""


@dataclass(frozen=True, slots=True)
class NoFilm:
    """No film may begin; `why` is a code that the page has words for."""

    why: str


@dataclass(frozen=True, slots=True)
class Written:
    """Everything written so far is on the disk: bytes of the part, the sync's milliseconds, free bytes.

    `stop` asks the page to end the film now.
    """

    bytes: int
    sync_ms: float
    free: int
    stop: bool


class Film(Protocol):
    """One part of a film being received."""

    next_token: str
    """One use: lets the page go on with the next part after a lost link."""
    stop: asyncio.Event
    """Set by the host at any time: the page is asked to end the film."""

    def write(self, messages: Sequence[bytes]) -> Written:
        """Append and sync whole messages. Blocking; only ever called on this part's one writer thread.

        DiskFull when there is no room; any other VigfieldError or OSError ends the part as well.
        """
        ...

    def note(self, stats: Mapping[str, object]) -> None:
        """Keep the newest quality record: `delivered`, `encoded`, `dropped`, `events` [[seconds, name]]."""
        ...

    async def finish(self, end: End) -> int:
        """The page has sent everything and it is written: close the part for good; returns its bytes."""
        ...

    async def lost(self) -> None:
        """The link broke or the part failed: close it safely, keeping what was written. Must not raise."""
        ...


class FilmHost(Protocol):
    """Who decides what may be filmed, and where it goes."""

    def setup(self, token: str) -> Mapping[str, object] | None:
        """What the page needs before it films; nothing for an unknown token. Leaves the token unused."""
        ...

    async def begin(self, token: str, hello: Hello) -> Film | NoFilm:
        """Begin a film, or its next part. Uses the token up."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How long the intake waits, in seconds, and how many bytes may be unacknowledged."""

    hello: float = 5.0
    stop: float = 20.0
    linger: float = 2.0
    queue: int = 32
    window: int = 16_000_000


@dataclass(frozen=True, slots=True)
class _Gone:
    """The link is no more."""


@dataclass(frozen=True, slots=True)
class _Stopped:
    """Writing failed on our side."""

    why: str


_Ending = End | Fault | _Gone | _Stopped


def intake_route(host: FilmHost, limits: Limits | None = None) -> WebSocketRoute:
    """The WebSocket that films arrive on."""
    return WebSocketRoute("/rec", _Intake(host, limits or Limits()).serve)


def setup_route(host: FilmHost) -> Route:
    """What the camera page asks for before it films; the token travels in a header, never in the URL."""

    async def setup(request: Request) -> Response:
        found = host.setup(request.headers.get("x-token", ""))
        headers = {"Cache-Control": "no-store"}
        if found is None:
            return JSONResponse({"why": "token"}, 403, headers)
        return JSONResponse(dict(found), headers=headers)

    return Route("/capture/setup", setup, methods=["GET"])


class _Intake:
    """Opens parts, and knows the last one: a page that comes back is told what of it was kept."""

    def __init__(self, host: FilmHost, limits: Limits) -> None:
        self._host = host
        self._limits = limits
        self._last: _Reception | None = None

    async def serve(self, socket: WebSocket) -> None:
        await socket.accept()
        match await self._opening(socket):
            case Opening() as opening:
                await self._begin(socket, opening)
            case Fault() as fault:
                await _refuse(socket, {"type": "fault", "why": fault.value}, FAULT)
            case _Gone():
                pass

    async def _opening(self, socket: WebSocket) -> Opening | Fault | _Gone:
        try:
            async with asyncio.timeout(self._limits.hello):
                message = await _next(socket)
        except TimeoutError:
            return Fault.HELLO_LATE
        return message if isinstance(message, _Gone) else parse_hello(message)

    async def _begin(self, socket: WebSocket, opening: Opening) -> None:
        previous = await self._previous(opening.token)
        if previous is not None and previous.finished is not None:
            await _refuse(socket, {"type": "closed", "bytes": previous.finished}, 1000)
            return
        film = await self._film(opening)
        if isinstance(film, NoFilm):
            logger.info("film refused: %s", film.why)
            await _refuse(socket, {"type": "refused", "why": film.why}, REFUSED)
            return
        self._last = _Reception(socket, film, self._limits)
        kept = {} if previous is None else {"kept": previous.written}
        await self._last.run(kept)

    async def _previous(self, token: str) -> "_Reception | None":
        """The part that this token continues, closed: its link is dead, though nobody may have noticed."""
        last = self._last
        if last is None or not hmac.compare_digest(last.next_token.encode(), token.encode()):
            return None
        await last.hang_up()
        return last

    async def _film(self, opening: Opening) -> Film | NoFilm:
        try:
            return await self._host.begin(opening.token, opening.hello)
        except (VigfieldError, OSError) as error:
            return NoFilm(_why(error))


class _Reception:
    """One part being received: what arrives is checked, queued, written in order and acknowledged."""

    def __init__(self, socket: WebSocket, film: Film, limits: Limits) -> None:
        self.next_token = film.next_token
        self.written = 0
        self.finished: int | None = None
        self._socket = socket
        self._film = film
        self._limits = limits
        self._queue: asyncio.Queue[Framed | _Ending] = asyncio.Queue(limits.queue)
        self._thread = ThreadPoolExecutor(1, "film")
        self._received = 0
        self._sequence = 0
        self._replaced = asyncio.Event()
        self._closed = asyncio.Event()

    async def run(self, kept: Mapping[str, int]) -> None:
        """Until the film ends, the link breaks, or something is wrong; the part is closed in every case."""
        ready = {"type": "ready", "maxMsg": MAX_MESSAGE, "window": self._limits.window}
        try:
            await _say(self._socket, {**ready, "next": self.next_token, **kept})
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

    async def _receive(self) -> _Ending:
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
            item = self._checked(await _next(self._socket))
            if item is not None:
                await self._queue.put(item)
            if isinstance(item, End | Fault | _Gone):
                return

    def _checked(self, message: str | bytes | _Gone) -> Framed | _Ending | None:
        match message:
            case _Gone():
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
            case End(size):
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

    async def _write(self) -> _Ending:
        while True:
            frames, ending = await self._take()
            if frames:
                written = await self._written([frame.payload for frame in frames])
                if isinstance(written, _Stopped):
                    return written
                await self._acknowledge(frames[-1].sequence, written)
            if ending is not None:
                return ending

    async def _take(self) -> tuple[list[Framed], _Ending | None]:
        """Everything that waits, at least one: one sync serves them all."""
        frames: list[Framed] = []
        item = await self._queue.get()
        while isinstance(item, Framed):
            frames.append(item)
            if self._queue.empty():
                return frames, None
            item = self._queue.get_nowait()
        return frames, item

    async def _written(self, payloads: Sequence[bytes]) -> Written | _Stopped:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, self._film.write, payloads)
        except (VigfieldError, OSError) as error:
            logger.warning("film stopped: %s", type(error).__name__)
            return _Stopped(_why(error))

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
        await _say(self._socket, ack)

    async def _ask_to_stop(self) -> None:
        await self._film.stop.wait()
        await _say(self._socket, {"type": "stop"})
        await asyncio.sleep(self._limits.stop)
        await self._queue.put(_Gone())

    async def _watch_for_successor(self) -> None:
        await self._replaced.wait()
        await self._queue.put(_Gone())

    async def _settle(self, ending: _Ending) -> None:
        match ending:
            case End():
                await self._finish(ending)
            case Fault():
                await self._lost()
                logger.warning("film fault: %s", ending.value)
                await _refuse(self._socket, {"type": "fault", "why": ending.value}, FAULT)
            case _Gone():
                await self._lost()
                await _close(self._socket, 1001)
            case _Stopped(why):
                await self._lost()
                await _refuse(self._socket, {"type": "stopped", "why": why}, STOPPED)
            case _:
                assert_never(ending)

    async def _finish(self, end: End) -> None:
        try:
            self.finished = await self._film.finish(end)
        except (VigfieldError, OSError) as error:
            await self._settle(_Stopped(_why(error)))
            return
        self._closed.set()
        await _say(self._socket, {"type": "closed", "bytes": self.finished})
        await self._linger()

    async def _linger(self) -> None:
        """Leave the page time to hang up; a message after the end is a fault, though the film is whole."""
        try:
            async with asyncio.timeout(self._limits.linger):
                message = await _next(self._socket)
        except TimeoutError:
            await _close(self._socket, 1000)
            return
        if not isinstance(message, _Gone):
            await _refuse(self._socket, {"type": "fault", "why": Fault.AFTER_END.value}, FAULT)

    async def _lost(self) -> None:
        # A cancelled write still runs on its thread: the part is closed after it, never beside it.
        if self.finished is None:
            await asyncio.get_running_loop().run_in_executor(self._thread, _nothing)
            await self._film.lost()


def _nothing() -> None:
    return None


def _why(error: Exception) -> str:
    return "disk-full" if isinstance(error, DiskFull) else "disk"


async def _next(socket: WebSocket) -> str | bytes | _Gone:
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        return _Gone()
    text = message.get("text")
    if isinstance(text, str):
        return text
    return bytes(message.get("bytes") or b"")


async def _say(socket: WebSocket, message: Mapping[str, object]) -> None:
    # A page that is gone cannot hear; the reader learns of it in order.
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        await socket.send_text(json.dumps(message))


async def _refuse(socket: WebSocket, message: Mapping[str, object], code: int) -> None:
    await _say(socket, message)
    await _close(socket, code)


async def _close(socket: WebSocket, code: int) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        await socket.close(code)
