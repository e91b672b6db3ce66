"""The door of a vault: making one, opening it with a passphrase, and the throttle on wrong ones."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import assert_never

from vigfield import clock
from vigfield.app.opened import DATABASE, RECORDINGS, Opened
from vigfield.app.strength import Strength, judge, normal
from vigfield.errors import Damaged, RealVault, VaultInUse
from vigfield.seal import (
    Key,
    PublicKey,
    Request,
    WrongPassphrase,
    calibrate,
    make_recovery_slot,
    make_slot,
    open_reply,
    open_slot,
    recipient_of,
)
from vigfield.store import Empty, Header, Media, Present, Store, Throttle, VaultFolder, Wait

FORMAT = 1
SLOT_CONTEXT = "vigfield vault 1 "
PASSPHRASE, RECOVERY = "passphrase", "recovery"


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


@dataclass(frozen=True, slots=True)
class Renewed:
    """The vault has the new slot, on the disk."""


@dataclass(frozen=True, slots=True)
class NoReply:
    """What was pasted does not answer the request of this tablet: torn, old, or for another vault."""


class Door:
    """One vault folder, held by this process from now until `release`.

    Raises errors.RealVault when a demonstration is asked for and the vault here is a real one, and whatever
    VaultFolder.hold raises.
    """

    def __init__(self, path: Path, demo: bool) -> None:
        self._folder = VaultFolder.hold(path)
        self._throttle = Throttle(self._folder)
        self._demo = demo
        self._reply_key: Key | None = None
        if demo and not self.demo:
            self._folder.release()
            raise RealVault("a demonstration never opens a real vault")

    @property
    def exists(self) -> bool:
        """Whether there is a vault to unlock; otherwise one can be made here."""
        return isinstance(self._folder.look(), Present)

    @property
    def id(self) -> str:
        """The vault's id; nothing when there is no vault yet."""
        found = self._folder.look()
        return found.header.id if isinstance(found, Present) else ""

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
        vault_key, header = await asyncio.to_thread(self._new, passphrase)
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

    async def change(self, old: str, new: str) -> Renewed | TooWeak | Wrong | Throttled:
        """Put a new passphrase in the place of the old one; the films stay as they are sealed."""
        strength = judge(new)
        if not strength.accepted:
            return TooWeak(strength)
        return await self._renew(old, lambda header, key: _with_passphrase(header, key, new))

    def recipient(self) -> PublicKey | None:
        """Who can help when the passphrase is forgotten, if anybody can. Blocking."""
        slot = _slot(self._folder.header(), RECOVERY)
        return None if slot is None else recipient_of(slot)

    async def let_recover(self, passphrase: str, recipient: PublicKey) -> Renewed | Wrong | Throttled:
        """Give the holder of this key a slot of the vault, in the place of any other holder's."""
        return await self._renew(passphrase, lambda header, key: _with_recipient(header, key, recipient))

    async def let_nobody_recover(self, passphrase: str) -> Renewed | Wrong | Throttled:
        """Take the recovery slot out of the vault."""
        return await self._renew(
            passphrase, lambda header, _: replace(header, slots=_without(header, RECOVERY))
        )

    def request(self) -> Request | None:
        """Ask the holder for the vault key; of use until a restart. Blocking."""
        header = self._folder.header()
        slot = _slot(header, RECOVERY)
        if slot is None:
            return None
        self._reply_key = self._reply_key or Key.random()
        return Request.of_slot(header.id, slot, PublicKey.of(self._reply_key))

    async def recover(self, reply: str, new: str) -> Opened | TooWeak | NoReply:
        """Open the vault with the holder's reply, and give it a new passphrase."""
        strength = judge(new)
        if not strength.accepted:
            return TooWeak(strength)
        request, header = self.request(), self._folder.header()
        if request is None or self._reply_key is None:
            return NoReply()
        try:
            vault_key = open_reply(reply, request, self._reply_key)
        except Damaged:
            return NoReply()
        renewed = await asyncio.to_thread(_with_passphrase, header, vault_key, new)
        opened = await self._open(vault_key, header)  # a key that does not open the vault gets no slot
        try:
            await asyncio.to_thread(self._folder.write, renewed)
            await asyncio.to_thread(self._throttle.succeeded)
        except BaseException:
            await opened.close()
            raise
        self._reply_key.wipe()
        self._reply_key = None
        return opened

    async def _renew(
        self, passphrase: str, renewed: Callable[[Header, Key], Header]
    ) -> Renewed | Wrong | Throttled:
        outcome = await self._try(passphrase)
        if not isinstance(outcome, Key):
            return outcome
        try:
            header = await asyncio.to_thread(renewed, self._folder.header(), outcome)
        finally:
            outcome.wipe()
        await asyncio.to_thread(self._folder.write, header)
        return Renewed()

    async def _try(self, passphrase: str) -> Key | Wrong | Throttled:
        header = self._folder.header()  # before the try is counted: the disk may be gone
        turn = await asyncio.to_thread(self._throttle.begin, clock.now())
        if isinstance(turn, Wait):
            return Throttled(turn.seconds)
        if not header.slots:
            raise Damaged("the vault has no slot for a passphrase")
        slot, context = _slot(header, PASSPHRASE) or header.slots[0], _context(header.id)
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
        header = Header(FORMAT, vault_id, self._demo, clock.now().isoformat(), ())
        return vault_key, _with_passphrase(header, vault_key, passphrase)

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


def _slot(header: Header, kind: str) -> Mapping[str, object] | None:
    return next((slot for slot in header.slots if slot.get("kind") == kind), None)


def _without(header: Header, kind: str) -> tuple[dict[str, object], ...]:
    return tuple(slot for slot in header.slots if slot.get("kind") != kind)


def _with_passphrase(header: Header, vault_key: Key, passphrase: str) -> Header:
    """The header with one passphrase slot, the new one; takes as long as a calibration and a try."""
    slot = make_slot(normal(passphrase), vault_key, _context(header.id), calibrate())
    return replace(header, slots=(slot, *_without(header, PASSPHRASE)))


def _with_recipient(header: Header, vault_key: Key, recipient: PublicKey) -> Header:
    slot = make_recovery_slot(recipient, vault_key, header.id)
    return replace(header, slots=(*_without(header, RECOVERY), slot))
