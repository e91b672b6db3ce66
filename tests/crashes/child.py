"""The process that dies: makes a vault, films in two parts, ends the film and tells the service.

It says in a diary what it was given and what it acknowledged, one line each, before anything else happens.
"""

import asyncio
import io
import logging
import os
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from tests.app.kit import CHEAP, HELLO, Tablet, end, tablet, unlocked
from tests.crashes.operations import Fault, Operations
from tests.film.fragments import OPTIONS, split
from vigfield.app import door
from vigfield.app.part import FilmPart
from vigfield.errors import VigfieldError
from vigfield.loopback import NoFilm

FRAGMENTS, FRAMES, SECONDS = 8, 5, 0.5  # of the film; pictures and seconds of each fragment
LINK_LOST_AFTER = 4
WIDTH, HEIGHT = 128, 96

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a child is to do: where, whom to tell, and what is to go wrong when."""

    folder: Path
    service: str
    diary: Path
    fault: Fault = Fault.NONE
    at: int = 0
    recovers: bool = False
    """Whether it unlocks what another has left, in place of filming."""


def make_film() -> tuple[bytes, tuple[bytes, ...]]:
    """An init segment and fragments of half a second, of noise: each is about as long as a segment."""
    film, chance = io.BytesIO(), random.Random(1)
    with av.open(film, "w", format="mp4", options=OPTIONS) as container:
        coding = {"g": str(FRAMES), "preset": "ultrafast", "threads": "1", "crf": "30"}
        stream = container.add_stream("h264", rate=10, options=coding)
        stream.width, stream.height = WIDTH, HEIGHT
        for number in range(FRAGMENTS * FRAMES):
            frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
            for plane in frame.planes:
                plane.update(chance.randbytes(plane.buffer_size))
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    head, fragments = split(film.getvalue())
    return head, tuple(fragments)


HEAD, FILM = make_film()
PARTS = ((HEAD, *FILM[:LINK_LOST_AFTER]), (HEAD, *FILM[LINK_LOST_AFTER:]))


def run(plan: Plan) -> None:
    """Live until the end, or until what the plan says."""
    logging.disable()
    door.calibrate = lambda: CHEAP
    handle = os.open(plan.diary, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def say(line: str) -> None:
        os.write(handle, f"{line}\n".encode())

    Operations(plan.fault, plan.at, say).interpose()
    asyncio.run(_recover(plan.folder) if plan.recovers else _live(plan, say))


async def _recover(folder: Path) -> None:
    async with unlocked(folder, anew=True):
        pass


async def _live(plan: Plan, say: Say) -> None:
    async with tablet(plan.folder, plan.service, anew=True) as one:
        say("made")
        try:
            await _film(one, say)
        except VigfieldError:
            say("failed")
        with suppress(VigfieldError):  # once the power is gone
            await asyncio.gather(*one.app._tasks)
            await one.work.telling.run()
            say("told")


async def _film(one: Tablet, say: Say) -> None:
    first = await one.begin()
    await _part(first, 1, say)
    await first.lost()
    second = await one.app.begin(first.next_token, HELLO)
    if isinstance(second, NoFilm):  # the disk failed under the first part: the film is over
        say(f"refused {second.why}")
        return
    assert isinstance(second, FilmPart)
    await _part(second, 2, say)
    say("ending")
    try:
        await second.finish(end(second, FRAGMENTS * FRAMES))
    except VigfieldError:
        await second.lost()
        raise
    say("ended")


async def _part(part: FilmPart, number: int, say: Say) -> None:
    """Send a part's messages as the intake does: a failure ends the part."""
    for count, message in enumerate(PARTS[number - 1], 1):
        say(f"given {number} {count}")
        try:
            await asyncio.to_thread(part.write, [message])
        except VigfieldError:
            await part.lost()
            raise
        say(f"acknowledged {number} {count}")
