"""Playing: from the rule, over the key and the checked last segment, to ranges behind a short-lived link."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from vigfield import clock
from vigfield.app.closing import load_index
from vigfield.app.ground import may_use
from vigfield.app.opened import Opened, film_context, known, unwrap_film_key
from vigfield.app.shelf import why
from vigfield.app.stills import FilmStills
from vigfield.errors import Broken, Damaged, UnreadableVault
from vigfield.loopback import mp4
from vigfield.model import Part, Recording, RecordingId, RecordingState
from vigfield.rules import Allowed, Refused, Use
from vigfield.seal import Key, Reader
from vigfield.store import Tx, audit, recordings
from vigfield.store.audit import Happening

LINK_SECONDS = 60.0
PLAY_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class PlayLink:
    """A one-time token for the player page."""

    token: str


class OpenFilm:
    """Implements `loopback.Media`: a recording's parts, opened and checked, as one virtual MP4."""

    def __init__(
        self,
        readers: tuple[Reader, ...],
        virtual: mp4.Virtual,
        words: Mapping[str, str],
        stills: FilmStills,
    ) -> None:
        self._readers = readers
        self._virtual = virtual
        self.stills = stills
        self.size = virtual.size
        self.index: Mapping[str, object] = {**virtual.frame_list(), "words": dict(words)}

    def read(self, offset: int, count: int) -> bytes:
        """`count` bytes from `offset` of the virtual file; blocking, decrypts in memory only."""
        return self._virtual.read(offset, count)

    def close(self) -> None:
        """Close the files; a read afterwards fails."""
        for reader in self._readers:
            reader.close()


@dataclass(slots=True)
class _Open:
    film: OpenFilm
    until: float


class Playing:
    """Hands out one-time links to films and serves them until the vault is locked."""

    def __init__(self, opened: Opened, words: Mapping[str, str]) -> None:
        self._opened = opened
        self._words = words
        self._links: dict[str, _Open] = {}
        self._playing: dict[str, _Open] = {}
        self._turn = asyncio.Lock()
        self._over = False

    async def link(self, recording_id: RecordingId) -> PlayLink | Refused:
        """Open a film for the player, or say why it may not be played. What played before is closed.

        Raises errors.Broken once the vault is being locked.
        """
        async with self._turn:
            if self._over:
                raise Broken("the vault is locked")
            self.close()
            return await self._link(recording_id)

    async def _link(self, recording_id: RecordingId) -> PlayLink | Refused:
        def ask(tx: Tx) -> tuple[Recording, Allowed | Refused, bytes]:
            recording = known(recordings.get(tx, recording_id))
            return (
                recording,
                may_use(tx, Use.PLAY, recording),
                known(recordings.wrapped_key(tx, recording_id)),
            )

        recording, verdict, wrapped = await self._opened.store.run(ask)
        match verdict:
            case Refused() as refused:
                return refused
            case Allowed():
                return await self._open(recording, wrapped)

    def claim(self, link: str) -> tuple[str, OpenFilm] | None:
        """Use a link up: the token under which the film is served, and the film. None for any other link."""
        opened = self._links.pop(link, None)
        if opened is None or _expired(opened):
            return None
        token = clock.new_token()
        self._playing[token] = _Open(opened.film, clock.monotonic() + PLAY_SECONDS)
        return token, opened.film

    def media(self, token: str) -> OpenFilm | None:
        """The film served under a claimed token, or None."""
        opened = self._playing.get(token)
        if opened is None or _expired(opened):
            return None
        return opened.film

    def close(self) -> None:
        """Revoke every link and close every film."""
        for opened in (*self._links.values(), *self._playing.values()):
            opened.film.close()
        self._links.clear()
        self._playing.clear()

    async def drop(self) -> None:
        """As `close`, and a film that is being opened just now is closed as well."""
        async with self._turn:
            self.close()

    async def shut(self) -> None:
        """As `drop`, for good."""
        self._over = True
        await self.drop()

    async def _open(self, recording: Recording, wrapped: bytes) -> PlayLink | Refused:
        try:
            film = await asyncio.to_thread(self._read, recording, wrapped)
        except (Damaged, UnreadableVault) as error:
            return Refused(why(error, self._opened.media))
        try:
            await self._opened.store.run(lambda tx: _tell(tx, recording.id))
        except BaseException:
            film.close()
            raise
        token = clock.new_token()
        self._links[token] = _Open(film, clock.monotonic() + LINK_SECONDS)
        return PlayLink(token)

    def _read(self, recording: Recording, wrapped: bytes) -> OpenFilm:
        key = unwrap_film_key(self._opened, recording.id, wrapped)
        parts = [part for part in recording.parts if part.bytes and part.state is not RecordingState.DAMAGED]
        readers: list[Reader] = []
        try:
            for part in parts:
                readers.append(self._reader(part, key))
            indexes = [
                load_index(self._opened, part, key, reader)
                for part, reader in zip(parts, readers, strict=True)
            ]
        except BaseException:
            for reader in readers:
                reader.close()
            raise
        finally:
            key.wipe()
        virtual = mp4.virtual(indexes, [reader.read for reader in readers])
        stills = FilmStills(self._opened, recording.id, virtual.pts)
        return OpenFilm(tuple(readers), virtual, self._words, stills)

    def _reader(self, part: Part, key: Key) -> Reader:
        path = self._opened.media.film_path(part.recording, part.number)
        return Reader.open(path, key, film_context(part.recording, part.number))


def _tell(tx: Tx, recording: RecordingId) -> None:
    audit.append(tx, clock.now(), Happening.FILM_PLAYED, recording)


def _expired(opened: _Open) -> bool:
    """Whether a link's time is over; its film is closed then."""
    if opened.until >= clock.monotonic():
        return False
    opened.film.close()
    return True
