"""The head of a plain MP4: ftyp, moov with full sample tables, and the header of one mdat."""

import struct
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain, groupby, islice
from operator import add, sub
from typing import Self

from vigfield.loopback.mp4.boxes import box, full
from vigfield.loopback.mp4.message import Track

MOVIE_SCALE = 90_000
MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
MAX_DELTA = (1 << 32) - 1


@dataclass(slots=True)
class Line:
    """One track of the whole film: a row per sample, and a chunk (place, samples, description) per run.

    `times` are ticks of `timescale` and rise; places count from the first of the stored bytes.
    """

    kind: str
    timescale: int
    geometry: bytes
    width: int
    height: int
    descriptions: list[bytes] = field(default_factory=list)
    times: "array[int]" = field(default_factory=lambda: array("q"))
    sizes: "array[int]" = field(default_factory=lambda: array("I"))
    shifts: "array[int]" = field(default_factory=lambda: array("i"))
    keys: "array[int]" = field(default_factory=lambda: array("B"))
    chunks: list[tuple[int, int, int]] = field(default_factory=list)
    last_duration: int = 1

    @classmethod
    def like(cls, track: Track) -> Self:
        """An empty line for tracks like this one."""
        return cls(track.kind, track.timescale, track.geometry, track.width, track.height)

    @property
    def end(self) -> Fraction:
        """When the last sample ends, in seconds."""
        return Fraction(self.times[-1] + self.last_duration, self.timescale)

    def description(self, track: Track) -> int:
        """The number, from 1, of this track's sample description; it is added if it is new.

        H.264 keeps the first: its key frames bring what else differs, and Chromium reads no other one.
        """
        entry = track.descriptions[8:]
        if self.descriptions and entry[4:8] == b"avc1" == self.descriptions[0][4:8]:
            return 1
        if entry not in self.descriptions:
            self.descriptions.append(entry)
        return self.descriptions.index(entry) + 1


@dataclass(frozen=True, slots=True)
class Head:
    """The bytes before the stored ones; how long the film lasts and when its pictures show, in seconds.

    `zero` is what the film's start is on the lines' own clock, in seconds.
    """

    data: bytes
    seconds: float
    pts: tuple[float, ...]
    zero: Fraction


def head(lines: Sequence[Line], stored: int) -> Head:
    """The head of a film whose mdat will hold `stored` bytes."""
    zero = min((_first(line) for line in lines), default=Fraction(0))
    seconds = max([Fraction(0), *(line.end - zero for line in lines)])
    ftyp = box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isom", b"iso2", b"avc1", b"mp41")
    tables = [_Tables.of(line, zero) for line in lines]
    # Places are 64-bit, so the moov is as long with the right ones as with any others.
    base = len(ftyp) + len(_moov(tables, seconds, 0)) + 16
    mdat = struct.pack(">I4sQ", 1, b"mdat", stored + 16)
    data = ftyp + _moov(tables, seconds, base) + mdat
    pictures = [line for line in lines if line.kind == "vide"]
    return Head(
        data, round(float(seconds), 6), tuple(t for line in pictures for t in _shown(line, zero)), zero
    )


def _first(line: Line) -> Fraction:
    """When the first sample is shown, in seconds."""
    return Fraction(_earliest(line), line.timescale)


def _earliest(line: Line) -> int:
    if not any(line.shifts):
        return line.times[0]
    return min(time + shift for time, shift in zip(line.times, line.shifts, strict=True))


def _shown(line: Line, zero: Fraction) -> list[float]:
    """When each picture shows, in seconds; whole numbers until the end, for an hour has 90,000 of them."""
    start = zero * line.timescale
    begin, over, scale = start.numerator, start.denominator, start.denominator * line.timescale
    shown = sorted(map(add, line.times, line.shifts))
    return [round((tick * over - begin) / scale, 6) for tick in shown]


@dataclass(frozen=True, slots=True)
class _Tables:
    """A line with its heavy tables already packed: all but the chunks' places."""

    line: Line
    edits: bytes
    tables: bytes

    @classmethod
    def of(cls, line: Line, zero: Fraction) -> Self:
        lead = _earliest(line) - line.times[0]
        # Offsets below zero would need an edit list that starts before the first sample.
        shifts = [shift - min(lead, 0) for shift in line.shifts] if lead < 0 else line.shifts
        delay = _first(line) - zero
        tables = [_stsd(line), _stts(line), _ctts(shifts), _stss(line), _stsz(line), _stsc(line)]
        return cls(line, _edits(line, delay, max(lead, 0)), b"".join(tables))


def _moov(tables: Sequence[_Tables], seconds: Fraction, base: int) -> bytes:
    duration = _movie_ticks(seconds)
    mvhd = full(
        b"mvhd", 1, 0,
        struct.pack(">QQIQIHxx8x", 0, 0, MOVIE_SCALE, duration, 0x10000, 0x100),
        MATRIX, bytes(24), struct.pack(">I", len(tables) + 1),
    )  # fmt: skip
    return box(b"moov", mvhd, *(_trak(number, item, duration, base) for number, item in enumerate(tables, 1)))


def _trak(number: int, tables: _Tables, duration: int, base: int) -> bytes:
    line, sound = tables.line, tables.line.kind == "soun"
    volume = 0x100 if sound else 0
    tkhd = full(
        b"tkhd", 1, 7, struct.pack(">QQI4xQ8xHHH2x", 0, 0, number, duration, 0, 0, volume), line.geometry
    )
    mdhd = full(b"mdhd", 1, 0, struct.pack(">QQIQHH", 0, 0, line.timescale, _media_ticks(line), 0x55C4, 0))
    hdlr = full(b"hdlr", 0, 0, bytes(4), line.kind.encode(), bytes(12), b"vigfield\0")
    media = full(b"smhd", 0, 0, bytes(4)) if sound else full(b"vmhd", 0, 1, bytes(8))
    dinf = box(b"dinf", full(b"dref", 0, 0, struct.pack(">I", 1), full(b"url ", 0, 1)))
    stbl = box(b"stbl", tables.tables, _co64(line, base))
    return box(b"trak", tkhd, tables.edits, box(b"mdia", mdhd, hdlr, box(b"minf", media, dinf, stbl)))


def _movie_ticks(seconds: Fraction) -> int:
    return -int(-seconds * MOVIE_SCALE // 1)


def _media_ticks(line: Line) -> int:
    return line.times[-1] + line.last_duration - line.times[0]


def _edits(line: Line, delay: Fraction, lead: int) -> bytes:
    """An edit list, only for a track that starts after the film does or shows its pictures out of order."""
    if not delay and not lead:
        return b""
    edits = [(_movie_ticks(delay), -1)] if delay else []
    shown = max(1, _media_ticks(line) - lead)
    edits.append((_movie_ticks(Fraction(shown, line.timescale)), lead))
    rows = [struct.pack(">QqI", duration, media, 0x10000) for duration, media in edits]
    return box(b"edts", full(b"elst", 1, 0, struct.pack(">I", len(rows)), *rows))


def _stsd(line: Line) -> bytes:
    return full(b"stsd", 0, 0, struct.pack(">I", len(line.descriptions)), *line.descriptions)


def _stts(line: Line) -> bytes:
    deltas = [*map(sub, islice(line.times, 1, None), line.times), line.last_duration]
    return full(b"stts", 0, 0, _runs([min(delta, MAX_DELTA) for delta in deltas], "I"))


def _ctts(shifts: Iterable[int]) -> bytes:
    rows = list(shifts)
    return full(b"ctts", 1, 0, _runs(rows, "i")) if any(rows) else b""


def _stss(line: Line) -> bytes:
    numbers = [number for number, key in enumerate(line.keys, 1) if key]
    if len(numbers) == len(line.keys):
        return b""
    return full(b"stss", 0, 0, struct.pack(f">I{len(numbers)}I", len(numbers), *numbers))


def _stsz(line: Line) -> bytes:
    sizes = line.sizes.tolist()
    return full(b"stsz", 0, 0, struct.pack(f">II{len(sizes)}I", 0, len(sizes), *sizes))


def _stsc(line: Line) -> bytes:
    """Rows only where the number of samples in a chunk, or their description, changes."""
    rows, before = [], None
    for number, (_, count, description) in enumerate(line.chunks, 1):
        if (count, description) != before:
            rows.append(struct.pack(">III", number, count, description))
            before = (count, description)
    return full(b"stsc", 0, 0, struct.pack(">I", len(rows)), *rows)


def _co64(line: Line, base: int) -> bytes:
    places = [base + at for at, _, _ in line.chunks]
    return full(b"co64", 0, 0, struct.pack(f">I{len(places)}Q", len(places), *places))


def _runs(values: Iterable[int], code: str) -> bytes:
    """Run lengths: how many in a row, and of what (`code` as struct has it)."""
    rows = [(len(list(same)), value) for value, same in groupby(values)]
    return struct.pack(">I" + f"I{code}" * len(rows), len(rows), *chain.from_iterable(rows))
