"""One track's sample table, and tables as bytes."""

import base64
import binascii
import json
import sys
import zlib
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from vigfield.loopback.mp4.boxes import Fields, Malformed
from vigfield.loopback.mp4.message import GEOMETRY_BYTES, MAX_SAMPLES, MAX_TIMESCALE, Run, Track

MAGIC = b"vigx\x01"
MAX_SECONDS = 1 << 27
MAX_FRAME_SECONDS = 1 << 17
MAX_SHIFT_SECONDS = 100
MAX_PLACE = 1 << 48
MAX_COLUMNS = 1 << 26
"""64 MiB: some 5 000 000 samples, or 18 hours of film."""


def _column(code: str) -> Callable[[], "array[int]"]:
    return lambda: array(code)


@dataclass(slots=True)
class Table:
    """One track: a row per run (place, samples, first time) and per sample (size, duration, shift, key)."""

    track: Track
    at: "array[int]" = field(default_factory=_column("Q"))
    count: "array[int]" = field(default_factory=_column("I"))
    time: "array[int]" = field(default_factory=_column("q"))
    sizes: "array[int]" = field(default_factory=_column("I"))
    durations: "array[int]" = field(default_factory=_column("I"))
    shifts: "array[int]" = field(default_factory=_column("i"))
    keys: "array[int]" = field(default_factory=_column("B"))

    def takes(self, run: Run) -> bool:
        """Whether a run stays within bounds in this track; what does not could not be served."""
        return _within(self.track, (run.time,), run.durations, run.shifts)

    def add(self, run: Run, position: int) -> None:
        """Append a run of a fragment that starts at `position`."""
        self.at.append(position + run.at)
        self.count.append(len(run.sizes))
        self.time.append(run.time)
        self.sizes.extend(run.sizes)
        self.durations.extend(run.durations)
        self.shifts.extend(run.shifts)
        self.keys.extend(run.keys)

    def times(self) -> Iterator[int]:
        """The time of each sample in ticks, edit list included, composition offset not."""
        place = 0
        for time, count in zip(self.time, self.count, strict=True):
            yield from accumulate(self.durations[place : place + count - 1], initial=time + self.track.shift)
            place += count

    @property
    def begin(self) -> int:
        """When the first sample starts, in ticks."""
        return self.time[0] + self.track.shift

    @property
    def last(self) -> int:
        """When the last sample starts, in ticks."""
        samples = self.durations[len(self.durations) - self.count[-1] : -1]
        return self.time[-1] + self.track.shift + sum(samples)

    @property
    def last_duration(self) -> int:
        """How long the last sample lasts, in ticks: like the others where its own is only a place holder."""
        own, others = self.durations[-1], len(self.durations) - 1
        if not others:
            return own if own > 1 else self.track.timescale // 25
        mean = (self.last - self.begin) // others
        return mean if own * 4 < mean else own

    def columns(self) -> tuple["array[int]", ...]:
        """Every column, in the order in which they are kept."""
        return self.at, self.count, self.time, self.sizes, self.durations, self.shifts, self.keys


def pack(tables: Sequence[Table], length: int) -> bytes:
    """Tables as bytes: a JSON head, then the columns, little-endian and compressed."""
    head = {"length": length, "tracks": [_described(table) for table in tables]}
    words = json.dumps(head, separators=(",", ":")).encode()
    columns = b"".join(_little(column) for table in tables for column in table.columns())
    return MAGIC + len(words).to_bytes(4) + words + zlib.compress(columns, 6)


def unpack(data: bytes) -> tuple[list[Table], int]:
    """The tables and the length that `pack` was given; Damaged for any other bytes."""
    fields = Fields(data)
    if bytes(fields.take(len(MAGIC))) != MAGIC:
        raise Malformed("not an index")
    words, packed = bytes(fields.take(fields.u32())), bytes(fields.rest())
    try:
        return _unpacked(json.loads(words), packed)
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError, zlib.error) as error:
        raise Malformed("index does not read") from error


def _within(track: Track, times: Sequence[int], durations: Sequence[int], shifts: Sequence[int]) -> bool:
    """Whether every number is one that can be shown in any other track's ticks."""
    limits = (times, MAX_SECONDS), (durations, MAX_FRAME_SECONDS), (shifts, MAX_SHIFT_SECONDS)
    return abs(track.shift) <= MAX_SECONDS * track.timescale and all(
        max(column, default=0) <= limit * track.timescale
        and min(column, default=0) >= -limit * track.timescale
        for column, limit in limits
    )


def _described(table: Table) -> dict[str, object]:
    track = table.track
    return {
        "id": track.id,
        "kind": track.kind,
        "timescale": track.timescale,
        "shift": track.shift,
        "geometry": base64.b64encode(track.geometry).decode(),
        "descriptions": base64.b64encode(track.descriptions).decode(),
        "runs": len(table.at),
        "samples": len(table.sizes),
    }


def _unpacked(head: dict[str, object], packed: bytes) -> tuple[list[Table], int]:
    said = _objects(head["tracks"])
    plan = [(Table(_track(one)), _count(one["runs"]), _count(one["samples"])) for one in said]
    total = sum(20 * runs + 13 * samples for _, runs, samples in plan)
    if total > MAX_COLUMNS or len({table.track.kind for table, _, _ in plan}) != len(plan):
        raise Malformed("index does not read")
    columns = Fields(_inflated(packed, total))
    for table, runs, samples in plan:
        _fill(table, columns, runs, samples)
    return [table for table, _, _ in plan], _count(head["length"])


def _inflated(packed: bytes, size: int) -> bytes:
    """Exactly `size` bytes, however many more the packed ones would make."""
    unpacking = zlib.decompressobj()
    data = unpacking.decompress(packed, size + 1)
    if len(data) != size or not unpacking.eof or unpacking.unused_data:
        raise Malformed("index does not add up")
    return data


def _fill(table: Table, columns: Fields, runs: int, samples: int) -> None:
    for column, rows in zip(table.columns(), [runs] * 3 + [samples] * 4, strict=True):
        column.frombytes(columns.take(rows * column.itemsize))
        if sys.byteorder == "big":
            column.byteswap()
    counted = sum(table.count) == samples and all(1 <= count <= MAX_SAMPLES for count in table.count)
    placed = max(table.at, default=0) <= MAX_PLACE
    if not (counted and placed and _within(table.track, table.time, table.durations, table.shifts)):
        raise Malformed("index does not add up")


def _track(said: dict[str, object]) -> Track:
    match said:
        case {
            "id": int(number),
            "kind": "vide" | "soun" as kind,
            "timescale": int(timescale),
            "shift": int(shift),
            "geometry": str(geometry),
            "descriptions": str(descriptions),
        } if 0 < timescale <= MAX_TIMESCALE:
            track = Track(number, kind, timescale, shift, _bytes(geometry), _bytes(descriptions))
        case _:
            raise Malformed("index does not read")
    if len(track.geometry) != GEOMETRY_BYTES:
        raise Malformed("index does not read")
    return track


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise Malformed("index does not read") from error


def _objects(value: object) -> list[dict[str, object]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise Malformed("index does not read")
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value <= (1 << 48):
        raise Malformed("index does not read")
    return value


def _little(column: "array[int]") -> bytes:
    if sys.byteorder == "little":
        return column.tobytes()
    swapped = column[:]
    swapped.byteswap()
    return swapped.tobytes()
