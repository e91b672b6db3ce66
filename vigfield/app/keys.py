"""The keys of the open vault: another passphrase, and who can help when it is forgotten."""

import asyncio
from typing import TypeVar

from vigfield import clock
from vigfield.app.door import Door, Renewed, Throttled, TooWeak, Wrong
from vigfield.app.opened import Opened
from vigfield.errors import Damaged
from vigfield.seal import PublicKey, decode
from vigfield.store import audit
from vigfield.store.audit import Happening

T = TypeVar("T")

VAULT = "vault"  # the subject of what happens to the vault as a whole


class Keys:
    """Asks for the passphrase each time, for the vault's own key is not kept."""

    def __init__(self, opened: Opened, door: Door) -> None:
        self._opened = opened
        self._door = door

    async def recipient(self) -> PublicKey | None:
        """Who can help when the passphrase is forgotten, if anybody can."""
        return await asyncio.to_thread(self._door.recipient)

    async def change(self, old: str, new: str) -> Renewed | TooWeak | Wrong | Throttled:
        """A new passphrase in the place of the old one."""
        return await self._told(await self._door.change(old, new), Happening.PASSPHRASE_CHANGED)

    async def let_recover(self, passphrase: str, recipient: PublicKey) -> Renewed | Wrong | Throttled:
        """From now on the holder of this key can help."""
        return await self._told(await self._door.let_recover(passphrase, recipient), Happening.RECOVERY_SET)

    async def let_nobody_recover(self, passphrase: str) -> Renewed | Wrong | Throttled:
        """From now on nobody can help."""
        return await self._told(await self._door.let_nobody_recover(passphrase), Happening.RECOVERY_REMOVED)

    async def _told(self, outcome: T, kind: Happening) -> T:
        if isinstance(outcome, Renewed):
            await self._opened.store.run(lambda tx: audit.append(tx, clock.now(), kind, VAULT))
        return outcome


def recipient_from(line: str) -> PublicKey | None:
    """The recovery key in a text that a person pasted; None when there is none in it."""
    try:
        return PublicKey(decode("recovery-key", line))
    except (Damaged, ValueError):
        return None
