"""One browser tab's own state: where it is, how wide it is, and whether the open vault is its own."""

import asyncio
import functools
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import TypeVar

import flet as ft

from vigfield.app import App, Covered, Fresh, Locked, NoReply, Open, State, Throttled, TooWeak, Work, Wrong
from vigfield.ui import words
from vigfield.ui.places import Place, Today

logger = logging.getLogger(__name__)

T = TypeVar("T")

BAR_BELOW = 600  # pixels: a narrower window has its navigation at the bottom
_RAIL = 216
_BAR = 88


@ft.observable
@dataclass
class Seen(ft.Observable):
    """Counts the changes of the app, so that a screen can follow them."""

    count: int = 0


@ft.observable
@dataclass
class Where(ft.Observable):
    """The place that is shown."""

    place: Place


@ft.observable
@dataclass
class Layout(ft.Observable):
    """The size of the window, in logical pixels."""

    width: float
    height: float


class NotOpen(Exception):
    """A screen was drawn once more after the lock; it is about to go."""


class Owner:
    """Which desk the open vault belongs to: a second tab sees a locked app."""

    def __init__(self) -> None:
        self.desk: Desk | None = None


class Desk:
    """Everything a screen needs; one for each Flet session."""

    def __init__(self, app: App, owner: Owner, page: ft.Page, origin: str) -> None:
        self.app = app
        self.origin = origin
        self.seen = Seen()
        self.where = Where(Today())
        self.layout = Layout(page.width or 1280, page.height or 800)
        self._owner = owner
        self._page = page
        self._tasks: set[asyncio.Task[object]] = set()
        self._deaf = app.listen(self._changed)

    @property
    def state(self) -> State:
        """The app's state as this tab may see it."""
        state = self.app.state
        if isinstance(state, Open | Covered) and self._owner.desk is not self:
            return Locked()
        return state

    @property
    def work(self) -> Work:
        """What can be done; only for screens that are shown while the vault is open."""
        match self.state:
            case Open(work):
                return work
            case _:
                raise NotOpen

    async def create(self, passphrase: str) -> Open | TooWeak:
        """Make the vault; it is this tab's."""
        return self._take(await self.app.create(passphrase))

    async def unlock(self, passphrase: str) -> Open | Wrong | Throttled:
        """Open the vault; it is this tab's from now on."""
        return self._take(await self.app.unlock(passphrase))

    async def recover(self, reply: str, passphrase: str) -> Open | TooWeak | NoReply:
        """Open the vault with the reply of the recovery key's holder; it is this tab's from now on."""
        return self._take(await self.app.recover(reply, passphrase))

    async def leave(self) -> None:
        """The tab is gone: lock, if the vault was its own."""
        if self._owner.desk is self:
            await self.app.lock()

    def close(self) -> None:
        """The session is over for good."""
        self._deaf()
        for task in tuple(self._tasks):
            task.cancel()

    def go(self, place: Place) -> None:
        """Show another place; a message of the last one goes, so that it covers nothing here."""
        self._page.pop_dialog()
        self.where.place = place

    def say(self, sentence: str) -> None:
        """Show a short message that goes away by itself, and is read out."""
        message = ft.SnackBar(ft.Text(sentence), duration=4000, behavior=ft.SnackBarBehavior.FLOATING)
        if self.layout.width >= BAR_BELOW:  # the rail, with the Lock button, stays clear
            message.margin = ft.Margin(left=_RAIL, top=0, right=16, bottom=16)
        else:  # and so does the bar
            message.margin = ft.Margin(left=8, top=0, right=8, bottom=_BAR)
        self._page.show_dialog(message)

    def show(self, dialog: ft.DialogControl) -> None:
        """Show a dialog or a picker."""
        self._page.show_dialog(dialog)

    def dismiss(self) -> None:
        """Close the dialog that is shown."""
        self._page.pop_dialog()

    async def pick_file(self, *extensions: str) -> bytes | None:
        """What is in the file that a person chooses; None when none was chosen. It goes into memory only."""
        picked = await self._files.pick_files(
            file_type=ft.FilePickerFileType.CUSTOM, allowed_extensions=list(extensions), with_data=True
        )
        return picked[0].bytes if picked else None

    async def hand_out(self, name: str, data: bytes) -> None:
        """Give a file to the person at the tablet, who decides where it goes."""
        await self._files.save_file(file_name=name, src_bytes=data)

    @functools.cached_property
    def _files(self) -> ft.FilePicker:
        return ft.FilePicker()

    def spawn(self, work: Coroutine[object, object, object]) -> None:
        """Run something on the loop for as long as this tab lives; a failure is said, never swallowed."""
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Coroutine[object, object, object]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - the edge: whatever went wrong, a person is told
            logger.error("an action failed: %s", type(error).__name__)
            self.say(words.sorry(error))

    def _take(self, outcome: T) -> T:
        if isinstance(outcome, Open):
            self._owner.desk = self
            self.where.place = Today()
            self.app.announce()
        return outcome

    def _changed(self) -> None:
        # Changes come from the film's socket and from timers too, and Flet redraws only in its own context.
        if self._page.session.connection is not None:
            self._page.run_task(self._follow)

    async def _follow(self) -> None:
        if isinstance(self.state, Locked | Fresh):
            self.where.place = Today()
        self.seen.count += 1
