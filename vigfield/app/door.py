"""The door of a vault: making one, opening it with a passphrase, and the throttle on wrong ones."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from vigfield import clock
from vigfield.app.opened import DATABASE, RECORDINGS, Opened
from vigfield.app.strength import Strength, judge, normal
from vigfield.errors import Damaged, RealVault, VaultInUse
from vigfield.seal import Key, WrongPassphrase, calibrate, make_slot, open_slot
from vigfield.store import Empty, Header, Media, Present, Store, Throttle, VaultFolder, Wait

FORMAT = 1
SLOT_CONTEXT = "vigfield vault 1 "


@dataclass(frozen=True, slots=True)
class TooWeak:
    """A vault was not made: the passphrase is not good enough."""

    strength: Strength


@dataclass(frozen=True, slots=True)
class Wrong:
    """The passphrase does not open the vault; `left` tries before a wait."""

    left: int


@dataclass(frozen=True, slots=True)
class Throttled:
    """Too many wrong passphrases: the next try is possible in `seconds`."""

    seconds: float


class Door:
    """One vault folder, held by this process from now until `release`.

    Raises errors.RealVault when a demonstration is asked for and the vault here is a real one, and whatever
    VaultFolder.hold raises.
    """

    def __init__(self, path: Path, demo: bool) -> None:
        self._folder = VaultFolder.hold(path)
        self._throttle = Throttle(self._folder)
        self._demo = demo
        if demo and not self.demo:
            self._folder.release()
            raise RealVault("a demonstration never opens a real vault")

    @property
    def exists(self) -> bool:
        """Whether there is a vault to unlock; otherwise one can be made here."""
        return isinstance(self._folder.look(), Present)

    @property
    def demo(self) -> bool:
        """Whether this is a demonstration vault, or would become one."""
        match self._folder.look():
            case Present(header):
                return header.demo
            case Empty():
                return self._demo

    def release(self) -> None:
        """Let another process have the folder."""
        self._folder.release()

    async def create(self, passphrase: str) -> Opened | TooWeak:
        """Make the vault and open it; errors.VaultInUse when one has been made here in the meantime."""
        if self.exists:
            raise VaultInUse("a vault has been made here already")
        strength = judge(passphrase)
        if not strength.accepted:
            return TooWeak(strength)
        vault_key, header = await asyncio.to_thread(self._new, normal(passphrase))
        opened = await self._open(vault_key, header)
        try:
            await asyncio.to_thread(self._folder.write, header)
        except BaseException:
            await opened.close()
            raise
        return opened

    async def unlock(self, passphrase: str) -> Opened | Wrong | Throttled:
        """Open the vault, if the passphrase is right and it is not too soon."""
        outcome = await self._try(passphrase)
        if not isinstance(outcome, Key):
            return outcome
        return await self._open(outcome, self._folder.header())

    async def verify(self, passphrase: str) -> bool | Wrong | Throttled:
        """Whether the passphrase is the vault's, for a vault that is already open."""
        outcome = await self._try(passphrase)
        if not isinstance(outcome, Key):
            return outcome
        outcome.wipe()
        return True

    async def _try(self, passphrase: str) -> Key | Wrong | Throttled:
        header = self._folder.header()  # before the try is counted: the disk may be gone
        turn = await asyncio.to_thread(self._throttle.begin, clock.now())
        if isinstance(turn, Wait):
            return Throttled(turn.seconds)
        if not header.slots:
            raise Damaged("the vault has no slot for a passphrase")
        slot, context = header.slots[0], _context(header.id)
        opened = await asyncio.to_thread(open_slot, slot, normal(passphrase), context)
        match opened:
            case Key():
                await asyncio.to_thread(self._throttle.succeeded)
                return opened
            case WrongPassphrase():
                return Wrong(turn.left)
            case _:
                assert_never(opened)

    def _new(self, passphrase: str) -> tuple[Key, Header]:
        vault_key, vault_id = Key.random(), clock.new_id()
        slot = make_slot(passphrase, vault_key, _context(vault_id), calibrate())
        return vault_key, Header(FORMAT, vault_id, self._demo, clock.now().isoformat(), (slot,))

    async def _open(self, vault_key: Key, header: Header) -> Opened:
        database, recordings_key = vault_key.derive(DATABASE), vault_key.derive(RECORDINGS)
        vault_key.wipe()
        try:
            store = await Store.open(self._folder.database(header), database)
        except BaseException:
            recordings_key.wipe()
            raise
        finally:
            database.wipe()
        return Opened(store, Media(self._folder.media), recordings_key)


def _context(vault_id: str) -> bytes:
    return (SLOT_CONTEXT + vault_id).encode()
