"""Filming: from the rule, over a wrapped key in the database, to sealed parts on the disk."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace

from vigfield import clock, rules
from vigfield.app.ground import may_film
from vigfield.app.inforce import InForce
from vigfield.app.opened import Opened, known, wrap_film_key
from vigfield.app.part import FilmPart
from vigfield.app.recovering import close_recording, recover_at_once
from vigfield.app.rig import Rig
from vigfield.errors import Missing
from vigfield.loopback import Film, Hello, NoFilm
from vigfield.model import (
    Consent,
    FamilyId,
    Quality,
    Recording,
    RecordingId,
    RecordingState,
    Session,
    SessionId,
)
from vigfield.rules import Allowed, Reason, Refused, Use
from vigfield.seal import Key
from vigfield.store import Tx, recordings, sessions

GRACE_SECONDS = 30.0
WINDOW_BYTES = 16_000_000


@dataclass(frozen=True, slots=True)
class FilmLink:
    """A one-use token for the capture page."""

    token: str


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing is being filmed."""


@dataclass(frozen=True, slots=True)
class Running:
    """A film is being made: of which session, and whether its link is up."""

    session: SessionId
    recording: RecordingId
    linked: bool


@dataclass(slots=True)
class _Running:
    recording: Recording
    key: Key
    part: FilmPart | None
    token: str
    grace: asyncio.Task[None] | None = None


class Filming:
    """One film at a time: hands out links, receives parts, and closes recordings truthfully."""

    def __init__(
        self,
        opened: Opened,
        inforce: InForce,
        rig: Rig,
        words: Mapping[str, str],
        changed: Callable[[], None],
    ) -> None:
        self._opened = opened
        self._inforce = inforce
        self._rig = rig
        self._words = words
        self._changed = changed
        self._links: dict[str, SessionId] = {}
        self._ended: tuple[str, RecordingId] | None = None
        self._running: _Running | None = None
        self._turn = asyncio.Lock()
        self._over = False

    @property
    def state(self) -> Idle | Running:
        """What is being filmed now."""
        if self._running is None:
            return Idle()
        recording = self._running.recording
        return Running(recording.session, recording.id, self._running.part is not None)

    def free(self) -> int:
        """Bytes left on the disk that holds the films; errors.Missing when it is not there."""
        return self._opened.media.free()

    def minutes_left(self) -> int | None:
        """How many minutes of film fit on the disk before it must stop; None when the disk is not there."""
        free = self._free_or_none()
        if free is None:
            return None
        room = max(0, free - rules.STOP_FREE_BYTES)
        return int(room / ((self._rig.sized(self._inforce.policy).bitrate + 128_000) / 8) / 60)

    async def link(self, session: SessionId) -> FilmLink | Refused:
        """A link to the capture page for this session, or why it may not be filmed now."""
        verdict = await self._may_begin(session)
        if isinstance(verdict, Refused):
            return verdict
        token = clock.new_token()
        self._links = {token: session}
        return FilmLink(token)

    def setup(self, token: str) -> Mapping[str, object] | None:
        """What the capture page needs before it films: words, sizes and limits. Leaves the token unused."""
        if token not in self._links and not (self._running and self._running.token == token):
            return None
        policy = self._rig.sized(self._inforce.policy)
        return {
            "words": dict(self._words),
            "target": policy.target_seconds,
            "longest": policy.longest_seconds,
            "width": policy.width,
            "height": policy.height,
            "fps": policy.frames,
            "bitrate": policy.bitrate,
            "window": WINDOW_BYTES,
            "free": self._free_or_none() or 0,
            "warnFree": rules.WARN_FREE_BYTES,
            "minutesLeft": self.minutes_left() or 0,
            "locale": "en-GB",
            "choice": asdict(self._rig.choice),
        }

    def ended(self, token: str) -> RecordingId | None:
        """The whole film that has just ended, for the token that would have continued it. Uses it up."""
        if self._ended is None or not token or self._ended[0] != token:
            return None
        _, recording = self._ended
        self._ended = None
        return recording

    async def begin(self, token: str, hello: Hello) -> Film | NoFilm:
        """A new film, or the next part of the one whose link was lost. Uses the token up."""
        async with self._turn:
            if self._over:
                return NoFilm("locked")
            session = self._links.pop(token, None)
            if session is not None:
                return await self._first_part(session, hello)
            running = self._running
            if running is not None and running.part is None and running.token == token:
                return await self._resumed(running)
            return NoFilm("token")

    async def stop(self, family: FamilyId) -> None:
        """Stop the film of this family, if one is being made: what was filmed so far is sealed and kept."""
        async with self._turn:
            running = self._running
            if running is None or running.recording.family != family:
                return
            if running.part is not None:
                running.part.stop.set()
            else:
                await self._give_up(running)

    async def close(self) -> None:
        """Seal what has arrived of a film in progress, and begin no other; before the vault is locked."""
        self._over = True
        async with self._turn:
            part = self._running.part if self._running is not None else None
        if part is not None:
            await part.lost()
        async with self._turn:
            if self._running is not None:
                await self._give_up(self._running)

    def _free_or_none(self) -> int | None:
        try:
            return self.free()
        except Missing:
            return None

    async def _may_begin(self, session_id: SessionId) -> tuple[Session, Consent] | Refused:
        if self._running is not None:
            return Refused(Reason.ALREADY_FILMING)
        free = self._free_or_none()
        if free is None:
            return Refused(Reason.DISK_GONE)
        if not rules.has_room(free):
            return Refused(Reason.DISK_FULL)
        return await self._ground(session_id)

    async def _ground(
        self, session_id: SessionId, use: Use = Use.RECORD
    ) -> tuple[Session, Consent] | Refused:
        """The consent that this session may be filmed on now, asked anew each time."""

        def ask(tx: Tx) -> tuple[Session, Allowed | Refused]:
            session = known(sessions.get(tx, session_id))
            return session, may_film(tx, session, use)

        session, verdict = await self._opened.store.run(ask)
        match verdict:
            case Refused():
                return verdict
            case Allowed(consent):
                return session, consent

    async def _resumed(self, running: _Running) -> Film | NoFilm:
        """The next part of a film whose link was lost, if the consent still holds."""
        ground = await self._ground(running.recording.session, Use.GO_ON_RECORDING)
        if isinstance(ground, Refused):
            await self._give_up(running)
            return NoFilm(ground.reason.value)
        return await self._next_part(running)

    async def _first_part(self, session_id: SessionId, hello: Hello) -> Film | NoFilm:
        ground = await self._may_begin(session_id)
        if isinstance(ground, Refused):
            return NoFilm(ground.reason.value)
        recording = _new_recording(*ground, hello)
        key = Key.random()
        wrapped = wrap_film_key(self._opened, recording.id, key)
        refused = await self._opened.store.run(lambda tx: _add(tx, ground[0], recording, wrapped))
        if refused is not None:
            key.wipe()
            return NoFilm(refused.reason.value)
        running = _Running(recording, key, None, "")
        self._running = running
        return await self._next_part(running)

    async def _next_part(self, running: _Running) -> Film:
        _stop_waiting(running)
        recording, number = running.recording, len(running.recording.parts) + 1
        longest = self._inforce.policy.longest_seconds - recording.seconds
        try:
            part = await FilmPart.create(self._opened, recording.id, number, running.key, longest)
        except BaseException:
            await self._give_up(running)
            raise
        part.quality = recording.quality
        running.token = clock.new_token()
        part.bind(running.token, self._part_ended, self._part_lost)
        running.recording = _with_part(recording, part)
        running.part = part
        self._changed()
        return part

    async def _part_ended(self, part: FilmPart) -> None:
        """The page said that the film is over and the part is closed: the recording is whole."""
        async with self._turn:
            running = self._let_go(part)
            if running is not None:
                await self._settle(running)

    async def _part_lost(self, part: FilmPart) -> None:
        """The link broke: wait for the page to come back with the next part, then give up.

        A part that could not be closed is recovered at once: its disk failed, and the page was told.
        """
        async with self._turn:
            running = self._let_go(part)
            if running is None:
                return
            if part.value.state is RecordingState.OPEN:
                await self._give_up(running)
            else:
                running.grace = asyncio.create_task(self._wait(running))
                self._changed()

    def _let_go(self, part: FilmPart) -> _Running | None:
        """The film that this part belongs to, with what became of the part; None when it is over already."""
        running = self._running
        if running is None or running.part is not part:
            return None
        running.part = None
        running.recording = _with_part(running.recording, part)
        return running

    async def _wait(self, running: _Running) -> None:
        await asyncio.sleep(GRACE_SECONDS)
        async with self._turn:
            running.grace = None
            if self._running is running:
                await self._give_up(running)

    async def _give_up(self, running: _Running) -> None:
        """Close a film that its page did not end; what cannot be closed now waits for the next unlock."""
        _stop_waiting(running)
        self._running = None
        running.key.wipe()
        try:
            await recover_at_once(self._opened, running.recording)
        finally:
            self._changed()

    async def _settle(self, running: _Running) -> None:
        state = RecordingState.WHOLE if running.recording.seconds else RecordingState.EMPTY
        recording = replace(running.recording, state=state)
        self._running = None
        running.key.wipe()
        try:
            await self._opened.store.run(lambda tx: close_recording(tx, recording))
            self._ended = (running.token, recording.id)
        finally:
            self._changed()


def _add(tx: Tx, session: Session, recording: Recording, wrapped: bytes) -> Refused | None:
    """Write the film down, unless the consent was taken back in the meantime."""
    verdict = may_film(tx, session)
    if isinstance(verdict, Refused):
        return verdict
    recordings.add(tx, recording, wrapped, clock.now())
    return None


def _stop_waiting(running: _Running) -> None:
    if running.grace is not None:
        running.grace.cancel()
        running.grace = None


def _new_recording(session: Session, consent: Consent, hello: Hello) -> Recording:
    assert session.family is not None  # or the rule would have refused it
    return Recording(
        id=RecordingId(clock.new_id()),
        session=session.id,
        family=session.family,
        consent=consent.id,
        consent_version=consent.version,
        kind=session.kind,
        started=clock.now(),
        state=RecordingState.OPEN,
        width=hello.w,
        height=hello.h,
        mime=hello.mime,
        parts=(),
        quality=Quality(),
    )


def _with_part(recording: Recording, part: FilmPart) -> Recording:
    others = tuple(other for other in recording.parts if other.number != part.value.number)
    return replace(recording, parts=(*others, part.value), quality=part.quality)
