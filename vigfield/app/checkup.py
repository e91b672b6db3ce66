"""A look at the tablet itself, for Settings: what `vigfield doctor` finds, and whose files lie here."""

import asyncio
from dataclasses import dataclass

from vigfield.app.opened import Opened
from vigfield.app.shelf import Shelf
from vigfield.doctor import Facts, Finding, examine, gather


@dataclass(frozen=True, slots=True)
class Health:
    """What was found, and how many files in the films' folder belong to no film of this vault."""

    findings: tuple[Finding, ...]
    strangers: int


class Checkup:
    """Gathers the facts once in the life of an open vault: asking for the browser's version takes time."""

    def __init__(self, opened: Opened) -> None:
        self._folder = opened.media.folder.parent
        self._shelf = Shelf(opened)
        self._turn = asyncio.Lock()
        self._facts: Facts | None = None

    async def look(self) -> Health:
        """What there is to say of this tablet; changes nothing."""
        async with self._turn:
            if self._facts is None:
                self._facts = await asyncio.to_thread(gather, self._folder)
        return Health(tuple(examine(self._facts)), await self._shelf.strangers())
