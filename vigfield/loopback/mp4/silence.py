"""Silence where a film has no sound for a while: Chromium plays sound that comes late too early.

Opus has a frame of three bytes that is silent (RFC 6716, the CELT silence flag). As many of them as a gap
takes stand before the part that ends it: Chromium passes over samples that lie before those it has read.
"""

from fractions import Fraction

from vigfield.loopback.mp4.moov import Line

LONGEST = 3600
"""Seconds of silence at most; a gap that is longer stays as it is."""
# How long a frame is, and the configuration of CELT in fullband that it has.
_FRAMES = ((Fraction(20, 1000), 31), (Fraction(25, 10000), 28))


def fill(line: Line, until: int, place: int) -> bytes:
    """Fill a line of Opus with silence until a time, in its ticks; gives what is to be stored at `place`.

    Does nothing for less than 2.5 ms, for other kinds of sound, and for pictures.
    """
    entry = line.descriptions[-1] if line.descriptions else b""
    if line.kind != "soun" or entry[4:8] != b"Opus" or not line.times:
        return b""
    gap = until - line.times[-1] - line.last_duration
    if not 0 < gap <= LONGEST * line.timescale:
        return b""
    stereo = int.from_bytes(entry[24:26]) > 1
    pieces = []
    for length, configuration in _FRAMES:
        ticks = int(length * line.timescale)
        count = gap // ticks if ticks else 0
        gap -= count * ticks
        _append(line, ticks, count)
        pieces.append(bytes((configuration << 3 | stereo << 2, 0xFF, 0xFE)) * count)
    stored = b"".join(pieces)
    if stored:
        line.chunks.append((place, len(stored) // 3, len(line.descriptions)))
    return stored


def _append(line: Line, ticks: int, count: int) -> None:
    if count:
        begin = line.times[-1] + line.last_duration
        line.times.extend(range(begin, begin + count * ticks, ticks))
        line.sizes.extend([3] * count)
        line.shifts.extend([0] * count)
        line.keys.extend([1] * count)
        line.last_duration = ticks
