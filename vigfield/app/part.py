"""One part of a film while it is received: bytes in, sealed and synced, and how it ends."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from threading import Lock
from typing import Self

from vigfield import clock, rules
from vigfield.app.closing import described, keep_index
from vigfield.app.opened import Opened, film_context
from vigfield.errors import VigfieldError
from vigfield.loopback import End, Written
from vigfield.loopback.mp4 import Index
from vigfield.model import Part, Quality, RecordingId, RecordingState
from vigfield.seal import Key, Writer
from vigfield.store import recordings

logger = logging.getLogger(__name__)

Ended = Callable[["FilmPart"], Awaitable[None]]


class FilmPart:
    """Implements `loopback.Film`: everything written is sealed and on the disk before it is acknowledged.

    It is ended once: by the page, by its link, or by the app while the page still sends.
    """

    def __init__(self, opened: Opened, value: Part, writer: Writer, key: Key, longest: float) -> None:
        self.value = value
        self.quality = Quality()
        self.stop = asyncio.Event()
        self.next_token = ""
        self._opened = opened
        self._longest = longest
        self._writer = writer
        self._writing = Lock()
        self._key = key
        self._index = Index()
        self._ending = asyncio.Lock()
        self._over = False

    @classmethod
    async def create(
        cls, opened: Opened, recording: RecordingId, number: int, key: Key, longest: float
    ) -> Self:
        """Tell the database of the part, then make its file: never a file that nothing knows of.

        After `longest` seconds of film the page is asked to stop.
        """
        value = Part(recording, number, RecordingState.OPEN)
        await opened.store.run(lambda tx: recordings.add_part(tx, value))
        path = opened.media.part_path(recording, number)
        context = film_context(recording, number)
        writer = await asyncio.to_thread(Writer.create, path, key, context)
        return cls(opened, value, writer, key, longest)

    def bind(self, next_token: str, ended: Ended, lost: Ended) -> None:
        """Say which token continues the film, and whom to tell how the part ends."""
        self.next_token = next_token
        self._ended = ended
        self._lost = lost

    def write(self, messages: Sequence[bytes]) -> Written:
        """Seal and sync whole messages. Blocking; called on the intake's one writer thread."""
        with self._writing:
            for message in messages:
                self._index.add(message, self._writer.length)
                self._writer.append(message)
            began = clock.monotonic()
            self._writer.sync()
            taken = (clock.monotonic() - began) * 1000
            length = self._writer.length
        free = self._opened.media.free()
        stop = rules.must_stop(free) or self._index.seconds >= self._longest
        return Written(bytes=length, sync_ms=taken, free=free, stop=stop)

    def note(self, stats: Mapping[str, object]) -> None:
        """Keep what the page counted; the newest record replaces the one before."""
        self.quality = quality_of(stats)

    async def finish(self, end: End) -> int:
        """The page has sent everything: close the part, then tell the database, then say so.

        When more comes, the film waits for its next part as after a lost link.

        Raises errors.Broken when the part has ended already.
        """
        async with self._ending:
            self.note(end.quality)
            await self._close(RecordingState.WHOLE)
        await (self._lost if end.more else self._ended)(self)
        return self.value.bytes

    async def lost(self) -> None:
        """The link broke: close the part with all that has arrived. Nothing happens to one that has ended."""
        async with self._ending:
            if self._over:
                return
            try:
                await self._close(RecordingState.INTERRUPTED)
            except VigfieldError as error:
                # The disk failed under the writer: the files stay as they are, for recovery.
                logger.warning("part %s left for recovery: %s", self.value.number, type(error).__name__)
                self._over = True
        await self._lost(self)

    async def _close(self, state: RecordingState) -> None:
        closed = await asyncio.to_thread(self._seal, state)
        await self._opened.store.run(lambda tx: recordings.close_part(tx, closed))
        self.value = closed
        self._over = True

    def _seal(self, state: RecordingState) -> Part:
        final = self._opened.media.film_path(self.value.recording, self.value.number)
        with self._writing:
            sealed = self._writer.finish(final)
        keep_index(self._opened, self.value, self._key, self._index)
        return described(self.value, state, sealed, self._index)


def quality_of(stats: Mapping[str, object]) -> Quality:
    """A quality record from what the page sent; whatever has the wrong shape counts as nothing."""
    events = stats.get("events")
    return Quality(
        delivered=_count(stats.get("delivered")),
        encoded=_count(stats.get("encoded")),
        dropped=_count(stats.get("dropped")),
        events=tuple(_event(item) for item in events if _is_event(item)) if isinstance(events, list) else (),
    )


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def _is_event(item: object) -> bool:
    match item:
        case [int() | float(), str()] | {"at": int() | float(), "what": str()}:
            return True
        case _:
            return False


def _event(item: object) -> tuple[float, str]:
    match item:
        case [int() | float() as at, str() as what] | {"at": int() | float() as at, "what": str() as what}:
            return float(at), what[:80]
        case _:
            return 0.0, ""
