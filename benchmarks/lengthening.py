"""A film of an hour out of a few seconds that were really filmed, taken in and sealed as any other."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from itertools import islice

from benchmarks.processes import resident
from benchmarks.reading import opened
from tests.app import kit
from tests.film.fragments import split
from tests.film.kit import _read_frames
from tests.film.long import Loop, messages
from vigfield.app.part import FilmPart
from vigfield.app.playing import OpenFilm
from vigfield.loopback import End
from vigfield.loopback.mp4 import Index
from vigfield.model import RecordingId

AT_ONCE = 16


async def lengthened(tablet: kit.Tablet, recording: RecordingId, seconds: float) -> dict[str, object]:
    """Take a film in that repeats this one; its id, the frames of one turn, and what taking it in cost."""
    film = await opened(tablet.app, recording)
    loop = await asyncio.to_thread(_loop, film)
    counters, _ = await asyncio.to_thread(_read_frames, loop.init + b"".join(loop.fragments))
    part = kit.part(await tablet.app.begin(await tablet.link(), replace(kit.HELLO, w=1280, h=720)))
    before, began = resident(), time.perf_counter()
    frames = await asyncio.to_thread(_take_in, part, messages(loop, seconds))
    grown, taken = resident() - before, time.perf_counter() - began
    began = time.perf_counter()
    await part.finish(End(part._writer.length, frames, {}))
    return {
        "id": part.value.recording,
        "counters": counters,
        "bytes": part.value.bytes,
        "seconds": part.value.seconds,
        "taken": taken,
        "grown": grown,
        "finished": time.perf_counter() - began,
    }


def _loop(film: OpenFilm) -> Loop:
    """The whole fragments of the film's first part, and the time after which they may begin again."""
    reader = film._readers[0]
    init, fragments = split(reader.read(0, reader.size))
    whole = tuple(fragments[:-1])
    index = Index()
    for message in (init, *whole):
        index.add(message, index.length)
    end = max(Fraction(table.last + table.last_duration, table.track.timescale) for table in index.tables)
    return Loop(init, whole, end)


def _take_in(part: FilmPart, film: Iterable[bytes]) -> int:
    """Write all of it, some at once; how many pictures there are."""
    rest = iter(film)
    while batch := list(islice(rest, AT_ONCE)):
        part.write(batch)
    return part._index.frames
