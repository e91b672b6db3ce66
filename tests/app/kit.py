"""A vault with a family, a session and a consent, and a camera page made of a few calls: all parts real."""

import asyncio
import atexit
import io
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

import av

from tests.film.fragments import make_fragments
from vigfield import clock
from vigfield.app import (
    App,
    Connection,
    ConsentDraft,
    Door,
    FamilyDraft,
    FilmLink,
    Given,
    Open,
    PageWords,
    SessionDraft,
    Work,
    leaving,
)
from vigfield.app.part import FilmPart
from vigfield.app.playing import OpenFilm, PlayLink
from vigfield.loopback import End, Hello, NoFilm
from vigfield.model import (
    Consent,
    DrawnSignature,
    Family,
    FamilyId,
    Footing,
    FormRef,
    Kind,
    Network,
    OutboxItem,
    Place,
    Policy,
    Recording,
    RecordingId,
    Relationship,
    Scope,
    Session,
    SessionId,
    SessionKind,
)
from vigfield.seal.slots import Cost
from vigfield.store import Tx, outbox
from vigfield.sync import Put

PASSPHRASE = "seven calm otters read maps"
CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
HELLO = Hello(1, "video/mp4", ("avc1.42001f",), 64, 64, {}, 0, 0.0)
WORDS = PageWords({"a": "b"}, {"c": "d"})
CAREGIVER, INFANT, CODE, ROOM, PRESENT = "Zebulonia", "Quillfeather", "SE-014", "Vossenkamer", "Prunella"
NAMES = (CAREGIVER, INFANT, ROOM, PRESENT)
SIGNED = DrawnSignature((((1.0, 2.0, 0), (3.0, 4.0, 16)),))


@cache
def film(frames: int = 12) -> tuple[bytes, tuple[bytes, ...]]:
    """An init segment and fragments of one frame each."""
    head, fragments = make_fragments(frames)
    return head, tuple(fragments)


def family_draft(code: str = CODE) -> FamilyDraft:
    return FamilyDraft(code, CAREGIVER, Relationship.MOTHER, INFANT, f"{clock.today():%Y-%m}", even_so=True)


def session_draft(family: FamilyId, kind: SessionKind = SessionKind.FILMING) -> SessionDraft:
    starts = datetime.combine(clock.today(), time(9, 30)).astimezone()
    return SessionDraft(family, kind, starts, 60, Place.ELSEWHERE, ROOM, 1, even_so=True)


def consent_draft(family: Family, session: SessionId | None = None, *agreed: Scope) -> ConsentDraft:
    return ConsentDraft(
        family=family.id,
        session=session,
        given_by=family.caregivers[0].id,
        footing=Footing.PARENTAL_RESPONSIBILITY,
        agreed=frozenset(agreed or {Scope.FILM_INTERACTION}),
        on_camera=(family.infant.id, family.caregivers[0].id),
        also_present=PRESENT,
        valid_until=clock.today() + timedelta(days=30),
        form=FormRef("form", "1", "en-GB"),
        signature=SIGNED,
    )


@dataclass(slots=True)
class Tablet:
    """An open app with one family that has a session today and has agreed to be filmed."""

    app: App
    work: Work
    family: Family
    session: Session
    consent: Consent

    async def recording(self) -> Recording:
        """The newest film of the session, as the database has it."""
        visit = await self.work.practice.visit(self.session.id)
        return visit.films[-1]

    async def link(self) -> str:
        found = await self.work.filming.link(self.session.id)
        assert isinstance(found, FilmLink)
        return found.token

    async def begin(self) -> FilmPart:
        """A film that has begun, as the camera page begins it."""
        return part(await self.app.begin(await self.link(), HELLO))

    async def filmed(self, frames: int = 12) -> RecordingId:
        """A whole film."""
        one = await self.begin()
        await send(one, frames=frames)
        await one.finish(end(one))
        return one.value.recording

    async def conflict(self) -> tuple[Kind, str]:
        """An item that the service holds differently: the session, an hour later there."""
        opened = self.app._opened
        assert opened is not None
        there = {"resourceType": "Appointment", "id": self.session.id, "start": "2026-03-02T10:00:00.000Z"}

        def write(tx: Tx) -> None:
            item = outbox.item(tx, Kind.SESSION, self.session.id)
            assert item is not None
            version = outbox.touch(tx, item.kind, item.id, clock.now())
            outbox.conflict(tx, item.kind, item.id, version, outbox.Theirs("", json.dumps(there), 'W/"9"'))

        await opened.store.run(write)
        return Kind.SESSION, self.session.id

    async def play(self, recording: RecordingId) -> OpenFilm:
        """The film as the player page gets it."""
        link = await self.work.playing.link(recording)
        assert isinstance(link, PlayLink)
        claimed = self.app.claim(link.token)
        assert claimed is not None
        return claimed[1]


def part(begun: object) -> FilmPart:
    assert isinstance(begun, FilmPart), begun
    return begun


def why(begun: object) -> str:
    assert isinstance(begun, NoFilm), begun
    return begun.why


async def send(one: FilmPart, start: int = 0, frames: int = 12) -> None:
    """Send the init segment and these frames, each acknowledged before the next."""
    head, fragments = film()
    for message in (head, *fragments[start : start + frames]):
        await asyncio.to_thread(one.write, [message])


def end(one: FilmPart, frames: int = 12) -> End:
    quality = {"delivered": frames, "encoded": frames, "dropped": 0, "events": [[0.5, "sound-lost"]]}
    return End(one._writer.length, frames, quality)


def frames_of(opened: OpenFilm) -> int:
    """How many pictures a player decodes from the virtual MP4."""
    data = opened.read(0, opened.size)
    with av.open(io.BytesIO(data)) as container:
        return sum(1 for _ in container.decode(video=0))


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that is on its way."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110  what is waited for has no event
            await asyncio.sleep(0.005)


async def family_of(work: Work, code: str = CODE) -> tuple[Family, Session]:
    family = await work.people.add(family_draft(code))
    assert isinstance(family, Family)
    session = await work.diary.add(session_draft(family.id))
    assert isinstance(session, Session)
    return family, session


@dataclass(slots=True)
class Around:
    """The network that a tablet is on, as a test has it."""

    now: Network = Network.UNMETERED
    routes: object = "the first"
    asked: int = 0

    async def ask(self) -> Network:
        self.asked += 1
        return self.now

    def connection(self) -> Connection:
        return Connection(self.ask, lambda: (self.routes, self.now is Network.NONE))


_NEW: dict[int, Path] = {}


async def _new_vault() -> Path:
    """A vault that was made once for a run of tests, by this user: to make one takes eight times as long."""
    user = os.geteuid() if hasattr(os, "geteuid") else 0
    if user not in _NEW:
        folder = Path(tempfile.mkdtemp(prefix="vigfield-new-"))
        atexit.register(shutil.rmtree, folder)
        app = App(Door(folder / "vault", demo=False), WORDS, None, Around().connection())
        assert isinstance(await app.create(PASSPHRASE), Open)
        await app.close()
        _NEW[user] = folder / "vault"
    return _NEW[user]


@asynccontextmanager
async def unlocked(
    folder: Path, service: str | None = None, around: Around | None = None, *, anew: bool = False
) -> AsyncIterator[App]:
    """An app on this folder, unlocked, and closed afterwards; an empty folder gets a vault.

    That one is a copy of one that was opened once before; `anew` has it made from nothing.
    """
    door = Door(folder, demo=False)
    making = anew and not door.exists
    if not (making or door.exists):
        shutil.copytree(await _new_vault(), folder, dirs_exist_ok=True)
    app = App(door, WORDS, service, (around or Around()).connection())
    try:
        outcome = await (app.create(PASSPHRASE) if making else app.unlock(PASSPHRASE))
        assert isinstance(outcome, Open), outcome
        yield app
    finally:
        await app.close()


def work_of(app: App) -> Work:
    assert isinstance(app.state, Open)
    return app.state.work


@asynccontextmanager
async def tablet(
    folder: Path, service: str | None = None, around: Around | None = None, *, anew: bool = False
) -> AsyncIterator[Tablet]:
    """A new vault with everything that is needed to film, and nothing told so far."""
    async with unlocked(folder, around=around, anew=anew) as app:
        work = work_of(app)
        app._service = work.enrolling._demo = service
        family, session = await family_of(work)
        given = await work.consenting.give(consent_draft(family))
        assert isinstance(given, Given)
        yield Tablet(app, work, family, session, given.consent)


async def films(folder: Path) -> list[Recording]:
    """What is known of every film after the next unlock."""
    async with unlocked(folder) as app:
        return (await work_of(app).practice.everything())[0]


def tree(folder: Path) -> dict[str, bytes]:
    """Every file under a folder with what is in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def put_of(tx: Tx, item: OutboxItem, policy: Policy) -> Put | leaving.Held:
    """An item as it is sent under a policy, or why it is not."""
    found = leaving.puts_of(tx, [item], policy)
    return found.puts[0] if found.puts else found.held[0]


def today() -> date:
    return clock.today()
