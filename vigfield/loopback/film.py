"""What the film's way in asks of its host: who may film, and where what is filmed goes."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from vigfield.loopback.choice import Choice
from vigfield.loopback.messages import End, Hello


@dataclass(frozen=True, slots=True)
class NoFilm:
    """No film may begin; `why` is a code that the page has words for."""

    why: str


@dataclass(frozen=True, slots=True)
class Written:
    """Everything written so far is on the disk: bytes of the part, the sync's milliseconds, free bytes.

    `stop` asks the page to end the film now.
    """

    bytes: int
    sync_ms: float
    free: int
    stop: bool


class Film(Protocol):
    """One part of a film being received."""

    next_token: str
    """One use: lets the page go on with the next part after a lost link."""
    stop: asyncio.Event
    """Set by the host at any time: the page is asked to end the film."""

    def write(self, messages: Sequence[bytes]) -> Written:
        """Append and sync whole messages. Blocking; only ever called on this part's one writer thread.

        DiskFull when there is no room; any other VigfieldError or OSError ends the part as well.
        """
        ...

    def note(self, stats: Mapping[str, object]) -> None:
        """Keep the newest quality record: `delivered`, `encoded`, `dropped`, `events` [[seconds, name]]."""
        ...

    async def finish(self, end: End) -> int:
        """The page has sent everything and it is written: close the part for good; returns its bytes.

        With `end.more` the film waits for its next part, as after a lost link.
        """
        ...

    async def lost(self) -> None:
        """The link broke or the part failed: close it safely, keeping what was written. Must not raise."""
        ...


class FilmHost(Protocol):
    """Who decides what may be filmed, and where it goes."""

    def setup(self, token: str) -> Mapping[str, object] | None:
        """What the page needs before it films; nothing for an unknown token. Leaves the token unused."""
        ...

    async def begin(self, token: str, hello: Hello) -> Film | NoFilm:
        """Begin a film, or its next part. Uses the token up."""
        ...

    async def choose(self, token: str, choice: Choice) -> bool:
        """Remember devices for this film and the next ones; False for an unknown token. Leaves it unused."""
        ...

    async def look(self, token: str) -> str | None:
        """A one-time link to the film that has just ended, for the token that would have continued it.

        None for any other token, and when the film may not be shown. Uses the token up.
        """
        ...
