"""The virtual MP4: a head with full sample tables, then the stored bytes of all parts as they are.

How parts are joined. A part that goes on in the film's time keeps its times; a gap before it makes the last
sample before the gap longer. Samples that are stored already (their acknowledgement was lost, so the page
sent them again) are left out. A part whose clock starts anew is moved to where the film stopped, all its
tracks by the same amount. A gap in the sound is filled with silence.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate, islice
from operator import lt

from vigfield.errors import Damaged
from vigfield.loopback.mp4.index import Index
from vigfield.loopback.mp4.moov import Line, head
from vigfield.loopback.mp4.silence import fill
from vigfield.loopback.mp4.table import Table

Read = Callable[[int, int], bytes]
SHORTEST_GAP = Fraction(1, 4)
"""Seconds: less between two parts is the time between two frames, or a camera that was a little slow."""


@dataclass(frozen=True, slots=True)
class Virtual:
    """A film as one plain MP4 of `size` bytes: `read` gives any range of it from the parts.

    `pts` is when each picture is shown, in seconds from the start, rising; `seconds` is how long it lasts;
    `gaps` is where nothing was filmed: from when, and for how many seconds.
    """

    size: int
    seconds: float
    pts: tuple[float, ...]
    gaps: tuple[tuple[float, float], ...]
    width: int
    height: int
    _head: bytes = field(repr=False)
    _parts: tuple[tuple[int, int, Read], ...] = field(repr=False)

    def read(self, offset: int, count: int) -> bytes:
        """`count` bytes from `offset`, fewer at the end; blocking. The parts' errors pass through."""
        pieces = [self._head[offset : offset + count]]
        for start, length, read in self._parts:
            low, high = max(offset, start), min(offset + count, start + length)
            if low < high:
                pieces.append(_exactly(read, low - start, high - low))
        return b"".join(pieces)

    def frame_list(self) -> dict[str, object]:
        """What the player steps by: `pts`, `seconds`, `gaps`, `width`, `height`; JSON-able."""
        return {
            "pts": self.pts,
            "seconds": self.seconds,
            "gaps": self.gaps,
            "width": self.width,
            "height": self.height,
        }


def virtual(indexes: Sequence[Index], reads: Sequence[Read]) -> Virtual:
    """The film that these parts make, in this order; `reads` gives each part's stored bytes, later.

    Parts without samples add nothing. A film without any sample is 0 seconds of nothing, not an error.
    """
    film = _joined(indexes)
    lines = sorted(film.lines.values(), key=lambda line: line.kind, reverse=True)
    stored: list[tuple[int, Read]] = []
    for silence, index, read in zip(film.silence, indexes, reads, strict=True):
        stored += [(len(silence), _reading(silence)), (index.length, read)]
    lengths = [length for length, _ in stored]
    built = head(lines, sum(lengths))
    starts = accumulate(lengths, initial=len(built.data))
    parts = tuple((start, length, read) for start, (length, read) in zip(starts, stored, strict=False))
    width, height = next(((line.width, line.height) for line in lines if line.kind == "vide"), (0, 0))
    size = len(built.data) + sum(lengths)
    gaps = tuple((round(float(at - built.zero), 6), round(float(long), 6)) for at, long in film.gaps)
    return Virtual(size, built.seconds, built.pts, gaps, width, height, built.data, parts)


def _reading(data: bytes) -> Read:
    return lambda offset, count: data[offset : offset + count]


def _exactly(read: Read, offset: int, count: int) -> bytes:
    data = read(offset, count)
    if len(data) != count:
        raise Damaged("a part is shorter than its index says")
    return data


@dataclass(slots=True)
class _Film:
    """The film joined so far; `clock` is what to add to a part's own times, in seconds.

    `silence` is what is stored before each part; `gaps` are on the parts' own clock.
    """

    silence: list[bytes] = field(default_factory=list)
    lines: dict[str, Line] = field(default_factory=dict)
    clock: Fraction = Fraction(0)
    gaps: list[tuple[Fraction, Fraction]] = field(default_factory=list)

    @property
    def end(self) -> Fraction:
        """When the last sample of any track ends, in seconds."""
        return max((line.end for line in self.lines.values()), default=Fraction(0))


def _joined(indexes: Sequence[Index]) -> _Film:
    film, base = _Film(), 0
    for index in indexes:
        tables = index.tables
        film.silence.append(_join(film, tables, base) if tables else b"")
        base += len(film.silence[-1]) + index.length
    return film


def _join(film: _Film, tables: tuple[Table, ...], base: int) -> bytes:
    """Join a part, to be stored from `base` on, after the silence that it gives back."""
    begin = min(Fraction(table.begin, table.track.timescale) for table in tables)
    if not film.lines or not _same_clock(film, tables, begin):
        film.clock = film.end - begin
    elif (gap := film.clock + begin - film.end) > SHORTEST_GAP:
        film.gaps.append((film.end, gap))
    silence = b"".join(_silence(film, table, base) for table in tables)
    for table in tables:
        kind, scale = table.track.kind, table.track.timescale
        line = film.lines.setdefault(kind, Line.like(table.track))
        _append(line, table, round(film.clock * scale), base + len(silence))
    return silence


def _silence(film: _Film, table: Table, base: int) -> bytes:
    line = film.lines.get(table.track.kind)
    if line is None:
        return b""
    starts = Fraction(table.begin, table.track.timescale) + film.clock
    return fill(line, round(starts * line.timescale), base)


def _same_clock(film: _Film, tables: tuple[Table, ...], begin: Fraction) -> bool:
    """Whether a part goes on in the film's time: starts after its end, or repeats exactly what is there."""
    if film.clock + begin >= film.end:
        return True
    table = max(tables, key=lambda table: table.track.kind)
    line, scale = film.lines.get(table.track.kind), table.track.timescale
    if line is None or line.timescale != scale:
        return False
    offset = round(film.clock * scale)
    times = [time + offset for time in table.times()]
    again = sum(time <= line.times[-1] for time in times)
    if not again:
        return True
    return line.times[-again:].tolist() == times[:again] and line.sizes[-again:] == table.sizes[:again]


def _append(line: Line, table: Table, offset: int, base: int) -> None:
    """Append a part's samples to the line, in the line's own ticks, without those that are there already."""
    ratio = Fraction(line.timescale, table.track.timescale)
    scaled = [time + offset for time in table.times()]
    if ratio != 1:
        scaled = [round(time * ratio) for time in scaled]
    old = sum(time <= line.times[-1] for time in scaled) if line.times else 0
    if old == len(scaled):
        return
    line.times.extend(_rising(scaled[old:], line.times[-1] if line.times else None))
    line.sizes.extend(table.sizes[old:])
    line.shifts.extend(table.shifts[old:] if ratio == 1 else [round(s * ratio) for s in table.shifts[old:]])
    line.keys.extend(table.keys[old:])
    line.last_duration = max(1, round(table.last_duration * ratio))
    _append_chunks(line, table, old, base)


def _rising(times: list[int], last: int | None) -> list[int]:
    """The times, each at least one tick after the one before."""
    if times and (last is None or last < times[0]) and all(map(lt, times, islice(times, 1, None))):
        return times
    rising: list[int] = []
    for time in times:
        last = time if last is None or time > last else last + 1
        rising.append(last)
    return rising


def _append_chunks(line: Line, table: Table, old: int, base: int) -> None:
    """One chunk for each run; runs, and starts of runs, that hold only old samples are passed over."""
    description, place = line.description(table.track), 0
    for at, count in zip(table.at, table.count, strict=True):
        skip = min(count, max(0, old - place))
        if skip < count:
            start = base + at + sum(table.sizes[place : place + skip])
            line.chunks.append((start, count - skip, description))
        place += count
