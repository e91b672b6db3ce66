"""The network, as it was last seen: looked at often, and asked about only when it changed or grew old."""

import asyncio
from collections.abc import Awaitable, Callable

from vigfield import clock, doctor
from vigfield.model import Network

OLD = 60.0  # seconds; a person may have said in the meantime that a network is metered

Ask = Callable[[], Awaitable[Network]]
Routes = Callable[[], object]


class Connection:
    """`ask` finds out what network it is, and may take seconds; what `routes` returns changes with it."""

    def __init__(self, ask: Ask = doctor.network, routes: Routes = doctor.routes) -> None:
        self._ask = ask
        self._routes = routes
        self._turn = asyncio.Lock()
        self._seen: object = self  # what no `routes` returns
        self._asked = 0.0
        self.network = Network.UNKNOWN
        """What it was when it was last asked about."""

    async def look(self, *, anew: bool = False) -> bool:
        """Whether the tablet has come onto another network; `anew` asks in any case."""
        async with self._turn:
            routes = await asyncio.to_thread(self._routes)
            now, moved = clock.monotonic(), routes != self._seen
            if not (moved or anew or now - self._asked >= OLD):
                return False
            before, self.network = self.network, await self._ask()
            self._seen, self._asked = routes, now
            return moved or self.network is not before
