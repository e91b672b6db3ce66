"""A look at the tablet itself, for Settings: what `vigfield doctor` finds, and whose files lie here."""

import asyncio
from dataclasses import dataclass
from functools import partial

from vigfield.app.opened import Opened
from vigfield.app.shelf import Shelf
from vigfield.doctor import Facts, Finding, examine, gather
from vigfield.store import consents

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Health:
    """What was found; how many files in the films' folder belong to no film of this vault.

    `consents_hold` says that every consent is as it was signed, and that none is missing in between.
    """

    findings: tuple[Finding, ...]
    strangers: int
    consents_hold: bool


class Checkup:
    """Looks once in the life of an open vault: a browser's version and ten thousand consents take time."""

    def __init__(self, opened: Opened) -> None:
        self._folder = opened.media.folder.parent
        self._store = opened.store
        self._shelf = Shelf(opened)
        self._turn = asyncio.Lock()
        self._facts: Facts | None = None
        self._holds: bool | None = None

    async def look(self) -> Health:
        """What there is to say of this tablet; changes nothing."""
        async with self._turn:
            if self._facts is None:
                self._facts = await asyncio.to_thread(gather, self._folder)
            if self._holds is None:
                self._holds = await self._chain_holds()
        return Health(tuple(examine(self._facts)), await self._shelf.strangers(), self._holds)

    async def _chain_holds(self) -> bool:
        """The chain of consents, a page at a time: what a person does meanwhile goes in between."""
        link: consents.Link | consents.Broken | None = consents.Link()
        while isinstance(link, consents.Link):
            link = await self._store.run(partial(consents.follow, link=link, most=_PAGE))
        return link is None
