"""Pictures kept from a film: sealed beside it under its key, for as long as the family agrees to them."""

import asyncio
import json
from collections.abc import Sequence

from vigfield import clock
from vigfield.app.ground import may_use
from vigfield.app.opened import Opened, known, unwrap_film_key
from vigfield.errors import Damaged, DiskFull
from vigfield.loopback import NoStill, Still
from vigfield.model import RecordingId
from vigfield.rules import Allowed, Reason, Refused, Use
from vigfield.seal import Key, Reader, seal_file
from vigfield.store import Tx, files, recordings, retention, stills

_FACTS_BYTES = 200


def still_context(recording: RecordingId, number: int) -> bytes:
    """The associated data of a kept picture: of this film, with this number, and nothing else."""
    return f"vigfield still 1 {recording} {number}".encode()


class FilmStills:
    """Implements `loopback.Stills`. Consent and key are asked for at every use; neither is held."""

    def __init__(self, opened: Opened, recording: RecordingId, pts: Sequence[float]) -> None:
        self._opened = opened
        self._recording = recording
        self._pts = pts
        self._turn = asyncio.Lock()

    async def all(self) -> list[Still] | NoStill:
        """Every picture, oldest first; one that does not verify is left out, and left where it is."""
        match await self._key():
            case Refused(reason):
                return NoStill(reason.value)
            case key:
                return await asyncio.to_thread(self._all, key)

    async def keep(self, frame: int, picture: bytes) -> Still | NoStill:
        """Seal a picture of this frame; a withdrawal that comes in between takes it away again."""
        async with self._turn:
            match await self._key():
                case Refused(reason):
                    return NoStill(reason.value)
                case key:
                    return await self._keep(key, frame, picture)

    async def picture(self, number: int) -> bytes | NoStill | None:
        """The PNG as it was kept; errors.Damaged when it does not verify."""
        match await self._key():
            case Refused(reason):
                return NoStill(reason.value)
            case key:
                return await asyncio.to_thread(self._picture, key, number)

    async def remove(self, number: int) -> bool:
        """Take a picture's file away, whatever was agreed to; whether there was one."""
        async with self._turn:
            if number not in await asyncio.to_thread(self._opened.media.stills, self._recording):
                return False
            if await self._opened.store.run(self._held):
                return False
            await asyncio.to_thread(files.remove, self._opened.media.still_path(self._recording, number))
            await self._opened.store.run(lambda tx: stills.remove(tx, self._recording, number, clock.now()))
            return True

    def _held(self, tx: Tx) -> bool:
        """Whether there is a hold on the family: then nothing is destroyed."""
        family = known(recordings.get(tx, self._recording)).family
        return any(hold.lifted is None for hold in retention.holds_of(tx, family))

    async def _key(self) -> Key | Refused:
        """The film's key, if pictures are agreed to now; whoever gets it wipes it."""

        def ask(tx: Tx) -> bytes | Refused:
            verdict = self._verdict(tx)
            if isinstance(verdict, Refused):
                return verdict
            return known(recordings.wrapped_key(tx, self._recording))

        found = await self._opened.store.run(ask)
        if isinstance(found, Refused):
            return found
        return unwrap_film_key(self._opened, self._recording, found)

    def _verdict(self, tx: Tx) -> Allowed | Refused:
        recording = known(recordings.get(tx, self._recording))
        return may_use(tx, Use.MAKE_STILL, recording)

    async def _keep(self, key: Key, frame: int, picture: bytes) -> Still | NoStill:
        try:
            still = await asyncio.to_thread(self._seal, key, frame, picture)
        except DiskFull:
            return NoStill(Reason.DISK_FULL.value)
        verdict = await self._opened.store.run(lambda tx: self._settle(tx, still))
        if isinstance(verdict, Allowed):
            return still
        path = self._opened.media.still_path(self._recording, still.number)
        await asyncio.to_thread(files.remove, path)
        return NoStill(verdict.reason.value)

    def _settle(self, tx: Tx, still: Still) -> Allowed | Refused:
        verdict = self._verdict(tx)
        if isinstance(verdict, Allowed):
            stills.keep(tx, self._recording, still.number, clock.now())
        return verdict

    def _seal(self, key: Key, frame: int, picture: bytes) -> Still:
        try:
            media = self._opened.media
            number = max(media.stills(self._recording), default=0) + 1
            still = Still(number, frame, self._pts[frame])
            facts = json.dumps({"frame": frame, "seconds": still.seconds}).encode() + b"\n"
            path = media.still_path(self._recording, number)
            seal_file(path, key, still_context(self._recording, number), facts + picture)
            return still
        finally:
            key.wipe()

    def _all(self, key: Key) -> list[Still]:
        try:
            numbers = self._opened.media.stills(self._recording)
            return [still for number in numbers if (still := self._facts(key, number)) is not None]
        finally:
            key.wipe()

    def _facts(self, key: Key, number: int) -> Still | None:
        try:
            with self._reader(key, number) as reader:
                facts = json.loads(reader.read(0, _FACTS_BYTES).partition(b"\n")[0])
        except Damaged:
            return None
        return Still(number, facts["frame"], facts["seconds"])

    def _picture(self, key: Key, number: int) -> bytes | None:
        try:
            if number not in self._opened.media.stills(self._recording):
                return None
            with self._reader(key, number) as reader:
                return reader.read(0, reader.size).partition(b"\n")[2]
        finally:
            key.wipe()

    def _reader(self, key: Key, number: int) -> Reader:
        path = self._opened.media.still_path(self._recording, number)
        return Reader.open(path, key, still_context(self._recording, number))
