"""The app as a whole: locked or open, and who may use what while it is."""

import asyncio
import functools
import logging
from collections.abc import Callable, Mapping
from typing import assert_never

from vigfield import clock
from vigfield.app.assembly import Calls, Parts, assembled
from vigfield.app.connection import Connection
from vigfield.app.consenting import EVERYTHING, Given
from vigfield.app.consequences import Consequences
from vigfield.app.demo import plant
from vigfield.app.diary import Diary
from vigfield.app.door import Door, NoReply, Throttled, TooWeak, Wrong
from vigfield.app.doors import Doors, Entry
from vigfield.app.drafts import ConsentDraft, Invalid
from vigfield.app.enrolling import Enrolling
from vigfield.app.erasing import finish_all
from vigfield.app.errands import Errands
from vigfield.app.filming import Idle, Running
from vigfield.app.inforce import InForce
from vigfield.app.opened import Opened
from vigfield.app.people import People
from vigfield.app.playing import OpenFilm, PlayLink
from vigfield.app.recovering import recover_all
from vigfield.app.rig import Rig
from vigfield.app.states import Choosing, Covered, Fresh, Locked, Open, PageWords, State, Work
from vigfield.app.threshold import tell
from vigfield.errors import Broken, VaultGone, VigfieldError
from vigfield.loopback import Choice, Film, Hello, NoFilm
from vigfield.model import ConsentId, FamilyId, Policy, Scope
from vigfield.seal import Request
from vigfield.store.audit import Happening

logger = logging.getLogger(__name__)


class App:
    """The use cases' one holder of state. Used from the event loop only."""

    def __init__(
        self, door: Door | Doors, words: PageWords, service: str | None, connection: Connection | None = None
    ) -> None:
        self._doors = door if isinstance(door, Doors) else None
        self._neighbours = False
        self._entries: tuple[Entry, ...] = ()
        self._chosen = door if isinstance(door, Door) else None
        self._words = words
        self._service = service
        self._connection = connection or Connection()
        self._policy = Policy()
        self.demo = self._chosen is not None and self._chosen.demo
        """Whether this is a demonstration vault."""
        self._opened: Opened | None = None
        self._work: Work | None = None
        self._listeners: list[Callable[[], None]] = []
        self._touched = clock.monotonic()
        self._turn = asyncio.Lock()
        self._tasks = Errands()
        self.state: State = self._shut(() if self._doors is None else self._doors.entries())

    @property
    def shared(self) -> bool:
        """Whether this tablet may have several vaults."""
        return self._doors is not None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The vaults that were on this tablet when it was last looked."""
        return self._entries

    @property
    def neighbours(self) -> bool:
        """Whether there was another vault on this tablet when it was last looked."""
        return self._neighbours

    @property
    def vault(self) -> str:
        """The id of the vault that was chosen; nothing where there is none yet."""
        return "" if self._chosen is None else self._chosen.id

    @property
    def _door(self) -> Door:
        if self._chosen is None:
            raise VaultGone("no vault was chosen")
        return self._chosen

    def listen(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call `changed` on the loop after every change; returns a function that stops it."""
        self._listeners.append(changed)
        return lambda: self._listeners.remove(changed)

    def touch(self) -> None:
        """A person did something: the auto-lock starts anew."""
        self._touched = clock.monotonic()

    async def go_to(self, entry: Entry | None) -> None:
        """Go to the door of one of several vaults, or of a new one. Raises what Door raises."""
        async with self._turn:
            if self._doors is None or self._work is not None:
                return
            self._neighbours = isinstance(self.state, Choosing) or self.vault != ""
            door = self._doors.new if entry is None else functools.partial(self._doors.door, entry.path)
            self._chosen = await asyncio.to_thread(door)
            self.state = Locked() if self._chosen.exists else Fresh()
            self.announce()

    async def go_back(self) -> None:
        """Back to the question whose vault is to be opened."""
        async with self._turn:
            if self._doors is None or self._work is not None:
                return
            self._entries = await asyncio.to_thread(self._doors.entries)
            self._chosen, self.state = None, Choosing(self._entries)
            self.announce()

    async def create(self, passphrase: str) -> Open | TooWeak:
        """Make the vault and open it."""
        async with self._turn:
            outcome = await self._door.create(passphrase)
            if isinstance(outcome, TooWeak):
                return outcome
            return await self._enter(outcome, fresh=True)

    async def unlock(self, passphrase: str) -> Open | Wrong | Throttled:
        """Open the vault; recovers what was being filmed when it was last left."""
        async with self._turn:
            if self._work is not None:
                return await self._uncover(self._work, passphrase)
            outcome = await self._door.unlock(passphrase)
            match outcome:
                case Opened():
                    return await self._enter(outcome, fresh=False)
                case Wrong() | Throttled():
                    return outcome
                case _:
                    assert_never(outcome)

    async def request(self) -> Request | None:
        """What to send to the holder of the recovery key; nothing when there is none."""
        return await asyncio.to_thread(self._door.request)

    async def recover(self, reply: str, passphrase: str) -> Open | TooWeak | NoReply:
        """Open the vault with the holder's reply and give it a new passphrase."""
        async with self._turn:
            if self._work is not None:
                return NoReply()
            outcome = await self._door.recover(reply, passphrase)
            if not isinstance(outcome, Opened):
                return outcome
            await tell(outcome, Happening.RECOVERED)
            return await self._enter(outcome, fresh=False)

    async def lock(self) -> None:
        """Lock now; a film in progress goes on under cover, and the vault is locked when it ends."""
        async with self._turn:
            match self.state:
                case Choosing() | Fresh() | Locked() | Covered():
                    return
                case Open(work) if isinstance(work.filming.state, Running):
                    work.playing.close()
                    self.state = Covered()
                    self.announce()
                    await tell(self._opened, Happening.LOCKED)
                case Open():
                    await self._leave()
                case _:
                    assert_never(self.state)

    async def close(self) -> None:
        """Seal what is being filmed, lock, and let the vault go; for the end of the process."""
        async with self._turn:
            await self._leave()
        for doors in (self._doors, self._chosen):
            if doors is not None:
                doors.release()

    async def watch(self) -> None:
        """Lock when nobody has touched the tablet for the policy's time; tell the service when that is due.

        Filming counts as touching, and nothing is begun while it goes on.
        """
        while True:
            await asyncio.sleep(1)
            if not isinstance(self.state, Open):
                continue
            work = self.state.work
            if isinstance(work.filming.state, Running):
                self.touch()
            if clock.monotonic() - self._touched > self._idle_seconds:
                await self.lock()
                continue
            await work.telling.look()
            if work.telling.due and not isinstance(work.filming.state, Running):
                self.tell_soon()

    async def give(self, draft: ConsentDraft) -> Given | Invalid:
        """Keep a signed consent; where it says less than was said before, that holds at once."""
        match self.state:
            case Open(work):
                outcome = await work.consenting.give(draft)
            case _:
                raise Broken("the vault is locked")
        if isinstance(outcome, Given):
            await self._follow(work, draft.family, outcome.consequences)
        return outcome

    async def withdraw(
        self, family: FamilyId, consent: ConsentId | None = None, scopes: frozenset[Scope] = EVERYTHING
    ) -> Consequences:
        """Take consent back, at once: films close, and one being made is stopped where it may not go on."""
        work = self._work
        if work is None:
            raise Broken("the vault is locked")
        found = await work.consenting.withdraw(family, consent, scopes)
        await self._follow(work, family, found)
        return found

    async def _follow(self, work: Work, family: FamilyId, consequences: Consequences) -> None:
        if consequences.queued:
            await work.playing.drop()
        if consequences.stop:
            await work.filming.stop(family)
        await work.uploading.reconsider()
        self.announce()
        self.tell_soon()

    def setup(self, token: str) -> Mapping[str, object] | None:
        """For the capture page; nothing while locked."""
        return self._work.filming.setup(token) if self._work is not None else None

    async def begin(self, token: str, hello: Hello) -> Film | NoFilm:
        """For the capture page; refused while locked, but a film under cover may go on."""
        if self._work is None:
            return NoFilm("locked")
        return await self._work.filming.begin(token, hello)

    async def choose(self, token: str, choice: Choice) -> bool:
        """For the capture page: remember these devices."""
        work = self._work
        if work is None or work.filming.setup(token) is None:
            return False
        await work.rig.choose(choice)
        return True

    async def look(self, token: str) -> str | None:
        """For the capture page: a link to the film that has just ended; nothing unless open and allowed."""
        if not isinstance(self.state, Open):
            return None
        work = self.state.work
        recording = work.filming.ended(token)
        if recording is None:
            return None
        link = await work.playing.link(recording)
        return link.token if isinstance(link, PlayLink) else None

    def claim(self, link: str) -> tuple[str, OpenFilm] | None:
        """For the player page; nothing unless open."""
        return self.state.work.playing.claim(link) if isinstance(self.state, Open) else None

    def media(self, token: str) -> OpenFilm | None:
        """For the player page; nothing unless open. Watching a film counts as touching the tablet."""
        if not isinstance(self.state, Open):
            return None
        film = self.state.work.playing.media(token)
        if film is not None:
            self.touch()
        return film

    def tell_soon(self) -> None:
        """Start a run to the service, if the vault is open and policy takes the network."""
        if isinstance(self.state, Open) and self.state.work.telling.wanted:
            self._tasks.start(self.state.work.telling.begin())

    async def _enter(self, opened: Opened, *, fresh: bool) -> Open:
        inforce = InForce(self._policy)
        enrolling = Enrolling(opened, inforce, self._service, self.announce)
        try:
            if fresh and self.demo:
                await plant(People(opened), Diary(opened))
            recovered = await recover_all(opened)
            await People(opened).learn_words()
            rig = await Rig.load(opened)
            await enrolling.load()
            await finish_all(opened)
            await tell(opened, Happening.UNLOCKED)
        except BaseException:
            await opened.close()
            raise
        work = assembled(
            opened,
            Parts(inforce, enrolling, self._connection, rig, self._door, self._words),
            Calls(self.withdraw, self._film_changed, self.announce),
            recovered,
        )
        self._opened, self._work, self.state = opened, work, Open(work)
        self.touch()
        self.announce()
        self.tell_soon()
        return self.state

    async def _uncover(self, work: Work, passphrase: str) -> Open | Wrong | Throttled:
        outcome = await self._door.verify(passphrase)
        if isinstance(outcome, Wrong | Throttled):
            return outcome
        await tell(self._opened, Happening.UNLOCKED)
        self.state = Open(work)
        self.touch()
        self.announce()
        return self.state

    async def _leave(self) -> None:
        """Whatever fails on the way out, the key is gone in the end."""
        work, opened = self._work, self._opened
        if work is None or opened is None:
            return
        covered, self.state = isinstance(self.state, Covered), Locked()
        self.announce()
        try:
            await work.filming.close()
            await work.erasing.shut()
            await work.playing.shut()
            await work.telling.stop()
            if not covered:
                await tell(opened, Happening.LOCKED)
        finally:
            self._work = self._opened = None
            await opened.close()
            logger.info("locked")
            await self._back_to_the_doors()

    async def _back_to_the_doors(self) -> None:
        """On a tablet with several vaults, the next person may be another one."""
        if self._doors is None:
            return
        try:
            self.state = self._shut(await asyncio.to_thread(self._doors.entries))
        except VigfieldError as error:
            logger.warning("the other vaults were not looked at: %s", type(error).__name__)
        self.announce()

    def _shut(self, entries: tuple[Entry, ...]) -> State:
        """What is shown while everything is locked: the one door there is, or all of them."""
        if self._doors is not None:
            self._entries, self._neighbours = entries, len(entries) > 1
            if entries and (len(entries) > 1 or entries[0].fault is not None):
                self._chosen = None
                return Choosing(entries)
            self._chosen = self._doors.door(entries[0].path) if entries else self._doors.new()
        return Locked() if self._door.exists else Fresh()

    def _film_changed(self) -> None:
        self.announce()
        if self._work is None or not isinstance(self._work.filming.state, Idle):
            return
        if isinstance(self.state, Covered):
            self._tasks.start(self._leave_cover())
        else:
            self.tell_soon()

    async def _leave_cover(self) -> None:
        async with self._turn:
            if isinstance(self.state, Covered):  # not unlocked in the meantime
                await self._leave()

    def announce(self) -> None:
        """Tell the listeners that something changed."""
        for changed in tuple(self._listeners):
            try:
                changed()
            except Exception as error:  # noqa: BLE001  the edge: a failing screen stops no film and no lock
                logger.error("a listener failed: %s", type(error).__name__)

    @property
    def _idle_seconds(self) -> int:
        return (self._work.enrolling.inforce.policy if self._work else self._policy).idle_seconds
