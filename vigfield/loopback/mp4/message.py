"""What one message of the capture page may be: an init segment, one fragment, or the trailer.

Whatever arrives, the answer is a value: `check_message` never raises, and never loops over a count before it
is checked against the bytes, or against MAX_SAMPLES for the whole message.
"""

import struct
from dataclasses import dataclass
from itertools import islice

from vigfield.loopback.mp4.boxes import Box, Fields, Malformed, boxes, child, children

MAX_MESSAGE = 8_000_000
MAX_TABLES = 1 << 20
MAX_SAMPLES = 50_000
MAX_TIME = 1 << 53
MAX_TIMESCALE = 10_000_000
GEOMETRY_BYTES = 44

NOT_KEY = 0x10000
TFHD_BASE, TFHD_DESCRIPTION, TFHD_DURATION, TFHD_SIZE, TFHD_FLAGS = 0x1, 0x2, 0x8, 0x10, 0x20
TFHD_FROM_MOOF = 0x20000
TRUN_OFFSET, TRUN_FIRST_FLAGS = 0x1, 0x4
TRUN_DURATION, TRUN_SIZE, TRUN_FLAGS, TRUN_SHIFT = 0x100, 0x200, 0x400, 0x800


@dataclass(frozen=True, slots=True)
class Track:
    """One track of an init segment.

    `kind` is vide or soun; `timescale` is ticks a second; `shift` is what its edit list adds to its times, in
    ticks; `geometry` is the end of its tkhd (matrix, width, height); `descriptions` is the body of its stsd.
    """

    id: int
    kind: str
    timescale: int
    shift: int
    geometry: bytes
    descriptions: bytes

    @property
    def width(self) -> int:
        """Whole pixels; 0 for sound."""
        return int.from_bytes(self.geometry[36:38])

    @property
    def height(self) -> int:
        """Whole pixels; 0 for sound."""
        return int.from_bytes(self.geometry[40:42])


@dataclass(frozen=True, slots=True)
class Init:
    """ftyp and moov: at most one track of pictures and one of sound, and at least one of them."""

    tracks: tuple[Track, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """Samples that lie one after another: where from (bytes from the start of the moof), and four columns.

    `time` is the decode time of the first, in ticks; `shifts` are composition offsets; `keys` marks
    key frames.
    """

    track: int
    time: int
    at: int
    sizes: tuple[int, ...]
    durations: tuple[int, ...]
    shifts: tuple[int, ...]
    keys: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Fragment:
    """Exactly one moof and its mdat; every sample lies within the mdat."""

    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Trailer:
    """The index that a finished file ends with (mfra); it may be kept, and is not used."""


@dataclass(frozen=True, slots=True)
class Bad:
    """None of these; `why` is safe to log."""

    why: str


Message = Init | Fragment | Trailer | Bad


def check_message(data: bytes) -> Message:
    """What this message is. Never raises for any bytes."""
    if len(data) > MAX_MESSAGE:
        return Bad("oversized")
    try:
        return _parse(memoryview(data))
    except Malformed as error:
        return Bad(str(error))


def parse_fragment(moof: memoryview, first: int, last: int) -> Fragment:
    """A fragment from the body of its moof, with all samples in bytes `first` to `last` from its start."""
    if len(moof) > MAX_TABLES:
        raise Malformed("moof too long")
    trafs = children(moof, b"traf")
    if sum(_claimed(trun) for traf in trafs for trun in children(traf, b"trun")) > MAX_SAMPLES:
        raise Malformed("too many samples")
    runs = [run for traf in trafs for run in _runs(traf)]
    if not runs:
        raise Malformed("no samples")
    if any(run.at < first or run.at + sum(run.sizes) > last for run in runs):
        raise Malformed("samples outside the mdat")
    return Fragment(tuple(runs))


def _parse(data: memoryview) -> Message:
    found = list(islice(boxes(data), 3))
    match [box.kind for box in found]:
        case [b"ftyp", b"moov"]:
            return _init(found[1])
        case [b"moof", b"mdat"]:
            return parse_fragment(found[0].body, len(data) - len(found[1].body), len(data))
        case [b"mfra"]:
            return Trailer()
        case _:
            return Bad("neither an init segment nor one fragment")


def _init(moov: Box) -> Init:
    if moov.size > MAX_TABLES:
        raise Malformed("moov too long")
    header = Fields(child(moov.body, b"mvhd"))
    version, _ = header.version()
    header.take(16 if version else 8)
    movie_scale = header.u32()
    tracks = tuple(_track(trak, movie_scale) for trak in children(moov.body, b"trak"))
    kinds = sorted(track.kind for track in tracks)
    distinct = len({track.id for track in tracks}) == len(tracks)
    if kinds not in (["vide"], ["soun"], ["soun", "vide"]) or not distinct:
        raise Malformed("not one track of pictures and one of sound")
    return Init(tracks)


def _track(trak: memoryview, movie_scale: int) -> Track:
    mdia = child(trak, b"mdia")
    timescale = _timescale(child(mdia, b"mdhd"))
    number, geometry = _head(child(trak, b"tkhd"))
    hdlr = Fields(child(mdia, b"hdlr"))
    hdlr.take(8)
    kind = bytes(hdlr.take(4))
    if kind not in (b"vide", b"soun"):
        raise Malformed("a track is neither pictures nor sound")
    stsd = bytes(child(mdia, b"minf", b"stbl", b"stsd"))
    if int.from_bytes(stsd[4:8]) != 1 or len(list(boxes(memoryview(stsd)[8:]))) != 1:
        raise Malformed("not exactly one sample description")
    return Track(number, kind.decode(), timescale, _shift(trak, timescale, movie_scale), geometry, stsd)


def _timescale(mdhd: memoryview) -> int:
    fields = Fields(mdhd)
    version, _ = fields.version()
    fields.take(16 if version else 8)
    timescale = fields.u32()
    if not 1 <= timescale <= MAX_TIMESCALE:
        raise Malformed("timescale")
    return timescale


def _head(tkhd: memoryview) -> tuple[int, bytes]:
    fields = Fields(tkhd)
    version, _ = fields.version()
    fields.take(16 if version else 8)
    number = fields.u32()
    fields.take(12 if version else 8)
    fields.take(16)
    return number, bytes(fields.take(GEOMETRY_BYTES))


def _shift(trak: memoryview, timescale: int, movie_scale: int) -> int:
    """What the edit list adds to every time: an empty edit delays, a media time takes away."""
    if not children(trak, b"edts"):
        return 0
    fields = Fields(child(trak, b"edts", b"elst"))
    version, _ = fields.version()
    width = 8 if version else 4
    delay = 0
    for _ in range(min(fields.u32(), 2)):
        duration, media, _ = fields.take(width), fields.signed(width), fields.u32()
        if media >= 0:
            return _bounded(delay - media)
        if movie_scale == 0:
            raise Malformed("timescale")
        delay += int.from_bytes(duration) * timescale // movie_scale
    return _bounded(delay)


def _bounded(time: int) -> int:
    if abs(time) > MAX_TIME:
        raise Malformed("time out of bounds")
    return time


@dataclass(frozen=True, slots=True)
class _Defaults:
    track: int
    duration: int | None
    size: int | None
    flags: int | None


def _runs(traf: memoryview) -> list[Run]:
    defaults = _tfhd(Fields(child(traf, b"tfhd")))
    fields = Fields(child(traf, b"tfdt"))
    version, _ = fields.version()
    time = _bounded(fields.u64() if version else fields.u32())
    runs = []
    for trun in children(traf, b"trun"):
        run = _run(Fields(trun), defaults, time)
        time = _bounded(time + sum(run.durations))
        runs.append(run)
    return runs


def _claimed(trun: memoryview) -> int:
    """How many samples a run says that it has: with defaults for all, no byte stands behind any of them."""
    fields = Fields(trun)
    fields.version()
    return fields.u32()


def _tfhd(fields: Fields) -> _Defaults:
    _, flags = fields.version()
    if flags & TFHD_BASE or not flags & TFHD_FROM_MOOF:
        raise Malformed("offsets do not start at the moof")
    track = fields.u32()
    if flags & TFHD_DESCRIPTION and fields.u32() != 1:
        raise Malformed("not the first sample description")
    return _Defaults(
        track,
        fields.u32() if flags & TFHD_DURATION else None,
        fields.u32() if flags & TFHD_SIZE else None,
        fields.u32() if flags & TFHD_FLAGS else None,
    )


def _run(fields: Fields, defaults: _Defaults, time: int) -> Run:
    version, flags = fields.version()
    count = fields.u32()
    if not 1 <= count <= MAX_SAMPLES or not flags & TRUN_OFFSET:
        raise Malformed("run without samples or place")
    at = fields.signed(4)
    first = fields.u32() if flags & TRUN_FIRST_FLAGS else None
    durations, sizes, marks, shifts = _columns(fields, flags, count, defaults, signed=version > 0)
    keys = [not mark & NOT_KEY for mark in marks]
    if first is not None:
        keys[0] = not first & NOT_KEY
    return Run(defaults.track, time, at, tuple(sizes), tuple(durations), tuple(shifts), tuple(keys))


def _columns(
    fields: Fields, flags: int, count: int, defaults: _Defaults, *, signed: bool
) -> tuple[list[int], list[int], list[int], list[int]]:
    """Durations, sizes, flags and shifts of `count` samples: from the rows, else the default."""
    present = [flags & bit != 0 for bit in (TRUN_DURATION, TRUN_SIZE, TRUN_FLAGS, TRUN_SHIFT)]
    first_flags = defaults.flags if defaults.flags is not None or not flags & TRUN_FIRST_FLAGS else NOT_KEY
    fallback = [defaults.duration, defaults.size, first_flags, 0]
    width = sum(present)
    words = struct.unpack(f">{width * count}I", fields.take(4 * width * count))
    columns: list[list[int]] = []
    place = 0
    for name, default in zip(present, fallback, strict=True):
        if name:
            columns.append(list(words[place::width]))
            place += 1
        elif default is None:
            raise Malformed("a sample has no duration, size or flags")
        else:
            columns.append([default] * count)
    if present[3] and signed:
        columns[3] = [shift - (shift >> 31 << 32) for shift in columns[3]]
    if any(not -(1 << 31) <= shift < 1 << 31 for shift in columns[3]):
        raise Malformed("composition offset out of bounds")
    durations, sizes, marks, shifts = columns
    return durations, sizes, marks, shifts
