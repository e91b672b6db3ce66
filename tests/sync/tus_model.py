"""A tus server in memory that does wrong what it is told to, with the methods of `Tus`."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import cast

from vigfield.sync.outcome import Why
from vigfield.sync.reply import Failure, Refusal
from vigfield.sync.tus import Tus
from vigfield.sync.tus_reply import (
    Ability,
    CannotRemove,
    Created,
    Gone,
    Held,
    Moved,
    Removed,
    Stored,
    Unfit,
    Untold,
)


class Wrong(Enum):
    """What goes wrong with one request."""

    CUT = auto()  # nothing of it arrives
    HALF = auto()  # half of the bytes arrive, and no reply
    LOST = auto()  # all of it arrives, and no reply
    BROKEN = auto()  # 500
    BUSY = auto()  # 503 with a time to wait
    REFUSED = auto()  # 402
    TOO_LARGE = auto()  # 413
    KEPT_OUT = auto()  # 403
    FORGET = auto()  # the upload is gone
    SHRINK = auto()  # half of what it had is gone
    SPOIL = auto()  # one bit of what it has changes
    LIE = auto()  # it says that it has as much as it likes


@dataclass
class Model:
    """`wrong` tells what goes wrong with the next request, None for nothing."""

    size: int
    wrong: Callable[[], Wrong | None] = lambda: None
    ability: Ability = field(default_factory=lambda: Ability(True, True, "", None))
    gives_back: bool = True
    most_body: int = 10**9
    held: dict[str, bytearray] = field(default_factory=dict)
    made: int = 0
    asked: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def tus(self) -> Tus:
        return cast(Tus, self)

    def asked_for(self, method: str) -> list[tuple[str, str, int]]:
        return [one for one in self.asked if one[0] == method]

    async def options(self) -> Ability | Unfit | Failure:
        match await self._request("OPTIONS"):
            case None | Wrong.LIE | Wrong.SPOIL | Wrong.SHRINK | Wrong.FORGET:
                return self.ability
            case wrong:
                failed = _failed(wrong)
                return failed if isinstance(failed, Failure) else Failure(Why.RUBBISH)

    async def create(self, size: int, metadata: Mapping[str, str]) -> Created | Refusal | Failure:
        wrong = await self._request("POST")
        place = f"/{self.made}"
        if wrong in (None, Wrong.LOST):
            self.held[place] = bytearray()
            self.made += 1
        return Created(place) if wrong is None else _failed(wrong)

    async def offset(self, location: str) -> Held | Gone | Refusal | Failure:
        wrong = await self._request("HEAD", location)
        if location not in self.held:
            return Gone()
        if wrong is Wrong.LIE:
            return Held(self.size + 1, self.size)
        return Held(len(self.held[location]), self.size) if _is_after(wrong) else _failed(wrong)

    async def send(
        self, location: str, offset: int, data: bytes, checksum: str = ""
    ) -> Moved | Gone | Refusal | Failure:
        wrong = await self._request("PATCH", location, len(data))
        if location not in self.held:
            return Gone()
        there = self.held[location]
        if len(data) > self.most_body:
            return Refusal(413, "too large")
        if len(there) != offset:
            return Failure(Why.RUBBISH)
        if wrong in (None, Wrong.LOST, Wrong.HALF):
            there += data[: len(data) // 2] if wrong is Wrong.HALF else data
        return Moved(len(there)) if wrong is None else _failed(wrong)

    async def digest(self, location: str, length: int) -> Stored | Untold | Failure:
        wrong = await self._request("GET", location)
        if location not in self.held or not self.gives_back or len(self.held[location]) != length:
            return Untold()
        failed = None if _is_after(wrong) else _failed(wrong)
        return failed if isinstance(failed, Failure) else Stored(_sha256(self.held[location]))

    async def remove(self, location: str) -> Removed | CannotRemove | Failure:
        wrong = await self._request("DELETE", location)
        if wrong in (None, Wrong.LOST):
            self.held.pop(location, None)
        failed = None if wrong is None else _failed(wrong)
        return failed if isinstance(failed, Failure) else Removed()

    async def _request(self, method: str, location: str = "", count: int = 0) -> Wrong | None:
        self.asked.append((method, location, count))
        await asyncio.sleep(0)
        wrong = self.wrong()
        there = self.held.get(location)
        if wrong is Wrong.FORGET:
            self.held.pop(location, None)
        elif there and wrong is Wrong.SHRINK:
            del there[len(there) // 2 :]
        elif there and wrong is Wrong.SPOIL:
            there[len(there) // 3] ^= 1
        return wrong


def _is_after(wrong: Wrong | None) -> bool:
    """Whether the request itself goes well: what was done is in what the server holds now."""
    return wrong in (None, Wrong.SHRINK, Wrong.SPOIL, Wrong.FORGET, Wrong.LIE)


def _failed(wrong: Wrong | None) -> Refusal | Failure:
    match wrong:
        case Wrong.REFUSED:
            return Refusal(402, "no")
        case Wrong.TOO_LARGE:
            return Refusal(413, "too large")
        case Wrong.KEPT_OUT:
            return Failure(Why.NOT_ALLOWED)
        case Wrong.BUSY:
            return Failure(Why.SERVER_ERROR, 30.0)
        case Wrong.BROKEN:
            return Failure(Why.SERVER_ERROR)
        case _:
            return Failure(Why.AWAY)


def _sha256(data: bytes | bytearray) -> str:
    return hashlib.sha256(data).hexdigest()
