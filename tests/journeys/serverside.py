"""Films, plays, keeps a picture, locks and unlocks without a browser; for test_leaks, under strace."""

import asyncio
import random
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.app.kit import Tablet, consent_draft, tablet, unlocked
from vigfield.loopback import End, Still
from vigfield.model import Scope

FILM = (Path(__file__).parents[1] / "loopback" / "films" / "real.mp4").read_bytes()
PICTURE = random.Random(5).randbytes(300_000)


def _messages() -> Iterator[bytes]:
    """The film as the camera page sends it: the head, then one fragment at a time."""
    cuts, at = [0], 0
    while at < len(FILM):
        size, kind = int.from_bytes(FILM[at : at + 4]), FILM[at + 4 : at + 8]
        if kind in (b"moof", b"mfra"):
            cuts.append(at)
        at += size
    for start, end in zip(cuts, [*cuts[1:], len(FILM)], strict=True):
        yield FILM[start:end]


async def _film(one: Tablet) -> None:
    part = await one.begin()
    for message in _messages():
        await asyncio.to_thread(part.write, [message])
    await part.finish(End(len(FILM), 1, {"delivered": 1, "encoded": 1, "dropped": 0, "events": []}))


async def _go(folder: Path) -> None:
    async with tablet(folder, anew=True) as one:
        scopes = (Scope.FILM_INTERACTION, Scope.STILLS)
        await one.work.consenting.give(consent_draft(one.family, None, *scopes))
        await _film(one)
        opened = await one.play((await one.recording()).id)
        assert len(opened.read(0, opened.size)) == opened.size > len(FILM)
        assert isinstance(await opened.stills.keep(3, PICTURE), Still)
        assert await opened.stills.picture(1) == PICTURE
        await one.app.lock()
    async with unlocked(folder):
        pass


if __name__ == "__main__":
    asyncio.run(_go(Path(sys.argv[1])))
